"""The ports `Memory` and `Tally` within one process, for the command line, tests and single jobs."""

from __future__ import annotations

from collections import deque
from datetime import datetime, timedelta

from dokos_banksync.core.provider import Clock, Secret


class ProcessSecretStore:
	"""A `Memory` that ends with the process."""

	def __init__(self, clock: Clock) -> None:
		self._clock = clock
		self._kept: dict[str, tuple[Secret, datetime]] = {}

	def get(self, key: str) -> Secret | None:
		value, expires_at = self._kept.get(key, (None, None))
		if expires_at is None or expires_at <= self._clock():
			self._kept.pop(key, None)
			return None
		return value

	def put(self, key: str, value: Secret, expires_at: datetime) -> None:
		self._kept[key] = (value, expires_at)

	def forget(self, key: str) -> None:
		self._kept.pop(key, None)


class ProcessRateLimitStore:
	"""A `Tally` of this process alone: a sliding window of instants for each key."""

	def __init__(self) -> None:
		self._spent: dict[str, deque[datetime]] = {}

	def acquire(self, key: str, limit: int, seconds: float, now: datetime) -> datetime | None:
		window = timedelta(seconds=seconds)
		spent = self._spent.setdefault(key, deque())
		while spent and spent[0] <= now - window:
			spent.popleft()
		if len(spent) >= limit:
			return spent[-limit] + window
		spent.append(now)
		return None

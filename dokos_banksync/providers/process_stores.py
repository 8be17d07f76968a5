"""The ports `SecretStore` and `RateLimitStore` within one process, for the command line, tests and single jobs."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from threading import Lock

from dokos_banksync.core.provider import Clock, Secret
from dokos_banksync.core.provider_stores import Usage


class ProcessSecretStore:
	"""A `SecretStore` that ends with the process."""

	def __init__(self, clock: Clock) -> None:
		self._clock = clock
		self._values: dict[str, tuple[Secret, datetime]] = {}

	def get(self, key: str) -> Secret | None:
		"""Return a secret that has not expired, or None."""
		value, expires_at = self._values.get(key, (None, None))
		if expires_at is None or expires_at <= self._clock():
			self._values.pop(key, None)
			return None
		return value

	def put(self, key: str, value: Secret, expires_at: datetime) -> None:
		"""Store a secret until an instant (aware)."""
		self._values[key] = (value, expires_at)

	def forget(self, key: str) -> None:
		"""Delete a secret; harmless when there is none."""
		self._values.pop(key, None)

	def preload(self, keys: Sequence[str]) -> None:
		"""Do nothing: all values are at hand."""


class ProcessRateLimitStore:
	"""A `RateLimitStore` of this process alone: a sliding window of instants for each key."""

	def __init__(self) -> None:
		self._spent: dict[str, deque[datetime]] = {}

	def acquire(self, key: str, limit: int, seconds: float, now: datetime) -> datetime | None:
		"""Count a call, or return the instant (aware) at which the limit allows the next one."""
		window = timedelta(seconds=seconds)
		spent = self._spent.setdefault(key, deque())
		while spent and spent[0] <= now - window:
			spent.popleft()
		if len(spent) >= limit:
			return spent[-limit] + window
		spent.append(now)
		return None

	def state(self, stated: Usage, seconds: float) -> None:
		"""Replace the count of a key by what the provider itself says."""
		self._spent[stated.key] = deque([stated.resets_at - timedelta(seconds=seconds)] * stated.used)


class ProcessGrantStore:
	"""The grant of one connection within one process."""

	def __init__(self, grant: Secret | None = None) -> None:
		self._grant = grant
		self._lock = Lock()

	def read(self) -> Secret | None:
		"""Return the grant, or None when there is none."""
		return self._grant

	def write(self, expected: Secret | None, grant: Secret) -> bool:
		"""Replace the grant if it still is `expected`. Return whether it was replaced."""
		if (self._grant and self._grant.reveal()) != (expected and expected.reveal()):
			return False
		self._grant = grant
		return True

	@contextmanager
	def lock(self) -> Iterator[None]:
		"""Exclude all other threads."""
		with self._lock:
			yield

"""Sliding windows for the rate limits of the providers' faces."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

MONOTONIC = time.monotonic


class Windows:
	"""Counts calls per key in real time, because a client that waits, waits in real time.

	Another `timer` (seconds) may be given for tests.
	"""

	def __init__(self, timer: Callable[[], float] = MONOTONIC) -> None:
		self.timer = timer
		self._calls: dict[str, deque[float]] = {}

	def take(self, key: str, calls: int | None, seconds: float) -> float | None:
		"""Count one call. Return the seconds to wait when it exceeds the limit (it is then not counted)."""
		if calls is None:
			return None
		now, made = self.timer(), self._calls.setdefault(key, deque())
		while made and made[0] <= now - seconds:
			made.popleft()
		if len(made) >= calls:
			return made[0] + seconds - now
		made.append(now)
		return None

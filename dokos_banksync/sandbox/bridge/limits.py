"""Rate limits as documented: https://docs.bridgeapi.io/docs/basics"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

MONOTONIC = time.monotonic


@dataclass(frozen=True)
class Limit:
	"""So many calls in a sliding window of so many seconds; None is as many as one likes."""

	calls: int | None
	seconds: float


@dataclass
class Limits:
	"""Calls are counted in real time unless another `timer` is given, because a client that waits, waits for
	real, and a frozen clock of the world would never let a window end. By default nothing is limited:
	`documented()` has the published numbers.
	"""

	user: Limit = Limit(None, 60)
	application: Limit = Limit(None, 300)
	tokens: Limit = Limit(None, 60)
	retry_after: bool = False
	timer: Callable[[], float] = MONOTONIC
	_calls: dict[tuple[str, str], deque[float]] = field(default_factory=dict)

	@classmethod
	def documented(cls, timer: Callable[[], float] = MONOTONIC) -> Limits:
		"""Return the limits of Bridge's documents."""
		return cls(Limit(60, 60), Limit(2000, 300), Limit(10, 60), timer=timer)

	def take(self, what: str, who: str) -> float | None:
		"""Count a call. Seconds to wait when it is one too many (it is then not counted), else None."""
		limit: Limit = getattr(self, what)
		if limit.calls is None:
			return None
		now, calls = self.timer(), self._calls.setdefault((what, who), deque())
		while calls and calls[0] <= now - limit.seconds:
			calls.popleft()
		if len(calls) >= limit.calls:
			return calls[0] + limit.seconds - now
		calls.append(now)
		return None

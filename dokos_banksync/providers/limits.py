"""Limits of a provider, kept before they are hit.

Every call is counted beforehand in a `RateLimitStore` that all processes of a host share. When a limit is reached, a
short wait is slept through; a long one is handed to the caller as `RateLimited`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from dokos_banksync.core.errors import RateLimited
from dokos_banksync.core.provider import Clock, RateLimitStore
from dokos_banksync.providers.time_limit import seconds_left

Sleep = Callable[[float], None]

MAX_WAIT = 65.0
"""Seconds: a limit per minute is waited for, one per five minutes is not."""

_LEAST_WAIT = 0.01


class Limit(NamedTuple):
	"""At most `calls` in any `seconds`, counted under `key`."""

	key: str
	calls: int
	seconds: float


class Limiter:
	"""Waits until calls may go."""

	def __init__(
		self, rate_limits: RateLimitStore, clock: Clock, sleep: Sleep, max_wait: float = MAX_WAIT
	) -> None:
		self._rate_limits = rate_limits
		self._clock = clock
		self._sleep = sleep
		self._max_wait = max_wait

	def wait(self, *limits: Limit) -> None:
		"""Count one call against each limit, after waiting where one is reached.

		Raises `RateLimited` when the waits for this call would exceed `max_wait` seconds together, or the time limit
		of what waits for it.
		"""
		waited = 0.0
		for limit in limits:
			waited = self._wait(limit, waited)

	def _wait(self, limit: Limit, waited: float) -> float:
		while until := self._rate_limits.acquire(limit.key, limit.calls, limit.seconds, self._clock()):
			pause = max((until - self._clock()).total_seconds(), _LEAST_WAIT)
			waited += pause
			if waited > self._max_wait or pause > seconds_left():
				raise RateLimited(
					"The provider's limit of {0} calls in {1} seconds is reached. The next attempt is automatic.",
					limit.calls,
					round(limit.seconds),
					until=until,
				)
			self._sleep(pause)
		return waited

"""The world's clock: it stands still until it is moved, or runs along with real time."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone

DEFAULT_START = datetime(2026, 11, 16, 8, 0, tzinfo=timezone.utc)
MONOTONIC = time.monotonic


class Clock:
	"""Instants are aware UTC datetimes; time never goes back.

	A clock is frozen by default, so that a test decides when time passes. A running one adds the real time
	gone by: for a user in front of a browser, whose own clock goes on.
	"""

	def __init__(
		self,
		start: datetime = DEFAULT_START,
		*,
		running: bool = False,
		monotonic: Callable[[], float] = MONOTONIC,
	) -> None:
		if start.tzinfo is None:
			raise ValueError("The clock needs an aware datetime")
		self.running = running
		self._monotonic = monotonic
		self._base = start.astimezone(timezone.utc)
		self._anchor = monotonic()

	@classmethod
	def real(cls) -> Clock:
		"""Return a clock that shows the machine's own time and goes on with it."""
		return cls(datetime.now(timezone.utc), running=True)

	def now(self) -> datetime:
		"""Return the sandbox's time, in UTC."""
		if not self.running:
			return self._base
		return self._base + timedelta(seconds=self._monotonic() - self._anchor)

	def today(self) -> date:
		"""Return the sandbox's day."""
		return self.now().date()

	def advance(self, step: timedelta) -> None:
		"""Move forward. ValueError for a step back."""
		if step < timedelta(0):
			raise ValueError("Time does not go back")
		self.set(self.now() + step)

	def set(self, instant: datetime) -> None:
		"""Move to an instant. ValueError for one that is past, or naive."""
		if instant.tzinfo is None:
			raise ValueError("The clock needs an aware datetime")
		if instant < self.now():
			raise ValueError("Time does not go back")
		self._base = instant.astimezone(timezone.utc)
		self._anchor = self._monotonic()


def iso(instant: datetime) -> str:
	"""Return the providers' way of writing an instant: UTC, milliseconds, a Z."""
	return (
		instant.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.")
		+ f"{instant.microsecond // 1000:03d}Z"
	)


def to_ms(instant: datetime) -> int:
	"""Milliseconds since the epoch."""
	return int(instant.timestamp() * 1000)


def from_ms(milliseconds: int) -> datetime:
	"""Return the aware UTC instant of a number of milliseconds since the epoch."""
	seconds, rest = divmod(milliseconds, 1000)
	return datetime.fromtimestamp(seconds, timezone.utc).replace(microsecond=rest * 1000)

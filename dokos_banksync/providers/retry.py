"""When a failed call is tried again, and after how long."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime

from dokos_banksync.core.errors import SyncError


@dataclass(frozen=True)
class FailureKind:
	"""A try that failed in a way that may pass.

	`asked` is the wait in seconds that the provider wants. `nothing_done` says that the call cannot have had
	an effect, so that even one that creates something may go again.
	"""

	error: SyncError
	asked: float | None = None
	nothing_done: bool = False


@dataclass(frozen=True)
class RetryPolicy:
	"""Tries in all, and the pauses between them: doubled each time up to a cap, half of it by chance.

	A wait that the provider asks for is taken as it is when it is at most `longest` seconds.
	"""

	tries: int = 4
	first: float = 0.5
	cap: float = 8.0
	longest: float = 30.0

	def pause(self, attempt: int, failure: FailureKind, chance: float) -> float | None:
		"""Return the seconds before the next try after the `attempt`-th (from 1) failed, or None to give up."""
		if attempt >= self.tries:
			return None
		if failure.asked is not None:
			return failure.asked if failure.asked <= self.longest else None
		return min(self.cap, self.first * 2.0 ** (attempt - 1)) * (0.5 + chance / 2)


DEFAULT_RETRIES = RetryPolicy()


def retry_after(value: str, now: datetime) -> float | None:
	"""Return the seconds from a `Retry-After` header, given in seconds or as an HTTP date; None for anything else.

	https://www.rfc-editor.org/rfc/rfc9110#field.retry-after
	"""
	value = value.strip()
	if value.isdecimal() and len(value) < 10:
		return float(value)
	try:
		moment = parsedate_to_datetime(value)
	except (ValueError, OverflowError):
		return None
	if moment.tzinfo is None:
		moment = moment.replace(tzinfo=timezone.utc)
	return max((moment - now).total_seconds(), 0.0)

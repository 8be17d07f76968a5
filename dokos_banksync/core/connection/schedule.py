"""When a connection is fetched next, without anybody asking.

Pure: what a connection's record and its schedule entry say, and the time, give the next run. Runs of
many connections are spread over the day by their names, always the same way, so that they do not start together.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from dokos_banksync.core.errors import (
	ConfigurationError,
	InvalidData,
	LoginRequired,
	NotFound,
	RateLimited,
	SyncError,
	UnsupportedByInstitution,
)
from dokos_banksync.core.model import NEXT_STEP, ConnectionStatus, NextStep
from dokos_banksync.core.records import ConnectionRecord, RunRecord, RunStatus

FREQUENCIES = {"24 hours": 24, "12 hours": 12, "6 hours": 6}
"""What a user may choose; anything else counts as once a day."""

DAILY = 24
SOON = timedelta(hours=1)
"""When to look again while the bank is being read: the history comes within minutes."""

_EPOCH = datetime(2020, 1, 1, tzinfo=timezone.utc)
_BACK_OFF = tuple(timedelta(minutes=m) for m in (15, 60, 180, 360, 720))
_LONGEST_WAIT = timedelta(hours=DAILY)
_FARTHEST = 2 * _LONGEST_WAIT
"""No run is scheduled so far ahead."""
_SPREAD = timedelta(minutes=5)
_NEEDS_USER = (LoginRequired, ConfigurationError, InvalidData, NotFound)
_NEVER = (NextStep.CONNECT, NextStep.CONFIGURE)


@dataclass(frozen=True)
class ScheduleEntry:
	"""What is noted of a connection besides its state.

	`warned_days` is the last consent warning given (30, 7 or 1 days; 0 for none), `warned_status` the state that
	users were last notified of.
	"""

	frequency: str = "24 hours"
	next_run_at: datetime | None = None
	warned_days: int = 0
	warned_status: str = ""

	@property
	def hours(self) -> int:
		"""Return the hours between two runs."""
		return FREQUENCIES.get(self.frequency, DAILY)


def is_due(record: ConnectionRecord, schedule_entry: ScheduleEntry, now: datetime) -> bool:
	"""Return whether it is time to fetch; never for a connection that is not automatic or has nothing to fetch.

	A run that lies further ahead than any is scheduled was scheduled by a clock that has been set back since.
	"""
	at = schedule_entry.next_run_at
	return is_automatic(record) and at is not None and not now < at <= now + _FARTHEST


def is_automatic(record: ConnectionRecord) -> bool:
	"""Return whether the connection is ever fetched automatically."""
	return record.automatic and NEXT_STEP[record.status] not in _NEVER


def first_run(record: ConnectionRecord, schedule_entry: ScheduleEntry, now: datetime) -> datetime | None:
	"""Return the first run of a connection that has none scheduled: its own hour, within one period."""
	return _next_slot(record.name, schedule_entry.hours, now) if is_automatic(record) else None


def next_run(
	record: ConnectionRecord,
	schedule_entry: ScheduleEntry,
	now: datetime,
	error: SyncError | None = None,
	failures: int = 0,
) -> datetime | None:
	"""Return the instant of the run after one that has just ended, `error` being what ended it.

	`failures` counts the runs that failed in a row, this one included. What passes by itself is tried again,
	at increasing intervals; what needs a user is checked once a day, in case it was corrected elsewhere.
	"""
	if not is_automatic(record):
		return None
	if isinstance(error, RateLimited):
		return min(max(error.until, now), now + _LONGEST_WAIT) + _offset(record.name, _SPREAD)
	if isinstance(error, _NEEDS_USER) or NEXT_STEP[record.status] is NextStep.RECONNECT:
		return _later(record.name, DAILY, now)
	regular = _later(record.name, schedule_entry.hours, now)
	if error is not None:
		return min(regular, now + back_off(failures))
	return min(regular, now + SOON) if record.status is ConnectionStatus.WAITING else regular


def back_off(failures: int) -> timedelta:
	"""Return how long to wait after so many failures in a row."""
	return _BACK_OFF[max(0, min(failures, len(_BACK_OFF)) - 1)]


def failures_in_a_row(runs: Iterable[RunRecord]) -> int:
	"""Return how many of the latest runs (the latest first) failed, up to the first that did not."""
	count = 0
	for run in runs:
		if run.status is not RunStatus.FAILED:
			break
		count += 1
	return count


def refuses_automatic(record: ConnectionRecord, error: SyncError | None) -> bool:
	"""Return whether the bank refuses to be fetched without the user's presence."""
	refused = isinstance(error, UnsupportedByInstitution) or record.status is ConnectionStatus.NOT_SUPPORTED
	return record.automatic and refused


def _later(name: str, hours: int, now: datetime) -> datetime:
	"""Return the next hour of the connection that is not right after `now`: a user may just have fetched."""
	return _next_slot(name, hours, now + timedelta(hours=hours) / 4)


def _next_slot(name: str, hours: int, after: datetime) -> datetime:
	"""Return the first moment after `after` of the grid that is the connection's own."""
	period = timedelta(hours=hours)
	start = _EPOCH + _offset(name, period)
	return start + ((after - start) // period + 1) * period


def _offset(name: str, span: timedelta) -> timedelta:
	"""Return a part of the span, by the name alone: evenly spread over many names, in whole seconds."""
	number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big")
	return timedelta(seconds=int(span.total_seconds() * number / 2**64))

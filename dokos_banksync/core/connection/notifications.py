"""Notifications of a connection, each sent once: the consent ends soon, the user must act, it became manual.

Pure: the record and the schedule entry give the notifications that are due, and the entry after them.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

from dokos_banksync.core.connection.schedule import ScheduleEntry
from dokos_banksync.core.errors import ConfigurationError, InvalidData, NotFound
from dokos_banksync.core.model import ConnectionStatus
from dokos_banksync.core.records import ConnectionRecord

REMIND_DAYS = (1, 7, 30)
"""Users are reminded of a consent that ends within so many days."""

_WAITS_FOR_USER = (
	ConnectionStatus.ACTION_REQUIRED,
	ConnectionStatus.CONSENT_EXPIRED,
	ConnectionStatus.NOT_SUPPORTED,
)
_REPAIRED_BY_USER = frozenset({ConfigurationError.code, InvalidData.code, NotFound.code})
_CONSENT_LIVES = (
	ConnectionStatus.ACTIVE,
	ConnectionStatus.WAITING,
	ConnectionStatus.BANK_UNAVAILABLE,
	ConnectionStatus.ERROR,
)


class Notification(NamedTuple):
	"""A sentence in English with blanks for `values`; `detail` is the state's own message, in English or in the
	provider's words."""

	sentence: str
	values: tuple[str, ...] = ()
	detail: str = ""


def due_notifications(
	record: ConnectionRecord, schedule_entry: ScheduleEntry, now: datetime
) -> tuple[list[Notification], ScheduleEntry]:
	"""Return the notifications that are due, and the schedule entry to store when they were sent."""
	due = []
	days = _days_warned(record, schedule_entry, now)
	if (
		days
		and days != schedule_entry.warned_days
		and (not schedule_entry.warned_days or days < schedule_entry.warned_days)
	):
		due.append(_consent_ends(record, now))
	state = _notified_state(record, schedule_entry)
	if state and state != schedule_entry.warned_status:
		due.append(_waits(record))
	return due, replace(schedule_entry, warned_days=days, warned_status=state)


def went_manual(record: ConnectionRecord) -> Notification:
	"""Return the notification that the bank does not allow automatic fetching."""
	return Notification(
		"{0} does not allow automatic fetching: the connection is manual from now on. "
		"Use Fetch transactions when you need to",
		(record.bank,),
	)


def _days_warned(record: ConnectionRecord, schedule_entry: ScheduleEntry, now: datetime) -> int:
	"""Return the reminder that the consent has come to; what is past, or waits for a user anyway, changes nothing."""
	end = record.consent_expires_at
	if end is None:
		return 0
	if end <= now or record.status not in _CONSENT_LIVES:
		return schedule_entry.warned_days
	return next((days for days in REMIND_DAYS if end - now <= timedelta(days=days)), 0)


def _consent_ends(record: ConnectionRecord, now: datetime) -> Notification:
	end = record.consent_expires_at or now
	days = -((now - end) // timedelta(days=1))
	if days <= 1:
		return Notification(
			"The consent for {0} ends within a day. Open the bank and choose Update credentials to renew it",
			(record.bank,),
		)
	return Notification(
		"The consent for {0} ends in {1} days. Open the bank and choose Update credentials to renew it",
		(record.bank, str(days)),
	)


def _notified_state(record: ConnectionRecord, schedule_entry: ScheduleEntry) -> str:
	"""Return what marks the state as notified. A temporary state in between does not send the same message again."""
	if _waits_for_user(record):
		return f"{record.status.value} {record.status_code}".strip()
	return "" if record.status is ConnectionStatus.ACTIVE else schedule_entry.warned_status


def _waits_for_user(record: ConnectionRecord) -> bool:
	if record.status is ConnectionStatus.ERROR:
		return record.status_code in _REPAIRED_BY_USER
	return record.ended_elsewhere or record.status in _WAITS_FOR_USER


def _waits(record: ConnectionRecord) -> Notification:
	return Notification(
		"{0} needs your action: no transactions are imported until then",
		(record.bank,),
		record.status_message,
	)

"""What follows from a run: the time of the next run, and notifications."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple, Protocol

from dokos_banksync.core.connection import connect
from dokos_banksync.core.connection.notifications import Notification, due_notifications, went_manual
from dokos_banksync.core.connection.schedule import (
	ScheduleEntry,
	back_off,
	failures_in_a_row,
	first_run,
	is_due,
	next_run,
	refuses_automatic,
)
from dokos_banksync.core.connection_state import failed_state, save_state
from dokos_banksync.core.errors import NotFound, SyncError
from dokos_banksync.core.importing.failed_runs import close_failed
from dokos_banksync.core.ledger import Ledger
from dokos_banksync.core.provider import Clock, Provider
from dokos_banksync.core.records import ConnectionRecord, RunRecord, RunStatus
from dokos_banksync.core.trigger import Trigger

_LOOKED_AT = 10
"""Runs; more failures in a row make no longer wait."""


class RunLedger(Ledger, Protocol):
	"""A ledger that shows its connections and runs."""

	def scheduled(self, connection: str) -> tuple[ConnectionRecord, ScheduleEntry]:
		"""Return a connection with its schedule entry, as they are at one instant. Raise `NotFound`."""
		...

	def running(self) -> list[str]:
		"""Return the connections that have a run which is not closed."""
		...

	def runs(self, connection: str = "", limit: int = 20) -> list[RunRecord]:
		"""Return the latest runs, the latest first."""
		...


class FollowUp(NamedTuple):
	"""What users are to be shown of a connection, and its schedule entry before and after that was decided."""

	notifications: Sequence[Notification]
	record: ConnectionRecord
	before: ScheduleEntry
	after: ScheduleEntry


class ScheduleStore(Protocol):
	"""Where a host stores the schedule of each connection."""

	def read(self, connection: str) -> ScheduleEntry:
		"""Return the schedule entry of a connection; a new one where there is none."""
		...

	def all(self) -> Mapping[str, ScheduleEntry]:
		"""Return all stored schedule entries by the name of their connection."""
		...

	def write(self, connection: str, schedule_entry: ScheduleEntry) -> None:
		"""Store the schedule entry of a connection."""
		...


def after_run(
	ledger: RunLedger,
	schedule_store: ScheduleStore,
	connection: str,
	clock: Clock,
	error: SyncError | None = None,
) -> FollowUp:
	"""Schedule the next run after one that `error` ended, if any. A bank that refuses automatic fetching makes its connection manual."""
	(record, before), manual = ledger.scheduled(connection), []
	if refuses_automatic(record, error):
		manual = [went_manual(record)._replace(detail=record.status_message)]
		record = replace(record, automatic=False)
		ledger.save_connection(record)
	failures = failures_in_a_row(ledger.runs(connection, _LOOKED_AT)) if error else 0
	at = next_run(record, before, clock(), error=error, failures=failures)
	if at and error is None and before.next_run_at and before.next_run_at > clock():
		at = min(at, before.next_run_at)  # what came to be known during the run asked for an earlier one
	notifications, after = due_notifications(record, replace(before, next_run_at=at), clock())
	schedule_store.write(connection, after)
	return FollowUp(manual or notifications, record, before, after)


def due_connections(
	ledger: RunLedger,
	schedule_store: ScheduleStore,
	now: datetime,
	is_off: Callable[[ConnectionRecord], bool] = lambda _record: False,
) -> list[str]:
	"""Return the connections to fetch now: whose scheduled run is due, and whose run a killed process left open.

	One that has no run scheduled yet gets one. `is_off` holds for a connection that a user has disabled.
	"""
	records = {record.name: record for record in ledger.connections()}
	scheduled = _scheduled(records.values(), schedule_store, now)
	interrupted = (name for name in ledger.running() if name in records and _may_resume(ledger, name, now))
	return [name for name in dict.fromkeys([*scheduled, *interrupted]) if not is_off(records[name])]


def _scheduled(
	records: Iterable[ConnectionRecord], schedule_store: ScheduleStore, now: datetime
) -> Iterator[str]:
	entries = schedule_store.all()
	for record in records:
		entry = entries.get(record.name, ScheduleEntry())
		if entry.next_run_at is None and (first := first_run(record, entry, now)):
			schedule_store.write(record.name, replace(entry, next_run_at=first))
		elif is_due(record, entry, now):
			yield record.name


def _may_resume(ledger: RunLedger, connection: str, now: datetime) -> bool:
	"""Resume less and less often, in case the run itself kills its process each time."""
	last, *before = ledger.runs(connection, _LOOKED_AT)
	wait = back_off(failures_in_a_row(before)) if before else back_off(0)
	return last.status is RunStatus.RUNNING and now - last.started_at > wait


def refresh_state(ledger: Ledger, provider: Callable[[], Provider], connection: str) -> None:
	"""Read the state and the accounts of a connection again; a failure is stored as the state of the connection.

	Raises `NotFound` where nothing is connected (any more).
	"""
	record = ledger.connection(connection)
	try:
		connect.refresh(ledger, provider(), connection)
	except NotFound:
		raise
	except SyncError as error:
		save_state(ledger, connection, failed_state(record, error))


def due_reminders(
	ledger: RunLedger, schedule_store: ScheduleStore, connection: str, clock: Clock
) -> FollowUp:
	"""Return the notifications that are due by the time alone, without a run."""
	record, before = ledger.scheduled(connection)
	notifications, after = due_notifications(record, before, clock())
	if after != before:
		schedule_store.write(connection, after)
	return FollowUp(notifications, record, before, after)


def bring_forward(schedule_store: ScheduleStore, connection: str, at: datetime) -> None:
	"""Schedule the next run of a connection for an instant, unless an earlier one is scheduled."""
	schedule_entry = schedule_store.read(connection)
	if schedule_entry.next_run_at is None or schedule_entry.next_run_at > at:
		schedule_store.write(connection, replace(schedule_entry, next_run_at=at))


def refuse(ledger: Ledger, connection: str, trigger: Trigger, clock: Clock, error: SyncError) -> None:
	"""Store a run that could not even begin, and the state that its reason leaves. Raises `Busy`."""
	with ledger.hold(connection):
		run = ledger.begin_run(connection, trigger, clock())
		close_failed(ledger, run, clock, error)
		save_state(ledger, connection, failed_state(ledger.connection(connection), error))

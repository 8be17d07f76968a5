from __future__ import annotations

from contextlib import nullcontext
from datetime import datetime, timedelta, timezone

import pytest

from dokos_banksync.core import errors
from dokos_banksync.core.connection import follow_up
from dokos_banksync.core.connection.schedule import ScheduleEntry
from dokos_banksync.core.model import ConnectionStatus as Status
from dokos_banksync.core.records import ConnectionRecord, RunRecord, RunStatus
from dokos_banksync.core.trigger import Trigger

NOW = datetime(2026, 3, 10, 9, tzinfo=timezone.utc)


class Host:
	"""One connection, its runs and its schedule entry."""

	def __init__(self, *statuses: str, schedule_entry: ScheduleEntry | None = None, **fields: object) -> None:
		given = {"status": Status.ACTIVE, "remote_user": "u", "remote_id": "7", **fields}
		self.record = ConnectionRecord("C1", "Aurore", "bridge", **given)
		self.held = [
			RunRecord(f"R{n}", "C1", Trigger.SCHEDULED, NOW, status=RunStatus(s))
			for n, s in enumerate(statuses)
		]
		self.schedule_entry = schedule_entry or ScheduleEntry()
		self.writes = 0

	def connection(self, name: str) -> ConnectionRecord:
		return self.record

	def scheduled(self, connection: str) -> tuple[ConnectionRecord, ScheduleEntry]:
		return self.record, self.schedule_entry

	def save_connection(self, record: ConnectionRecord) -> None:
		self.record = record

	def runs(self, connection: str = "", limit: int = 20) -> list[RunRecord]:
		return self.held[:limit]

	def hold(self, connection: str):
		return nullcontext()

	def begin_run(self, connection: str, trigger: Trigger, now: datetime) -> RunRecord:
		self.held.insert(0, RunRecord("new", connection, trigger, now))
		return self.held[0]

	def save_run(self, run: RunRecord) -> None:
		"""It is the same object."""

	def read(self, connection: str) -> ScheduleEntry:
		return self.schedule_entry

	def write(self, connection: str, schedule_entry: ScheduleEntry) -> None:
		self.writes += 1
		self.schedule_entry = schedule_entry


def clock() -> datetime:
	return NOW


def after(host: Host, error: errors.SyncError | None = None) -> list[str]:
	due = follow_up.after_run(host, host, "C1", clock, error)
	return [notice.sentence.format(*notice.values) for notice in due.notifications]


def test_a_run_makes_the_next_appointment_and_says_nothing():
	host = Host("Success", schedule_entry=ScheduleEntry("6 hours", NOW))
	assert after(host) == []
	assert timedelta(hours=1.5) < host.schedule_entry.next_run_at - NOW <= timedelta(hours=7.5)
	assert host.schedule_entry.frequency == "6 hours"


def test_an_earlier_appointment_outlives_a_run_that_went_well():
	soon = NOW + timedelta(minutes=5)
	host = Host("Success", schedule_entry=ScheduleEntry(next_run_at=soon))
	after(host)
	assert host.schedule_entry.next_run_at == soon
	after(host, errors.RateLimited("?", until=NOW + timedelta(hours=2)))
	assert host.schedule_entry.next_run_at >= NOW + timedelta(hours=2)
	host = Host("Success", schedule_entry=ScheduleEntry(next_run_at=soon), automatic=False)
	after(host)
	assert host.schedule_entry.next_run_at is None


@pytest.mark.parametrize(("failed", "minutes"), [(1, 15), (2, 60), (3, 180)])
def test_failures_are_counted_from_the_runs(failed, minutes):
	host = Host(*["Failed"] * failed, "Success", "Failed")
	after(host, errors.TemporaryError("?"))
	assert host.schedule_entry.next_run_at == NOW + timedelta(minutes=minutes)


def test_a_rate_limit_reschedules_itself():
	host = Host("Failed")
	after(host, errors.RateLimited("?", until=NOW + timedelta(minutes=40)))
	assert timedelta(minutes=40) <= host.schedule_entry.next_run_at - NOW < timedelta(minutes=45)


def test_a_bank_that_refuses_goes_manual_and_is_notified_once():
	host = Host("Failed", status=Status.NOT_SUPPORTED, status_code="BS-500", status_message="No.")
	(message,) = after(host, errors.UnsupportedByInstitution("No."))
	assert "Aurore does not allow automatic fetching" in message
	assert (host.record.automatic, host.schedule_entry.next_run_at) == (False, None)
	assert after(host, errors.UnsupportedByInstitution("No.")) == []


def test_a_manual_connection_that_needs_a_user_is_notified_too():
	host = Host("Partial", status=Status.ACTION_REQUIRED, status_code="BS-210", automatic=False)
	assert after(host) == ["Aurore needs your action: no transactions are imported until then"]
	assert after(host) == []
	assert host.schedule_entry.next_run_at is None


def test_time_alone_brings_a_reminder_and_an_idle_look_writes_nothing():
	host = Host(consent_expires_at=NOW + timedelta(days=6))
	assert len(follow_up.due_reminders(host, host, "C1", clock).notifications) == 1
	assert follow_up.due_reminders(host, host, "C1", clock).notifications == []
	assert host.writes == 1


def test_a_run_that_could_not_begin_is_stored_with_its_reason():
	host = Host("Success")
	error = errors.ConfigurationError("The keys of {0} cannot be opened", "bridge", reference="ref")
	follow_up.refuse(host, "C1", "scheduled", clock, error)
	run = host.held[0]
	message = (run.status, run.error_code, run.error_reference, run.trigger)
	assert message == ("Failed", "BS-100", "ref", "scheduled")
	assert (host.record.status, host.record.status_code) == (Status.ERROR, "BS-100")
	assert after(host, error) == ["Aurore needs your action: no transactions are imported until then"]


@pytest.mark.parametrize(
	("hours", "expected", "writes"), [(None, 2, 1), (3, 2, 1), (2, 2, 0), (1, 1, 0)], ids=str
)
def test_an_appointment_is_brought_forward_and_never_postponed(hours, expected, writes):
	given = None if hours is None else NOW + timedelta(hours=hours)
	host = Host(schedule_entry=ScheduleEntry("6 hours", given))
	follow_up.bring_forward(host, "C1", NOW + timedelta(hours=2))
	assert host.schedule_entry == ScheduleEntry("6 hours", NOW + timedelta(hours=expected))
	assert host.writes == writes

"""Which connections are fetched without anybody asking: the same list for the scheduler and for a timer."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from dokos_banksync.core.connection.follow_up import due_connections
from dokos_banksync.core.connection.schedule import ScheduleEntry
from dokos_banksync.core.model import ConnectionStatus as Status
from dokos_banksync.core.records import ConnectionRecord, RunRecord, RunStatus
from dokos_banksync.core.trigger import Trigger

NOW = datetime(2026, 3, 10, 9, tzinfo=timezone.utc)
AN_HOUR = timedelta(hours=1)


class Host:
	"""Connections, their runs (the latest first) and their schedule."""

	def __init__(self) -> None:
		self.records: dict[str, ConnectionRecord] = {}
		self.held: dict[str, list[RunRecord]] = {}
		self.entries: dict[str, ScheduleEntry] = {}

	def add(self, name: str, next_run_at: datetime | None, *runs: tuple[str, datetime], **fields: object):
		given = {"status": Status.ACTIVE, "remote_user": "u", "remote_id": "7", **fields}
		self.records[name] = ConnectionRecord(name, "Aurore", "bridge", **given)
		self.entries[name] = ScheduleEntry(next_run_at=next_run_at)
		self.held[name] = [
			RunRecord("R", name, Trigger.SCHEDULED, at, status=RunStatus(status)) for status, at in runs
		]

	def connections(self) -> list[ConnectionRecord]:
		return list(self.records.values())

	def runs(self, connection: str = "", limit: int = 20) -> list[RunRecord]:
		return self.held[connection][:limit]

	def running(self) -> list[str]:
		return [name for name, runs in self.held.items() if any(run.status == "Running" for run in runs)]

	def all(self) -> dict[str, ScheduleEntry]:
		return self.entries

	def write(self, connection: str, schedule_entry: ScheduleEntry) -> None:
		self.entries[connection] = schedule_entry


@pytest.fixture
def host():
	return Host()


def test_whose_time_has_come_is_due(host):
	host.add("C1", NOW)
	host.add("C2", NOW + timedelta(seconds=1))
	assert due_connections(host, host, NOW) == ["C1"]


def test_one_without_an_appointment_gets_one_and_is_not_due_yet(host):
	host.add("C1", None)
	assert due_connections(host, host, NOW) == []
	assert NOW < host.entries["C1"].next_run_at <= NOW + timedelta(hours=24)


@pytest.mark.parametrize("fields", [{"automatic": False}, {"status": Status.DISCONNECTED}])
def test_one_that_is_fetched_by_hand_never_is(host, fields):
	host.add("C1", NOW - AN_HOUR, **fields)
	host.add("C2", None, **fields)
	assert due_connections(host, host, NOW) == []
	assert host.entries["C2"].next_run_at is None


def test_one_that_a_user_has_disabled_is_left_out(host):
	host.add("C1", NOW)
	host.add("C2", NOW)
	assert due_connections(host, host, NOW, lambda record: record.name == "C1") == ["C2"]


@pytest.mark.parametrize(("ago", "found"), [(AN_HOUR, ["C1"]), (timedelta(minutes=5), [])])
def test_a_run_that_a_killed_process_left_open_is_resumed_after_a_while(host, ago, found):
	host.add("C1", NOW + AN_HOUR, ("Running", NOW - ago))
	assert due_connections(host, host, NOW) == found


def test_a_run_that_kills_its_process_each_time_is_resumed_less_often(host):
	"""After three failures a run waits three hours, after one a quarter."""
	failed = [("Failed", NOW - timedelta(days=1))] * 3
	host.add("C1", NOW + AN_HOUR, ("Running", NOW - timedelta(hours=2)), *failed)
	host.add("C2", NOW + AN_HOUR, ("Running", NOW - timedelta(hours=2)), *failed[:1])
	assert due_connections(host, host, NOW) == ["C2"]


def test_an_open_run_that_another_has_followed_is_history(host):
	host.add("C1", NOW + AN_HOUR, ("Success", NOW - AN_HOUR), ("Running", NOW - timedelta(days=1)))
	assert due_connections(host, host, NOW) == []


def test_one_that_is_due_twice_over_is_named_once(host):
	host.add("C1", NOW, ("Running", NOW - AN_HOUR))
	assert due_connections(host, host, NOW) == ["C1"]


def test_a_run_of_a_connection_that_is_gone_is_nobodys(host):
	host.add("C1", NOW + AN_HOUR, ("Running", NOW - AN_HOUR))
	host.records.clear()
	assert due_connections(host, host, NOW) == []

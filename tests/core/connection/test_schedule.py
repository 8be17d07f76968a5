from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dokos_banksync.core import errors
from dokos_banksync.core.connection import schedule
from dokos_banksync.core.connection.schedule import ScheduleEntry
from dokos_banksync.core.model import ConnectionStatus as Status
from dokos_banksync.core.records import ConnectionRecord, RunRecord, RunStatus
from dokos_banksync.core.trigger import Trigger

NOW = datetime(2026, 3, 10, 9, tzinfo=timezone.utc)
ACTIVE = ConnectionRecord("SYNC-CONN-00001", "Aurore", "bridge", Status.ACTIVE)
HOUR = timedelta(hours=1)

moments = st.timedeltas(timedelta(0), timedelta(days=2000)).map(lambda passed: NOW + passed)
names = st.text(min_size=1, max_size=30)
frequencies = st.sampled_from(sorted(schedule.FREQUENCIES))
lasting = st.sampled_from([Status.ACTIVE, Status.WAITING, Status.BANK_UNAVAILABLE, Status.ERROR])
failures = st.sampled_from(
	[
		None,
		errors.SyncError("?"),
		errors.TemporaryError("?"),
		errors.InstitutionDown("?"),
		errors.ProviderBug("?"),
		errors.LoginRequired("?"),
		errors.ConfigurationError("?"),
		errors.InvalidData("?"),
		errors.NotFound("?"),
		errors.RateLimited("?", until=NOW + timedelta(minutes=7)),
	]
)


def record(
	name: str = ACTIVE.name, status: Status = Status.ACTIVE, automatic: bool = True
) -> ConnectionRecord:
	return replace(ACTIVE, name=name, status=status, automatic=automatic)


def runs(*statuses: str) -> list[RunRecord]:
	return [
		RunRecord("", ACTIVE.name, Trigger.SCHEDULED, NOW, status=RunStatus(status)) for status in statuses
	]


# -- who is due ------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
	("at", "due"),
	[
		(None, False),
		(NOW, True),
		(NOW - HOUR, True),
		(NOW + timedelta(seconds=1), False),
		(NOW + timedelta(hours=30), False),
		(NOW + timedelta(days=3), True),
	],
)
def test_one_is_due_from_its_appointment_on(at, due):
	"""One that lies further ahead than any was made by a clock that was ahead."""
	assert schedule.is_due(ACTIVE, ScheduleEntry(next_run_at=at), NOW) is due


@pytest.mark.parametrize("status", Status)
def test_what_has_nothing_to_fetch_is_never_due(status):
	schedule_entry = ScheduleEntry(next_run_at=NOW)
	nothing = status in (Status.CONNECTING, Status.DISCONNECTED, Status.NOT_SUPPORTED)
	assert schedule.is_due(record(status=status), schedule_entry, NOW) is not nothing
	assert schedule.is_due(record(status=status, automatic=False), schedule_entry, NOW) is False


@pytest.mark.parametrize(
	("text", "hours"), [("24 hours", 24), ("12 hours", 12), ("6 hours", 6), ("", 24), ("?", 24)]
)
def test_how_often(text, hours):
	assert ScheduleEntry(text).hours == hours


# -- the first appointment -------------------------------------------------------------------------------
@given(names, frequencies, moments)
def test_the_first_appointment_lies_within_one_period(name, frequency, now):
	first = schedule.first_run(record(name), ScheduleEntry(frequency), now)
	assert now < first <= now + timedelta(hours=ScheduleEntry(frequency).hours)


def test_a_manual_connection_has_no_appointment():
	assert schedule.first_run(record(automatic=False), ScheduleEntry(), NOW) is None
	assert (
		schedule.next_run(record(automatic=False), ScheduleEntry(), NOW, errors.TemporaryError("?"), 1)
		is None
	)


@pytest.mark.parametrize(("frequency", "most"), [("24 hours", 42), ("12 hours", 70), ("6 hours", 120)])
def test_five_hundred_connections_do_not_start_together(frequency, most):
	"""Each hour of the period gets its share, give or take what chance makes of it."""
	firsts = [
		schedule.first_run(record(f"SYNC-CONN-{number:05}"), ScheduleEntry(frequency), NOW)
		for number in range(500)
	]
	by_hour = Counter((first - NOW) // HOUR for first in firsts)
	assert len(by_hour) == ScheduleEntry(frequency).hours
	assert max(by_hour.values()) <= most
	assert len(set(firsts)) > 490


def test_the_same_name_has_the_same_hour_on_every_machine():
	"""The first eight bytes of the SHA-256 of the name, as a part of the day."""
	first = schedule.first_run(ACTIVE, ScheduleEntry(), NOW)
	assert first == datetime(2026, 3, 10, 13, 49, 17, tzinfo=timezone.utc)


# -- after a run -----------------------------------------------------------------------------------------
@given(names, frequencies, moments)
def test_a_connection_keeps_its_hour(name, frequency, now):
	"""Fetched late by up to a tenth of the period, day after day, it stays on its grid and misses no turn."""
	period = timedelta(hours=ScheduleEntry(frequency).hours)
	first = schedule.first_run(record(name), ScheduleEntry(frequency), now)
	assert schedule.next_run(record(name), ScheduleEntry(frequency), first + period / 10) == first + period


@given(names, lasting, frequencies, moments, failures, st.integers(0, 50))
def test_the_next_appointment_is_ahead_and_not_far(name, status, frequency, now, error, count):
	if isinstance(error, errors.RateLimited):
		error = errors.RateLimited("?", until=now + timedelta(minutes=count))
	at = schedule.next_run(record(name, status), ScheduleEntry(frequency), now, error, count)
	assert now < at or isinstance(error, errors.RateLimited)
	assert now <= at <= now + timedelta(hours=24 * 1.25)


@given(names, frequencies, moments, st.integers(1, 20))
def test_a_failure_never_puts_a_connection_off_longer_than_success(name, frequency, now, count):
	passing = errors.TemporaryError("?")
	after_failure = schedule.next_run(record(name), ScheduleEntry(frequency), now, passing, count)
	assert after_failure <= schedule.next_run(record(name), ScheduleEntry(frequency), now)


@given(st.integers(1, 20))
def test_the_more_failures_the_longer_the_wait(count):
	assert schedule.back_off(count) <= schedule.back_off(count + 1) <= timedelta(hours=12)


def test_the_first_retry_comes_soon():
	at = schedule.next_run(ACTIVE, ScheduleEntry(), NOW, errors.TemporaryError("?"), 1)
	assert at == NOW + timedelta(minutes=15)
	assert schedule.back_off(0) == schedule.back_off(1)


def test_a_rate_limit_says_itself_when_to_come_back():
	until = NOW + timedelta(minutes=7)
	at = schedule.next_run(ACTIVE, ScheduleEntry(), NOW, errors.RateLimited("?", until=until), 3)
	assert until <= at < until + timedelta(minutes=5)


def test_an_absurd_limit_is_looked_at_once_a_day():
	far = errors.RateLimited("?", until=NOW + timedelta(days=4000))
	assert schedule.next_run(ACTIVE, ScheduleEntry(), NOW, far, 1) <= NOW + timedelta(hours=24, minutes=5)


@pytest.mark.parametrize("frequency", schedule.FREQUENCIES)
def test_what_waits_for_a_user_is_looked_at_once_a_day(frequency):
	daily = schedule.next_run(ACTIVE, ScheduleEntry("24 hours"), NOW)
	waiting = record(status=Status.ACTION_REQUIRED)
	assert schedule.next_run(waiting, ScheduleEntry(frequency), NOW) == daily
	for error in (errors.LoginRequired("?"), errors.ConfigurationError("?"), errors.NotFound("?")):
		assert (
			schedule.next_run(record(status=Status.ERROR), ScheduleEntry(frequency), NOW, error, 1) == daily
		)


def test_a_bank_that_is_being_read_is_asked_again_soon():
	assert schedule.next_run(record(status=Status.WAITING), ScheduleEntry(), NOW) == NOW + HOUR


@pytest.mark.parametrize(
	("statuses", "count"),
	[((), 0), (("Success", "Failed"), 0), (("Failed", "Failed", "Partial", "Failed"), 2), (("Failed",), 1)],
)
def test_failures_in_a_row(statuses, count):
	assert schedule.failures_in_a_row(runs(*statuses)) == count


# -- going manual ----------------------------------------------------------------------------------------
def test_a_bank_that_refuses_automatic_fetching():
	refused = errors.UnsupportedByInstitution("?")
	assert schedule.refuses_automatic(ACTIVE, refused)
	assert schedule.refuses_automatic(record(status=Status.NOT_SUPPORTED), None)
	assert not schedule.refuses_automatic(record(automatic=False), refused)
	assert not schedule.refuses_automatic(ACTIVE, errors.LoginRequired("?"))
	assert not schedule.refuses_automatic(ACTIVE, None)

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dokos_banksync.core.connection.notifications import due_notifications, went_manual
from dokos_banksync.core.connection.schedule import ScheduleEntry
from dokos_banksync.core.model import ConnectionStatus as Status
from dokos_banksync.core.records import ConnectionRecord

NOW = datetime(2026, 3, 10, 9, tzinfo=timezone.utc)
ACTIVE = ConnectionRecord("C1", "Aurore", "bridge", Status.ACTIVE, remote_user="u", remote_id="7")


def ending(days: float) -> ConnectionRecord:
	return replace(ACTIVE, consent_expires_at=NOW + timedelta(days=days))


def state(status: Status, code: str = "", **more: str) -> ConnectionRecord:
	return replace(ACTIVE, status=status, status_code=code, **more)


def follow(record: ConnectionRecord, moments: list[datetime]) -> list[str]:
	"""All that is said when users are told at each of the moments."""
	said, schedule_entry = [], ScheduleEntry()
	for now in moments:
		due, schedule_entry = due_notifications(record, schedule_entry, now)
		said += [notice.sentence.format(*notice.values) for notice in due]
	return said


# -- the end of a consent --------------------------------------------------------------------------------
def test_three_reminders_over_a_consent():
	days = [NOW + timedelta(days=day) for day in range(200)]
	said = follow(ending(180), days)
	assert [sentence.split(" ends ")[1].split(".")[0] for sentence in said] == [
		"in 30 days",
		"in 7 days",
		"within a day",
	]
	assert "Aurore" in said[0]
	assert "Update credentials" in said[0]


@given(st.floats(0.01, 200), st.lists(st.floats(0, 300), max_size=60))
def test_however_often_one_looks_there_are_three_reminders_at_most(length, looks):
	said = follow(ending(length), [NOW + timedelta(days=day) for day in sorted(looks)])
	assert len(said) <= 3
	assert len(set(said)) == len(said)


def test_a_site_that_slept_gives_one_reminder_not_three():
	assert follow(ending(30), [NOW + timedelta(days=29.5)]) == [
		"The consent for Aurore ends within a day. Open the bank and choose Update credentials to renew it"
	]


@pytest.mark.parametrize(
	("days", "message"), [(30.01, ""), (30, "30"), (8, "8"), (7, "7"), (6.5, "7"), (1.2, "2")]
)
def test_the_days_left_are_counted_up(days, message):
	due, _schedule_entry = due_notifications(ending(days), ScheduleEntry(), NOW)
	assert [notice.values[1] for notice in due] == ([message] if message else [])


def test_a_renewed_consent_is_reminded_of_again():
	_due, schedule_entry = due_notifications(ending(6), ScheduleEntry(), NOW)
	assert schedule_entry.warned_days == 7
	due, schedule_entry = due_notifications(ending(180), schedule_entry, NOW)
	assert (due, schedule_entry.warned_days) == ([], 0)
	due, schedule_entry = due_notifications(ending(180), schedule_entry, NOW + timedelta(days=151))
	assert (len(due), schedule_entry.warned_days) == (1, 30)


def test_a_consent_renewed_for_a_short_time_is_not_announced_at_once():
	_due, schedule_entry = due_notifications(ending(1), ScheduleEntry(), NOW)
	due, schedule_entry = due_notifications(ending(20), schedule_entry, NOW)
	assert (due, schedule_entry.warned_days) == ([], 30)
	assert len(due_notifications(ending(6), schedule_entry, NOW)[0]) == 1


def test_no_end_no_reminder():
	assert due_notifications(ACTIVE, ScheduleEntry(), NOW) == ([], ScheduleEntry())
	assert follow(ending(-1), [NOW]) == []


@pytest.mark.parametrize("status", [Status.CONNECTING, Status.CONSENT_EXPIRED, Status.ACTION_REQUIRED])
def test_who_must_sign_in_anyway_is_not_reminded_besides(status):
	due, _schedule_entry = due_notifications(replace(ending(1), status=status), ScheduleEntry(), NOW)
	assert [notice for notice in due if "consent" in notice.sentence] == []


# -- a state that waits for a user -----------------------------------------------------------------------
@pytest.mark.parametrize(
	("record", "message"),
	[
		(state(Status.ACTION_REQUIRED, "BS-210"), True),
		(state(Status.CONSENT_EXPIRED, "BS-201"), True),
		(state(Status.NOT_SUPPORTED, "BS-500"), True),
		(state(Status.DISCONNECTED, "BS-202"), True),
		(state(Status.DISCONNECTED, "BS-202", remote_user="", remote_id=""), False),
		(state(Status.ERROR, "BS-100"), True),
		(state(Status.ERROR, "BS-601"), True),
		(state(Status.ERROR, "BS-000"), False),
		(state(Status.ERROR, "BS-700"), False),
		(state(Status.BANK_UNAVAILABLE, "BS-401"), False),
		(state(Status.WAITING), False),
		(state(Status.CONNECTING), False),
		(ACTIVE, False),
	],
)
def test_who_needs_a_user(record, message):
	assert len(follow(record, [NOW])) is int(message)


def test_once_per_state_not_daily():
	days = [NOW + timedelta(days=day) for day in range(30)]
	assert follow(state(Status.ACTION_REQUIRED, "BS-210"), days) == [
		"Aurore needs your action: no transactions are imported until then"
	]


def test_the_reason_goes_with_it():
	waiting = state(Status.ACTION_REQUIRED, "BS-210", status_message="The bank refuses the credentials.")
	(notice,), _schedule_entry = due_notifications(waiting, ScheduleEntry(), NOW)
	assert notice.detail == "The bank refuses the credentials."


def test_another_reason_is_notified_and_a_passing_state_in_between_is_not():
	message = []
	schedule_entry = ScheduleEntry()
	for record in (
		state(Status.ACTION_REQUIRED, "BS-210"),
		state(Status.BANK_UNAVAILABLE, "BS-401"),
		state(Status.WAITING),
		state(Status.ERROR, "BS-000"),
		state(Status.ACTION_REQUIRED, "BS-210"),
		state(Status.ACTION_REQUIRED, "BS-212"),
		ACTIVE,
		state(Status.ACTION_REQUIRED, "BS-212"),
	):
		due, schedule_entry = due_notifications(record, schedule_entry, NOW)
		message.append(len(due))
	assert message == [1, 0, 0, 0, 0, 1, 0, 1]


@given(st.lists(st.sampled_from(Status), max_size=40))
def test_the_same_state_is_never_reported_twice_in_a_row(statuses):
	schedule_entry = ScheduleEntry()
	before = None
	for status in statuses:
		due, schedule_entry = due_notifications(state(status, "BS-100"), schedule_entry, NOW)
		assert not (due and status is before)
		before = status


def test_the_rest_of_the_schedule_is_kept():
	schedule_entry = ScheduleEntry("6 hours", NOW)
	_due, kept = due_notifications(state(Status.ACTION_REQUIRED), schedule_entry, NOW)
	assert (kept.frequency, kept.next_run_at) == ("6 hours", NOW)


def test_going_manual_says_what_to_do():
	notice = went_manual(ACTIVE)
	assert "Fetch transactions" in notice.sentence.format(*notice.values)

"""`banksync schedule` and `banksync sync --due`: what a timer calls every hour."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from dokos_banksync.sandbox.bridge.simulations import simulate
from dokos_banksync.sandbox.clock import Clock
from dokos_banksync.sandbox.faults import Fault


class Ahead:
	"""A clock that runs ahead of the bank's, so that hours pass for the site alone."""

	def __init__(self, clock: Clock) -> None:
		self.clock, self.by = clock, timedelta(0)

	def __call__(self) -> datetime:
		return self.clock.now() + self.by


@pytest.fixture
def ahead(terminal, bank):
	terminal.clock = Ahead(bank.world.clock)
	return terminal.clock


def item(terminal, connection) -> int:
	[record] = [c for c in terminal.json("connections") if c["name"] == connection]
	return int(record["remote_id"])


def test_a_day_of_hours_fetches_once(terminal, ahead, connection):
	"""The first hour makes an appointment; within the day it comes, once."""
	fetched = []
	for _hour in range(25):
		fetched += terminal.json("sync", "--due")
		ahead.by += timedelta(hours=1)
	assert [(run["connection"], run["trigger"], run["status"]) for run in fetched] == [
		(connection, "scheduled", "Success")
	]


@pytest.mark.parametrize(("every", "times"), [("24", 2), ("12", 4), ("6", 8)])
def test_two_days_at_each_frequency(terminal, ahead, connection, every, times):
	terminal("schedule", connection, "--every", every)
	fetched = 0
	for _hour in range(49):
		fetched += len(terminal.json("sync", "--due"))
		ahead.by += timedelta(hours=1)
	assert fetched == times


def test_the_list_of_connections_shows_the_next_time(terminal, ahead, connection):
	[before] = terminal.json("connections")
	at = terminal.json("schedule", connection, "--every", "12")["next_run_at"]
	[after] = terminal.json("connections")
	assert (before["next_run_at"], after["next_run_at"]) == (None, at)
	assert "Next run" in terminal("connections").output
	assert ahead() < datetime.fromisoformat(at) <= ahead() + timedelta(hours=12)


def test_off_means_on_request(terminal, ahead, connection):
	assert "when you ask" in terminal("schedule", connection, "--off").output
	for _day in range(3):
		assert terminal.json("sync", "--due") == []
		ahead.by += timedelta(days=1)
	assert "No connection is due" in terminal("sync", "--due").output
	assert len(terminal.json("sync")) == 1


def test_a_failure_is_tried_again_within_the_hour(terminal, ahead, connection, bank):
	terminal("sync", "--due")
	ahead.by += timedelta(days=1)
	bank.faults.add(Fault("status", status=503, count=None))
	[failed] = terminal.json("sync", "--due", code=6)
	assert failed["status"] == "Failed"
	bank.faults.clear()
	ahead.by += timedelta(minutes=10)
	assert terminal.json("sync", "--due") == []
	ahead.by += timedelta(minutes=10)
	[run] = terminal.json("sync", "--due")
	assert run["status"] == "Success"


def test_a_bank_that_needs_the_user_is_notified_once_on_stderr(terminal, ahead, connection, bank):
	terminal("sync", "--due")
	simulate(bank.bridge, "set_status", item_id=item(terminal, connection), status=402)
	message = []
	for _day in range(3):
		ahead.by += timedelta(hours=30)
		message += terminal("sync", "--due", "--quiet", code=4).stderr.splitlines()
	simulate(bank.bridge, "set_status", item_id=item(terminal, connection), status=0)
	assert message == ["Demo Bank needs your action: no transactions are imported until then"]


def test_what_makes_no_sense_together(terminal, connection):
	for words in (("sync", connection, "--due"), ("sync", "--due", "--dry-run")):
		assert "--due goes without" in terminal(*words, code=2).stderr
	terminal("schedule", "SYNC-CONN-99999", code=9)
	terminal("schedule", connection, "--every", "7", code=2)


def test_without_an_option_it_is_shown_and_not_changed(terminal, ahead, connection):
	set_now = terminal.json("schedule", connection, "--every", "6")
	assert set_now["every_hours"] == 6
	before = terminal.data()
	assert "every 6 hours" in terminal("schedule", connection).stdout
	assert terminal.json("schedule", connection) == set_now
	assert terminal.data() == before
	terminal("schedule", connection, "--off")
	assert terminal.json("schedule", connection)["every_hours"] is None
	assert "only" in terminal("schedule", connection).stdout


def test_a_new_connection_has_a_day_and_no_appointment_yet(terminal, connection):
	shown = terminal("schedule", connection).stdout
	assert shown == f"{connection} is fetched every 24 hours by banksync sync --due\n"


def test_never_and_a_number_of_hours_contradict_each_other(terminal, connection):
	assert (
		"--off goes without --every"
		in terminal("schedule", connection, "--every", "6", "--off", code=2).stderr
	)

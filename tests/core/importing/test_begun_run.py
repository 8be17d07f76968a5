"""How a run begins: under the lock of its connection, once, and so that a killed one is seen."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dokos_banksync.core.errors import Busy, FetchedMeanwhile
from dokos_banksync.core.importing.begun_run import RESCHEDULING, begun
from dokos_banksync.core.records import RunRecord
from dokos_banksync.core.trigger import Trigger
from tests.core.importing.test_sync import Feed


@pytest.fixture
def feed(tmp_path):
	made = Feed(tmp_path)
	with made.ledger:
		yield made


def begin(feed, listed_at=None):
	run = RunRecord("", feed.connection, Trigger.SCHEDULED, feed.bank.now)
	return begun(feed.ledger, run, store=True, listed_at=listed_at)[1].name


def test_what_another_process_has_fetched_since_it_was_listed_is_not_fetched_again(feed):
	listed_at = feed.bank.now
	feed.bank.now += timedelta(minutes=1)
	feed.sync()
	with pytest.raises(FetchedMeanwhile, match="another process"):
		feed.sync(listed_at=listed_at)
	assert len(feed.ledger.runs(feed.connection)) == 1


def test_a_run_that_has_just_ended_may_not_have_been_followed_by_its_schedule(feed):
	feed.sync()
	with pytest.raises(Busy):
		feed.sync(listed_at=feed.bank.now + timedelta(seconds=1))
	feed.sync(listed_at=feed.bank.now + RESCHEDULING)
	assert len(feed.ledger.runs(feed.connection)) == 2


@pytest.mark.parametrize(("back", "fetched"), [(timedelta(seconds=4), False), (timedelta(hours=1), True)])
def test_a_run_that_a_clock_ahead_recorded_does_not_hold_up_the_timer(feed, back, fetched):
	feed.sync()
	feed.bank.now -= back
	if fetched:
		feed.sync(listed_at=feed.bank.now)
	else:
		with pytest.raises(FetchedMeanwhile):
			feed.sync(listed_at=feed.bank.now)


def test_a_run_that_was_killed_is_done_again_and_closed(feed):
	killed = begin(feed)
	assert feed.ledger.run(killed).status == "Running"
	feed.bank.now += timedelta(hours=1)
	again = begin(feed, listed_at=feed.bank.now)
	assert [feed.ledger.run(one).status for one in (killed, again)] == ["Failed", "Running"]
	assert "Interrupted" in feed.ledger.run(killed).error_message

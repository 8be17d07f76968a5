from __future__ import annotations

from collections.abc import Iterator
from threading import Event as Gate

import pytest

from dokos_banksync.actions.context import Data
from dokos_banksync.actions.runs import Publish
from dokos_banksync.core.errors import Busy
from dokos_banksync.hosts.standalone.web.jobs import Jobs

DEFECT = {"message": "broken", "indicator": "red"}


@pytest.fixture
def jobs() -> Iterator[Jobs]:
	made = Jobs()
	yield made
	made.close()


def wait_idle(jobs: Jobs) -> None:
	done = Gate()
	jobs.start("a later job", lambda notify: done.set() or {}, DEFECT)
	assert done.wait(5)


def test_progress_and_end_are_events_in_order(jobs: Jobs) -> None:
	def work(notify: Publish) -> Data:
		notify({"percent": 1})
		return {"message": "done"}

	jobs.start("one", work, DEFECT)
	wait_idle(jobs)
	message = [(event.event, event.data) for event in jobs.events_after(0).events[:2]]
	assert message == [("banksync_progress", {"percent": 1}), ("banksync_done", {"message": "done"})]


def test_one_job_of_a_key_at_a_time(jobs: Jobs) -> None:
	gate = Gate()
	jobs.start("one", lambda notify: gate.wait(5) and {}, DEFECT)
	with pytest.raises(Busy):
		jobs.start("one", lambda notify: {}, DEFECT)
	jobs.start("another", lambda notify: {}, DEFECT)
	assert jobs.events_after(None).busy
	assert set(jobs.running()) == {"one", "another"}
	gate.set()
	wait_idle(jobs)
	jobs.start("one", lambda notify: {}, DEFECT)


def test_only_newer_events(jobs: Jobs) -> None:
	assert jobs.events_after(None) == ([], 0, False)
	jobs.start("one", lambda notify: {"message": "first"}, DEFECT)
	wait_idle(jobs)
	first = jobs.events_after(0)
	assert first.events[0].number == 1
	assert jobs.events_after(first.last).events == []
	assert jobs.events_after(None).events == []


def test_a_defect_ends_the_job_visibly_and_without_its_insides(
	jobs: Jobs, caplog: pytest.LogCaptureFixture
) -> None:
	def work(notify: Publish) -> Data:
		raise ZeroDivisionError("insides")

	jobs.start("one", work, DEFECT)
	wait_idle(jobs)
	assert jobs.events_after(0).events[0] == (1, "banksync_done", DEFECT)
	assert "insides" in caplog.text
	assert "one" not in jobs.running()


def test_closing_stops_work_at_its_next_word() -> None:
	jobs, begun, go_on = Jobs(), Gate(), Gate()
	reached: list[str] = []

	def work(notify: Publish) -> Data:
		begun.set()
		go_on.wait(5)
		notify({"percent": 50})
		reached.append("went on")
		return {}

	jobs.start("one", work, DEFECT)
	jobs.start("waiting", lambda notify: reached.append("waiting") or {}, DEFECT)
	assert begun.wait(5)
	jobs._closing = True
	go_on.set()
	jobs.close()
	assert reached == []
	assert jobs.events_after(0).events == []

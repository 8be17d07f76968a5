"""Jobs of users: state, progress, result, cancelling, and workers that are lost."""

from __future__ import annotations

import pickle

import pytest

from dokos_banksync.actions.review_jobs import JOB_SECONDS, RESULT_SECONDS, Job, JobState, ReviewJobs
from dokos_banksync.core.errors import Busy, InvalidData, NotFound, SyncError
from dokos_banksync.core.progress import Progress, Stage

ANNE, BEN = "anne@example.org", "ben@example.org"


class Store:
	"""A store as Redis is one: values are copies, and each ends at its time."""

	def __init__(self) -> None:
		self.now = 0
		self._held: dict[str, tuple[int, bytes]] = {}

	def read(self, key: str) -> object:
		ends, value = self._held.get(key, (0, b""))
		return pickle.loads(value) if ends > self.now else None

	def write(self, key: str, value: object, seconds: int) -> None:
		self._held[key] = (self.now + seconds, pickle.dumps(value))

	def delete(self, key: str) -> None:
		self._held.pop(key, None)

	def holds(self, text: bytes) -> bool:
		return any(text in value for ends, value in self._held.values() if ends > self.now)


class Workers:
	"""Which jobs the queue has, and which a living process performs."""

	def __init__(self) -> None:
		self.queued: set[str] = set()
		self.performing: set[str] = set()

	def has_queued(self, name: str) -> bool:
		return name in self.queued

	def is_performing(self, name: str) -> bool:
		return name in self.performing


class Desk:
	"""The jobs of a site, with its queue."""

	def __init__(self) -> None:
		self.store, self.workers = Store(), Workers()
		self.jobs = ReviewJobs(self.store, self.workers)

	def begin(self, method: str = "review.undo_run", language: str = "en", **given: str) -> str:
		name = self.jobs.add(Job(user=ANNE, method=method, given=given, language=language))
		self.workers.queued.add(name)
		return name

	def state(self, name: str) -> JobState:
		return self.jobs.status(name, ANNE).state


@pytest.fixture
def desk() -> Desk:
	return Desk()


def test_a_job_is_queued_then_running_then_done_with_its_result(desk: Desk) -> None:
	name = desk.begin(run="SYNC-RUN-1")
	assert desk.state(name) is JobState.QUEUED
	seen: list[Job] = []

	def work(job: Job, report: Progress) -> object:
		desk.workers.performing.add(name)
		report(Stage.UNDO, 2_500, 10_000)
		seen.append(desk.jobs.status(name, ANNE))
		return {"run": job.given["run"], "kept": []}

	desk.jobs.perform(name, work)
	desk.workers.performing.clear()
	[running] = seen
	assert (running.state, running.stage, running.done, running.total) == (
		JobState.RUNNING,
		"undo",
		2_500,
		10_000,
	)
	done = desk.jobs.status(name, ANNE)
	assert (done.state, done.result) == (JobState.DONE, {"run": "SYNC-RUN-1", "kept": []})


def test_another_user_learns_nothing_of_a_job_and_cannot_cancel_it(desk: Desk) -> None:
	name = desk.begin()
	with pytest.raises(NotFound) as other:
		desk.jobs.status(name, BEN)
	with pytest.raises(NotFound):
		desk.jobs.cancel(name, BEN)
	with pytest.raises(NotFound) as unknown:
		desk.jobs.status("0" * 32, BEN)
	assert other.value.sentence == unknown.value.sentence
	assert desk.state(name) is JobState.QUEUED


def test_names_cannot_be_guessed_and_differ(desk: Desk) -> None:
	names = {desk.begin() for _ in range(50)}
	assert len(names) == 50
	assert all(len(name) == 32 for name in names)


def test_a_job_that_is_cancelled_in_the_queue_is_never_begun(desk: Desk) -> None:
	name = desk.begin()
	assert desk.jobs.cancel(name, ANNE).state is JobState.CANCELLED
	begun = []
	desk.jobs.perform(name, lambda job, report: begun.append(job))
	assert begun == []
	assert desk.state(name) is JobState.CANCELLED


def test_a_running_job_ends_at_its_next_report_and_does_no_more(desk: Desk) -> None:
	name, done = desk.begin(), []

	def work(job: Job, report: Progress) -> object:
		desk.workers.performing.add(name)
		for batch in range(5):
			report(Stage.UNDO, batch, 5)
			done.append(batch)
			if batch == 1:
				assert desk.jobs.cancel(name, ANNE).state is JobState.RUNNING
				assert desk.jobs.status(name, ANNE).cancelling
		return "complete"

	desk.jobs.perform(name, work)
	assert done == [0, 1]
	ended = desk.jobs.status(name, ANNE)
	assert (ended.state, ended.result, ended.cancelling) == (JobState.CANCELLED, None, False)


def test_cancelling_after_the_last_report_changes_nothing(desk: Desk) -> None:
	"""What is committed by then is told as done, not as cancelled."""
	name = desk.begin()

	def work(job: Job, report: Progress) -> object:
		report(Stage.UNDO, 5, 5)
		desk.workers.performing.add(name)
		desk.jobs.cancel(name, ANNE)
		return "complete"

	desk.jobs.perform(name, work)
	assert desk.jobs.status(name, ANNE).result == "complete"
	assert desk.jobs.cancel(name, ANNE).state is JobState.DONE


def test_an_expected_error_is_stored_in_the_users_language_with_its_code(desk: Desk) -> None:
	name = desk.begin(language="fr")

	def work(job: Job, report: Progress) -> object:
		raise InvalidData("{0} is still running: wait for its end", "SYNC-RUN-1", reference="r-7")

	desk.jobs.perform(name, work)
	failed = desk.jobs.status(name, ANNE)
	assert failed.state is JobState.FAILED
	assert failed.message.startswith("SYNC-RUN-1 est encore en cours")
	assert (failed.code, failed.reference) == (InvalidData.code, "r-7")


@pytest.mark.parametrize("error", [RuntimeError("secret-token"), KeyboardInterrupt(), MemoryError()])
def test_any_other_end_is_stored_without_details_and_raised_for_the_log(
	desk: Desk, error: BaseException
) -> None:
	name = desk.begin()

	def work(job: Job, report: Progress) -> object:
		raise error

	with pytest.raises(type(error)):
		desk.jobs.perform(name, work)
	failed = desk.jobs.status(name, ANNE)
	assert failed.state is JobState.FAILED
	assert failed.message.startswith("An unexpected error occurred")
	assert not desk.store.holds(b"secret-token")


def test_a_worker_that_died_is_reported_as_lost_and_not_as_running_for_ever(desk: Desk) -> None:
	name = desk.begin()

	def work(job: Job, report: Progress) -> object:
		desk.workers.performing.add(name)
		report(Stage.UNDO, 1, 5)
		desk.workers.performing.discard(name)  # killed: nothing after this is done
		lost.append(desk.jobs.status(name, ANNE))
		raise SystemExit

	lost: list[Job] = []
	with pytest.raises(SystemExit):
		desk.jobs.perform(name, work)
	assert lost[0].state is JobState.FAILED
	assert lost[0].message.startswith("The background worker was lost")


def test_a_queued_job_that_the_queue_no_longer_has_is_lost(desk: Desk) -> None:
	name = desk.begin()
	desk.workers.queued.clear()
	assert desk.state(name) is JobState.FAILED


def test_a_job_that_ends_while_its_state_is_asked_for_is_not_reported_as_lost(desk: Desk) -> None:
	name = desk.begin()
	desk.jobs.perform(name, lambda job, report: "complete")

	class Late(Workers):
		def is_performing(self, name: str) -> bool:
			desk.store.write(f"banksync_job|{name}", finished, 60)
			return False

	finished = desk.store.read(f"banksync_job|{name}")
	assert isinstance(finished, dict)
	desk.store.write(f"banksync_job|{name}", {**finished, "state": "running", "result": None}, 60)
	assert ReviewJobs(desk.store, Late()).status(name, ANNE).result == "complete"


def test_a_job_is_performed_once(desk: Desk) -> None:
	"""A queue may deliver twice: after a lost connection, or when a worker is stopped."""
	name, done = desk.begin(), []
	for _ in range(2):
		desk.jobs.perform(name, lambda job, report: done.append(job.method))
	assert done == ["review.undo_run"]


def test_bulky_arguments_reach_the_work_and_are_deleted_with_it(desk: Desk) -> None:
	name, content = desk.begin("files.import_file", content="QUJD" * 99, file_name="a.csv"), []
	assert desk.jobs.status(name, ANNE).given == {"content": "", "file_name": "a.csv"}
	desk.jobs.perform(name, lambda job, report: content.append(job.given["content"]))
	assert content == ["QUJD" * 99]
	assert not desk.store.holds(b"QUJDQUJD")


def test_a_result_is_forgotten_after_an_hour_and_a_waiting_job_after_a_day(desk: Desk) -> None:
	waiting, done = desk.begin(), desk.begin()
	desk.jobs.perform(done, lambda job, report: "complete")
	desk.store.now = RESULT_SECONDS
	assert desk.state(waiting) is JobState.QUEUED
	with pytest.raises(NotFound, match="begin again"):
		desk.jobs.status(done, ANNE)
	desk.store.now = JOB_SECONDS
	begun: list[Job] = []
	desk.jobs.perform(waiting, lambda job, report: begun.append(job))
	assert begun == []


def test_a_job_that_no_queue_took_leaves_nothing(desk: Desk) -> None:
	name = desk.begin(run="SYNC-RUN-77")
	desk.jobs.remove(name)
	assert not desk.store.holds(b"SYNC-RUN-77")


@pytest.mark.parametrize("error", [Busy("busy"), NotFound("gone")])
def test_a_failure_has_the_code_of_its_kind(desk: Desk, error: SyncError) -> None:
	name = desk.begin()

	def work(job: Job, report: Progress) -> object:
		raise error

	desk.jobs.perform(name, work)
	assert desk.jobs.status(name, ANNE).code == error.code

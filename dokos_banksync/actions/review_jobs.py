"""Calls of a browser whose work continues after the response: their state, their progress, their result, and cancelling.

A host that has a queue begins a job instead of answering, and its worker performs it later with the same arguments, for
the same user. All state is in a store that forgets: what is not asked for in time is gone.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from enum import Enum
from typing import Any, Protocol, TypeAlias

from dokos_banksync.actions.i18n import Translations
from dokos_banksync.actions.runs import DEFECT
from dokos_banksync.core.errors import Cancelled, NotFound, SyncError
from dokos_banksync.core.progress import Progress, Stage

JOB_SECONDS = 24 * 3600
"""Seconds for which a job may wait and run."""
RESULT_SECONDS = 3600
"""Seconds for which the result of a job can be read."""

_BULKY = frozenset({"content"})
"""Arguments that only the work itself needs."""
_LOST = (
	"The background worker was lost before the work had ended. What it had not completed was not stored: "
	"look in the list of runs, then begin again"
)
_GONE = "There is no job {0} of yours (any more): begin again"


class JobState(str, Enum):
	"""Where a job stands. The last three are final."""

	QUEUED = "queued"
	RUNNING = "running"
	DONE = "done"
	FAILED = "failed"
	CANCELLED = "cancelled"


@dataclass(frozen=True)
class Job:
	"""A call of a user, by the name of its method (`review.undo_run`), and how far it is.

	`given` has bulky arguments for the work alone. `message` is a sentence in the user's language; `code` and `reference` are those of
	the error that ended it.
	"""

	user: str
	method: str
	given: Mapping[str, str]
	language: str
	presence: Mapping[str, str] = field(default_factory=dict)
	state: JobState = JobState.QUEUED
	stage: str = ""
	done: int = 0
	total: int | None = None
	cancelling: bool = False
	result: object = None
	message: str = ""
	code: str = ""
	reference: str = ""


class JobStore(Protocol):
	"""Values by key, each for some seconds."""

	def read(self, key: str) -> Any:
		"""Return a value, or None."""
		...

	def write(self, key: str, value: object, seconds: int) -> None:
		"""Store a value of plain data for so many seconds."""
		...

	def delete(self, key: str) -> None:
		"""Delete a value, where there is one."""
		...


class Workers(Protocol):
	"""What the host knows of the processes that perform jobs."""

	def has_queued(self, name: str) -> bool:
		"""Return whether the queue still has the job, or whether that is not known."""
		...

	def is_performing(self, name: str) -> bool:
		"""Return whether a living process performs the job."""
		...


Work: TypeAlias = Callable[[Job, Progress], object]


class ReviewJobs:
	"""The jobs of all users of a site."""

	def __init__(self, store: JobStore, workers: Workers) -> None:
		self._store, self._workers = store, workers

	def add(self, job: Job) -> str:
		"""Store a job that is to be queued, and return its name, which cannot be guessed."""
		name = secrets.token_hex(16)
		self._store.write(_arguments(name), dict(job.given), JOB_SECONDS)
		self._write(name, replace(job, given={k: "" if k in _BULKY else v for k, v in job.given.items()}))
		return name

	def remove(self, name: str) -> None:
		"""Forget a job that no queue took."""
		for key in (_state(name), _arguments(name), _flag(name)):
			self._store.delete(key)

	def status(self, name: str, user: str) -> Job:
		"""Return a job of this user as it is now. Raise `NotFound` for another's, or for one that is forgotten."""
		job = self._own(name, user)
		if self._is_lost(name, job):
			job = self._own(name, user)  # it may have ended between the two questions
			if self._is_lost(name, job):
				job = replace(job, state=JobState.FAILED, message=Translations(job.language)(_LOST))
				return self._end(name, job)
		if not self._store.read(_flag(name)):
			return job
		if job.state is JobState.QUEUED:
			return replace(job, state=JobState.CANCELLED)  # the worker will not begin it
		return replace(job, cancelling=job.state is JobState.RUNNING)

	def cancel(self, name: str, user: str) -> Job:
		"""Ask for the end of a job of this user, at the next point where nothing is left half done."""
		job = self._own(name, user)
		if job.state in (JobState.QUEUED, JobState.RUNNING):
			self._store.write(_flag(name), True, JOB_SECONDS)
		return self.status(name, user)

	def perform(self, name: str, work: Work) -> None:
		"""Do the work of a job, once. An expected error is stored; another one is stored without details and raised."""
		job = self._read(name)
		if job is None or job.state is not JobState.QUEUED:
			return
		given = self._store.read(_arguments(name))
		self._write(name, replace(job, state=JobState.RUNNING))
		try:
			self._raise_if_cancelled(name)
			result = work(replace(job, given=given or {}), self._reporter(name, job))
		except Cancelled:
			self._end(name, replace(job, state=JobState.CANCELLED))
		except SyncError as error:
			self._end(name, _failed(job, error))
		except BaseException:
			self._end(name, _failed(job, SyncError(DEFECT)))
			raise
		else:
			self._end(name, replace(job, state=JobState.DONE, result=result))

	def _reporter(self, name: str, job: Job) -> Progress:
		def report(stage: Stage, done: int, total: int | None) -> None:
			"""Store the progress; end the job where the user has cancelled it."""
			self._raise_if_cancelled(name)
			self._write(name, replace(job, state=JobState.RUNNING, stage=stage.value, done=done, total=total))

		return report

	def _raise_if_cancelled(self, name: str) -> None:
		if self._store.read(_flag(name)):
			raise Cancelled

	def _is_lost(self, name: str, job: Job) -> bool:
		if job.state is JobState.QUEUED:
			return not self._workers.has_queued(name)
		return job.state is JobState.RUNNING and not self._workers.is_performing(name)

	def _own(self, name: str, user: str) -> Job:
		job = self._read(name)
		if job is None or job.user != user:
			raise NotFound(_GONE, name)
		return job

	def _read(self, name: str) -> Job | None:
		values = self._store.read(_state(name))
		return Job(**{**values, "state": JobState(values["state"])}) if values else None

	def _write(self, name: str, job: Job, seconds: int = JOB_SECONDS) -> None:
		self._store.write(_state(name), {**asdict(job), "state": job.state.value}, seconds)

	def _end(self, name: str, job: Job) -> Job:
		self._write(name, job, RESULT_SECONDS)
		self._store.delete(_arguments(name))
		self._store.delete(_flag(name))
		return job


def _failed(job: Job, error: SyncError) -> Job:
	message = Translations(job.language).error(error)
	return replace(job, state=JobState.FAILED, message=message, code=error.code, reference=error.reference)


def _state(name: str) -> str:
	return f"banksync_job|{name}"


def _arguments(name: str) -> str:
	return f"banksync_job_arguments|{name}"


def _flag(name: str) -> str:
	return f"banksync_job_cancel|{name}"

"""Large calls of a browser as jobs on the site's queue: begun by a request, performed by a worker, asked about by requests.

The state is in the site's cache. That a worker lives is known by a lock of its database session, which ends with it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from functools import partial

import frappe

from dokos_banksync.actions.arguments import Arguments
from dokos_banksync.actions.context import Data
from dokos_banksync.actions.i18n import Translations
from dokos_banksync.actions.presence import from_job, to_job
from dokos_banksync.actions.registry import Method
from dokos_banksync.actions.review_jobs import Job, JobState, ReviewJobs
from dokos_banksync.actions.runs import progress_data
from dokos_banksync.core.clock import utc_now
from dokos_banksync.core.errors import Busy, InvalidData, SyncError, TemporaryError
from dokos_banksync.core.progress import Progress
from dokos_banksync.core.provider import UNATTENDED
from dokos_banksync.hosts.frappe import health, queue
from dokos_banksync.hosts.frappe.context import FrappeContext
from dokos_banksync.hosts.frappe.current_job import CurrentJob, current, within
from dokos_banksync.hosts.frappe.ledger import locks, sql
from dokos_banksync.hosts.frappe.ledger.base import rejection_text
from dokos_banksync.hosts.frappe.progress import cache
from dokos_banksync.hosts.frappe.work_size import ROWS_AT_ONCE, ROWS_OF

PERFORM = "dokos_banksync.tasks.perform_review_job"
_IN_THE_WAY = (
	"The database was busy with other work: look in the list of runs whether it was done, else try again"
)
_WAIT = 10
"""Seconds for which a worker waits for a status request to release the lock."""


class CacheStore:
	"""`JobStore` in the site's Redis."""

	def read(self, key: str) -> object:
		"""See `JobStore.read`."""
		return cache().get_value(key, expires=True)

	def write(self, key: str, value: object, seconds: int) -> None:
		"""See `JobStore.write`."""
		cache().set_value(key, value, expires_in_sec=seconds)

	def delete(self, key: str) -> None:
		"""See `JobStore.delete`."""
		cache().delete_value(key)


class QueueWorkers:
	"""`Workers` of the site's queue."""

	def has_queued(self, name: str) -> bool:
		"""See `Workers.has_queued`."""
		return queue.may_have(job_id(name), partial(hold, name))

	def is_performing(self, name: str) -> bool:
		"""See `Workers.is_performing`."""
		try:
			with hold(name):
				return False
		except Busy:
			return True


def jobs() -> ReviewJobs:
	"""Return the jobs of this site."""
	return ReviewJobs(CacheStore(), QueueWorkers())


def job_id(name: str) -> str:
	"""Return the id under which the queue has the job of this name."""
	return f"banksync-job-{name}"


def hold(name: str, wait: float = 0) -> AbstractContextManager[None]:
	"""Hold a job, as the process that performs it does. Raises `Busy`."""
	return locks.hold(f"review job {name}", wait)


# -- in a request ------------------------------------------------------------------------------------------
def deferrable(name: str, method: Method) -> Callable[[FrappeContext, Arguments], object]:
	"""Return a method that begins a job, where there is much to do or the call asks for it, and returns its name."""
	rows_of = ROWS_OF.get(name)
	if rows_of is None:
		return method

	def answer(context: FrappeContext, given: Arguments) -> object:
		"""Run the method at once, or queue it as a job and return the name of the job."""
		rows = rows_of(context, given)  # raises where the user may not see what the call is about
		job = current()
		if job:
			return job.reply(context, given, method)
		if rows <= ROWS_AT_ONCE and not given.flag("background"):
			return method(context, given)
		return _begin(context, name, given)

	return answer


def _begin(context: FrappeContext, name: str, given: Arguments) -> Data:
	job = Job(
		user=context.user,
		method=name,
		given=given.all(),
		language=context.translations.language,
		presence=to_job(context.presence, utc_now()),
	)
	added = jobs().add(job)
	try:
		queue.enqueue(PERFORM, job_id(added), partial(hold, added), review_job=added)
	except SyncError:
		jobs().remove(added)
		raise
	frappe.db.commit()  # the job waits for it, and a request that wrote nothing ends without one
	return {"job": added, "message": health.job_waits(context.translations)}


def status(name: str) -> Data:
	"""Return how far a job of this user is, and its result. The rights that its method needs are checked again."""
	translations = _translations()
	job = jobs().status(name, frappe.session.user)
	_call(job, CurrentJob(lambda context, given, method: None))  # noqa: ARG005
	return job_data(name, job, translations)


def cancel(name: str) -> Data:
	"""Ask for the end of a job of this user, and return how far it is. Who began it may end it, whatever their rights."""
	return job_data(name, jobs().cancel(name, frappe.session.user), _translations())


def _translations() -> Translations:
	return Translations((frappe.local.lang or "en").partition("-")[0])


def job_data(name: str, job: Job, translations: Translations) -> Data:
	"""Return a job as pages show it. `result` is what the call would have answered at once."""
	return {
		"job": name,
		"state": job.state.value,
		"stage": job.stage,
		"done": job.done,
		"total": job.total,
		"cancelling": job.cancelling,
		**_described(job, translations),
		"result": job.result,
		"message": job.message,
		"code": job.code,
		"reference": job.reference,
	}


def _described(job: Job, translations: Translations) -> Mapping[str, object]:
	if job.cancelling:
		return {"percent": None, "description": translations("Being cancelled…")}
	if job.state is JobState.QUEUED:
		waits = health.job_waits(translations) or translations("Waiting for a background worker…")
		return {"percent": None, "description": waits}
	if not job.stage:
		return {"percent": None, "description": translations("The work has begun…")}
	return progress_data(translations, job.stage, job.done, job.total)


# -- in a worker -------------------------------------------------------------------------------------------
def perform(name: str) -> None:
	"""Do the work of a job, while no other process does."""
	with hold(name, wait=_WAIT):
		jobs().perform(name, _work)


def _work(job: Job, report: Progress) -> object:
	"""Return what the method answers to the user, with all that it stored committed."""
	frappe.set_user(job.user)
	frappe.local.lang = job.language
	presence = from_job(job.presence, utc_now()) or UNATTENDED
	try:
		answer = _call(
			job, CurrentJob(lambda context, given, method: method(context, given), report, presence)
		)
		frappe.db.commit()
	except BaseException as error:
		sql.start_over()
		if isinstance(error, (frappe.QueryDeadlockError, frappe.QueryTimeoutError)):
			raise TemporaryError(_IN_THE_WAY) from error
		raise
	return answer


def _call(job: Job, current_job: CurrentJob) -> object:
	"""Call the method as its user's browser does, so that their rights are checked as they are now."""
	with within(current_job):
		try:
			return frappe.get_attr(f"dokos_banksync.api.{job.method}")(**job.given)
		except frappe.PermissionError as error:
			raise InvalidData(
				"You do not have the right to do this (any more): ask an administrator"
			) from error
		except frappe.ValidationError as error:
			raise InvalidData("The site refused it: {0}", rejection_text(error)) from error

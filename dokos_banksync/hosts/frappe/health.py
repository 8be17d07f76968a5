"""What prevents this site from fetching by itself, in sentences for the form."""

from __future__ import annotations

from collections.abc import Iterator

from frappe.utils import background_jobs
from frappe.utils.scheduler import is_scheduler_inactive
from redis.exceptions import RedisError

from dokos_banksync.actions.i18n import Translations
from dokos_banksync.hosts.frappe.progress import cache
from dokos_banksync.hosts.frappe.queue import QUEUE

_KEY = "banksync_health"
_CACHE_SECONDS = 60
_NO_WORKER = (
	"No background worker of this site is running: nothing is fetched until the administrator starts one"
)
_NO_QUEUE = (
	"The queue of background jobs does not answer: nothing is fetched until the administrator repairs it"
)
_OF_JOBS = {
	_NO_WORKER: "No background worker of this site is running: the work begins when the administrator starts one",
	_NO_QUEUE: "The queue of background jobs does not answer: the work begins when the administrator repairs it",
}


def complaints(translations: Translations) -> list[str]:
	"""Return what prevents the site from fetching, in a user's language; cached for a minute."""
	found = cache().get_value(_KEY, expires=True)
	if found is None:
		found = list(_complaints())
		cache().set_value(_KEY, found, expires_in_sec=_CACHE_SECONDS)
	return [translations(sentence) for sentence in found]


def stalled(translations: Translations) -> str:
	"""Return why a job that is queued now is not worked on; empty where a worker is there."""
	return next((translations(sentence) for sentence in _stalls()), "")


def job_waits(translations: Translations) -> str:
	"""Return why work that is queued now is not begun; empty where a worker is there."""
	return next((translations(_OF_JOBS[sentence]) for sentence in _stalls()), "")


def _complaints() -> Iterator[str]:
	yield from _stalls()
	if is_scheduler_inactive(verbose=False):
		yield "The scheduler of this site is off: transactions are fetched on request only"


def _stalls() -> Iterator[str]:
	try:
		if not _works_on(QUEUE):
			yield _NO_WORKER
	except RedisError:
		yield _NO_QUEUE


def _works_on(queue: str) -> bool:
	wanted = background_jobs.generate_qname(queue)
	return any(wanted in worker.queue_names() for worker in background_jobs.get_workers())

"""Jobs on the site's queue. Features that an older Frappe lacks are detected, and not used."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta, timezone
from typing import Any

import frappe
from frappe.utils import background_jobs
from redis.exceptions import RedisError

from dokos_banksync.core.clock import utc_now
from dokos_banksync.core.errors import Busy, TemporaryError

QUEUE = "long"
TIMEOUT = 3 * 3600
"""Seconds for one connection: the first import of a large company takes long; its stored batches remain in any case."""

_UPDATE_DELAY = timedelta(minutes=1)
"""Within this time a started job has locked its connection."""

Hold = Callable[[], AbstractContextManager[None]]


def enqueue(method: str, job: str, hold: Hold, **arguments: object) -> bool:
	"""Put a job on the long queue, when the current transaction is committed; False when it is there already.

	`hold` acquires the lock of the job, which distinguishes a running job from one whose worker died.
	Raises `TemporaryError` when the queue does not answer.
	"""
	with refused():
		if waits_or_runs(job, hold):
			return False
		given = {"job_id": job, "deduplicate": True} if _knows_ids() else {"job_name": job}
		frappe.enqueue(method, queue=QUEUE, timeout=TIMEOUT, enqueue_after_commit=True, **given, **arguments)
	return True


@contextmanager
def refused() -> Iterator[None]:
	"""Raise `TemporaryError` where the queue does not answer, or is full; Frappe's own message about it is removed."""
	shown = len(frappe.local.message_log)
	try:
		yield
	except (RedisError, *_overloaded()) as error:
		del frappe.local.message_log[shown:]
		raise TemporaryError(
			"The site's queue of background jobs does not take any now: try again in some minutes"
		) from error


def may_have(job: str, hold: Hold) -> bool:
	"""Return whether a job is queued or running; True too if this version of Frappe cannot find out."""
	with refused():
		return not hasattr(background_jobs, "get_job") or waits_or_runs(job, hold)


def waits_or_runs(job: str, hold: Hold) -> bool:
	"""Return whether a job of this name is queued or at work. One whose worker was killed is forgotten."""
	if not hasattr(background_jobs, "get_job"):
		return not _is_free(hold)
	found = background_jobs.get_job(job)
	status = found.get_status() if found else None
	if status == "started" and _is_over(found) and _is_free(hold):
		found.delete()
		return False
	return status in ("queued", "started")


def _is_over(job: Any) -> bool:
	started = job.started_at
	if started is None:
		return False
	aware = started if started.tzinfo else started.replace(tzinfo=timezone.utc)
	return bool(utc_now() - aware > _UPDATE_DELAY)


def _is_free(hold: Hold) -> bool:
	try:
		with hold():
			return True
	except Busy:
		return False


def _knows_ids() -> bool:
	return {"job_id", "deduplicate"} <= set(inspect.signature(background_jobs.enqueue).parameters)


def _overloaded() -> tuple[type[Exception], ...]:
	"""Newer Frappe limits how many jobs of a site may wait."""
	kind = getattr(frappe, "QueueOverloaded", None)
	return (kind,) if kind else ()

"""Jobs that a call began because it goes through many rows: how far they are, their result, and cancelling."""

from __future__ import annotations

from collections.abc import Callable

import frappe

from dokos_banksync.actions.context import Data
from dokos_banksync.actions.i18n import Translations
from dokos_banksync.core.errors import SyncError
from dokos_banksync.hosts.frappe import review_jobs
from dokos_banksync.hosts.frappe.http_errors import refuse


@frappe.whitelist()
def job_status(job: str) -> object:
	"""Return how far a job of this user is, and once it is done what the call would have returned at once."""
	return _answer(review_jobs.status, job)


@frappe.whitelist(methods=["POST"])
def cancel_job(job: str) -> object:
	"""Cancel a job of this user where nothing is left half done, and return how far it is."""
	return _answer(review_jobs.cancel, job)


def _answer(ask: Callable[[str], Data], job: str) -> Data:
	frappe.local.flags.disable_traceback = True
	try:
		return ask(job)
	except SyncError as error:
		refused = error
	refuse(refused, Translations((frappe.local.lang or "en").partition("-")[0]))

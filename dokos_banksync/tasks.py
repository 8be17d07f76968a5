"""What the scheduler and the queue call. The scheduler's entries only put jobs on the queue."""

from __future__ import annotations

import frappe

from dokos_banksync.core.trigger import Trigger
from dokos_banksync.hosts.frappe import jobs, review_jobs, scheduler
from dokos_banksync.hosts.frappe.ledger import FrappeLedger
from dokos_banksync.hosts.frappe.queue import QUEUE


def banksync_hourly() -> None:
	"""Start a run of every connection that is due, and of those that a killed job left open."""
	scheduler.start_due()


def banksync_daily() -> None:
	"""Do what `banksync_hourly` does, for sites whose scheduler was off, and send the reminders."""
	scheduler.start_due()
	frappe.enqueue("dokos_banksync.tasks.remind_users", queue=QUEUE, enqueue_after_commit=True)


def remind_users() -> None:
	"""Notify users of consents that end and of connections that wait for them.

	An error of one connection does not stop the others.
	"""
	ledger = FrappeLedger()
	for connection in scheduler.to_remind():
		try:
			jobs.remind(ledger, connection)
		except Exception:  # noqa: BLE001 - the outermost edge of a connection's part of the job
			frappe.db.rollback()
			frappe.log_error(title=f"banksync: reminder of {connection}")


def run_connection(
	connection: str,
	trigger: str = Trigger.MANUAL.value,
	user: str = "",
	presence: dict[str, str] | None = None,
) -> None:
	"""Fetch one connection: the job of the button, the schedule and the webhook."""
	jobs.run(connection, Trigger(trigger), user, presence)


def refresh_institutions(provider: str) -> None:
	"""Read a provider's list of banks again."""
	jobs.refresh_institutions(provider)


def look_at_connection(connection: str) -> None:
	"""Read the state and the accounts of one connection again."""
	jobs.refresh_state(connection)


def perform_review_job(review_job: str) -> None:
	"""Do what a user's call asked for, after it was answered; see `actions.review_jobs`."""
	review_jobs.perform(review_job)

"""What the scheduler and the queue call. The scheduler's entries only put jobs on the queue."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import frappe

from dokos_banksync.background import fanning, health, jobs, news, people
from dokos_banksync.background.queue import QUEUE
from dokos_banksync.desk.phrases import Phrases
from dokos_banksync.ledgers.frappe import FrappeLedger


def banksync_hourly() -> None:
	"""Every connection whose hour it is, and what a killed job left open."""
	fanning.start_due()


def banksync_daily() -> None:
	"""As hourly, for sites whose scheduler slept, and reminders of what ends or waits."""
	fanning.start_due()
	frappe.enqueue("dokos_banksync.tasks.remind_people", queue=QUEUE, enqueue_after_commit=True)


def remind_people() -> None:
	"""Tell people of consents that end and of connections that wait for them. One bad connection stops nobody."""
	ledger = FrappeLedger()
	for connection in fanning.to_remind():
		try:
			jobs.remind(ledger, connection)
		except Exception:  # noqa: BLE001 - the outermost edge of a connection's part of the job
			frappe.db.rollback()
			frappe.log_error(title=f"banksync: reminder of {connection}")


def run_connection(connection: str, trigger: str = "manual", user: str = "") -> None:
	"""Fetch one connection: the job of the button, the schedule and the webhook."""
	jobs.run(connection, trigger, user)


def look_at_connection(connection: str) -> None:
	"""Read the state and the accounts of one connection again."""
	jobs.look(connection)


def enqueue_sync(connections: Sequence[str], trigger: str, user: str) -> list[str]:
	"""Put a run of each connection on the queue, once the current transaction is committed.

	Gives the names of those for which none waited or ran already. Raises `TemporaryError` when the queue does
	not answer. Whoever calls this has checked what the person may do.
	"""
	return fanning.start(connections, trigger, user)


def progress_of(connection: str) -> dict[str, Any] | None:
	"""What a connection's run told last, maybe nothing yet; None while none waits or runs."""
	return news.last_progress(connection) if fanning.under_way(connection) else None


def outcome_of(connection: str) -> dict[str, Any] | None:
	"""How the last run of a connection ended, a while after it did; None once another one was asked for."""
	return news.outcome(connection)


def background_health(language: str = "") -> list[str]:
	"""Sentences about what keeps this site from fetching; none when all is well."""
	return health.complaints(Phrases(language or people.language_of(frappe.session.user)))

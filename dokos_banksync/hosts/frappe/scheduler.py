"""Which connections the scheduler puts on the queue."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any

import frappe

from dokos_banksync.actions.presence import to_job
from dokos_banksync.core.clock import utc_now
from dokos_banksync.core.connection.follow_up import due_connections
from dokos_banksync.core.connection.notifications import due_notifications
from dokos_banksync.core.errors import TemporaryError
from dokos_banksync.core.provider import UNATTENDED, Context
from dokos_banksync.core.records import ConnectionRecord
from dokos_banksync.core.trigger import Trigger
from dokos_banksync.hosts.frappe import progress, queue
from dokos_banksync.hosts.frappe.ledger import FrappeLedger
from dokos_banksync.hosts.frappe.ledger.fields import has
from dokos_banksync.hosts.frappe.schedule_store import FrappeScheduleStore

RUN = "dokos_banksync.tasks.run_connection"
LOOK = "dokos_banksync.tasks.look_at_connection"


def start(
	connections: Iterable[str], trigger: Trigger, user: str, context: Context = UNATTENDED
) -> list[str]:
	"""Put a run of each on the queue; those for which one was not there already.

	`context` is that of the user who waits, where a browser asked for the run.

	Raises `TemporaryError` when the queue takes none.
	"""
	return [name for name in connections if _start_one(name, trigger, user, context)]


def _start_one(name: str, trigger: Trigger, user: str, context: Context) -> bool:
	progress.forget_outcome(name)
	arguments: dict[str, object] = {"connection": name, "trigger": trigger.value, "user": user}
	if context.user_present:
		arguments["presence"] = to_job(context, utc_now())
	return queue.enqueue(RUN, job_of(name), _hold(name), **arguments)


def _hold(connection: str) -> queue.Hold:
	return partial(FrappeLedger().hold, connection)


def start_look(connection: str) -> None:
	"""Enqueue a job that asks for the state of a connection."""
	queue.enqueue(LOOK, f"banksync-look-{connection}", _hold(connection), connection=connection)


def progress_of(connection: str) -> dict[str, Any] | None:
	"""Return the last progress of a connection's run, possibly empty; None while no run waits or runs."""
	return progress.last_progress(connection) if under_way(connection) else None


def under_way(connection: str) -> bool:
	"""Return whether a run of the connection is queued or under way."""
	return queue.waits_or_runs(job_of(connection), _hold(connection))


def job_of(connection: str) -> str:
	"""Return the id of a connection's job in the queue."""
	return f"banksync-{connection}"


def start_due() -> list[str]:
	"""Start what is due, and what a killed job left open; see `follow_up.due_connections`.

	A queue that takes no more loses nothing: what is due stays due.
	"""
	found = due_connections(FrappeLedger(), FrappeScheduleStore(), utc_now(), _Off().holds)
	frappe.db.commit()
	try:
		return start(found, Trigger.SCHEDULED, "")
	except TemporaryError:
		frappe.log_error(title="banksync: the queue takes no job")
		return []


class _Off:
	"""The providers and banks that users have disabled, asked for once."""

	def __init__(self) -> None:
		self._providers = set(frappe.get_all("Sync Provider", {"enabled": 0}, pluck="name"))
		disabled = has("Bank", "disabled")
		self._banks = set(frappe.get_all("Bank", {"disabled": 1}, pluck="name")) if disabled else set()

	def holds(self, record: ConnectionRecord) -> bool:
		"""Return whether the connection waits for its provider or its bank."""
		return record.provider in self._providers or record.bank in self._banks


def to_remind() -> list[str]:
	"""Return the connections with notifications that are due by the time alone, or whose schedule entry changes."""
	now, entries = utc_now(), FrappeScheduleStore().all()
	records = [record for record in FrappeLedger().connections() if record.name in entries]
	return [r.name for r in records if due_notifications(r, entries[r.name], now) != ([], entries[r.name])]

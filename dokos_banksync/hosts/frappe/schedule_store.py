"""What the schedule notes of each connection, on its Sync Connection."""

from __future__ import annotations

from typing import Any

import frappe

from dokos_banksync.core.connection.schedule import ScheduleEntry
from dokos_banksync.core.errors import NotFound
from dokos_banksync.hosts.frappe.ledger.dialect import CONNECTION
from dokos_banksync.hosts.frappe.ledger.values import instant_out, stamp

_FIELDS = ("frequency", "next_run_at", "warned_days", "warned_status")


class FrappeScheduleStore:
	"""`Diaries` of a Frappe site. A write is no change of the document to people, and is not committed: what people
	are told goes into the same database transaction.
	"""

	def read(self, connection: str) -> ScheduleEntry:
		row = frappe.db.get_value(CONNECTION, connection, _FIELDS, as_dict=True)
		if row is None:
			raise NotFound("There is no connection {0}: see the list of connections", connection)
		return _schedule_entry(row)

	def all(self) -> dict[str, ScheduleEntry]:
		rows = frappe.get_all(CONNECTION, fields=["name", *_FIELDS])
		return {row["name"]: _schedule_entry(row) for row in rows}

	def write(self, connection: str, schedule_entry: ScheduleEntry) -> None:
		values = {
			"next_run_at": stamp(schedule_entry.next_run_at),
			"warned_days": schedule_entry.warned_days,
			"warned_status": schedule_entry.warned_status,
		}
		frappe.db.set_value(CONNECTION, connection, values, update_modified=False)


def _schedule_entry(row: Any) -> ScheduleEntry:
	return ScheduleEntry(
		row["frequency"] or "",
		instant_out(row["next_run_at"]),
		row["warned_days"] or 0,
		row["warned_status"] or "",
	)

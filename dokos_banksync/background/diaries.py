"""What the schedule notes of each connection, on its Sync Connection."""

from __future__ import annotations

from typing import Any

import frappe

from dokos_banksync.engine.schedule import Diary
from dokos_banksync.errors import NotFound
from dokos_banksync.ledgers.frappe.dialect import CONNECTION
from dokos_banksync.ledgers.frappe.values import instant_out, stamp

_FIELDS = ("frequency", "next_run_at", "warned_days", "warned_status")


class FrappeDiaries:
	"""`Diaries` of a Frappe site. A write is no change of the document to people, and is not committed: what people
	are told goes into the same database transaction.
	"""

	def read(self, connection: str) -> Diary:
		row = frappe.db.get_value(CONNECTION, connection, _FIELDS, as_dict=True)
		if row is None:
			raise NotFound("There is no connection {0}: see the list of connections", connection)
		return _diary(row)

	def all(self) -> dict[str, Diary]:
		rows = frappe.get_all(CONNECTION, fields=["name", *_FIELDS])
		return {row["name"]: _diary(row) for row in rows}

	def write(self, connection: str, diary: Diary) -> None:
		values = {
			"next_run_at": stamp(diary.next_run_at),
			"warned_days": diary.warned_days,
			"warned_status": diary.warned_status,
		}
		frappe.db.set_value(CONNECTION, connection, values, update_modified=False)


def _diary(row: Any) -> Diary:
	return Diary(
		row["frequency"] or "",
		instant_out(row["next_run_at"]),
		row["warned_days"] or 0,
		row["warned_status"] or "",
	)

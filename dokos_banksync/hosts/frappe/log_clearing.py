"""What Frappe's own log clearing deletes, and why nothing is imported twice because of it.

Runs: older ones, except the latest of each connection. Lines of a deleted run lose only the link to it.

Journal: older entries whose run was deleted. The others explain lines and bank transactions, and are needed to undo a
run that still exists.

Lines: older ones without a bank transaction that cannot become one: pending and announced rows that were never booked,
and rows that the bank removed. If their id is given again, the line is decided as a new one. All other lines are needed
to recognise transactions (the provider's id, a user's deletion, a reason that may end): they are never deleted, and only
their copy of the provider's response is emptied.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import frappe
from frappe.utils import now_datetime

from dokos_banksync.core.model import Reason

_AT_ONCE = 5000
_SPENT = (Reason.PENDING.value, Reason.FUTURE.value, Reason.REMOVED.value)


def clear_runs(days: int) -> None:
	"""Return the runs that began more than `days` ago."""
	while names := _old_runs(_before(days)):
		lines = frappe.qb.DocType("Sync Line")
		frappe.qb.update(lines).set(lines.run, None).where(lines.run.isin(names)).run()
		frappe.db.delete("Sync Run", {"name": ("in", names)})
		frappe.db.commit()


def _old_runs(before: datetime) -> list[str]:
	found: list[str] = frappe.db.sql_list(
		"""
		SELECT r.name FROM `tabSync Run` r
		WHERE r.started_at < %(before)s AND EXISTS (
			SELECT 1 FROM `tabSync Run` later
			WHERE later.connection = r.connection AND later.started_at > r.started_at
		) ORDER BY r.started_at LIMIT %(limit)s
		""",
		{"before": before, "limit": _AT_ONCE},
	)
	return found


def clear_journal(days: int) -> None:
	"""Delete the entries that are older than `days`, of deleted runs or without a run; never younger ones than runs."""
	retention = frappe.db.get_value("Logs To Clear", {"ref_doctype": "Sync Run"}, "days") or 0
	before = _before(max(int(days), int(retention)))
	while names := _old_entries(before):
		frappe.db.delete("Sync Journal Entry", {"name": ("in", names)})
		frappe.db.commit()


def _old_entries(before: datetime) -> list[int]:
	found: list[int] = frappe.db.sql_list(
		"""
		SELECT j.name FROM `tabSync Journal Entry` j
		WHERE j.creation < %(before)s AND NOT EXISTS (SELECT 1 FROM `tabSync Run` r WHERE r.name = j.run)
		ORDER BY j.name LIMIT %(limit)s
		""",
		{"before": before, "limit": _AT_ONCE},
	)
	return found


def clear_lines(days: int) -> None:
	"""Delete the rows of lines that nothing has changed for `days`."""
	before = _before(days)
	while names := _spent_lines(before):
		frappe.db.delete("Sync Line", {"name": ("in", names)})
		frappe.db.commit()
	while names := _full_lines(before):
		lines = frappe.qb.DocType("Sync Line")
		frappe.qb.update(lines).set(lines.raw, "").where(lines.name.isin(names)).run()
		frappe.db.commit()


def _spent_lines(before: datetime) -> list[str]:
	found: list[str] = frappe.db.sql_list(
		"""
		SELECT name FROM `tabSync Line`
		WHERE modified < %(before)s AND reason IN %(spent)s
			AND COALESCE(bank_transaction, '') = '' AND COALESCE(deleted_transaction, '') = ''
		LIMIT %(limit)s
		""",
		{"before": before, "spent": _SPENT, "limit": _AT_ONCE},
	)
	return found


def _full_lines(before: datetime) -> list[str]:
	"""Return the lines to empty. Rejected rows are excluded: their text is all that is known of them."""
	found: list[str] = frappe.db.sql_list(
		"""
		SELECT name FROM `tabSync Line`
		WHERE modified < %(before)s AND raw <> '' AND COALESCE(reason, '') <> %(refused)s LIMIT %(limit)s
		""",
		{"before": before, "refused": Reason.REFUSED.value, "limit": _AT_ONCE},
	)
	return found


def _before(days: int) -> datetime:
	now: datetime = now_datetime()
	return now - timedelta(days=days)

"""What Frappe's own log clearing takes away, and why nothing is imported twice for it.

Of runs: those that are older, the latest of each connection excepted. Lines of a cleared run keep everything but the
link to it.

Of the journal: entries that are older and whose run was cleared. What stays is how a line or a bank transaction is
explained; a run is undone as long as it is there, and its entries with it.

Of lines: those that no bank transaction stands on and that nothing waits for: pending and announced ones that never
came to be, and ones the bank took back. Should their id turn up again, the line is new and becomes what it would
have become. All others are how a transaction is known again (its provider's id, what a user deleted, what waits for
a reason to go away): they stay for good, and only the copy of the provider's answer in them is emptied.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import frappe
from frappe.utils import now_datetime

from dokos_banksync.core.model import Reason

_AT_ONCE = 5000
_SPENT = (Reason.PENDING.value, Reason.FUTURE.value, Reason.REMOVED.value)


def clear_runs(days: int) -> None:
	"""Runs that began more than `days` ago."""
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
	"""Entries that are older than `days`, of deleted runs or without a run; never younger ones than runs."""
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
	"""Lines that nothing has changed for `days`."""
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
	"""A refused row is kept whole: its text is all there is of it."""
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

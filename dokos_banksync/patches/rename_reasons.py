"""Rename the reasons of lines that users decided about."""

from __future__ import annotations

import frappe

from dokos_banksync.hosts.storage.renamed_values import reason_updates


def execute() -> None:
	"""Rewrite the stored reasons. Reasons with today's names stay. Frappe quotes names for Postgres itself."""
	for statement in reason_updates(lambda doctype: f"`tab{doctype}`", "POSITION('{text}' IN {column}) > 0"):
		frappe.db.sql(statement)

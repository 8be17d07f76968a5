"""Rename the actions of journal entries."""

from __future__ import annotations

import frappe

from dokos_banksync.hosts.storage.renamed_values import action_updates


def execute() -> None:
	"""Rewrite the stored actions. Frappe quotes names for Postgres itself."""
	for statement in action_updates(lambda doctype: f"`tab{doctype}`"):
		frappe.db.sql(statement)

"""Give columns their present names, before Frappe adds empty ones beside them."""

from __future__ import annotations

import frappe

from dokos_banksync.hosts.storage.renamed_columns import RENAMED_COLUMNS


def execute() -> None:
	"""Rename the columns that have their old name still. Frappe quotes names for Postgres itself."""
	for doctype, old, new in RENAMED_COLUMNS:
		if not frappe.db.table_exists(doctype):
			continue
		columns = frappe.db.get_table_columns(doctype)
		if old in columns and new not in columns:
			frappe.db.sql_ddl(f"ALTER TABLE `tab{doctype}` RENAME COLUMN `{old}` TO `{new}`")
	frappe.clear_cache()

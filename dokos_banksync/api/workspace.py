"""What the workspace asks for."""

from __future__ import annotations

import frappe
from frappe import _
from frappe.utils import pretty_date


@frappe.whitelist()
def last_run(filters: object = None) -> str:  # noqa: ARG001 - a number card sends them
	"""When the last run that the person may see began, in words."""
	found = frappe.get_list("Sync Run", pluck="started_at", order_by="started_at desc", limit_page_length=1)
	return pretty_date(found[0]) if found else _("None yet")


@frappe.whitelist()
def categories_below(doctype: str = "", parent: str = "", **_given: object) -> list[dict[str, object]]:  # noqa: ARG001
	"""A level of our category tree, by title. Frappe's own way sorts by name, which says nothing here."""
	found = frappe.get_list(
		"Bank Transaction Category",
		filters={"parent_bank_transaction_category": parent or ("in", ("", None))},
		fields=["name", "category_name", "lft", "rgt"],
		order_by="category_name",
		limit_page_length=0,
	)
	return [
		{"value": row.name, "title": row.category_name, "expandable": row.rgt - row.lft > 1} for row in found
	]

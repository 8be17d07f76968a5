"""The tree of categories."""

from __future__ import annotations

import frappe

from dokos_banksync.api.permitted import CATEGORY, answer


@frappe.whitelist(methods=["POST"])
def add_category(category_name: str, parent: str = "") -> object:
	"""Add a category below `parent`, and return its name."""
	given = {"category_name": category_name, "parent": parent}
	return answer("categories.add_category", "create", CATEGORY, **given)


@frappe.whitelist(methods=["POST"])
def rename_category(category: str, category_name: str) -> object:
	"""Change a category's title."""
	given = {"category": category, "category_name": category_name}
	return answer("categories.rename_category", "write", CATEGORY, **given)


@frappe.whitelist(methods=["POST"])
def delete_category(category: str) -> object:
	"""Delete a category without children."""
	return answer("categories.delete_category", "delete", CATEGORY, category=category)


@frappe.whitelist()
def categories_below(doctype: str = "", parent: str = "", **_given: object) -> list[dict[str, object]]:  # noqa: ARG001
	"""Return a level of our category tree, by title. Frappe's own way sorts by name, which says nothing here."""
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

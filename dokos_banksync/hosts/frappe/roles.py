"""Roles, and the one right on a host's doctype that they lack."""

from __future__ import annotations

import frappe
from frappe.permissions import add_permission, update_permission_property

ROLE = "Bank Sync Manager"
_MADE = (ROLE, "Accounts Manager", "Accounts User")
"""Made with our doctypes where the site has no such roles."""

_RIGHTS = (
	"role",
	"permlevel",
	"if_owner",
	"select",
	"read",
	"write",
	"create",
	"delete",
	"submit",
	"cancel",
	"amend",
)


def grant() -> None:
	"""Our role opens a Bank, whatever other roles a person has: there the button is."""
	if not any(rule.role == ROLE and rule.read for rule in frappe.get_meta("Bank").permissions):
		add_permission("Bank", ROLE)
		for right in ("write", "create"):
			update_permission_property("Bank", ROLE, 0, right, 1)


def withdraw() -> None:
	"""Roles that nothing but our doctypes spoke of, and our rule for Bank; the host's own rules hold again."""
	frappe.db.delete("Custom DocPerm", {"role": ROLE})
	if _rules("Custom DocPerm") == _rules("DocPerm"):
		frappe.db.delete("Custom DocPerm", {"parent": "Bank"})
	for role in _MADE:
		if frappe.db.exists("Role", role) and not _is_used(role):
			frappe.db.delete("Has Role", {"role": role})
			frappe.delete_doc("Role", role, force=True, ignore_permissions=True)


def _rules(kind: str) -> list[tuple]:
	"""Of Bank. Columns that a version of Frappe does not have are left out."""
	known = [right for right in _RIGHTS if frappe.get_meta(kind).has_field(right)]
	found = frappe.get_all(kind, filters={"parent": "Bank"}, fields=known, as_list=True)
	return sorted(tuple(str(value or 0) for value in rule) for rule in found)


def _is_used(role: str) -> bool:
	return any(frappe.db.exists(kind, {"role": role}) for kind in ("DocPerm", "Custom DocPerm"))

"""Roles, and the rights on the host's doctypes that they lack."""

from __future__ import annotations

import json

import frappe
from frappe.permissions import add_permission, update_permission_property

ROLE = "Bank Sync Manager"
_MADE = (ROLE, "Accounts Manager", "Accounts User")
"""Made with our doctypes where the site has no such roles."""

_WANTED = (
	("Bank", (ROLE,), ("write", "create")),
	("Bank Transaction Category", _MADE, ()),
)
"""Doctypes of the host, roles, and rights beside reading."""
_REMEMBERED = "banksync_granted"

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
	"""Give our roles the rights on the host's doctypes that they lack, and remember which.

	A Bank is opened by Bank Sync Manager, whatever other roles a user has: the button is there. The categories are
	read by everybody who reads bank transactions; some hosts show them to System Managers alone.
	"""
	granted = set(map(tuple, _granted()))
	for doctype, roles, rights in _WANTED:
		for role in roles:
			if any(rule.role == role and rule.read for rule in frappe.get_meta(doctype).permissions):
				continue
			add_permission(doctype, role)
			for right in rights:
				update_permission_property(doctype, role, 0, ptype=right, value=1)
			granted.add((doctype, role))
	frappe.db.set_global(_REMEMBERED, json.dumps(sorted(granted)))


def _granted() -> list[list[str]]:
	found: list[list[str]] = json.loads(frappe.db.get_global(_REMEMBERED) or "[]")
	return found


def withdraw() -> None:
	"""Remove the rights that we gave, so that the host's own rules hold again, and roles that nothing else uses."""
	granted = _granted()
	for doctype, role in granted:
		frappe.db.delete("Custom DocPerm", {"parent": doctype, "role": role})
	frappe.db.delete("Custom DocPerm", {"role": ROLE})
	for doctype in {doctype for doctype, _role in granted} | {"Bank"}:
		if _rules("Custom DocPerm", doctype) == _rules("DocPerm", doctype):
			frappe.db.delete("Custom DocPerm", {"parent": doctype})
	for role in _MADE:
		if frappe.db.exists("Role", role) and not _is_used(role):
			frappe.db.delete("Has Role", {"role": role})
			frappe.delete_doc("Role", role, force=True, ignore_permissions=True)


def _rules(kind: str, doctype: str) -> list[tuple[str, ...]]:
	"""Return the rules of a doctype. Columns that a version of Frappe does not have are left out."""
	known = [right for right in _RIGHTS if frappe.get_meta(kind).has_field(right)]
	found = frappe.get_all(kind, filters={"parent": doctype}, fields=known, as_list=True)
	return sorted(tuple(str(value or 0) for value in rule) for rule in found)


def _is_used(role: str) -> bool:
	return any(frappe.db.exists(kind, {"role": role}) for kind in ("DocPerm", "Custom DocPerm"))

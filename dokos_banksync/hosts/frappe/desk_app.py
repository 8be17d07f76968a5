"""The app among the others of the Desk: its icon, and what the Desk's scripts are shown when it opens."""

from __future__ import annotations

from typing import Any

import frappe

_BANKING = "/banking"
_TITLE, _FORMER_TITLE = "Bank Synchronization", "Dokos Banksync"


def may_open() -> bool:
	"""Return whether the user sees the icon: users who may read connections do."""
	return bool(frappe.has_permission("Sync Connection", "read"))


def rename_icon() -> None:
	"""Give the icon that Frappe 16 made under the former title of the app its present one.

	The workspace has a hidden icon of that name, which Frappe does not make where the app's has it already.
	"""
	if not frappe.db.table_exists("Desktop Icon") or not frappe.db.exists("Desktop Icon", _FORMER_TITLE):
		return
	frappe.db.delete("Desktop Icon", _TITLE)
	frappe.db.set_value("Desktop Icon", _FORMER_TITLE, {"name": _TITLE, "label": _TITLE})
	frappe.clear_cache()


def extend_bootinfo(bootinfo: Any) -> None:
	"""Name the host's page for reconciliation, where it has one: it runs no scripts of other apps, so ours lead there."""
	bootinfo.banksync_banking_page = _banking_page()


def _banking_page() -> str:
	rules = frappe.get_hooks("website_route_rules")
	return _BANKING if any(rule.get("from_route", "").startswith(f"{_BANKING}/") for rule in rules) else ""

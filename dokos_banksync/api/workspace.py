"""What the workspace asks for."""

from __future__ import annotations

import frappe
from frappe import _
from frappe.utils import pretty_date


@frappe.whitelist()
def last_run(filters: object = None) -> str:  # noqa: ARG001 - a number card sends them
	"""Return when the last run that the user may see began, in words; on an empty site, the first thing to do."""
	found = frappe.get_list("Sync Run", pluck="started_at", order_by="started_at desc", limit_page_length=1)
	return pretty_date(found[0]) if found else _first_step()


def _first_step() -> str:
	if not frappe.db.count("Sync Provider"):
		return str(_("First: add a Sync Provider"))
	if not frappe.db.count("Sync Connection"):
		return str(_("Next: open a Bank and connect it"))
	return str(_("None yet"))

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

"""The report of runs: start, bank, result and duration."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import frappe
from frappe import _
from frappe.utils import get_datetime, getdate, time_diff_in_seconds

from dokos_banksync.actions.i18n import Translations
from dokos_banksync.actions.messages import trigger_of
from dokos_banksync.actions.state_colors import COLORS
from dokos_banksync.core.message import stored_message
from dokos_banksync.core.trigger import Trigger

_COUNTS = ("fetched", "created", "linked", "updated", "removed", "held", "refused")
_FIELDS = (
	"name",
	"started_at",
	"ended_at",
	"connection",
	"trigger",
	"subject",
	"target",
	"status",
	*_COUNTS,
	"error_code",
	"error_message",
	"error_message_data",
)


def columns() -> list[dict[str, Any]]:
	"""Return the columns with the labels of the doctype, which are translated already."""
	meta = frappe.get_meta("Sync Run")

	def column(field: str, width: int, **more: str) -> dict[str, Any]:
		"""Return a column of the report, with the label and the type of the doctype field."""
		found = meta.get_field(field)
		kind = {"fieldtype": found.fieldtype, "options": found.options} if found else {}
		label = _(found.label, context="Sync Run") if found else ""
		return {"fieldname": field, "label": label, "width": width, **kind, **more}

	bank = {"fieldname": "bank", "label": _("Bank"), "fieldtype": "Link", "options": "Bank", "width": 160}
	return [
		column("name", 150, label=_("Sync Run"), fieldtype="Link", options="Sync Run"),
		column("started_at", 160),
		bank,
		column("trigger", 100, fieldtype="Data"),
		column("status", 100, fieldtype="Data", options=""),
		column("seconds", 90, label=_("Seconds"), fieldtype="Int"),
		*(column(count, 90) for count in _COUNTS),
		column("error_code", 110),
		column("error_message", 260, fieldtype="Data"),
	]


def rows(filters: Mapping[str, Any]) -> list[dict[str, Any]]:
	"""Return the runs that the user may see, the latest first."""
	runs = frappe.get_list(
		"Sync Run", filters=_conditions(filters), fields=list(_FIELDS), order_by="started_at desc"
	)
	banks = dict(
		frappe.get_list("Sync Connection", fields=["name", "bank"], as_list=True, limit_page_length=0)
	)
	return [{**run, "bank": banks.get(run.connection, ""), **_render(run)} for run in runs]


def _render(run: Mapping[str, Any]) -> dict[str, Any]:
	seconds = time_diff_in_seconds(run["ended_at"], run["started_at"]) if run["ended_at"] else None
	translations = Translations((frappe.local.lang or "en").partition("-")[0])
	message = stored_message(run["error_message"] or "", run["error_message_data"])
	return {
		"trigger": trigger_of(
			translations, Trigger(run["trigger"]), run["subject"] or "", run["target"] or ""
		),
		"seconds": seconds,
		"color": COLORS.get(run["status"], "gray"),
		"error_message": translations.message(message),
	}


def _conditions(filters: Mapping[str, Any]) -> list[list[Any]]:
	made: list[list[Any]] = []
	if filters.get("from_date"):
		made.append(["started_at", ">=", getdate(filters["from_date"])])
	if filters.get("to_date"):
		made.append(["started_at", "<=", get_datetime(f"{getdate(filters['to_date'])} 23:59:59")])
	for field in ("connection", "status"):
		if filters.get(field):
			made.append([field, "=", filters[field]])
	if filters.get("bank"):
		of_bank = frappe.get_list("Sync Connection", filters={"bank": filters["bank"]}, pluck="name")
		made.append(["connection", "in", of_bank or [""]])
	return made

"""The host's doctypes: made where the host lacks them, extended where it has them.

Those that we make are standard doctypes of our module, not custom ones: Frappe gives a custom doctype neither form
scripts nor dashboards of an app. They are stored in files that Frappe's own synchronisation does not pick up, so that
a host's own doctype of the name is never written over.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import frappe
from frappe.custom.doctype.custom_field.custom_field import create_custom_fields
from frappe.modules.import_file import import_file_by_path

from dokos_banksync.hosts.frappe.custom_fields import (
	COMPANY,
	FIELDS,
	MODULE,
	PREFIX,
	missing_fields,
	superseded,
)

DOCTYPES = ("Bank", "Bank Account", "Bank Transaction Category", "Bank Transaction")
_OWNED = "banksync_doctypes"
_FOLDER = Path(__file__).parents[2] / "doctype"


def is_ours(doctype: str) -> bool:
	"""Return whether the app made this doctype."""
	return bool(frappe.db.get_value("DocType", doctype, "module") == MODULE)


def ours() -> list[str]:
	"""Return the host's doctypes that this app created, as the site has them now."""
	return [doctype for doctype in DOCTYPES if is_ours(doctype)]


def remembered() -> list[str]:
	"""Return those that this app had created at the last check."""
	found: list[str] = json.loads(frappe.db.get_global(_OWNED) or "[]")
	return found


def remember() -> None:
	"""Store which host doctypes the app made."""
	frappe.db.set_global(_OWNED, json.dumps(ours()))


def definition(doctype: str) -> dict[str, Any]:
	"""Return our own definition of a host's doctype."""
	found: dict[str, Any] = json.loads(_path(doctype).read_text(encoding="utf-8"))
	return found


def _path(doctype: str) -> Path:
	folder = str(frappe.scrub(doctype))
	return _FOLDER / folder / f"{folder}.definition.json"


def create_missing() -> None:
	"""Make what the host lacks, and bring what we made up to date; nothing is done where nothing changed."""
	frappe.setup_module_map()
	for doctype in DOCTYPES:
		if is_ours(doctype) or not frappe.db.exists("DocType", doctype):
			import_file_by_path(str(_path(doctype)), ignore_version=True)


def extend() -> None:
	"""Add the fields that the host's doctypes lack."""
	wanted = {}
	for doctype in FIELDS:
		if frappe.db.exists("DocType", doctype) and not is_ours(doctype):
			_step_back(doctype)
			wanted[doctype] = missing_fields(doctype, frappe.get_meta(doctype).has_field)
	if frappe.db.exists("DocType", "Company"):
		wanted["Sync Connection"] = [COMPANY]
	else:
		frappe.delete_doc("Custom Field", "Sync Connection-company", ignore_missing=True)
	changed = {doctype: _changed(doctype, fields) for doctype, fields in wanted.items()}
	create_custom_fields({doctype: fields for doctype, fields in changed.items() if fields})


def _changed(doctype: str, fields: list[dict[str, Any]]) -> list[dict[str, Any]]:
	"""Return fields that are not on the site yet as we want them: older Frappe rewrites a table for each that it is given."""
	there = {
		row.fieldname: row for row in frappe.get_all("Custom Field", filters={"dt": doctype}, fields=["*"])
	}
	return [
		field
		for field in fields
		if any(there.get(field["fieldname"], {}).get(key) != value for key, value in field.items())
	]


def _step_back(doctype: str) -> None:
	"""Where the host gained a field of its own beside ours: its is used from now on, with what ours held."""
	for plain in superseded(doctype, frappe.get_meta(doctype).has_field):
		fill(doctype, plain, PREFIX + plain)
		frappe.delete_doc("Custom Field", f"{doctype}-{PREFIX}{plain}")
		frappe.clear_cache(doctype=doctype)


def fill(doctype: str, column: str, source: str) -> None:
	"""Copy a column into another one where that is empty, by one statement. Both names are our own."""
	frappe.db.sql(
		f"UPDATE `tab{doctype}` SET `{column}` = `{source}` WHERE `{source}` IS NOT NULL AND"  # noqa: S608
		f" (`{column}` IS NULL OR CAST(`{column}` AS CHAR(20)) IN ('', '0', '0.000000000'))"
	)

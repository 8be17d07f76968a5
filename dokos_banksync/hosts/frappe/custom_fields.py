"""Adds the fields to a host's doctypes that it does not have itself.

A field has our prefix, to distinguish it from another app's, and our module, so that it is removed with the app.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

MODULE = "Dokos Banksync"
PREFIX = "banksync_"


def _(label: str) -> str:
	"""Marks a label for translation; Frappe translates it where it is shown."""
	return label


FIELDS: Mapping[str, Mapping[str, Mapping[str, Any]]] = {
	"Bank Account": {
		"currency": {
			"fieldtype": "Link",
			"options": "Currency",
			"label": _("Currency"),
			"insert_after": "iban",
		},
		"opening_balance": {
			"fieldtype": "Currency",
			"options": "banksync_currency",
			"label": _("Opening balance"),
			"insert_after": "last_integration_date",
			"read_only": 1,
			"no_copy": 1,
		},
		"opening_date": {
			"fieldtype": "Date",
			"label": _("Opening day"),
			"insert_after": "banksync_opening_balance",
			"read_only": 1,
			"no_copy": 1,
		},
		"lock_date": {
			"fieldtype": "Date",
			"label": _("Books closed until"),
			"insert_after": "banksync_opening_date",
		},
	},
	"Bank Account Balance": {
		"written": {
			"fieldtype": "Data",
			"label": _("Balance given by the bank"),
			"insert_after": "balance",
			"hidden": 1,
			"read_only": 1,
			"no_copy": 1,
			"print_hide": 1,
		},
	},
	"Bank Transaction": {
		"category": {
			"fieldtype": "Link",
			"options": "Bank Transaction Category",
			"label": _("Category"),
			"insert_after": "description",
			"allow_on_submit": 1,
			"in_standard_filter": 1,
		},
		"kind": {
			"fieldtype": "Data",
			"label": _("Kind at the bank"),
			"insert_after": "banksync_category",
			"read_only": 1,
			"no_copy": 1,
		},
		"origin": {
			"fieldtype": "Data",
			"label": _("Origin"),
			"insert_after": "banksync_kind",
			"unique": 1,
			"hidden": 1,
			"read_only": 1,
			"no_copy": 1,
			"print_hide": 1,
		},
	},
	"Bank Transaction Category": {
		"provider_type": {
			"fieldtype": "Data",
			"label": _("Provider"),
			"insert_after": "parent_bank_transaction_category",
			"read_only": 1,
			"no_copy": 1,
		},
		"remote_id": {
			"fieldtype": "Data",
			"label": _("Remote ID"),
			"insert_after": "banksync_provider_type",
			"read_only": 1,
			"no_copy": 1,
		},
		"edited": {
			"fieldtype": "Check",
			"label": _("Changed by a user"),
			"insert_after": "banksync_remote_id",
			"read_only": 1,
			"no_copy": 1,
		},
		"removed": {
			"fieldtype": "Check",
			"label": _("Deleted by a user"),
			"insert_after": "banksync_edited",
			"read_only": 1,
			"no_copy": 1,
			"hidden": 1,
		},
	},
}
"""By the host's doctype and the plain name of the field. A host may lack the doctype."""

COMPANY = {
	"fieldname": "company",
	"fieldtype": "Link",
	"options": "Company",
	"label": _("Company"),
	"insert_after": "provider",
	"in_standard_filter": 1,
	"in_list_view": 1,
	"module": MODULE,
}
"""Of a Sync Connection, where the host has companies."""


def missing_fields(doctype: str, has_field: Callable[[str], bool]) -> list[dict[str, Any]]:
	"""Return the custom fields for a host's doctype: those that it has not under their plain name."""
	return [
		{**field, "fieldname": PREFIX + plain, "module": MODULE}
		for plain, field in FIELDS[doctype].items()
		if not has_field(plain)
	]


def superseded(doctype: str, has_field: Callable[[str], bool]) -> list[str]:
	"""Return the plain names of fields that the host gained after we had added ours."""
	return [plain for plain in FIELDS[doctype] if has_field(plain) and has_field(PREFIX + plain)]

"""Our records on the dashboards of the host's documents."""

from __future__ import annotations

from typing import Any

from frappe import _


def _linked(data: dict[str, Any], links: dict[str, str]) -> dict[str, Any]:
	"""Add our doctypes, each with the field that links to the document.

	Frappe counts nothing on a dashboard that names no field of its own.
	"""
	data.setdefault("fieldname", next(iter(links.values()), ""))
	data.setdefault("transactions", []).append({"label": _("Synchronization"), "items": list(links)})
	data.setdefault("non_standard_fieldnames", {}).update(links)
	return data


def bank(data: dict[str, Any]) -> dict[str, Any]:
	"""Add connections and accounts to the Bank form's dashboard."""
	accounts = [item for group in data.get("transactions") or [] for item in group["items"]]
	links = {"Sync Connection": "bank", "Bank Account": "bank"}
	return _linked(data, {doctype: field for doctype, field in links.items() if doctype not in accounts})


def bank_account(data: dict[str, Any]) -> dict[str, Any]:
	"""Add lines, certificates and transactions to the Bank Account form's dashboard."""
	shown = [item for group in data.get("transactions") or [] for item in group["items"]]
	links = dict.fromkeys(("Sync Line", "Sync Certificate", "Bank Transaction"), "bank_account")
	return _linked(data, {doctype: field for doctype, field in links.items() if doctype not in shown})


def bank_transaction(data: dict[str, Any]) -> dict[str, Any]:
	"""Add the bank's lines to the Bank Transaction form's dashboard."""
	return _linked(data, {"Sync Line": "bank_transaction"})

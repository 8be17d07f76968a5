"""What this site calls things. Asked of the site's own definitions, never of a version number."""

from __future__ import annotations

import frappe

from dokos_banksync.hosts.storage.fields import HostFields
from dokos_banksync.hosts.storage.sql import ACCOUNT, CATEGORY, TRANSACTION

OURS = "banksync_"
"""Prefix of the fields that we add to the host's doctypes."""


def has(doctype: str, fieldname: str) -> bool:
	"""Return whether a doctype has a field."""
	return bool(frappe.get_meta(doctype).has_field(fieldname))


def named(doctype: str, fieldname: str) -> str:
	"""Return the host's own field of this name, or the one that we added under our prefix."""
	return fieldname if has(doctype, fieldname) else f"{OURS}{fieldname}"


def site_fields() -> HostFields:
	"""Return the fields of this site."""
	meta = frappe.get_meta(TRANSACTION)
	french = not meta.has_field("deposit")
	inflow, outflow = ("credit", "debit") if french else ("deposit", "withdrawal")
	remote_id = "transaction_id" if meta.has_field("transaction_id") else "reference_number"

	def own(fieldname: str) -> str:
		return fieldname if meta.has_field(fieldname) else ""

	kind = own("kind") or own("banksync_kind") or own("transaction_type")
	return HostFields(
		inflow=inflow,
		outflow=outflow,
		remote_id=remote_id,
		unique_remote_id=french or bool(meta.get_field(remote_id).unique),
		reference="" if remote_id == "reference_number" else own("reference_number"),
		kind=kind,
		mode=own("transaction_type") if kind != "transaction_type" else "",
		party_account=own("bank_party_account_number"),
		party_name=own("bank_party_name"),
		party_iban=own("bank_party_iban"),
		category=named(TRANSACTION, "category"),
		origin=named(TRANSACTION, "origin"),
		signed_unallocated=french,
		submittable=bool(meta.is_submittable),
		amount=f"(COALESCE(t.`{inflow}`, 0) - COALESCE(t.`{outflow}`, 0))",
		live="t.docstatus < 2",
		windows=((_only(inflow, outflow), 1), (_only(outflow, inflow), -1)),
		category_title="category_name" if has(CATEGORY, "category_name") else "category",
		category_prefix="" if has(CATEGORY, "remote_id") else OURS,
		account_fields={
			name: named(ACCOUNT, name)
			for name in ("opening_balance", "opening_date", "lock_date", "currency")
		},
	)


def _only(column: str, other: str) -> str:
	"""Return SQL for a bank transaction of the amount asked for in one column, and nothing in the other."""
	return f"t.`{column}` = asked.amount AND COALESCE(t.`{other}`, 0) = 0"

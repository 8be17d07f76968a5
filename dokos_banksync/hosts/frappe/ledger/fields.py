"""What this site calls things. Asked of the site's own definitions, never of a version number."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import frappe

from dokos_banksync.hosts.storage.fields import HostFields
from dokos_banksync.hosts.storage.sql import ACCOUNT, CATEGORY, TRANSACTION

_MONEY = (("credit", "debit"), ("deposit", "withdrawal"))
"""Pairs of money columns, money in first. A host with both reads the first one in its own pages."""

_LIVE = "t.docstatus < 2 AND NOT (t.docstatus = 1 AND COALESCE(t.status, '') = 'Pending')"
"""A submitted bank transaction that is Pending is announced by the bank, not booked: the host does not count it."""

OURS = "banksync_"
"""Prefix of the fields that we add to the host's doctypes."""


def exists(doctype: str) -> bool:
	"""Return whether the site has a doctype, asked once in a request or job."""
	if not hasattr(frappe.local, "banksync_doctypes"):
		frappe.local.banksync_doctypes = {}
	known: dict[str, bool] = frappe.local.banksync_doctypes
	if doctype not in known:
		known[doctype] = bool(frappe.db.exists("DocType", doctype))
	return known[doctype]


def has(doctype: str, fieldname: str) -> bool:
	"""Return whether a doctype has a field."""
	return bool(frappe.get_meta(doctype).has_field(fieldname))


def named(doctype: str, fieldname: str) -> str:
	"""Return the host's own field of this name, or the one that we added under our prefix."""
	return fieldname if has(doctype, fieldname) else f"{OURS}{fieldname}"


def site_fields() -> HostFields:
	"""Return the names of the host's fields on this site, as its own definitions have them."""
	meta = frappe.get_meta(TRANSACTION)
	pairs = [pair for pair in _MONEY if all(meta.has_field(column) for column in pair)]
	(inflow, outflow), (second_inflow, second_outflow) = pairs[0], (pairs[1:] or [("", "")])[0]
	remote_id = "transaction_id" if meta.has_field("transaction_id") else "reference_number"

	def own(fieldname: str) -> str:
		"""Return the field name where the doctype has it, else an empty text."""
		return fieldname if meta.has_field(fieldname) else ""

	kind = own("kind") or own("banksync_kind") or own("transaction_type")
	return HostFields(
		inflow=inflow,
		outflow=outflow,
		remote_id=remote_id,
		unique_remote_id=remote_id == "reference_number" or bool(meta.get_field(remote_id).unique),
		reference="" if remote_id == "reference_number" else own("reference_number"),
		kind=kind,
		mode=own("transaction_type") if kind != "transaction_type" else "",
		party_account=own("bank_party_account_number"),
		party_name=own("bank_party_name"),
		party_iban=own("bank_party_iban"),
		category=named(TRANSACTION, "category"),
		origin=named(TRANSACTION, "origin"),
		signed_unallocated=_signs_unallocated(pairs, outflow),
		submittable=bool(meta.is_submittable),
		amount=_amount(inflow, outflow, second_inflow, second_outflow),
		live=_LIVE,
		windows=tuple(_windows(pairs)),
		second_inflow=second_inflow,
		second_outflow=second_outflow,
		category_title="category_name" if has(CATEGORY, "category_name") else "category",
		category_prefix="" if has(CATEGORY, "remote_id") else OURS,
		account_fields={
			name: named(ACCOUNT, name)
			for name in ("opening_balance", "opening_date", "lock_date", "currency")
		},
	)


def _windows(pairs: Sequence[tuple[str, str]]) -> Iterator[tuple[str, int]]:
	"""Yield what finds a bank transaction by its amount: in one column, with nothing in the columns before it."""
	for number, (inflow, outflow) in enumerate(pairs):
		earlier = [column for pair in pairs[:number] for column in pair]
		yield _only(inflow, [outflow, *earlier]), 1
		yield _only(outflow, [inflow, *earlier]), -1


def _only(column: str, others: Sequence[str]) -> str:
	"""Return SQL for a bank transaction of the amount asked for in one column, and nothing in the others."""
	empty = (f"COALESCE(t.`{other}`, 0) = 0" for other in others)
	return " AND ".join((f"t.`{column}` = asked.amount", *empty))


def _amount(inflow: str, outflow: str, second_inflow: str, second_outflow: str) -> str:
	"""Return SQL of the signed amount. The second pair counts for a document that was made without the first one."""
	first = f"(COALESCE(t.`{inflow}`, 0) - COALESCE(t.`{outflow}`, 0))"
	if not second_inflow:
		return first
	second = f"(COALESCE(t.`{second_inflow}`, 0) - COALESCE(t.`{second_outflow}`, 0))"
	return f"(CASE WHEN {first} = 0 THEN {second} ELSE {first} END)"


def _signs_unallocated(pairs: Sequence[tuple[str, str]], outflow: str) -> bool:
	"""Return whether the host stores the unallocated amount of money out as negative.

	Hosts with `credit` and `debit` alone do, those with `deposit` and `withdrawal` do not. Where both are, the host's
	own bank transactions say it.
	"""
	if len(pairs) == 1:
		return outflow == "debit"
	query = (
		f"SELECT unallocated_amount FROM `tab{TRANSACTION}` WHERE docstatus = 1 AND `{outflow}` > 0"
		" AND unallocated_amount <> 0 ORDER BY creation DESC LIMIT 1"
	)
	found = frappe.db.sql(query)
	return bool(found) and found[0][0] < 0

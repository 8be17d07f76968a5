"""Duplicate bank transactions."""

from __future__ import annotations

import frappe

from dokos_banksync.api.permitted import TRANSACTION, answer, decide, remove


@frappe.whitelist()
def find_duplicates(bank_account: str, since: str = "", everything: str = "", background: str = "") -> object:
	"""Return the pairs of transactions that may be one, since a day (YYYY-MM-DD) or as a whole."""
	given = {"bank_account": bank_account, "since": since, "everything": everything}
	return answer("duplicates.find_duplicates", "read", TRANSACTION, **given, background=background)


@frappe.whitelist(methods=["POST"])
def merge_transactions(keep: str, other: str) -> object:
	"""Merge `other` into `keep`, and return the run that can be undone."""
	return remove("duplicates.merge_transactions", "other", keep=keep, other=other)


@frappe.whitelist(methods=["POST"])
def keep_both(one: str, other: str, again: str = "") -> object:
	"""Record that two transactions are separate; with `again`, offer the pair once more."""
	return decide("duplicates.keep_both", one=one, other=other, again=again)


@frappe.whitelist(methods=["POST"])
def delete_transaction(name: str) -> object:
	"""Delete a transaction in a run that can be undone."""
	return remove("duplicates.delete_transaction", "name", name=name)

"""Duplicate bank transactions."""

from __future__ import annotations

from typing import Any

import frappe

from dokos_banksync.api.permitted import TRANSACTION, answer, decide, remove


@frappe.whitelist()
def find_duplicates(bank_account: str, since: str = "", everything: str = "") -> dict[str, Any]:
	given = {"bank_account": bank_account, "since": since, "everything": everything}
	return answer("duplicates.find_duplicates", "read", TRANSACTION, **given)


@frappe.whitelist(methods=["POST"])
def merge_transactions(keep: str, other: str) -> dict[str, Any]:
	return remove("duplicates.merge_transactions", "other", keep=keep, other=other)


@frappe.whitelist(methods=["POST"])
def keep_both(one: str, other: str, again: str = "") -> None:
	return decide("duplicates.keep_both", one=one, other=other, again=again)


@frappe.whitelist(methods=["POST"])
def delete_transaction(name: str) -> dict[str, Any]:
	return remove("duplicates.delete_transaction", "name", name=name)

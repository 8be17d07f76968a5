"""Balances and coverage of a bank account."""

from __future__ import annotations

from typing import Any

import frappe

from dokos_banksync.api.permitted import LINE, answer, decide


@frappe.whitelist()
def account_proof(bank_account: str, since: str = "") -> dict[str, Any]:
	return answer("proof.account_proof", "read", LINE, bank_account=bank_account, since=since)


@frappe.whitelist(methods=["POST"])
def accept_difference(bank_account: str) -> dict[str, Any]:
	return decide("proof.accept_difference", bank_account=bank_account)

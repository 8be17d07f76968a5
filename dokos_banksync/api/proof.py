"""Balances and coverage of a bank account."""

from __future__ import annotations

import frappe

from dokos_banksync.api.permitted import LINE, answer, decide


@frappe.whitelist()
def account_proof(bank_account: str, since: str = "") -> object:
	"""Compare the books of a Bank Account with the balance of the bank, and name the differences."""
	return answer("proof.account_proof", "read", LINE, bank_account=bank_account, since=since)


@frappe.whitelist(methods=["POST"])
def accept_difference(bank_account: str, difference: str = "") -> object:
	"""Take the difference that the user was shown into the opening balance; without one, the present difference."""
	return decide("proof.accept_difference", bank_account=bank_account, difference=difference)

"""Bank accounts: which remote account feeds which."""

from __future__ import annotations

import frappe

from dokos_banksync.api.permitted import ACCOUNT, answer


@frappe.whitelist()
def account_choices(bank: str) -> object:
	"""Return the remote accounts of a bank, with the Bank Accounts that each may feed."""
	return answer("accounts.account_choices", "write", bank=bank)


@frappe.whitelist(methods=["POST"])
def update_accounts(bank: str, choices: str) -> object:
	"""Link the remote accounts as chosen, and start the first import."""
	return answer("accounts.update_accounts", "write", bank=bank, choices=choices)


@frappe.whitelist()
def account_review(bank_account: str) -> object:
	"""Return what the Bank Account form shows: its feed, balance check, coverage and questions."""
	return answer("accounts.account_review", "read", ACCOUNT, bank_account=bank_account)

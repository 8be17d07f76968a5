"""The pictures of a bank account."""

from __future__ import annotations

import frappe

from dokos_banksync.api.permitted import LINE, answer


@frappe.whitelist()
def picture_accounts() -> object:
	"""Return the names of the Bank Accounts that have pictures, those that a connection feeds first."""
	return answer("pictures.picture_accounts", "read", LINE)


@frappe.whitelist()
def account_pictures(bank_account: str) -> object:
	"""Return twelve months of a Bank Account: balances, money in and out, days and runs."""
	return answer("pictures.account_pictures", "read", LINE, bank_account=bank_account)

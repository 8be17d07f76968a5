"""Bank accounts: which remote account feeds which."""

from __future__ import annotations

from typing import Any

import frappe

from dokos_banksync.api.permitted import ACCOUNT, answer


@frappe.whitelist()
def account_choices(bank: str) -> dict[str, Any]:
	return answer("accounts.account_choices", "write", bank=bank)


@frappe.whitelist(methods=["POST"])
def update_accounts(bank: str, choices: str) -> dict[str, Any]:
	return answer("accounts.update_accounts", "write", bank=bank, choices=choices)


@frappe.whitelist()
def account_review(bank_account: str) -> dict[str, Any]:
	return answer("accounts.account_review", "read", ACCOUNT, bank_account=bank_account)

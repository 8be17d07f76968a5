"""Up to which day the host's books are closed."""

from __future__ import annotations

from datetime import date
from typing import Any

import frappe

from dokos_banksync.hosts.frappe.ledger.fields import exists, has, named
from dokos_banksync.hosts.frappe.ledger.values import day_out
from dokos_banksync.hosts.storage.sql import ACCOUNT, table

_CLOSING = "Period Closing Voucher"
_SETTINGS = ("Accounts Settings", "acc_frozen_upto")


def select_accounts(columns: str = "", joined: str = "") -> str:
	"""Return a SELECT of the Bank Accounts `b`, with what `lock_date` needs of each, up to its WHERE."""
	return f"SELECT b.*, {_closed()} closed_until, {_frozen()} frozen_until{columns} FROM {table(ACCOUNT)} b {joined}"


def _closed() -> str:
	"""Return the end of the last closed period of a Bank Account's company, as SQL."""
	if not exists(_CLOSING) or not has(ACCOUNT, "company"):
		return "NULL"
	end = "period_end_date" if has(_CLOSING, "period_end_date") else "posting_date"
	return f"(SELECT MAX(v.`{end}`) FROM {table(_CLOSING)} v WHERE v.company = b.company AND v.docstatus = 1)"


def _frozen() -> str:
	"""Return a setting of the site, as SQL. Newer hosts have it in the company."""
	doctype, field = _SETTINGS
	if not exists(doctype) or not has(doctype, field):
		return "NULL"
	return f"(SELECT s.value FROM `tabSingles` s WHERE s.doctype = '{doctype}' AND s.field = '{field}')"


def lock_date(bank_account: Any) -> date | None:
	"""Return the latest of the bank account's own date, the date up to which accounts are frozen, and the last
	closed period of its company. The row is one of `select_accounts`.
	"""
	days = [
		day_out(bank_account[named(ACCOUNT, "lock_date")]),
		_frozen_until(bank_account),
		day_out(bank_account["closed_until"]),
	]
	return max((day for day in days if day), default=None)


def _frozen_until(bank_account: Any) -> date | None:
	company = bank_account.get("company")
	if (
		company
		and not (exists(_SETTINGS[0]) and has(*_SETTINGS))
		and has("Company", "accounts_frozen_till_date")
	):
		return day_out(frappe.get_cached_value("Company", company, "accounts_frozen_till_date"))
	return day_out(bank_account["frozen_until"])

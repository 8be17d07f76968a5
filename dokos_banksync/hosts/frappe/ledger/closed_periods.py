"""Up to which day the host's books are closed."""

from __future__ import annotations

from datetime import date
from typing import Any

import frappe

from dokos_banksync.hosts.frappe.ledger import sql
from dokos_banksync.hosts.frappe.ledger.fields import has, named
from dokos_banksync.hosts.frappe.ledger.values import day_out
from dokos_banksync.hosts.storage.sql import ACCOUNT


def lock_date(bank_account: Any) -> date | None:
	"""Return the latest of the bank account's own date, the date up to which accounts are frozen, and the last
	closed period of its company.
	"""
	company = bank_account.get("company")
	days = [
		day_out(bank_account[named(ACCOUNT, "lock_date")]),
		_frozen_until(company),
		_closed_until(company),
	]
	return max((day for day in days if day), default=None)


def _frozen_until(company: str | None) -> date | None:
	"""Return a setting of the site, or of the company in newer hosts."""
	if frappe.db.exists("DocType", "Accounts Settings", cache=True) and has(
		"Accounts Settings", "acc_frozen_upto"
	):
		day = day_out(frappe.db.get_single_value("Accounts Settings", "acc_frozen_upto"))
		return day if day != date.min else None  # what Frappe makes of a date that nobody has set
	if company and has("Company", "accounts_frozen_till_date"):
		return day_out(frappe.get_cached_value("Company", company, "accounts_frozen_till_date"))
	return None


def _closed_until(company: str | None) -> date | None:
	closing = "Period Closing Voucher"
	if not company or not frappe.db.exists("DocType", closing, cache=True):
		return None
	end = "period_end_date" if has(closing, "period_end_date") else "posting_date"
	return day_out(
		sql.value(
			f"SELECT MAX(`{end}`) FROM {sql.table(closing)} WHERE company = %s AND docstatus = 1", (company,)
		)
	)

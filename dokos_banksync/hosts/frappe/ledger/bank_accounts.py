"""The host's Banks and Bank Accounts, and the figures that are derived from their bank transactions."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import frappe

from dokos_banksync.core.errors import InvalidData, NotFound
from dokos_banksync.core.extent import Extent
from dokos_banksync.core.iban import normalize_iban
from dokos_banksync.core.records import BankAccountRecord
from dokos_banksync.hosts.frappe.ledger import chart_of_accounts, sql
from dokos_banksync.hosts.frappe.ledger.base import insert
from dokos_banksync.hosts.frappe.ledger.closed_periods import lock_date, select_accounts
from dokos_banksync.hosts.frappe.ledger.fields import has, named
from dokos_banksync.hosts.frappe.ledger.values import day_out, money_out
from dokos_banksync.hosts.storage.bank_accounts import NO_BANK_ACCOUNT, BankAccountFigures
from dokos_banksync.hosts.storage.sql import ACCOUNT


class BankAccounts(BankAccountFigures):
	"""Bank Accounts under their host's names."""

	def bank_account(self, name: str) -> BankAccountRecord:
		"""Return the Bank Account. Raise `NotFound`."""
		found = self._bank_accounts("b.name = %s", name)
		if not found:
			raise NotFound(NO_BANK_ACCOUNT, name)
		return found[0]

	def bank_accounts(self, bank: str = "") -> list[BankAccountRecord]:
		"""Return the company's own Bank Accounts that are not disabled."""
		where = ["b.bank = %s" if bank else "%s = ''"]
		where += ["b.is_company_account = 1"] if has(ACCOUNT, "is_company_account") else []
		where += ["b.disabled = 0"] if has(ACCOUNT, "disabled") else []
		return self._bank_accounts(" AND ".join(where), bank)

	def _bank_accounts(self, where: str, value: str) -> list[BankAccountRecord]:
		return _bank_accounts_out(sql.rows(f"{select_accounts()} WHERE {where} ORDER BY b.name", (value,)))

	def extent(self, bank_account: str, before: date | None = None) -> Extent:
		"""See `Ledger.extent`. One query; what a user may have changed meanwhile is in it."""
		amount = f"CASE WHEN t.`date` < %s THEN {self.fields.amount} END" if before else self.fields.amount
		sums = f"""
			CROSS JOIN (
				SELECT MIN(t.`date`) first_day, CAST(SUM({amount}) AS CHAR(40)) total
				FROM `tabBank Transaction` t WHERE t.bank_account = %s AND {self.fields.live}
			) extent
		"""
		values = [*([self.codec.day_in(before)] if before else ()), bank_account, bank_account]
		columns = ", extent.first_day, extent.total"
		rows = sql.rows(f"{select_accounts(columns, sums)} WHERE b.name = %s", values)
		if not rows:
			raise NotFound(NO_BANK_ACCOUNT, bank_account)
		[account] = _bank_accounts_out(rows)
		return Extent(account, day_out(rows[0]["first_day"]), self.codec.amount_out(rows[0]["total"]))

	def add_bank_account(
		self, name: str, bank: str, currency: str, iban: str = "", company: str = "", account: str = ""
	) -> BankAccountRecord:
		"""Create a Bank Account, and its bank where that is new. Raise `InvalidData` for a name in use."""
		if not name.strip():
			raise InvalidData("The bank account has no name: give it one")
		if frappe.db.exists(ACCOUNT, {"account_name": name, "bank": bank}):
			raise InvalidData("There is a bank account {0} already: choose another name", name)
		self.add_bank(bank)
		given: dict[str, Any] = {"account_name": name, "bank": bank, "iban": iban}
		given[named(ACCOUNT, "currency")] = currency
		if has(ACCOUNT, "account"):
			given.update(chart_of_accounts.place(f"{name} - {bank}", currency, company, account))
		return self.bank_account(insert({"doctype": ACCOUNT, **given}))

	def banks(self) -> list[str]:
		"""Return the names of all Banks."""
		names: list[str] = frappe.get_all("Bank", pluck="name", order_by="name")
		return names

	def add_bank(self, bank: str) -> None:
		"""Create a Bank unless it exists."""
		if not frappe.db.exists("Bank", bank):
			insert({"doctype": "Bank", "bank_name": bank})


def _bank_accounts_out(rows: list[Any]) -> list[BankAccountRecord]:
	currencies = chart_of_accounts.currencies(rows)
	return [_bank_account_out(row, currencies[row["name"]]) for row in rows]


def _bank_account_out(row: Any, currency: str) -> BankAccountRecord:
	return BankAccountRecord(
		row["name"],
		row["bank"] or "",
		currency,
		normalize_iban(row["iban"]),
		opening_balance=_opening(row),
		opening_date=day_out(row[named(ACCOUNT, "opening_date")]),
		lock_date=lock_date(row),
		company=row.get("company") or "",
		closed=bool(row.get("disabled")),
	)


def _opening(row: Any) -> Decimal | None:
	"""A site stores a missing amount as NULL or as zero; the day says whether there is one."""
	return money_out(row[named(ACCOUNT, "opening_balance")]) if row[named(ACCOUNT, "opening_date")] else None

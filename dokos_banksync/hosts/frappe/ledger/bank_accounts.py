"""The host's Bank Accounts, and what stands on them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import frappe

from dokos_banksync.core.errors import InvalidData, NotFound
from dokos_banksync.core.records import BankAccountRecord
from dokos_banksync.hosts.frappe.ledger import chart_of_accounts, sql
from dokos_banksync.hosts.frappe.ledger.base import Base
from dokos_banksync.hosts.frappe.ledger.closed_periods import lock_date
from dokos_banksync.hosts.frappe.ledger.dialect import ACCOUNT, TRANSACTION, Dialect, has, named
from dokos_banksync.hosts.frappe.ledger.values import amount_out, day_out, money_in, money_out

_NO_BANK_ACCOUNT = "There is no bank account {0}: see the list of bank accounts"


class BankAccounts(Base):
	"""Bank Accounts under their host's names."""

	def bank_account(self, name: str) -> BankAccountRecord:
		found = self._bank_accounts("name = %s", name)
		if not found:
			raise NotFound(_NO_BANK_ACCOUNT, name)
		return found[0]

	def bank_accounts(self, bank: str = "") -> list[BankAccountRecord]:
		"""The company's own, those that are disabled apart."""
		where = ["bank = %s" if bank else "%s = ''"]
		where += ["is_company_account = 1"] if has(ACCOUNT, "is_company_account") else []
		where += ["disabled = 0"] if has(ACCOUNT, "disabled") else []
		return self._bank_accounts(" AND ".join(where), bank)

	def _bank_accounts(self, where: str, value: str) -> list[BankAccountRecord]:
		found = sql.rows(f"SELECT * FROM {sql.table(ACCOUNT)} WHERE {where} ORDER BY name", (value,))
		currencies = chart_of_accounts.currencies(found)
		return [_bank_account_out(row, currencies[row["name"]]) for row in found]

	def add_bank_account(
		self, name: str, bank: str, currency: str, iban: str = "", company: str = "", account: str = ""
	) -> BankAccountRecord:
		if not name.strip():
			raise InvalidData("The bank account has no name: give it one")
		if frappe.db.exists(ACCOUNT, {"account_name": name, "bank": bank}):
			raise InvalidData("There is a bank account {0} already: choose another name", name)
		self.add_bank(bank)
		given: dict[str, Any] = {"account_name": name, "bank": bank, "iban": iban}
		given[named(ACCOUNT, "currency")] = currency
		if has(ACCOUNT, "account"):
			given.update(chart_of_accounts.place(f"{name} - {bank}", currency, company, account))
		return self.bank_account(self.insert({"doctype": ACCOUNT, **given}).name)

	def find_bank_account(self, bank: str, iban: str, currency: str) -> str:
		wanted = (plain_iban(iban), currency)
		if not iban:
			return ""
		found = [a for a in self.bank_accounts(bank) if (a.iban, a.currency) == wanted]
		return found[0].name if len(found) == 1 else ""

	def set_opening(self, bank_account: str, amount: Decimal, day: date) -> None:
		self.bank_account(bank_account)
		sql.run(
			f"UPDATE {sql.table(ACCOUNT)} SET `{named(ACCOUNT, 'opening_balance')}` = %s, "
			f"`{named(ACCOUNT, 'opening_date')}` = %s WHERE name = %s",
			(money_in(amount), day, bank_account),
		)
		sql.commit()
		frappe.clear_document_cache(ACCOUNT, bank_account)

	def set_lock_date(self, bank_account: str, day: date | None) -> None:
		"""Close the books of this account up to and including a day, or open them."""
		self.bank_account(bank_account)
		frappe.db.set_value(ACCOUNT, bank_account, named(ACCOUNT, "lock_date"), day)
		sql.commit()

	def first_day(self, bank_account: str) -> date | None:
		return day_out(self._over("MIN(t.`date`)", bank_account))

	def last_day(self, bank_account: str) -> date | None:
		return day_out(self._over("MAX(t.`date`)", bank_account))

	def movements(self, bank_account: str, before: date | None = None) -> Decimal:
		total = f"CAST(SUM({Dialect.of_site().amount}) AS CHAR(40))"
		return amount_out(self._over(total, bank_account, before))

	def _over(self, what: str, bank_account: str, before: date | None = None) -> Any:
		where = "t.bank_account = %s AND t.docstatus < 2" + (" AND t.`date` < %s" if before else "")
		values = (bank_account, before) if before else (bank_account,)
		found = sql.value(f"SELECT {what} FROM {sql.table(TRANSACTION)} t WHERE {where}", values)
		if found is None:
			self.must_exist(ACCOUNT, bank_account, _NO_BANK_ACCOUNT)
		return found

	def add_bank(self, bank: str) -> None:
		raise NotImplementedError


def _bank_account_out(row: Any, currency: str) -> BankAccountRecord:
	return BankAccountRecord(
		*(row["name"], row["bank"] or "", currency, plain_iban(row["iban"])),
		opening_balance=_opening(row),
		opening_date=day_out(row[named(ACCOUNT, "opening_date")]),
		lock_date=lock_date(row),
		company=row.get("company") or "",
	)


def _opening(row: Any) -> Decimal | None:
	"""A site keeps a missing amount as nothing or as zero; the day says whether there is one."""
	return money_out(row[named(ACCOUNT, "opening_balance")]) if row[named(ACCOUNT, "opening_date")] else None


def plain_iban(written: str | None) -> str:
	"""People write IBANs in groups of four."""
	return "".join((written or "").split()).upper()

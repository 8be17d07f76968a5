"""Figures of bank accounts, and how one is found."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from dokos_banksync.core.extent import Extent
from dokos_banksync.core.iban import normalize_iban
from dokos_banksync.core.records import BankAccountRecord
from dokos_banksync.hosts.storage.base import Base
from dokos_banksync.hosts.storage.sql import ACCOUNT

NO_BANK_ACCOUNT = "There is no bank account {0}: see the list of bank accounts"


class BankAccountFigures(Base):
	"""What a host's Bank Accounts and their transactions add up to."""

	def bank_account(self, name: str) -> BankAccountRecord:
		"""Return a Bank Account. Raises `NotFound`."""
		raise NotImplementedError

	def bank_accounts(self, bank: str = "") -> Sequence[BankAccountRecord]:
		"""Return the Bank Accounts of a bank, or all."""
		raise NotImplementedError

	def find_bank_account(self, bank: str, iban: str, currency: str) -> str:
		"""See `Ledger.find_bank_account`."""
		wanted = (normalize_iban(iban), currency)
		found = [
			one for one in self.bank_accounts(bank) if (normalize_iban(one.iban), one.currency) == wanted
		]
		return found[0].name if iban and len(found) == 1 else ""

	def set_opening(self, bank_account: str, amount: Decimal, day: date) -> None:
		"""Set the opening balance and the day that starts with it."""
		self.bank_account(bank_account)
		columns = self.fields.account_fields
		balance, opening_date = columns["opening_balance"], columns["opening_date"]
		with self.db.write(lock=False):
			self.db.run(
				f"UPDATE `tabBank Account` SET `{balance}` = %s, `{opening_date}` = %s WHERE name = %s",
				(self.codec.money_in(amount), self.codec.day_in(day), bank_account),
			)
		self.db.forget(ACCOUNT, bank_account)

	def set_lock_date(self, bank_account: str, day: date | None) -> None:
		"""Close the books of this account up to and including a day, or open them."""
		self.bank_account(bank_account)
		column = self.fields.account_fields["lock_date"]
		with self.db.write(lock=False):
			query = f"UPDATE `tabBank Account` SET `{column}` = %s WHERE name = %s"
			self.db.run(query, (self.codec.day_in(day), bank_account))
		self.db.forget(ACCOUNT, bank_account)

	def first_day(self, bank_account: str) -> date | None:
		"""Return the day of the earliest bank transaction."""
		return self.codec.day_out(self._over("MIN(t.`date`)", bank_account))

	def last_day(self, bank_account: str) -> date | None:
		"""Return the day of the latest bank transaction."""
		return self.codec.day_out(self._over("MAX(t.`date`)", bank_account))

	def movements(self, bank_account: str, before: date | None = None) -> Decimal:
		"""See `Ledger.movements`. Adds up the bank transactions."""
		total = f"CAST(SUM({self.fields.amount}) AS CHAR(40))"
		return self.codec.amount_out(self._over(total, bank_account, before))

	def extent(self, bank_account: str, before: date | None = None) -> Extent:
		"""See `Ledger.extent`."""
		raise NotImplementedError

	def verify_totals(self, bank_account: str) -> None:
		"""See `Ledger.verify_totals`. There are none: a user may change documents of the host at any time."""

	def _over(self, what: str, bank_account: str, before: date | None = None) -> Any:
		where = f"t.bank_account = %s AND {self.fields.live}" + (" AND t.`date` < %s" if before else "")
		values = (bank_account, self.codec.day_in(before)) if before else (bank_account,)
		found = self.db.value(f"SELECT {what} FROM `tabBank Transaction` t WHERE {where}", values)
		if found is None:
			self.must_exist(ACCOUNT, bank_account, NO_BANK_ACCOUNT)
		return found

"""Bank Accounts of the standalone site."""

from __future__ import annotations

from typing import Any

from dokos_banksync.core.errors import InvalidData, NotFound
from dokos_banksync.core.records import BankAccountRecord
from dokos_banksync.hosts.standalone.ledger.base import Base
from dokos_banksync.hosts.standalone.ledger.values import day_out, money_out
from dokos_banksync.hosts.storage.bank_accounts import NO_BANK_ACCOUNT, BankAccountFigures


class BankAccounts(Base, BankAccountFigures):
	"""There is one company, and no chart of accounts."""

	def bank_account(self, name: str) -> BankAccountRecord:
		"""Return a Bank Account."""
		row = self.db.row("SELECT * FROM bank_account WHERE name = ?", (name,))
		if row is None:
			raise NotFound(NO_BANK_ACCOUNT, name)
		return _bank_account_out(row)

	def bank_accounts(self, bank: str = "") -> list[BankAccountRecord]:
		"""Return the Bank Accounts of a bank, or all."""
		rows = self.db.rows("SELECT * FROM bank_account WHERE ? IN ('', bank) ORDER BY name", (bank,))
		return [_bank_account_out(row) for row in rows]

	def add_bank_account(
		self,
		name: str,
		bank: str,
		currency: str,
		iban: str = "",
		company: str = "",  # noqa: ARG002
		account: str = "",  # noqa: ARG002
	) -> BankAccountRecord:
		"""Make a Bank Account. Raises `InvalidData` when the name is empty or taken."""
		with self.db.write():
			if not name.strip():
				raise InvalidData("The bank account has no name: give it one")
			if self.db.row("SELECT 1 FROM bank_account WHERE name = ?", (name,)):
				raise InvalidData("There is a bank account {0} already: choose another name", name)
			self.add_bank(bank)
			self.db.run(
				"INSERT INTO bank_account (name, account_name, bank, currency, iban) VALUES (?, ?, ?, ?, ?)",
				(name, name, bank, currency, iban),
			)
		return self.bank_account(name)


def _bank_account_out(row: Any) -> BankAccountRecord:
	return BankAccountRecord(
		name=row["name"],
		bank=row["bank"],
		currency=row["currency"],
		iban=row["iban"],
		opening_balance=money_out(row["opening_balance"]),
		opening_date=day_out(row["opening_date"]),
		lock_date=day_out(row["lock_date"]),
	)

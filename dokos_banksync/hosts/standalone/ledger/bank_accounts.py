"""Bank Accounts of the standalone site."""

from __future__ import annotations

import json
import logging
from datetime import date
from decimal import Decimal
from typing import Any

from dokos_banksync.core.errors import InvalidData, NotFound
from dokos_banksync.core.extent import Extent
from dokos_banksync.core.records import BankAccountRecord
from dokos_banksync.hosts.standalone.ledger import movement_totals, schema
from dokos_banksync.hosts.standalone.ledger.base import Base
from dokos_banksync.hosts.standalone.ledger.values import amount_out, day_out, money_out
from dokos_banksync.hosts.storage.bank_accounts import NO_BANK_ACCOUNT, BankAccountFigures

_log = logging.getLogger(__name__)
_NAMED_IN_JSON = (
	("sync_journal_entry", "line_before", "$.bank_account"),
	("sync_journal_entry", "transaction_before", "$.bank_account"),
)
"""Records of former states, which an undo restores."""


_AFTER_ALL = "~"
"""Greater than each day and month, as texts."""
_EXTENT = """
	SELECT a.*, (SELECT min(date) FROM bank_transaction WHERE bank_account = ?) first_day, (
		SELECT sum(amount) FROM (
			SELECT amount FROM movement_total WHERE bank_account = ? AND month < ?
			UNION ALL
			SELECT amount FROM bank_transaction WHERE bank_account = ? AND date > ? AND date < ?
		)
	) total FROM bank_account a WHERE a.name = ?
"""
"""The first day; and what the months before that of a day, and its own days before it, add up to."""


class BankAccounts(Base, BankAccountFigures):
	"""There is one company, and no chart of accounts."""

	def bank_account(self, name: str) -> BankAccountRecord:
		"""Return a Bank Account."""
		row = self.db.row("SELECT * FROM bank_account WHERE name = ?", (name,))
		if row is None:
			raise NotFound(NO_BANK_ACCOUNT, name)
		return _bank_account_out(row)

	def movements(self, bank_account: str, before: date | None = None) -> Decimal:
		"""See `Ledger.movements`. Adds up the running totals of months, and the days of the last one."""
		return self.extent(bank_account, before).movements

	def extent(self, bank_account: str, before: date | None = None) -> Extent:
		"""See `Ledger.extent`. One query."""
		day = before.isoformat() if before else _AFTER_ALL
		values = (bank_account, bank_account, day[:7], bank_account, f"{day[:7]}-00", day, bank_account)
		row = self.db.row(_EXTENT, values)
		if row is None:
			raise NotFound(NO_BANK_ACCOUNT, bank_account)
		return Extent(_bank_account_out(row), day_out(row["first_day"]), amount_out(row["total"]))

	def verify_totals(self, bank_account: str) -> None:
		"""See `Ledger.verify_totals`. Only a program that switched the triggers off can have made them wrong."""
		stored, sums = (
			{tuple(row) for row in self.db.rows(query, (bank_account,))}
			for query in (movement_totals.STORED, movement_totals.SUMS)
		)
		if stored == sums:
			return
		_log.warning("running totals of %s were wrong and are made anew", bank_account)
		with self.db.write():
			for statement in movement_totals.RECOMPUTED:
				self.db.run(statement)

	def bank_accounts(self, bank: str = "") -> list[BankAccountRecord]:
		"""Return the open Bank Accounts of a bank, or all open ones."""
		return [record for record in self._all_accounts(bank) if not record.closed]

	def closed_bank_accounts(self) -> list[BankAccountRecord]:
		"""Return the Bank Accounts that are closed."""
		return [record for record in self._all_accounts("") if record.closed]

	def _all_accounts(self, bank: str) -> list[BankAccountRecord]:
		rows = self.db.rows("SELECT * FROM bank_account WHERE ? IN ('', bank) ORDER BY name", (bank,))
		return [_bank_account_out(row) for row in rows]

	def close_bank_account(self, name: str, *, closed: bool = True) -> BankAccountRecord:
		"""Close an account, or open it again. Nothing feeds a closed one; what it holds stays as it is."""
		self.bank_account(name)
		with self.db.write():
			self.db.run("UPDATE bank_account SET disabled = ? WHERE name = ?", (int(closed), name))
			if closed:
				self.db.run(
					"UPDATE sync_remote_account SET bank_account = NULL WHERE bank_account = ?", (name,)
				)
		return self.bank_account(name)

	def rename_bank_account(self, name: str, wanted: str) -> BankAccountRecord:
		"""Rename an account everywhere. Raises `InvalidData` when the new name is empty or taken."""
		self.bank_account(name)
		wanted = wanted.strip()
		with self.db.write():
			self._refuse_name(wanted)
			self.db.run("PRAGMA defer_foreign_keys = ON")
			self.db.run(
				"UPDATE bank_account SET name = ?, account_name = ? WHERE name = ?", (wanted, wanted, name)
			)
			for table, column in schema.links_to("Bank Account"):
				self.db.run(f"UPDATE {table} SET {column} = ? WHERE {column} = ?", (wanted, name))
			for table, column, path in _NAMED_IN_JSON:
				self.db.run(
					f"UPDATE {table} SET {column} = json_set({column}, '{path}', ?)"
					f" WHERE {column} <> '' AND json_extract({column}, '{path}') = ?",
					(wanted, name),
				)
			self._rename_in_checks(name, wanted)
		return self.bank_account(wanted)

	def _rename_in_checks(self, name: str, wanted: str) -> None:
		"""The balance checks of a run are a list of records."""
		for row in self.db.rows("SELECT name, checks FROM sync_run WHERE checks LIKE '%bank_account%'"):
			checks = json.loads(row["checks"])
			renamed = [
				{**one, "bank_account": wanted} if one["bank_account"] == name else one for one in checks
			]
			if renamed != checks:
				self.db.run(
					"UPDATE sync_run SET checks = ? WHERE name = ?", (json.dumps(renamed), row["name"])
				)

	def _refuse_name(self, name: str) -> None:
		if not name.strip():
			raise InvalidData("The bank account has no name: give it one", field="name")
		if self.db.row("SELECT 1 FROM bank_account WHERE name = ?", (name,)):
			raise InvalidData("There is a bank account {0} already: choose another name", name, field="name")

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
			self._refuse_name(name)
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
		closed=bool(row["disabled"]),
	)

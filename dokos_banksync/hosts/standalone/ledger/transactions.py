"""Bank transactions and lines as pages and lists show them, and what a user changes of one."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from dokos_banksync.core.errors import NotFound
from dokos_banksync.core.message import Message, stored_message
from dokos_banksync.core.model import LineState, Reason
from dokos_banksync.core.texts import row_as_text
from dokos_banksync.hosts.standalone.ledger import movement_totals
from dokos_banksync.hosts.standalone.ledger.base import Base
from dokos_banksync.hosts.standalone.ledger.values import amount_out, fold, instant_in
from dokos_banksync.hosts.storage.lines import WITHOUT_TRANSACTION


@dataclass(frozen=True)
class TransactionRow:
	"""A Bank Transaction; `amount` is signed, money in positive. `category` is its title."""

	name: str
	date: date
	amount: Decimal
	deposit: Decimal
	withdrawal: Decimal
	currency: str
	description: str
	category: str
	bank_account: str
	transaction_id: str
	reference_number: str
	transaction_type: str
	bank_party_name: str
	bank_party_iban: str
	status: str

	@property
	def key(self) -> str:
		"""Return the place where the page after this row begins."""
		return f"{self.date.isoformat()}|{self.name}"

	@property
	def party(self) -> str:
		"""Return the counter-party's name."""
		return self.bank_party_name


@dataclass(frozen=True)
class LineRow:
	"""A Sync Line; `reason` says why it has no bank transaction, and `note` says more."""

	name: str
	date: date
	amount: Decimal
	currency: str
	description: str
	bank_account: str
	state: str
	reason: str
	note: Message
	bank_transaction: str
	remote_id: str
	run: str

	@property
	def is_readable(self) -> bool:
		"""Return whether the row could be read; else its day is that of the import, and its amount is none."""
		return self.reason != Reason.REFUSED.value


class Transactions(Base):
	"""Lists with paging that costs the same at any depth."""

	def transactions(
		self,
		*,
		bank_account: str = "",
		first: date | None = None,
		last: date | None = None,
		category: str = "",
		search: str = "",
		after: str = "",
		limit: int = 50,
	) -> list[TransactionRow]:
		"""Return a page of bank transactions, the latest first; `after` is the `key` of the row before. `category` is a name or a title, and
		takes the categories below it in.
		"""
		where, values = self._filters(bank_account, first, last, category=category, search=search)
		if after:
			day, _, name = after.partition("|")
			where.append("(t.date, t.name) < (?, ?)")
			values += [day, name]
		rows = self.db.rows(
			f"""
			{_SELECT} WHERE {" AND ".join(where)} ORDER BY t.date DESC, t.name DESC LIMIT ?
			""",
			(*values, limit),
		)
		return [transaction_out(row) for row in rows]

	def transaction(self, name: str) -> TransactionRow:
		"""Return a bank transaction. Raise `NotFound`."""
		row = self.db.row(f"{_SELECT} WHERE t.name = ?", (name,))
		if row is None:
			raise NotFound("There is no bank transaction {0}", name)
		return transaction_out(row)

	def count_transactions(self, bank_account: str = "") -> int:
		"""Return the number of transactions of a bank account, or of all."""
		return sum(row["n"] for row in self._sums_of(bank_account))

	def _sums_of(self, bank_account: str) -> list[sqlite3.Row]:
		"""Return the running totals of a bank account, or of all, by currency."""
		where, values = ("bank_account = ?", [bank_account]) if bank_account else ("1", [])
		return self.db.rows(movement_totals.BY_CURRENCY.format(where=where), values)

	def _filters(
		self, bank_account: str, first: date | None, last: date | None, category: str, search: str
	) -> tuple[list[str], list[object]]:
		where: list[str] = ["1"]
		values: list[object] = []
		for condition, value in (
			("t.bank_account = ?", bank_account),
			("t.date >= ?", first and first.isoformat()),
			("t.date <= ?", last and last.isoformat()),
			(_WITHIN_CATEGORY, category),
			("instr(fold(t.description || ' ' || t.bank_party_name), ?)", fold(search)),
		):
			if value:
				where.append(condition)
				values.append(value)
		return where, values

	def lines(
		self,
		bank_account: str = "",
		*,
		held: bool = False,
		run: str = "",
		first: date | None = None,
		last: date | None = None,
		search: str = "",
		limit: int = 50,
	) -> list[LineRow]:
		"""Return lines, the latest first; with `held` those without a bank transaction, removed ones apart."""
		where, values = ["1"], []
		for condition, value in (
			("l.bank_account = ?", bank_account),
			("l.date >= ?", first and first.isoformat()),
			("l.date <= ?", last and last.isoformat()),
			(_IN_TEXTS_OF_LINE, fold(search)),
		):
			if value:
				where.append(condition)
				values.append(value)
		if run:
			where.append(_OF_RUN)
			values += [run, run, run]
		if held:
			where.append(f"{WITHOUT_TRANSACTION} AND l.state <> '{LineState.REMOVED.value}'")
		sql = (
			f"SELECT * FROM sync_line l WHERE {' AND '.join(where)} ORDER BY l.date DESC, l.name DESC LIMIT ?"
		)
		return [_line_row(row) for row in self.db.rows(sql, (*values, limit))]

	def waiting(
		self,
		bank_account: str,
		limit: int,
		*,
		first: date | None = None,
		last: date | None = None,
		search: str = "",
	) -> list[LineRow]:
		"""Return the lines without a bank transaction, with their reasons."""
		return self.lines(bank_account, held=True, first=first, last=last, search=search, limit=limit)

	# -- what a user changes --------------------------------------------------------------------------
	def set_transaction_category(self, name: str, category: str) -> None:
		"""Set the category of a bank transaction. `category` is a category's name, or empty for none."""
		with self.db.write():
			self.status(name)
			if category:
				there = "There is no category {0}: see the list of categories"
				self.must_exist("Bank Transaction Category", category, there)
			self.db.run(
				"UPDATE bank_transaction SET category = ?, modified = ? WHERE name = ?",
				(category or None, instant_in(self.clock()), name),
			)

	def status(self, name: str) -> str:
		"""Return a transaction's status. Raise `NotFound`."""
		status = self.db.value("SELECT status FROM bank_transaction WHERE name = ?", (name,))
		if status is None:
			raise NotFound("There is no bank transaction {0}", name)
		return str(status)


_SELECT = """
	SELECT t.*, coalesce(c.category_name, '') title FROM bank_transaction t
	LEFT JOIN bank_transaction_category c ON c.name = t.category
"""

_IN_TEXTS_OF_LINE = """
	instr(fold(coalesce(nullif(l.description, ''), l.original) || ' ' || coalesce(l.party_name, '')), ?)
"""
"""As bank transactions are searched: in the label that is shown, and in the counter-party's name."""

_OF_RUN = f"""
	l.run = ? AND l.rowid IN (
		SELECT k.rowid FROM sync_journal_entry j
		CROSS JOIN sync_line k ON k.source = j.source AND k.remote_id = j.remote_id WHERE j.run = ?
		UNION ALL SELECT k.rowid FROM sync_line k WHERE k.run = ? AND k.reason = '{Reason.REFUSED.value}'
	)
"""
"""Lines that a run changed last. Rows that could not be read are not in the journal."""

_WITHIN_CATEGORY = """
	+t.category IN (
		WITH RECURSIVE within (name) AS (
			SELECT name FROM bank_transaction_category WHERE ? IN (name, category_name) AND NOT removed
			UNION SELECT c.name FROM bank_transaction_category c
			JOIN within ON c.parent_bank_transaction_category = within.name
		) SELECT name FROM within
	)
"""
"""The plus keeps SQLite from gathering a large category whole to sort it: the order of the page comes first."""


def transaction_out(row: sqlite3.Row) -> TransactionRow:
	"""Return a stored transaction."""
	return TransactionRow(
		name=row["name"],
		date=date.fromisoformat(row["date"]),
		amount=amount_out(row["amount"]),
		deposit=amount_out(row["deposit"]),
		withdrawal=amount_out(row["withdrawal"]),
		currency=row["currency"],
		description=row["description"],
		category=row["title"],
		bank_account=row["bank_account"],
		transaction_id=row["transaction_id"],
		reference_number=row["reference_number"],
		transaction_type=row["transaction_type"],
		bank_party_name=row["bank_party_name"],
		bank_party_iban=row["bank_party_iban"],
		status=row["status"],
	)


def _line_row(row: sqlite3.Row) -> LineRow:
	label = row["description"] or row["original"]
	return LineRow(
		name=row["name"],
		date=date.fromisoformat(row["date"]),
		amount=amount_out(row["amount"]),
		currency=row["currency"],
		description=row_as_text(label) if row["reason"] == Reason.REFUSED.value else label,
		bank_account=row["bank_account"] or "",
		state=row["state"],
		reason=row["reason"],
		note=stored_message(row["note"], row["note_data"]),
		bank_transaction=row["bank_transaction"] or "",
		remote_id=row["remote_id"],
		run=row["run"] or "",
	)

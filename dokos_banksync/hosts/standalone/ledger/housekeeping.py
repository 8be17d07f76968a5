"""Banks and categories as a user edits them, and the counts and totals of pages."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from dokos_banksync.core.errors import InvalidData
from dokos_banksync.core.model import Reason, file_source
from dokos_banksync.core.records import RunStatus
from dokos_banksync.core.trigger import Trigger
from dokos_banksync.hosts.standalone.ledger import schema
from dokos_banksync.hosts.standalone.ledger.categories import Categories
from dokos_banksync.hosts.standalone.ledger.transactions import TransactionRow, Transactions, transaction_out
from dokos_banksync.hosts.standalone.ledger.values import amount_out, instant_out
from dokos_banksync.hosts.storage.sql import literals

ORDERS = {
	"date": "t.date, t.name",
	"amount": "t.amount, t.date DESC, t.name DESC",
	"-amount": "t.amount DESC, t.date DESC, t.name DESC",
}
"""Orders of the list of bank transactions other than its own, the latest first."""


_SUMS = """
	SELECT t.currency, count(*) AS n, sum(max(t.amount, 0)) AS deposits, sum(max(-t.amount, 0)) AS withdrawals
	FROM bank_transaction t WHERE {where} GROUP BY 1 ORDER BY 1
"""
_MAPPINGS = ("statement_mapping", "bank")
"""How the columns of a bank's files were mapped, which no doctype defines."""
_NO_BANK = "There is no bank {0}: see the list of banks"


_ENDED_WELL = f"r.status IN ({literals([RunStatus.SUCCESS.value, RunStatus.PARTIAL.value])})"
_ACCOUNT_OF_FILE = f"""
	SELECT coalesce(
		(SELECT j.bank_account FROM sync_journal_entry j WHERE j.run = r.name AND j.bank_account <> '' LIMIT 1),
		(SELECT c.bank_account FROM sync_coverage c WHERE c.run = r.name LIMIT 1)
	) FROM sync_run r WHERE r.name = ? AND r.trigger = '{Trigger.FILE.value}' AND {_ENDED_WELL}
"""
"""A file belongs to one account, which the journal names, or the days that it covers where nothing was new."""
_FILE_IMPORTS = f"""
	SELECT a.bank, max(coalesce(r.ended_at, r.started_at)) latest FROM sync_coverage c
	CROSS JOIN sync_run r ON r.name = c.run CROSS JOIN bank_account a ON a.name = c.bank_account
	WHERE c.source > ? AND c.source < ? AND {_ENDED_WELL} GROUP BY 1
"""
"""The days that files cover come first: the runs of feeds, of which there are many, are not read."""
_OF_ALL_FILES = file_source(""), file_source("~")


class Totals(NamedTuple):
	"""Sums of a selection of bank transactions in one currency; both sums are positive."""

	currency: str
	transactions: int
	money_in: Decimal
	money_out: Decimal


class Housekeeping(Transactions, Categories):
	"""Renaming and removing banks, moving categories, counts and totals."""

	def remove_bank(self, name: str) -> None:
		"""Raises `InvalidData` while the bank has accounts or connections."""
		with self.db.write():
			self.check_bank_removable(name)
			self.db.run("DELETE FROM statement_mapping WHERE bank = ?", (name,))
			self.db.run("DELETE FROM bank WHERE name = ?", (name,))

	def check_bank_removable(self, name: str) -> None:
		"""Raise `InvalidData` while the bank has accounts or connections."""
		self.must_exist("Bank", name, _NO_BANK)
		for table in ("bank_account", "sync_connection"):
			if self.db.row(f"SELECT 1 FROM {table} WHERE bank = ?", (name,)):
				raise InvalidData(
					"{0} has accounts or connections: their history needs it, so it stays", name
				)

	def rename_bank(self, name: str, wanted: str) -> str:
		"""Rename a bank everywhere, and return its new name.

		Raises `InvalidData` when the new name is empty or taken.
		"""
		wanted = wanted.strip()
		with self.db.write():
			self.must_exist("Bank", name, _NO_BANK)
			if not wanted:
				raise InvalidData("The bank has no name: give it one", field="name")
			if wanted in self.banks():
				raise InvalidData("There is a bank {0} already: choose another name", wanted, field="name")
			self.db.run("PRAGMA defer_foreign_keys = ON")
			self.db.run("UPDATE bank SET name = ?, bank_name = ? WHERE name = ?", (wanted, wanted, name))
			for table, column in (*schema.links_to("Bank"), _MAPPINGS):
				self.db.run(f"UPDATE {table} SET {column} = ? WHERE {column} = ?", (wanted, name))
		return wanted

	def latest_file_imports(self) -> dict[str, datetime]:
		"""Return when a statement file was last imported, by bank."""
		found = (
			(row["bank"], instant_out(row["latest"])) for row in self.db.rows(_FILE_IMPORTS, _OF_ALL_FILES)
		)
		return {bank: at for bank, at in found if at}

	def account_of_file_run(self, run: str) -> str:
		"""Return the bank account into which a run imported a file; empty for any other run."""
		return str(self.db.value(_ACCOUNT_OF_FILE, (run,)) or "")

	def place_category(self, name: str, parent: str) -> None:
		"""Put a category below another one, or at the top. Raises `InvalidData` for a place below itself."""
		with self.db.write():
			self.category(name)
			above = parent
			while above:
				if above == name:
					raise InvalidData(
						"A category cannot be placed below itself: choose another place", field="parent"
					)
				above = self.category(above).parent or ""
			self.db.run(
				"UPDATE bank_transaction_category SET parent_bank_transaction_category = ?, edited = 1 WHERE name = ?",
				(parent or None, name),
			)

	def held_reasons(self, run: str) -> list[tuple[Reason, int]]:
		"""Return why a run held rows back, with how many, the most frequent reason first."""
		rows = self.db.rows(
			"SELECT reason, count(*) AS n FROM sync_journal_entry WHERE run = ? AND reason <> '' GROUP BY 1 ORDER BY 2 DESC, 1",
			(run,),
		)
		return [(Reason(row["reason"]), row["n"]) for row in rows]

	def category_counts(self) -> Counter[str]:
		"""Return how many bank transactions have each category itself, those below it apart."""
		rows = self.db.rows(
			"SELECT category, count(*) AS n FROM bank_transaction WHERE category IS NOT NULL GROUP BY 1"
		)
		return Counter({row["category"]: row["n"] for row in rows})

	def sorted_transactions(
		self,
		order: str,
		offset: int,
		limit: int,
		*,
		bank_account: str,
		first: date | None,
		last: date | None,
		category: str,
		search: str,
	) -> list[TransactionRow]:
		"""Return what `transactions` lists for the same filters in one of `ORDERS`; cost grows with the offset."""
		where, values = self._filters(bank_account, first, last, category=category, search=search)
		rows = self.db.rows(
			f"""
			SELECT t.*, coalesce(c.category_name, '') title FROM bank_transaction t
			LEFT JOIN bank_transaction_category c ON c.name = t.category
			WHERE {" AND ".join(where)} ORDER BY {ORDERS[order]} LIMIT ? OFFSET ?
			""",
			(*values, limit, offset),
		)
		return [transaction_out(row) for row in rows]

	def totals(
		self, *, bank_account: str, first: date | None, last: date | None, category: str, search: str
	) -> list[Totals]:
		"""Return the sums of what `transactions` lists for the same filters, by currency."""
		if first or last or category or search:
			where, values = self._filters(bank_account, first, last, category=category, search=search)
			rows = self.db.rows(_SUMS.format(where=" AND ".join(where)), values)
		else:
			rows = self._sums_of(bank_account)
		return [
			Totals(row["currency"], row["n"], amount_out(row["deposits"]), amount_out(row["withdrawals"]))
			for row in rows
		]

"""What all parts of the ledger share: the database, the vault, the clock, names, and banks."""

from __future__ import annotations

from dokos_banksync.core.errors import InvalidData, NotFound
from dokos_banksync.core.provider import Clock
from dokos_banksync.hosts.standalone.ledger.database import Database
from dokos_banksync.hosts.standalone.ledger.vault import Vault


class Base:
	"""The parts are mixed into one `SqliteLedger`."""

	db: Database
	vault: Vault
	clock: Clock
	language: str

	def next_names(self, prefix: str, digits: int, count: int) -> list[str]:
		"""The next names of a series. Numbers are never given twice; some may stay unused."""
		if not count:
			return []
		last = self.db.value(
			"""
			INSERT INTO series VALUES (?, ?)
			ON CONFLICT (name) DO UPDATE SET current = current + excluded.current RETURNING current
			""",
			(prefix, count),
		)
		return [f"{prefix}{number:0{digits}d}" for number in range(last - count + 1, last + 1)]

	def next_name(self, prefix: str, digits: int) -> str:
		return self.next_names(prefix, digits, 1)[0]

	def must_exist(self, table: str, name: str, sentence: str) -> None:
		"""Raises `NotFound` with the sentence for a name that the table lacks."""
		if self.db.row(f"SELECT 1 FROM {table} WHERE name = ?", (name,)) is None:
			raise NotFound(sentence, name)

	# -- banks ----------------------------------------------------------------------------------------
	def banks(self) -> list[str]:
		return [row["name"] for row in self.db.rows("SELECT name FROM bank ORDER BY name COLLATE NOCASE")]

	def bank(self, name: str) -> str:
		self.must_exist("bank", name, "There is no bank {0}: see the list of banks")
		return name

	def add_bank(self, name: str) -> None:
		"""Done already is no error."""
		if not name.strip():
			raise InvalidData("The bank has no name: give it one")
		with self.db.write():
			self.db.run("INSERT OR IGNORE INTO bank (name, bank_name) VALUES (?, ?)", (name, name))

"""What the parts of the standalone ledger have beyond those of every ledger."""

from __future__ import annotations

from dokos_banksync.core.errors import InvalidData
from dokos_banksync.hosts.standalone.ledger.database import Database
from dokos_banksync.hosts.standalone.ledger.vault import Vault
from dokos_banksync.hosts.storage import base


class Base(base.Base):
	"""The parts are mixed into one `SqliteLedger`."""

	db: Database
	vault: Vault

	def banks(self) -> list[str]:
		"""Return the names of all banks."""
		return [row["name"] for row in self.db.rows("SELECT name FROM bank ORDER BY name COLLATE NOCASE")]

	def bank(self, name: str) -> str:
		"""Return the name of a bank. Raises `NotFound`."""
		self.must_exist("Bank", name, "There is no bank {0}: see the list of banks")
		return name

	def add_bank(self, name: str) -> None:
		"""Create a Bank unless it exists."""
		if not name.strip():
			raise InvalidData("The bank has no name: give it one", field="name")
		with self.db.write():
			self.db.run("INSERT OR IGNORE INTO bank (name, bank_name) VALUES (?, ?)", (name, name))

"""How a bank's statement files are read."""

from __future__ import annotations

import json
from collections.abc import Mapping

from dokos_banksync.hosts.standalone.ledger.base import Base
from dokos_banksync.hosts.storage.statement_files import FileAccounts


class Files(Base, FileAccounts):
	"""Mappings have a table of their own."""

	def mapping(self, bank: str, signature: str) -> dict[str, str]:
		"""See `Ledger.mapping`."""
		sql = "SELECT mapping FROM statement_mapping WHERE bank = ? AND signature = ?"
		columns: dict[str, str] = json.loads(self.db.value(sql, (bank, signature)) or "{}")
		return columns

	def store_mapping(self, bank: str, signature: str, mapping: Mapping[str, str]) -> None:
		"""See `Ledger.store_mapping`."""
		with self.db.write():
			self.db.run(
				"INSERT OR REPLACE INTO statement_mapping VALUES (?, ?, ?)",
				(bank, signature, json.dumps(dict(mapping), ensure_ascii=False)),
			)

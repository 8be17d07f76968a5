"""What is remembered of statement files."""

from __future__ import annotations

import json
from collections.abc import Mapping

from dokos_banksync.hosts.standalone.ledger.base import Base


class Files(Base):
	"""Where a file went, and how a bank's tables are read."""

	def file_account(self, source: str) -> str:
		found = self.db.value(
			"SELECT bank_account FROM sync_line WHERE source = ? AND bank_account <> '' LIMIT 1", (source,)
		)
		return str(found or "")

	def mapping(self, bank: str, signature: str) -> dict[str, str]:
		sql = "SELECT mapping FROM statement_mapping WHERE bank = ? AND signature = ?"
		kept: dict[str, str] = json.loads(self.db.value(sql, (bank, signature)) or "{}")
		return kept

	def keep_mapping(self, bank: str, signature: str, mapping: Mapping[str, str]) -> None:
		with self.db.write():
			self.db.run(
				"INSERT OR REPLACE INTO statement_mapping VALUES (?, ?, ?)",
				(bank, signature, json.dumps(dict(mapping), ensure_ascii=False)),
			)

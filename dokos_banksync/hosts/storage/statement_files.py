"""What is known of imported statement files."""

from __future__ import annotations

from dokos_banksync.hosts.storage.base import Base


class FileAccounts(Base):
	"""Where the lines of a file went."""

	def file_account(self, source: str) -> str:
		"""See `Ledger.file_account`."""
		query = "SELECT bank_account FROM `tabSync Line` WHERE source = %s AND bank_account <> '' LIMIT 1"
		return str(self.db.value(query, (source,)) or "")

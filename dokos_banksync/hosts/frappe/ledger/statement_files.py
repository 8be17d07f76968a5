"""How a bank's statement files are read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256

import frappe

from dokos_banksync.hosts.frappe.ledger import sql
from dokos_banksync.hosts.storage.statement_files import FileAccounts


class Files(FileAccounts):
	"""Mappings are stored among the site's defaults."""

	def mapping(self, bank: str, signature: str) -> Mapping[str, str]:
		"""See `Ledger.mapping`."""
		columns: dict[str, str] = json.loads(frappe.db.get_global(_key(bank, signature)) or "{}")
		return columns

	def store_mapping(self, bank: str, signature: str, mapping: Mapping[str, str]) -> None:
		"""See `Ledger.store_mapping`."""
		text = json.dumps(dict(mapping), ensure_ascii=False, sort_keys=True)
		frappe.db.set_global(_key(bank, signature), text)
		sql.commit()


def _key(bank: str, signature: str) -> str:
	return f"banksync_mapping_{sha256(f'{bank}|{signature}'.encode()).hexdigest()[:32]}"

"""What is remembered of statement files."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256

import frappe

from dokos_banksync.hosts.frappe.ledger import sql
from dokos_banksync.hosts.frappe.ledger.base import Base
from dokos_banksync.hosts.frappe.ledger.dialect import LINE


class Files(Base):
	"""Where a file went, and how a bank's tables are read (among the site's defaults)."""

	def file_account(self, source: str) -> str:
		found = sql.value(
			f"SELECT bank_account FROM {sql.table(LINE)} WHERE source = %s AND bank_account <> '' LIMIT 1",
			(source,),
		)
		return str(found or "")

	def mapping(self, bank: str, signature: str) -> Mapping[str, str]:
		kept: dict[str, str] = json.loads(frappe.db.get_global(_key(bank, signature)) or "{}")
		return kept

	def keep_mapping(self, bank: str, signature: str, mapping: Mapping[str, str]) -> None:
		told = json.dumps(dict(mapping), ensure_ascii=False, sort_keys=True)
		frappe.db.set_global(_key(bank, signature), told)
		sql.commit()


def _key(bank: str, signature: str) -> str:
	return f"banksync_mapping_{sha256(f'{bank}|{signature}'.encode()).hexdigest()[:32]}"

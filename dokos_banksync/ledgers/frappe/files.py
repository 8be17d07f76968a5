"""What is remembered of statement files."""

from __future__ import annotations

import json
from collections.abc import Mapping

import frappe

from dokos_banksync.ledgers.frappe import sql
from dokos_banksync.ledgers.frappe.base import Base
from dokos_banksync.ledgers.frappe.dialect import LINE

_FIELD = "banksync_mappings"


class Files(Base):
	"""Where a file went, and how a bank's tables are read (kept on the Bank, by the table's header)."""

	def file_account(self, source: str) -> str:
		return str(
			sql.value(
				f"SELECT bank_account FROM {sql.table(LINE)} WHERE source = %s AND bank_account <> '' LIMIT 1",
				(source,),
			)
			or ""
		)

	def mapping(self, bank: str, signature: str) -> Mapping[str, str]:
		return self._mappings(bank).get(signature, {})

	def keep_mapping(self, bank: str, signature: str, mapping: Mapping[str, str]) -> None:
		kept = {**self._mappings(bank), signature: dict(mapping)}
		told = json.dumps(kept, ensure_ascii=False, sort_keys=True)
		frappe.db.set_value("Bank", bank, _FIELD, told, update_modified=False)
		frappe.db.commit()

	def _mappings(self, bank: str) -> dict[str, dict[str, str]]:
		kept: dict[str, dict[str, str]] = json.loads(frappe.db.get_value("Bank", bank, _FIELD) or "{}")
		return kept

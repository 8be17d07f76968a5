"""Reads bank transactions that no line made: a user entered them, or another tool imported them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from datetime import date
from typing import Any

from dokos_banksync.core.model import ExistingTransaction
from dokos_banksync.hosts.storage.base import Base
from dokos_banksync.hosts.storage.lines import assignments, transaction_out
from dokos_banksync.hosts.storage.sql import parts, placeholders


class RowsWithoutLines:
	"""The questions of a `Batch` about what other tools and users have stored."""

	def __init__(self, ledger: Base) -> None:
		self._ledger = ledger
		self._db, self._codec = ledger.db, ledger.codec

	def days_by_hand(self, bank_account: str, first: date, last: date) -> Set[date]:
		"""See `core.batch.Batch.days_by_hand`."""
		fields, codec = self._ledger.fields, self._codec
		query = f"""
			SELECT DISTINCT t.`date` AS day FROM `tabBank Transaction` t {self._db.dialect.by_unmade}
			WHERE t.bank_account = %s AND t.`date` BETWEEN %s AND %s AND {fields.without_line} AND {fields.live}
		"""
		rows = self._db.rows(query, [bank_account, codec.day_in(first), codec.day_in(last)])
		return {codec.day(row["day"]) for row in rows}

	def has_earlier(self, bank_account: str) -> bool:
		"""See `core.batch.Batch.has_earlier`."""
		fields = self._ledger.fields
		query = f"""
			SELECT 1 FROM `tabBank Transaction` t
			WHERE t.bank_account = %s AND {fields.without_line} AND t.`{fields.remote_id}` <> '' AND {fields.live} LIMIT 1
		"""
		return self._db.value(query, (bank_account,)) is not None

	def earlier(
		self, bank_account: str, remote_ids: Sequence[str]
	) -> Mapping[str, Sequence[ExistingTransaction]]:
		"""See `core.batch.Batch.earlier`. Some databases compare without case: ids are compared again."""
		fields, wanted = self._ledger.fields, {*remote_ids}
		rows: list[Any] = []
		for ids in parts(sorted(wanted)):
			query = f"""
				SELECT {fields.columns} FROM `tabBank Transaction` t WHERE t.bank_account = %s AND {fields.without_line}
					AND t.`{fields.remote_id}` IN ({placeholders(ids)}) AND {fields.live}
			"""
			rows += self._db.rows(query, [bank_account, *ids])
		live = assignments(self._db, self._codec, (row["t_name"] for row in rows))
		found: dict[str, list[ExistingTransaction]] = {}
		for row in rows:
			if row["t_remote_id"] in wanted and row["t_name"] not in live:
				found.setdefault(row["t_remote_id"], []).append(transaction_out(self._codec, row, ()))
		return found

"""The host's own documents, through the port of the shared storage."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import frappe

from dokos_banksync.core.model import Decision
from dokos_banksync.hosts.frappe.ledger import base, cancel_restore, sql
from dokos_banksync.hosts.frappe.ledger.bulk_insert import Writer
from dokos_banksync.hosts.frappe.ledger.closed_periods import lock_date, select_accounts
from dokos_banksync.hosts.frappe.ledger.document_changes import Changes
from dokos_banksync.hosts.frappe.ledger.reconciliation import reconciled_by
from dokos_banksync.hosts.storage.database import Categories, Written
from dokos_banksync.hosts.storage.fields import HostFields
from dokos_banksync.hosts.storage.sql import CATEGORY, TRANSACTION


class FrappeDocuments:
	"""`Documents` of a Frappe site, for one ledger, during which it caches the site's customisations."""

	def __init__(self, fields: HostFields) -> None:
		self._fields = fields
		self._writer = Writer(fields)
		self._changes = Changes(fields)

	def make(self, made: Sequence[Decision], categories: Categories, now: datetime) -> Written:  # noqa: ARG002
		"""See `Documents.make`. The host sets the time of its documents itself."""
		return self._writer.write(made, categories)

	def fill(self, made: Sequence[Decision], categories: Categories, now: datetime) -> None:  # noqa: ARG002
		"""See `Documents.fill`."""
		self._changes.fill(made, categories, self._writer)

	def change(
		self,
		made: Sequence[Decision],
		categories: Categories,
		now: datetime,  # noqa: ARG002
	) -> Mapping[str, str]:
		"""See `Documents.change`."""
		return self._changes.make(made, categories)

	def put(self, changed: Mapping[str, Mapping[str, Any]], now: datetime) -> Mapping[str, str]:  # noqa: ARG002
		"""See `Documents.put`."""
		return self._changes.put(changed)

	def remove(self, names: Sequence[str]) -> Mapping[str, str]:
		"""See `Documents.remove`."""
		return cancel_restore.remove(names)

	def restore(self, images: Sequence[Mapping[str, Any]]) -> Mapping[str, str]:
		"""See `Documents.restore`."""
		return cancel_restore.restore(images)

	def clear_origins(self, origins: Sequence[str]) -> None:
		"""See `Documents.clear_origins`. The column is unique, so that an empty one is NULL."""
		column = self._fields.origin
		query = f"UPDATE {sql.table(TRANSACTION)} SET `{column}` = NULL WHERE `{column}` IN ({sql.placeholders(origins)})"
		sql.run(query, origins)

	def children(self, names: Collection[str]) -> Iterator[tuple[str, list[Any]]]:
		"""See `Documents.children`."""
		for field in frappe.get_meta(TRANSACTION).get_table_fields() if names else ():
			for part in sql.parts(sorted({*names})):
				where = f"parenttype = %s AND parent IN ({sql.placeholders(part)})"
				query = f"SELECT * FROM {sql.table(field.options)} WHERE {where}"
				yield field.options, sql.rows(query, [TRANSACTION, *part])

	def reconciled_with(self, names: Iterable[str]) -> Mapping[str, Sequence[tuple[str, str]]]:
		"""See `Documents.reconciled_with`."""
		return reconciled_by(names)

	def lock_dates(self, bank_accounts: Collection[str]) -> Mapping[str, date | None]:
		"""See `Documents.lock_dates`."""
		names = sorted(bank_accounts)
		rows = sql.rows(f"{select_accounts()} WHERE b.name IN ({sql.placeholders(names)})", names)
		return {row["name"]: lock_date(row) for row in rows}

	def insert(self, doctype: str, values: Mapping[str, object]) -> str:
		"""See `Documents.insert`."""
		return base.insert({"doctype": doctype, **values})

	def delete(self, doctype: str, name: str) -> None:
		"""See `Documents.delete`. Frappe remembers a deleted category; an incomplete connection leaves no trace."""
		permanently = doctype != CATEGORY
		frappe.delete_doc(doctype, name, ignore_permissions=True, delete_permanently=permanently)

"""The database of a Frappe site, as the shared storage asks for it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from typing import Any

import frappe

from dokos_banksync.hosts.frappe.ledger import sql
from dokos_banksync.hosts.frappe.ledger.naming_series import series
from dokos_banksync.hosts.frappe.ledger.values import stamp
from dokos_banksync.hosts.storage.dialect import MARIADB, POSTGRES, Dialect, Server
from dokos_banksync.hosts.storage.sql import RUN, new_name

RUNS = "SYNC-RUN-"
"""The series that runs are named by. Its row is also the write lock, which is released with the transaction."""

_DIALECTS = {Server.MARIADB: MARIADB, Server.POSTGRES: POSTGRES}


class FrappeDatabase:
	"""`Database` over the connection of the current process; it has no state of its own."""

	@property
	def dialect(self) -> Dialect:
		"""Return the SQL dialect of the site's database server."""
		return _DIALECTS[frappe.db.db_type]

	def rows(self, query: str, values: Sequence[object] = (), /) -> list[Any]:
		"""See `Database.rows`."""
		return sql.rows(query, values)

	def value(self, query: str, values: Sequence[object] = (), /) -> Any:
		"""See `Database.value`."""
		return sql.value(query, values)

	def run(self, query: str, values: Sequence[object] = (), /) -> None:
		"""See `Database.run`."""
		sql.run(query, values)

	def insert(
		self,
		doctype: str,
		columns: Sequence[str],
		values: Iterable[Sequence[object]],
		conflict: str = "",
		same: Mapping[str, object] | None = None,
	) -> None:
		"""See `Database.insert`."""
		sql.insert(doctype, columns, values, conflict=conflict, same=same)

	def change(
		self, doctype: str, column: str, values: Mapping[str, object], only_if_empty: bool = False
	) -> None:
		"""See `Database.change`."""
		sql.change(doctype, column, values, only_if_empty)

	@contextmanager
	def write(self, *, lock: bool = True, atomic: bool = True) -> Iterator[None]:  # noqa: ARG002
		"""See `Database.write`. What was written before is committed, so that the transaction sees all that others have."""
		if sql.in_transaction():
			yield
			return
		sql.begin()
		if lock:
			sql.run("UPDATE `tabSeries` SET `current` = `current` WHERE `name` = %s", (RUNS,))
		frappe.local.banksync_writes = True
		try:
			yield
		except BaseException:
			frappe.db.rollback()
			raise
		finally:
			frappe.local.banksync_writes = False
		frappe.db.commit()

	def stamps(self, at: datetime) -> dict[str, object]:
		"""See `Database.stamps`."""
		instant, user = stamp(at), frappe.session.user
		made = {"creation": instant, "modified": instant, "owner": user, "modified_by": user}
		return {**made, "docstatus": 0, "idx": 0}

	def changed(self, at: datetime) -> dict[str, object]:
		"""See `Database.changed`."""
		return {"modified": stamp(at), "modified_by": frappe.session.user}

	def new_names(self, doctype: str, count: int) -> list[str]:
		"""See `Database.new_names`. Runs are counted, so that their names are in the order in which they began."""
		if doctype == RUN:
			return series(RUNS, 7, count)
		return [new_name() for _ in range(count)]

	def columns(self, doctype: str) -> Collection[str]:
		"""See `Database.columns`."""
		return list(frappe.db.get_table_columns(doctype))

	def every_column(self, doctype: str, alias: str) -> str:
		"""See `Database.every_column`."""
		return sql.every_column(doctype, alias)

	def forget(self, doctype: str, name: str) -> None:
		"""See `Database.forget`. Before the commit another process would read the old document into the cache again."""
		if sql.in_transaction():
			frappe.db.after_commit.add(partial(frappe.clear_document_cache, doctype, name))
		else:
			frappe.clear_document_cache(doctype, name)

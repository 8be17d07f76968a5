"""The standalone ledger: one SQLite file, its key beside it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import date
from functools import cached_property
from pathlib import Path
from types import TracebackType

from dokos_banksync.core.clock import utc_now
from dokos_banksync.core.errors import InvalidData
from dokos_banksync.core.model import ConnectionStatus, ExistingLine, Reason
from dokos_banksync.core.provider import Clock
from dokos_banksync.hosts.standalone.ledger.bank_accounts import BankAccounts
from dokos_banksync.hosts.standalone.ledger.batch import SqliteBatch
from dokos_banksync.hosts.standalone.ledger.certificates import Certificates
from dokos_banksync.hosts.standalone.ledger.database import Database
from dokos_banksync.hosts.standalone.ledger.documents import FIELDS, SqliteDocuments
from dokos_banksync.hosts.standalone.ledger.housekeeping import Housekeeping
from dokos_banksync.hosts.standalone.ledger.locks import hold
from dokos_banksync.hosts.standalone.ledger.providers import Providers
from dokos_banksync.hosts.standalone.ledger.statement_files import Files
from dokos_banksync.hosts.standalone.ledger.transactions import LineRow, TransactionRow
from dokos_banksync.hosts.standalone.ledger.values import SqliteCodec
from dokos_banksync.hosts.standalone.ledger.vault import Vault
from dokos_banksync.hosts.storage.batch import Batch
from dokos_banksync.hosts.storage.few_lines import few_lines
from dokos_banksync.hosts.storage.fields import HostFields
from dokos_banksync.hosts.storage.ledger import StoredLedger

__all__ = ["LineRow", "SqliteLedger", "TransactionRow"]


class SqliteLedger(Providers, BankAccounts, Files, Certificates, Housekeeping, StoredLedger):
	"""A host in a file; see `Ledger` for what the core asks of it.

	May be used from several threads and processes at once. Raises `ConfigurationError` for a database or a
	key that cannot be used.
	"""

	db: Database
	batch_rows = 10_000
	"""Each transaction writes every page of an index that one of its rows falls on: fewer, larger ones write less."""

	def __init__(self, database: Path, key: Path, *, clock: Clock = utc_now, language: str = "en") -> None:
		self.vault = Vault(key)
		self.db = Database(database)
		self.codec = SqliteCodec()
		self.clock = clock
		self.language = language
		self.automatic_when_read = {}

	def __enter__(self) -> SqliteLedger:
		return self

	def __exit__(
		self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
	) -> None:
		self.close()

	def close(self) -> None:
		"""Close the file."""
		self.db.close()

	@property
	def fields(self) -> HostFields:
		"""Return the fields of our own definitions."""
		return FIELDS

	@cached_property
	def documents(self) -> SqliteDocuments:
		"""Return the documents of this site."""
		return SqliteDocuments(self.db)

	def hold(self, connection: str) -> AbstractContextManager[None]:
		"""See `Ledger.hold`."""
		return hold(self.db.path.with_name("locks"), connection)

	def stored_lines(
		self, source: str, remote_ids: Sequence[str], reasons: Sequence[Reason]
	) -> tuple[list[ExistingLine], bool]:
		"""See `Ledger.stored_lines`."""
		return few_lines(self, source, remote_ids, reasons)

	def lines_since(self, source: str, since: date) -> list[ExistingLine]:
		"""See `Ledger.lines_since`."""
		return Batch(self).lines_since(source, since)

	def held(self, source: str, reasons: Sequence[Reason]) -> list[ExistingLine]:
		"""See `Ledger.held`."""
		return Batch(self).held(source, reasons)

	def linked(self, source: str, since: date) -> list[ExistingLine]:
		"""See `Ledger.linked`."""
		return Batch(self).linked(source, since)

	@contextmanager
	def batch(self, *, atomic: bool = True) -> Iterator[Batch]:
		"""See `Ledger.batch`."""
		with self.db.write(atomic=atomic):
			yield SqliteBatch(self)

	def check_removable(self, name: str) -> None:
		"""Raise `InvalidData` for a connection that is still connected, or that has brought lines."""
		record = self.connection(name)
		if record.status not in (ConnectionStatus.CONNECTING, ConnectionStatus.DISCONNECTED):
			raise InvalidData("{0} is still connected. End it first: banksync disconnect {0}", name)
		sources = "SELECT name FROM sync_remote_account WHERE parent = ?"
		used = f"SELECT count(*) FROM sync_line WHERE connection = ? OR source IN ({sources})"
		if lines := self.db.value(used, (name, name)):
			raise InvalidData(
				"{0} brought {1} lines. They say where bank transactions come from, so it stays, disconnected",
				name,
				lines,
			)

	def remove_connection(self, name: str) -> None:
		"""Delete a connection with its accounts and runs. Raises as `check_removable` does.

		SQLite looks for lines of each run that goes. An index for that alone would slow down each import.
		"""
		with self.db.write():
			self.check_removable(name)
			self.forget_grant(name)
			self.db.run("CREATE INDEX line_run ON sync_line (run)")
			for table, column in (
				("sync_run", "connection"),
				("sync_remote_account", "parent"),
				("sync_connection", "name"),
			):
				self.db.run(f"DELETE FROM {table} WHERE {column} = ?", (name,))
			self.db.run("DROP INDEX line_run")

"""The SQLite file: one connection per thread, short write transactions, and a count of statements."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dokos_banksync.errors import ConfigurationError
from dokos_banksync.ledgers.sqlite.migrations import migrate

_WAIT_MS = 30_000
_PRAGMAS = (
	"PRAGMA journal_mode = WAL",
	# A power cut may lose the last commits, never damage the file: rows and cursors go together, so that
	# what was lost is fetched again.
	"PRAGMA synchronous = NORMAL",
	"PRAGMA foreign_keys = ON",
	"PRAGMA cache_size = -32000",
)


class Database:
	"""Opens the file, making it when there is none. Raises `ConfigurationError` when that is impossible."""

	def __init__(self, path: Path) -> None:
		self.path = path
		self.calls = 0
		"""How many times SQLite was called upon; `executemany` counts as one."""
		self._local = threading.local()
		self._opened: list[sqlite3.Connection] = []
		self._guard = threading.Lock()
		self._make_private()
		migrate(self._connection(), path)

	def close(self) -> None:
		with self._guard:
			for connection in self._opened:
				connection.close()
			self._opened.clear()

	def rows(self, sql: str, values: Sequence[object] = ()) -> list[sqlite3.Row]:
		return self.run(sql, values).fetchall()

	def row(self, sql: str, values: Sequence[object] = ()) -> sqlite3.Row | None:
		found: sqlite3.Row | None = self.run(sql, values).fetchone()
		return found

	def value(self, sql: str, values: Sequence[object] = ()) -> Any:
		found = self.row(sql, values)
		return found[0] if found else None

	def run(self, sql: str, values: Sequence[object] = ()) -> sqlite3.Cursor:
		self.calls += 1
		return self._connection().execute(sql, values)

	def run_many(self, sql: str, values: Iterable[Sequence[object]]) -> None:
		self.calls += 1
		self._connection().executemany(sql, values)

	@contextmanager
	def write(self) -> Iterator[None]:
		"""A transaction with the write lock; inside another one of the same thread, a part of that one."""
		connection = self._connection()
		if connection.in_transaction:
			yield
			return
		self.run("BEGIN IMMEDIATE")
		try:
			yield
		except BaseException:
			connection.execute("ROLLBACK")
			raise
		self.run("COMMIT")

	def _make_private(self) -> None:
		"""The file is created before SQLite does it, so that its mode is right from the first byte."""
		try:
			self.path.touch(mode=0o600, exist_ok=True)
		except OSError as error:
			raise ConfigurationError(
				"The database {0} cannot be written ({1}): choose another home folder",
				*(self.path, error.strerror),
			) from error

	def _connection(self) -> sqlite3.Connection:
		connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
		if connection is None:
			connection = self._open()
			self._local.connection = connection
		return connection

	def _open(self) -> sqlite3.Connection:
		connection = sqlite3.connect(
			self.path, timeout=_WAIT_MS / 1000, isolation_level=None, check_same_thread=False
		)
		with self._guard:
			self._opened.append(connection)
		connection.row_factory = sqlite3.Row
		try:
			for pragma in _PRAGMAS:
				connection.execute(pragma)
		except sqlite3.DatabaseError as error:
			self.close()
			raise ConfigurationError(
				"The database {0} cannot be used ({1}): put a copy back, or move it away to start anew",
				*(self.path, error),
			) from error
		return connection

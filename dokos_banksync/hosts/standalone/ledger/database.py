"""The SQLite file: one connection per thread, short write transactions, and a count of statements."""

from __future__ import annotations

import re
import sqlite3
import threading
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import Any

from dokos_banksync.core.errors import Busy, ConfigurationError, SyncError
from dokos_banksync.core.message import reason_of
from dokos_banksync.hosts.standalone.ledger import schema
from dokos_banksync.hosts.standalone.ledger.locks import wait_for
from dokos_banksync.hosts.standalone.ledger.migrations import migrate, read_version
from dokos_banksync.hosts.standalone.ledger.values import fold, instant_in
from dokos_banksync.hosts.storage.dialect import SQLITE, Dialect
from dokos_banksync.hosts.storage.sql import CONNECTION, LINE, REMOTE, RUN, Raw, table

_WAIT_MS = 30_000
_PRAGMAS = (
	# Of a file that is made now. Rows of an import land on many leaves of the indexes: larger ones are fewer.
	"PRAGMA page_size = 16384",
	"PRAGMA journal_mode = WAL",
	# A power cut may lose the last commits, never damage the file: rows and cursors go together, so that
	# what was lost is fetched again.
	"PRAGMA synchronous = NORMAL",
	"PRAGMA foreign_keys = ON",
	"PRAGMA cache_size = -32000",
	# 32 MB in a new file: a page that several transactions change is copied into the file once.
	"PRAGMA wal_autocheckpoint = 2000",
)

_SERIES = {
	LINE: ("SL", 10),
	RUN: ("SYNC-RUN-", 7),
	REMOTE: ("SYNC-ACC-", 6),
	CONNECTION: ("SYNC-CONN-", 5),
}
"""Prefix and digits of the names of our rows."""
_TABLE = re.compile(r"`tab([^`]+)`")


@lru_cache(maxsize=1024)
def native(statement: str) -> str:
	"""Return a statement of the common SQL in SQLite's: names of tables and placeholders."""
	return _TABLE.sub(lambda found: schema.table(found[1]), statement).replace("%s", "?")


class Database:
	"""Opens the file, making it when there is none. Raises `ConfigurationError` when that is impossible.

	What SQLite itself cannot do is raised as `ConfigurationError` too, and as `Busy` when another program
	keeps the file locked for longer than half a minute.
	"""

	def __init__(self, path: Path) -> None:
		self.path = path
		self.calls = 0
		"""How many times SQLite was called upon; `executemany` counts as one."""
		self._local = threading.local()
		self._opened: dict[threading.Thread, sqlite3.Connection] = {}
		self._guard = threading.Lock()
		self._identity: tuple[int, int] | None = None
		self._make_private()
		try:
			# One process at a time: the switch to WAL wants the file for itself.
			with wait_for(path.with_name("locks"), str(path.name)), self._failures():
				self._set_up()
		except BaseException:
			self.close()
			raise

	def close(self) -> None:
		"""Close the connections of all threads."""
		with self._guard:
			for connection in self._opened.values():
				connection.close()
			self._opened.clear()

	@property
	def dialect(self) -> Dialect:
		"""Return the dialect of SQLite."""
		return SQLITE

	def rows(self, sql: str, values: Sequence[object] = (), /) -> list[sqlite3.Row]:
		"""Return all rows of a query, in the common SQL or in SQLite's."""
		with self._failures():
			return self.run(sql, values).fetchall()

	def row(self, sql: str, values: Sequence[object] = (), /) -> sqlite3.Row | None:
		"""Return the first row, or None."""
		with self._failures():
			found: sqlite3.Row | None = self.run(sql, values).fetchone()
		return found

	def value(self, sql: str, values: Sequence[object] = (), /) -> Any:
		"""Return the first column of the first row, or None."""
		found = self.row(sql, values)
		return found[0] if found else None

	def run(self, sql: str, values: Sequence[object] = (), /) -> sqlite3.Cursor:
		"""Execute a statement and return its cursor."""
		self.calls += 1
		with self._failures():
			return self._connection().execute(native(sql), values)

	def run_many(self, sql: str, values: Iterable[Sequence[object]]) -> None:
		"""Execute a statement once for each of the values; without values, nothing is executed."""
		if not values:
			return
		self.calls += 1
		with self._failures():
			self._connection().executemany(native(sql), values)

	def insert(
		self,
		doctype: str,
		columns: Sequence[str],
		values: Iterable[Sequence[object]],
		conflict: str = "",
		same: Mapping[str, object] | None = None,
	) -> None:
		"""See `hosts.storage.database.Database.insert`."""
		shared = {name: value for name, value in (same or {}).items() if name not in columns}
		rest = tuple(value for value in shared.values() if not isinstance(value, Raw))
		marks = [*("?" for _ in columns), *(v if isinstance(v, Raw) else "?" for v in shared.values())]
		names = ", ".join(f"`{name}`" for name in (*columns, *shared))
		statement = f"INSERT INTO {table(doctype)} ({names}) VALUES ({', '.join(marks)}) {conflict}"
		given = iter(values)
		first = next(given, None)
		if first is not None:
			rows = chain((first,), given)
			self.run_many(statement, ((*row, *rest) for row in rows) if rest else rows)

	def change(
		self, doctype: str, column: str, values: Mapping[str, object], only_if_empty: bool = False
	) -> None:
		"""See `hosts.storage.database.Database.change`."""
		new = f"coalesce(nullif(`{column}`, ''), ?)" if only_if_empty else "?"
		pairs = [(value, name) for name, value in values.items()]
		self.run_many(f"UPDATE {table(doctype)} SET `{column}` = {new} WHERE name = ?", pairs)

	def stamps(self, at: datetime) -> dict[str, object]:
		"""See `hosts.storage.database.Database.stamps`."""
		return {"creation": instant_in(at), "modified": instant_in(at)}

	def changed(self, at: datetime) -> dict[str, object]:
		"""See `hosts.storage.database.Database.changed`."""
		return {"modified": instant_in(at)}

	def new_names(self, doctype: str, count: int) -> list[str]:
		"""See `hosts.storage.database.Database.new_names`."""
		prefix, digits = _SERIES[doctype]
		return self.series(prefix, digits, count)

	def series(self, prefix: str, digits: int, count: int) -> list[str]:
		"""Return the next names of a series. No number is given twice; some may stay unused."""
		if not count:
			return []
		last = self.value(
			"""
			INSERT INTO series VALUES (?, ?)
			ON CONFLICT (name) DO UPDATE SET current = current + excluded.current RETURNING current
			""",
			(prefix, count),
		)
		name = f"{prefix}%0{digits}d"
		return [name % number for number in range(last - count + 1, last + 1)]

	def columns(self, doctype: str) -> Collection[str]:
		"""See `hosts.storage.database.Database.columns`."""
		return [name for name, kind in schema.columns(doctype).items() if "GENERATED" not in kind]

	def every_column(self, doctype: str, alias: str) -> str:  # noqa: ARG002
		"""See `hosts.storage.database.Database.every_column`."""
		return f"{alias}.*"

	def forget(self, doctype: str, name: str) -> None:
		"""See `hosts.storage.database.Database.forget`. Nothing is cached."""

	@contextmanager
	def write(self, *, lock: bool = True, atomic: bool = True) -> Iterator[None]:  # noqa: ARG002
		"""Open a transaction with the write lock, which every writer needs here; inside another one of the same thread,
		a part of that one. Without `atomic` SQLite makes a transaction of each statement.
		"""
		connection = self._connection()
		if connection.in_transaction or not atomic:
			yield
			return
		self.run("BEGIN IMMEDIATE")
		try:
			yield
			self._check_identity()
			self.run("COMMIT")
		except BaseException:
			# Nothing to do where SQLite has rolled back by itself, as it does on a full disk.
			connection.rollback()
			raise

	def _set_up(self) -> None:
		"""Raises for a file that is not ours, newer or damaged before anything is written to it."""
		connection = self._connect()
		version = read_version(connection, self.path)
		_set_pragmas(connection)
		self.path.chmod(0o600)
		migrate(connection, self.path, version)
		self._identity = _identity_of(self.path)
		self._local.connection = connection

	def _make_private(self) -> None:
		"""The file is created before SQLite does it, so that its mode is right from the first byte."""
		if self.path.is_file():
			return
		try:
			self.path.touch(mode=0o600, exist_ok=False)
		except FileExistsError:
			# A folder has that name; or another process was quicker, which is fine.
			pass
		except OSError as error:
			raise _unwritable(self.path, reason_of(error)) from error

	def _connection(self) -> sqlite3.Connection:
		connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
		if connection is None or not connection.in_transaction:
			self._check_identity()
		if connection is None:
			connection = self._connect()
			_set_pragmas(connection)
			self._local.connection = connection
		return connection

	def _check_identity(self) -> None:
		"""Raise `ConfigurationError` where the file is another one than was opened, or gone.

		SQLite would go on with the old file, which nobody finds again, or mix it with the write-ahead log of the new one.
		An open file keeps its inode number, so a new file has another one.
		"""
		if self._identity is not None and _identity_of(self.path) != self._identity:
			raise ConfigurationError(
				"The database {0} was replaced or deleted while it was open: start the program again. "
				"Use banksync restore to put a backup back",
				self.path,
			)

	def _connect(self) -> sqlite3.Connection:
		connection = sqlite3.connect(
			self.path, timeout=_WAIT_MS / 1000, isolation_level=None, check_same_thread=False
		)
		connection.row_factory = sqlite3.Row
		connection.create_function("fold", 1, fold, deterministic=True)
		with self._guard:
			self._close_abandoned()
			self._opened[threading.current_thread()] = connection
		return connection

	def _close_abandoned(self) -> None:
		"""A web server makes a thread for each visitor: connections of threads that ended are closed."""
		for thread in [thread for thread in self._opened if not thread.is_alive()]:
			self._opened.pop(thread).close()

	@contextmanager
	def _failures(self) -> Iterator[None]:
		"""Name what SQLite cannot do. What our own statements do wrong is left as it is."""
		try:
			yield
		except (sqlite3.IntegrityError, sqlite3.ProgrammingError):
			raise
		except sqlite3.DatabaseError as error:
			named = _translate(self.path, str(error))
			if named is None:
				raise
			raise named from error


def _identity_of(path: Path) -> tuple[int, int] | None:
	try:
		found = path.stat()
	except OSError:
		return None
	return found.st_dev, found.st_ino


def _set_pragmas(connection: sqlite3.Connection) -> None:
	for pragma in _PRAGMAS:
		connection.execute(pragma)


_UNWRITABLE = ("readonly database", "unable to open", "disk is full", "disk I/O error")
_DAMAGED = ("malformed", "not a database")


def _translate(path: Path, words: str) -> SyncError | None:
	"""Return our error for SQLite's message, https://www.sqlite.org/rescode.html: Python 3.10 does not give the code."""
	if "is locked" in words:
		return Busy("The database {0} is in use by another program: try again when that has ended", path)
	if any(sign in words for sign in _UNWRITABLE):
		return _unwritable(path, words)
	if any(sign in words for sign in _DAMAGED):
		return ConfigurationError(
			"The database {0} cannot be used ({1}): put a copy back, or move it away to start with a new one",
			path,
			words,
		)
	return None


def _unwritable(path: Path, why: str | None) -> ConfigurationError:
	return ConfigurationError(
		"The database {0} cannot be written ({1}): choose another home folder", path, why or "?"
	)

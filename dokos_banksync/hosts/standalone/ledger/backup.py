"""Backups of a home: whole copies by SQLite's own backup, while the site is in use.

A plain copy of the file misses what is still in the write-ahead log; https://www.sqlite.org/backup.html.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import ExitStack, closing, suppress
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from dokos_banksync.core.errors import ConfigurationError
from dokos_banksync.core.message import reason_of
from dokos_banksync.hosts.standalone.ledger.database import Database
from dokos_banksync.hosts.standalone.ledger.locks import hold
from dokos_banksync.hosts.standalone.ledger.migrations import read_version
from dokos_banksync.hosts.standalone.ledger.vault import sync_folder

BEFORE = ".before-restore"
KEY_SUFFIX = ".key"
"""Added to the name of a backup: the file that holds its key, where there is one."""


class Contents(NamedTuple):
	"""What a backup holds."""

	transactions: int
	connections: int
	latest: str
	"""The latest day of a bank transaction, as 2026-11-20; empty without any."""


def copy_database(source: Path, target: Path) -> None:
	"""Write a copy of a database that may be in use. The target appears when it is complete, for its owner alone."""
	fresh = target.with_name(f"{target.name}.new")
	try:
		fresh.unlink(missing_ok=True)
		os.close(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
		with closing(_read_only(source)) as old, closing(sqlite3.connect(fresh)) as new:
			old.backup(new)
			new.execute("PRAGMA journal_mode = DELETE")  # one file, without a log beside it
		fresh.replace(target)
		sync_folder(target.parent)
	except (OSError, sqlite3.Error) as error:
		raise ConfigurationError(
			"The backup {0} cannot be written ({1})", target, reason_of(error)
		) from error
	finally:
		with suppress(OSError):
			fresh.unlink(missing_ok=True)


def contents(backup: Path) -> Contents:
	"""Check a backup and return what it holds. Raises `ConfigurationError` for a file that is none, newer or damaged."""
	if not backup.is_file():
		raise ConfigurationError("There is no backup {0}", backup)
	try:
		with closing(_read_only(backup)) as db:
			if not read_version(db, backup):
				raise ConfigurationError("The file {0} is not a backup: it is empty", backup)
			found = db.execute("PRAGMA integrity_check").fetchone()[0]
			if found != "ok":
				raise ConfigurationError("The backup {0} is damaged ({1})", backup, found)
			transactions, latest = db.execute(
				"SELECT count(*), coalesce(max(date), '') FROM bank_transaction"
			).fetchone()
			return Contents(transactions, len(_connections(db)), latest)
	except sqlite3.Error as error:
		raise ConfigurationError("The file {0} is not a backup of banksync ({1})", backup, error) from error


def restore(database: Path, backup: Path, at: datetime) -> Path | None:
	"""Put a checked backup in the place of the database; return the copy of what was there before, if anything was.

	Programs that have the database open go on with the restored data. Raises `Busy` while a connection is fetched.
	"""
	before = _free_name(database.with_name(f"{database.name}{BEFORE}-{at:%Y%m%dT%H%M%S}"))
	with ExitStack() as held:
		if database.exists():
			try:
				with closing(_read_only(database)) as db:
					names = _connections(db)
			except sqlite3.DatabaseError:
				_move_aside(database, before)
			else:
				for name in names:
					held.enter_context(hold(database.with_name("locks"), name))
				copy_database(database, before)
		_write_over(database, backup)
	return before if before.exists() else None


def _free_name(path: Path) -> Path:
	"""Return a name that no file has: an earlier copy may be the very backup that is restored."""
	names = (path, *(path.with_name(f"{path.name}-{number}") for number in range(2, 10_000)))
	return next(name for name in names if not name.exists())


def _write_over(database: Path, backup: Path) -> None:
	"""One transaction of SQLite: interrupted, what was there before stays."""
	if not database.exists():
		database.touch(mode=0o600)
	with closing(_read_only(backup)) as old, closing(sqlite3.connect(database, timeout=30)) as new:
		old.backup(new)
	Database(database).close()  # brings a backup of an older version up to date


def _move_aside(database: Path, before: Path) -> None:
	database.replace(before)
	for suffix in ("-wal", "-shm"):
		log = database.with_name(database.name + suffix)
		if log.exists():
			log.replace(before.with_name(before.name + suffix))


def _connections(db: sqlite3.Connection) -> list[str]:
	return [name for (name,) in db.execute("SELECT name FROM sync_connection")]


def _read_only(path: Path) -> sqlite3.Connection:
	return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=30)

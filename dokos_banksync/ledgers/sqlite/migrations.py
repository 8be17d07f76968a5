"""Makes the tables, and brings those of an older version up to date. A newer database is left alone."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from dokos_banksync.errors import ConfigurationError
from dokos_banksync.ledgers.sqlite import schema

APPLICATION = 0x62736E63
"""Marks the file as ours, in SQLite's own `application_id`."""


def migrate(db: sqlite3.Connection, path: Path) -> None:
	"""Raises `ConfigurationError` for a database that is newer, another program's, or damaged."""
	version = _version(db, path)
	if version == schema.VERSION:
		return
	if version:
		_keep_copy(db, path, version)
	db.execute("BEGIN IMMEDIATE")
	try:
		for statement in _changes(db):
			db.execute(statement)
		db.execute(f"PRAGMA user_version = {schema.VERSION}")
		db.execute(f"PRAGMA application_id = {APPLICATION}")
	except BaseException:
		db.execute("ROLLBACK")
		raise
	db.execute("COMMIT")


def _version(db: sqlite3.Connection, path: Path) -> int:
	try:
		version = int(db.execute("PRAGMA user_version").fetchone()[0])
		application = int(db.execute("PRAGMA application_id").fetchone()[0])
		tables = int(db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0])
	except sqlite3.DatabaseError as error:
		if isinstance(error, sqlite3.OperationalError):
			raise ConfigurationError("The database {0} cannot be opened: {1}", path, error) from error
		raise ConfigurationError(
			"The database {0} is damaged ({1}): put a copy back, or move it away to start anew", path, error
		) from error
	if tables and application != APPLICATION:
		raise ConfigurationError("The file {0} belongs to another program: choose another home folder", path)
	if version > schema.VERSION:
		raise ConfigurationError(
			"The database {0} was made by a newer version of this program: update the program", path
		)
	return version


def _keep_copy(db: sqlite3.Connection, path: Path, version: int) -> None:
	copy = path.with_name(f"{path.name}.backup-{version}")
	if not copy.exists():
		db.execute("VACUUM INTO ?", (str(copy),))
		copy.chmod(0o600)


def _changes(db: sqlite3.Connection) -> list[str]:
	"""New columns of tables that are there, then all that may be missing."""
	added = []
	for doctype in schema.doctypes():
		name = schema.table(doctype)
		there = {row[1] for row in db.execute(f"PRAGMA table_xinfo({name})")}
		if there:
			added += [
				f'ALTER TABLE {name} ADD COLUMN "{column}" {kind}'
				for column, kind in schema.columns(doctype).items()
				if column not in there
			]
	return [*added, *schema.statements()]

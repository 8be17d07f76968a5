"""Makes the tables, and brings those of an older version up to date. A newer database is left alone."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from dokos_banksync.core.errors import ConfigurationError
from dokos_banksync.hosts.standalone.ledger import schema

APPLICATION = 0x62736E63
"""Marks the file as ours, in SQLite's own `application_id`."""


def migrate(db: sqlite3.Connection, path: Path, version: int) -> None:
	"""From `version` to ours, in one transaction; a copy of what was there is left beside it."""
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


def read_version(db: sqlite3.Connection, path: Path) -> int:
	"""0 for an empty file. Writes nothing.

	Raises `ConfigurationError` for a database that is newer, another program's, or damaged.
	"""
	version = int(db.execute("PRAGMA user_version").fetchone()[0])
	application = int(db.execute("PRAGMA application_id").fetchone()[0])
	tables = int(db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0])
	if tables and application != APPLICATION:
		raise ConfigurationError("The file {0} belongs to another program: choose another home folder", path)
	if version > schema.VERSION:
		raise ConfigurationError(
			"The database {0} was made by a newer version of this program: update the program", path
		)
	return version


def _keep_copy(db: sqlite3.Connection, path: Path, version: int) -> None:
	"""Made whole under another name first: a copy that bears the final one can be trusted."""
	copy = path.with_name(f"{path.name}.backup-{version}")
	if copy.exists():
		return
	fresh = copy.with_name(f"{copy.name}.new")
	fresh.unlink(missing_ok=True)
	fresh.touch(mode=0o600)
	db.execute("VACUUM INTO ?", (str(fresh),))
	fresh.replace(copy)


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

"""Makes the tables, and brings those of an older version up to date. A newer database is left alone."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

from dokos_banksync.core.errors import ConfigurationError
from dokos_banksync.core.trigger import Trigger
from dokos_banksync.hosts.standalone.ledger import movement_totals, schema
from dokos_banksync.hosts.storage.renamed_columns import RENAMED_COLUMNS
from dokos_banksync.hosts.storage.renamed_values import action_updates, reason_updates
from dokos_banksync.hosts.storage.sql import literals

APPLICATION = 0x62736E63
"""Marks the file as ours, in SQLite's own `application_id`."""


def migrate(db: sqlite3.Connection, path: Path, version: int) -> None:
	"""Migrate a file from `version` to ours, in one transaction; a copy of the old one stays beside it."""
	if version == schema.VERSION:
		return
	if version:
		_back_up(db, path, version)
	db.execute("BEGIN IMMEDIATE")
	try:
		for statement in _outdated(db, version):
			db.execute(statement)
		for statement in _renames(db):
			db.execute(statement)
		for statement in _changes(db):
			db.execute(statement)
		for statement in _moves(db):
			db.execute(statement)
		if version < _TRIGGERS_WITH_SUBJECTS:
			for statement in _SPLIT_TRIGGERS:
				db.execute(statement)
		if version < _REASONS_OF_USERS:
			for statement in reason_updates(schema.table, "instr({column}, '{text}') > 0"):
				db.execute(statement)
		if version < _ACTION_LINK:
			for statement in action_updates(schema.table):
				db.execute(statement)
		if version < _TOTALS_BY_CURRENCY:
			for statement in movement_totals.RECOMPUTED:
				db.execute(statement)
		db.execute(f"PRAGMA user_version = {schema.VERSION}")
		db.execute(f"PRAGMA application_id = {APPLICATION}")
	except BaseException:
		db.execute("ROLLBACK")
		raise
	db.execute("COMMIT")


def read_version(db: sqlite3.Connection, path: Path) -> int:
	"""Return the version of a file, 0 for an empty one. Writes nothing.

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


def _back_up(db: sqlite3.Connection, path: Path, version: int) -> None:
	"""Made whole under another name first: a copy that has the final one can be trusted."""
	copy = path.with_name(f"{path.name}.backup-{version}")
	if copy.exists():
		return
	fresh = copy.with_name(f"{copy.name}.new")
	fresh.unlink(missing_ok=True)
	fresh.touch(mode=0o600)
	db.execute("VACUUM INTO ?", (str(fresh),))
	fresh.replace(copy)


def _renames(db: sqlite3.Connection) -> list[str]:
	"""Return what gives tables and columns their present names."""
	present = {row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
	tables = [f"ALTER TABLE {old} RENAME TO {new}" for old, new in _RENAMED.items() if old in present]
	columns = [
		f"ALTER TABLE {table} RENAME COLUMN {old} TO {new}"
		for doctype, old, new in RENAMED_COLUMNS
		if old in _columns_of(db, table := schema.table(doctype))
	]
	return [*tables, *columns]


def _columns_of(db: sqlite3.Connection, table: str) -> set[str]:
	"""Return the names of a table's columns, none where there is no such table."""
	return {row[1] for row in db.execute(f"PRAGMA table_xinfo({table})")}


def _outdated(db: sqlite3.Connection, version: int) -> Iterator[str]:
	"""Yield what drops indexes and triggers that are made anew under the same name."""
	if version < _CATEGORIES_IN_PART:
		yield "DROP INDEX IF EXISTS transaction_category"
	if version < _TOTALS_BY_CURRENCY:
		yield from movement_totals.DROPPED
		yield from ("DROP INDEX IF EXISTS coverage_source", "DROP INDEX IF EXISTS journal_run")
	# An index keeps its name for itself, whatever table it is of.
	of_moved = f"SELECT name FROM sqlite_master WHERE type = 'index' AND sql <> '' AND tbl_name IN ({literals(_MOVED)})"
	for row in db.execute(of_moved).fetchall():
		yield f"DROP INDEX {row[0]}"


def _changes(db: sqlite3.Connection) -> list[str]:
	"""New columns of tables that are there, then all that may be missing."""
	added = []
	for doctype in schema.doctypes():
		name = schema.table(doctype)
		there = _columns_of(db, name)
		if there:
			added += [
				f'ALTER TABLE {name} ADD COLUMN "{column}" {kind}'
				for column, kind in schema.columns(doctype).items()
				if column not in there
			]
	return [*added, *schema.statements()]


_MOVED = {
	"journal": """
		INSERT INTO sync_journal_entry (name, creation, modified, run, at, bank_account, source, remote_id, action, reason,
			note, bank_transaction, made, undoes, cancelled, changed, line_before, transaction_before)
		SELECT j.id, j.at, j.at, j.run, j.at, coalesce(l.bank_account, json_extract(j.line_before, '$.bank_account'),
			t.bank_account, json_extract(j.transaction_before, '$.bank_account'), ''), j.source, j.remote_id, j.verdict,
			j.reason, j.note, j.bank_transaction, j.made, coalesce(j.undoes, 0), j.cancelled,
			CASE j.changed WHEN '{}' THEN '' ELSE j.changed END, coalesce(j.line_before, ''),
			coalesce(j.transaction_before, '')
		FROM journal j LEFT JOIN sync_line l ON l.source = j.source AND l.remote_id = j.remote_id
		LEFT JOIN bank_transaction t ON t.name = j.bank_transaction ORDER BY j.id
	""",
	"coverage": """
		INSERT INTO sync_coverage (run, source, bank_account, first_day, last_day, complete)
		SELECT run, source, bank_account, first, last, complete FROM coverage ORDER BY rowid
	""",
	"apart": """
		INSERT INTO sync_separate_pair (bank_account, one, other)
		SELECT coalesce(t.bank_account, ''), p.one, p.other FROM apart p
		LEFT JOIN bank_transaction t ON t.name = p.one ORDER BY p.rowid
	""",
	"shown_plan": """
		INSERT INTO sync_plan (name, creation, modified, at, rows) SELECT key, at, at, at, rows FROM shown_plan
	""",
}
"""Tables up to version 6, and how their rows come into the tables of the doctypes."""
_OLD_INDEXES = ("transaction_content", "line_waiting", "line_stands_for", "tally_key")
_RENAMED = {"memory": "provider_secret", "tally": "provider_call", "allowance": "provider_limit"}
"""Tables up to version 15, and their names since."""


_TRIGGERS_WITH_SUBJECTS = 9
_SPLIT_TRIGGERS = (
	"""
	UPDATE sync_run SET trigger = 'merge', subject = substr(trigger, 7, instr(trigger, ' into ') - 7),
		target = substr(trigger, instr(trigger, ' into ') + 6)
	WHERE trigger LIKE 'merge % into %'
	""",
	"""
	UPDATE sync_run SET trigger = substr(trigger, 1, instr(trigger, ' ') - 1),
		subject = substr(trigger, instr(trigger, ' ') + 1)
	WHERE substr(trigger, 1, instr(trigger, ' ')) IN ('file ', 'undo ', 'delete ', 'answer ')
	""",
	f"UPDATE sync_run SET trigger = 'manual' WHERE trigger NOT IN ({literals(one.value for one in Trigger)})",
)
"""Up to version 8 a trigger was a text such as `file NAME` or `merge ONE into OTHER`."""


_REASONS_OF_USERS = 11
"""Up to version 10 two reasons had other names."""
_ACTION_LINK = 19
"""Up to version 18 the action of a match had another name."""
_TOTALS_BY_CURRENCY = 18
"""Up to version 17 the totals of a month were not kept by currency, up to 12 not at all; `coverage_source` had other columns;
and a file that had come from version 6 lacked the indexes of its journal."""
_CATEGORIES_IN_PART = 14
"""Up to version 13 the index of categories held the bank transactions without one too."""


def _moves(db: sqlite3.Connection) -> list[str]:
	"""Return what moves rows into the tables that have taken the place of others."""
	moved = [f"DROP INDEX IF EXISTS {index}" for index in _OLD_INDEXES]
	for name, statement in _MOVED.items():
		if db.execute("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", (name,)).fetchone():
			moved += [statement, f"DROP TABLE {name}"]
	return moved

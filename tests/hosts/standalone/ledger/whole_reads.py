"""Which statements read a whole table or index, by the program that SQLite makes of them.

The plan in words (`EXPLAIN QUERY PLAN`) names aliases and leaves out what foreign keys and triggers read. The program
(`EXPLAIN`, https://www.sqlite.org/opcode.html) has all of it: a table is read whole where a cursor begins at its first row
and goes on to the next, or is counted. It does not depend on the rows that are there, as no statistics are kept.
"""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Iterator, MutableMapping, Sequence
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import pytest

from dokos_banksync.hosts.standalone.ledger import database
from dokos_banksync.hosts.standalone.ledger.database import Database, native

GROWING = frozenset(
	{
		*("bank_transaction", "sync_line", "sync_run", "sync_coverage", "sync_journal_entry"),
		*("sync_certificate", "sync_separate_pair", "provider_call"),
	}
)
"""Tables that grow with the history."""
_WAITING = frozenset({"line_asked", "line_unlisted", "line_refused", "line_unassigned", "run_open"})
"""Indexes that hold only what waits or is under way: reading one of them whole reads no history."""
_PAGE = "a page: the rows come in the order of an index, and reading ends at LIMIT"
_LINES = "`banksync lines` without `--held`: an index of its own would slow down each import"
_SEARCH = "a text is searched for: there is no index of words"
_DUPLICATES = "the search for duplicates compares all bank transactions"
_RENAMED = "the name is in all records of the account, and changes in each"
_ALLOWED = {
	"SELECT coalesce(max(rowid), 0) FROM bank_transaction": "reads the last row",
	"SELECT coalesce(max(rowid), 0) FROM sync_line": "reads the last row",
	"SELECT `at` FROM `tabSync Journal Entry` ORDER BY name LIMIT 1": "reads the first row",
	"SELECT * FROM `tabSync Run` ORDER BY started_at DESC, name DESC LIMIT": _PAGE,
	"ORDER BY r.started_at DESC, r.name DESC LIMIT": _PAGE,
	"WHERE 1 ORDER BY t.date DESC, t.name DESC LIMIT": _PAGE,
	"AND t.date >= ? ORDER BY t.date DESC, t.name DESC LIMIT": _PAGE,
	"FROM sync_line l WHERE 1 ORDER BY l.date": _LINES,
	"FROM sync_line l WHERE 1 AND l.bank_account = ? ORDER BY l.date": _LINES,
	"WHERE 1 AND +t.category IN": "a page of a category; that of a rare one reads on until it is full",
	"instr(fold(t.description": _SEARCH,
	"FROM sync_certificate WHERE 1 ORDER BY name DESC LIMIT": _PAGE,
	"ORDER BY t.amount": "a list in the order of amounts, which a user asks for",
	"ORDER BY t.date, t.name LIMIT ? OFFSET ?": _PAGE,
	"SELECT category, count(*) AS n FROM bank_transaction WHERE category IS NOT NULL GROUP BY 1": "counts each category",
	"SELECT `one`, `other` FROM `tabSync Separate Pair`": "decisions of users, which each search for duplicates heeds",
	"WITH days AS": _DUPLICATES,
	") twice ON twice.bank_account": _DUPLICATES,
	"UPDATE bank_account SET name = ?": _RENAMED,
	"UPDATE sync_journal_entry SET": _RENAMED,
	"UPDATE sync_line SET bank_account": _RENAMED,
	"UPDATE sync_separate_pair SET bank_account": _RENAMED,
	"SELECT name, checks FROM sync_run WHERE checks LIKE": _RENAMED,
	"CREATE INDEX line_run": "once for a connection that a user removes",
}
"""Parts of statements that may read a whole table, and why."""


class WholeRead(NamedTuple):
	"""A growing table, or an index of it, that a statement reads from one end."""

	table: str
	index: str
	statement: str


def whole_reads(db: sqlite3.Connection, statement: str, values: Sequence[object]) -> list[WholeRead]:
	"""Return what a statement reads whole of the growing tables."""
	query = "SELECT rootpage, tbl_name, name FROM sqlite_master WHERE rootpage > 0"
	trees = {row[0]: (row[1], row[2]) for row in db.execute(query)}
	program = [tuple(row) for row in db.execute(f"EXPLAIN {statement}", values)]
	found = sorted({trees.get(root, ("", "")) for root in _read_from_an_end(program)})
	return [WholeRead(table, name, statement) for table, name in found if table in GROWING]


def _read_from_an_end(program: Sequence[tuple[object, ...]]) -> Iterator[object]:
	"""Yield the root pages of the trees that a program reads from their first or last row on."""
	onward = {"Rewind": "Next", "Last": "Prev"}
	opened: dict[object, object] = {}
	begun: dict[object, str] = {}
	for address, opcode, cursor, root, *_ in program:
		if address == 0:  # of a trigger or a foreign key, with cursors of its own
			opened, begun = {}, {}
		if opcode in ("OpenRead", "OpenWrite", "ReopenIdx"):
			opened[cursor] = root
			begun.pop(cursor, None)
		elif opcode in onward and cursor in opened:
			begun[cursor] = onward[str(opcode)]
		elif cursor in opened and (opcode == "Count" or begun.get(cursor) == opcode):
			yield opened[cursor]


def unexpected(found: MutableMapping[str, list[WholeRead]]) -> list[WholeRead]:
	"""Return the whole reads that have no reason."""
	every = (one for reads in found.values() for one in reads)
	return [one for one in every if one.index not in _WAITING and not _reason(one.statement)]


def _reason(statement: str) -> str:
	text = " ".join(statement.split())
	return next((why for part, why in _ALLOWED.items() if native(part) in text), "")


@contextmanager
def recorded(found: MutableMapping[str, list[WholeRead]]) -> Iterator[None]:
	"""Add what each statement of the product reads whole, of all databases and threads, while the context is open."""
	run, run_many = Database.run, Database.run_many

	def look(db: Database, sql: str, values: Sequence[object]) -> None:
		verb = sql.split(maxsplit=1)[0].upper()
		if sql not in found and verb in ("SELECT", "WITH", "INSERT", "UPDATE", "DELETE") and _is_ours():
			found[sql] = whole_reads(db._connection(), native(sql), values)

	def run_seen(db, sql, values=(), /):
		look(db, sql, values)
		return run(db, sql, values)

	def run_many_seen(db, sql, values):
		rows = iter(values)
		first = next(rows, None)
		if first is not None:
			look(db, sql, first)
			run_many(db, sql, chain((first,), rows))

	with pytest.MonkeyPatch.context() as patched:
		patched.setattr(Database, "run", run_seen)
		patched.setattr(Database, "run_many", run_many_seen)
		yield


def _is_ours() -> bool:
	"""Return whether a statement is of the product, and not of a test that looks at the tables itself."""
	passed = {__file__, database.__file__}
	frame = sys._getframe(1)
	while frame.f_back and frame.f_code.co_filename in passed:
		frame = frame.f_back
	return "tests" not in Path(frame.f_code.co_filename).parts

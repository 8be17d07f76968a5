"""The SQL that databases do not share, and the common SQL in SQLite's words."""

from __future__ import annotations

import re
import sqlite3

import pytest

from dokos_banksync.hosts.standalone.ledger.database import Database, native
from dokos_banksync.hosts.standalone.ledger.documents import FIELDS
from dokos_banksync.hosts.storage.dialect import MARIADB, POSTGRES, SQLITE
from dokos_banksync.hosts.storage.sql import LINE, PAIR, Raw, new_name, parts, placeholders
from dokos_banksync.hosts.storage.undo_entries import _query


@pytest.fixture
def database(tmp_path):
	made = Database(tmp_path / "banksync.db")
	yield made
	made.close()


@pytest.mark.parametrize(
	("dialect", "clause"),
	[
		(MARIADB, "ON DUPLICATE KEY UPDATE `note` = 'x', `raw` = VALUES(`raw`)"),
		(POSTGRES, "ON CONFLICT (`a`, `b`) DO UPDATE SET `note` = 'x', `raw` = excluded.`raw`"),
		(SQLITE, "ON CONFLICT (`a`, `b`) DO UPDATE SET `note` = 'x', `raw` = excluded.`raw`"),
	],
)
def test_an_upsert_computes_before_it_assigns(dialect, clause):
	assert dialect.on_conflict(["a", "b"], ["raw", "note"], {"note": "'x'"}) == clause


@pytest.mark.parametrize(
	("dialect", "number", "text", "lock"),
	[
		(MARIADB, "TO_DAYS(d)", "CAST(d AS CHAR)", "FOR UPDATE"),
		(POSTGRES, "(d - DATE '1970-01-01')", "CAST(d AS TEXT)", "FOR UPDATE"),
		(SQLITE, "CAST(julianday(d) AS INTEGER)", "CAST(d AS TEXT)", ""),
	],
)
def test_each_database_has_its_own_functions(dialect, number, text, lock):
	assert (dialect.day_number("d"), dialect.as_text("d"), dialect.for_update) == (number, text, lock)


def test_the_next_number_comes_from_the_sequence_of_the_doctype():
	assert MARIADB.next_number(LINE) == "nextval(`sync_line_id_seq`)"
	assert POSTGRES.next_number(LINE) == "nextval('sync_line_id_seq')"


def test_texts_are_joined_in_every_dialect():
	assert MARIADB.concat("a", "b") == POSTGRES.concat("a", "b") == "CONCAT(a, b)"
	assert SQLITE.concat("a", "b") == "(a || b)"


def test_the_common_sql_becomes_sqlites():
	common = "SELECT t.`date` FROM `tabBank Transaction` t JOIN `tabSync Line` l ON l.name = %s"
	assert native(common) == "SELECT t.`date` FROM bank_transaction t JOIN sync_line l ON l.name = ?"


def test_an_empty_list_equals_nothing(database):
	assert database.value(f"SELECT 1 WHERE 1 IN ({placeholders([])})") is None
	assert database.value(f"SELECT 1 WHERE 1 IN ({placeholders([1, 2])})", (1, 2)) == 1


def test_values_come_in_parts():
	assert list(parts(range(5), 2)) == [[0, 1], [2, 3], [4]]
	assert list(parts([])) == []


def test_names_are_unique_and_sort_by_time():
	early = new_name()
	names = {early, *(new_name() for _ in range(1000))}
	assert len(names) == 1001
	assert all(len(name) == 21 and name[:11] >= early[:11] for name in names)


# -- many rows -----------------------------------------------------------------------------------------
def test_rows_are_numbered_and_share_what_they_have_in_common(database):
	same = {"name": SQLITE.next_number(PAIR), "bank_account": "Current"}
	database.insert(PAIR, ("one", "other"), [("a", "b"), ("c", "d")], same=same)
	rows = database.rows("SELECT name, bank_account, one, other FROM `tabSync Separate Pair` ORDER BY name")
	assert [tuple(row) for row in rows] == [(1, "Current", "a", "b"), (2, "Current", "c", "d")]


def test_a_column_of_the_rows_is_not_overwritten_by_what_they_share(database):
	database.insert("Bank", ("name",), [("own",)], same={"name": "shared", "website": Raw("'x' || 'y'")})
	assert tuple(database.row("SELECT name, website FROM bank")) == ("own", "xy")


def test_a_change_gives_each_its_own_value(database):
	database.insert("Bank", ("name", "website"), [("a", ""), ("b", "kept"), ("c", "")])
	database.change("Bank", "website", {"a": "new", "b": "new"}, only_if_empty=True)
	rows = database.rows("SELECT name, website FROM bank ORDER BY name")
	assert [tuple(row) for row in rows] == [("a", "new"), ("b", "kept"), ("c", "")]
	database.change("Bank", "website", {"b": "other"})
	assert database.value("SELECT website FROM bank WHERE name = %s", ("b",)) == "other"


def test_two_rows_of_one_pair_are_refused(database):
	with pytest.raises(sqlite3.IntegrityError):
		database.insert(PAIR, ("one", "other"), [("a", "b"), ("a", "b")])


def test_mariadb_looks_up_by_the_index_that_is_named():
	assert MARIADB.by_index("banksync_journal_line") == "FORCE INDEX (`banksync_journal_line`)"
	assert [one.by_index("banksync_journal_line") for one in (POSTGRES, SQLITE)] == ["", ""]


def test_what_no_line_made_is_read_by_its_own_index_where_a_database_takes_advice():
	assert [one.by_unmade for one in (MARIADB, SQLITE, POSTGRES)] == [
		"FORCE INDEX (`banksync_unmade`)",
		"INDEXED BY transaction_unmade",
		"",
	]


def test_an_undo_on_mariadb_names_the_index_of_each_lookup_in_the_journal():
	"""Right after a large import MariaDB believes the journal to be empty and would read all of it for each entry."""
	query = _query(FIELDS, MARIADB)
	by_line = re.findall(r"`tabSync Journal Entry` (?:o|own) FORCE INDEX \(`banksync_journal_line`\)", query)
	by_transaction = re.findall(
		r"`tabSync Journal Entry` o FORCE INDEX \(`banksync_journal_transaction`\)", query
	)
	assert (len(by_line), len(by_transaction)) == (3, 1)

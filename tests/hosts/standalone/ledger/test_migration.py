"""A database of version 6, as that version wrote it, after the tables of the journal became those of the doctypes.

It holds one feed of four lines: two of -3.20 that were called distinct, merged and separated again by an undo, one of
12.50 that a user deleted, and one of -7 that the bank changed to -7.50.
"""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from datetime import date, datetime, timezone
from decimal import Decimal
from pathlib import Path

import pytest

from dokos_banksync.core.model import Reason
from dokos_banksync.core.records import Covered
from dokos_banksync.core.trigger import Trigger
from dokos_banksync.hosts.standalone.ledger import SqliteLedger
from dokos_banksync.hosts.standalone.ledger.housekeeping import Totals

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=timezone.utc)
FEED, REMOVAL, UPDATE = "SYNC-RUN-0000001", "SYNC-RUN-0000004", "SYNC-RUN-0000005"


@contextmanager
def migrated(folder, *changes):
	"""Open the database of version 6 after these changes: statements, each with its values."""
	with sqlite3.connect(folder / "banksync.db") as old:
		old.executescript((Path(__file__).parent / "version_6.sql").read_text(encoding="utf-8"))
		for statement, *values in changes:
			old.execute(statement, values)
	old.close()
	with SqliteLedger(folder / "banksync.db", folder / "key", clock=lambda: NOW) as opened:
		yield opened


@pytest.fixture
def ledger(tmp_path):
	with migrated(tmp_path) as opened:
		yield opened


def test_the_old_tables_are_gone_and_a_copy_of_them_is_beside(ledger, tmp_path):
	tables = {row["name"] for row in ledger.db.rows("SELECT name FROM sqlite_master WHERE type = 'table'")}
	assert not tables & {"journal", "coverage", "apart", "shown_plan"}
	with sqlite3.connect(tmp_path / "banksync.db.backup-6") as copy:
		assert copy.execute("SELECT count(*) FROM journal").fetchone() == (10,)
	copy.close()


def test_what_was_recorded_is_still_there(ledger):
	day = date(2026, 11, 19)
	[source] = [one.source for one in ledger.accounts("SYNC-CONN-00001")]
	assert ledger.covered("Current") == [Covered(FEED, source, "Current", date(2026, 8, 21), day, True)]
	assert ledger.separate_pairs() == {("ACC-BTN-2026-00001", "ACC-BTN-2026-00002")}
	assert ledger.stored_plan("k") == "[[1]]"


def test_every_entry_has_its_bank_account(ledger):
	rows = ledger.db.rows("SELECT name, bank_account, undoes FROM sync_journal_entry ORDER BY name")
	assert [row["name"] for row in rows] == list(range(1, 11))
	assert {row["bank_account"] for row in rows} == {"Current"}
	assert [row["undoes"] for row in rows] == [0, 0, 0, 0, 0, 0, 6, 5, 0, 0]


def test_a_line_is_explained_as_before(ledger):
	[line] = ledger.transaction_story("ACC-BTN-2026-00004").lines
	assert [(entry.action, entry.run) for entry in line.entries] == [("New", FEED), ("Update", UPDATE)]
	assert line.entries[1].changes == {"amount": (Decimal("-7.00"), Decimal("-7.50"))}


def test_runs_of_before_are_undone(ledger):
	ledger.undo(UPDATE)
	ledger.undo(REMOVAL)
	amounts = sorted(row.amount for row in ledger.transactions())
	assert amounts == [Decimal("-7.00"), Decimal("-3.20"), Decimal("-3.20"), Decimal("12.50")]
	ledger.undo(FEED)
	assert ledger.transactions() == []
	assert {row.reason for row in ledger.lines()} == {Reason.UNDONE.value}


def test_new_entries_go_on_behind_the_old_ones(ledger):
	ledger.remove("ACC-BTN-2026-00004")
	assert ledger.db.value("SELECT max(name) FROM sync_journal_entry") == 11


def test_the_second_opening_changes_nothing(ledger, tmp_path):
	ledger.close()
	with SqliteLedger(tmp_path / "banksync.db", tmp_path / "key") as again:
		assert again.db.value("SELECT count(*) FROM sync_journal_entry") == 10
		assert again.db.rows("SELECT 1 FROM sqlite_master WHERE name = 'transaction_content'") == []


def test_what_started_a_run_is_split_into_its_fields(ledger):
	started = {run.name[-1]: (run.trigger, run.subject, run.target) for run in ledger.runs()}
	assert started == {
		"1": (Trigger.SCHEDULED, "", ""),
		"2": (Trigger.MERGE, "ACC-BTN-2026-00002", "ACC-BTN-2026-00001"),
		"3": (Trigger.UNDO, "SYNC-RUN-0000002", ""),
		"4": (Trigger.DELETE, "ACC-BTN-2026-00003", ""),
		"5": (Trigger.SCHEDULED, "", ""),
	}


@pytest.mark.parametrize(
	("text", "fields"),
	[
		("file a into b.csv", (Trigger.FILE, "a into b.csv", "")),
		("answer SYNC-LINE-1", (Trigger.ANSWER, "SYNC-LINE-1", "")),
		("merge ONE into OTHER", (Trigger.MERGE, "ONE", "OTHER")),
		("webhook", (Trigger.WEBHOOK, "", "")),
		("missing", (Trigger.MISSING, "", "")),
		("demo", (Trigger.MANUAL, "", "")),
		("", (Trigger.MANUAL, "", "")),
	],
)
def test_a_trigger_of_an_old_database(tmp_path, text, fields):
	with migrated(
		tmp_path, ("UPDATE sync_run SET \"trigger\" = ? WHERE name = 'SYNC-RUN-0000005'", text)
	) as opened:
		run = opened.run("SYNC-RUN-0000005")
	assert (run.trigger, run.subject, run.target) == fields


def test_the_rows_that_an_old_run_linked_are_counted_as_before(tmp_path):
	with migrated(tmp_path, ("UPDATE sync_run SET adopted = 3 WHERE name = 'SYNC-RUN-0000005'",)) as opened:
		assert opened.run("SYNC-RUN-0000005").linked == 3
		assert "adopted" not in {row["name"] for row in opened.db.rows("PRAGMA table_xinfo(sync_run)")}


def test_the_action_of_a_match_has_its_present_name(tmp_path):
	with migrated(tmp_path, ("UPDATE journal SET verdict = 'Adopt' WHERE id = 2",)) as opened:
		entries = opened.db.rows(
			"SELECT name, action FROM sync_journal_entry WHERE name IN (1, 2) ORDER BY name"
		)
	assert [tuple(row) for row in entries] == [(1, "New"), (2, "Link")]


def test_a_sentence_of_an_old_database_is_shown_as_it_is(tmp_path):
	with migrated(tmp_path, ("UPDATE sync_run SET error_message = 'Row 1: abc is not an amount'",)) as opened:
		message = opened.runs()[0].error_message
	assert (message, message.values) == ("Row 1: abc is not an amount", ())


def test_limits_and_secrets_of_providers_are_kept_under_the_present_names(tmp_path):
	at, later = NOW.timestamp(), "2027-01-01T00:00:00.000000"
	with migrated(
		tmp_path,
		("INSERT INTO tally VALUES ('Bridge', 'refresh', ?)", at),
		("INSERT INTO memory VALUES ('Bridge', 'token', x'00', ?)", later),
	) as opened:
		assert ("Bridge", "refresh", at) in map(tuple, opened.db.rows("SELECT * FROM provider_call"))
		assert ("Bridge", "token", b"\0", later) in map(
			tuple, opened.db.rows("SELECT * FROM provider_secret")
		)
		assert opened.rate_limits("Bridge").acquire("refresh", 1, 60, NOW) is not None
		names = {row["name"] for row in opened.db.rows("SELECT name FROM sqlite_master")}
	assert not names & {"memory", "tally", "tally_key", "allowance", "line_stands_for"}


def test_the_index_of_categories_of_version_13_is_made_anew(tmp_path):
	path, key = tmp_path / "banksync.db", tmp_path / "key"
	SqliteLedger(path, key, clock=lambda: NOW).close()
	with sqlite3.connect(path) as old:
		old.execute("DROP INDEX transaction_category")
		old.execute("CREATE INDEX transaction_category ON bank_transaction (category, date, name)")
		old.execute("PRAGMA user_version = 13")
	old.close()
	with SqliteLedger(path, key, clock=lambda: NOW) as ledger:
		text = ledger.db.value("SELECT sql FROM sqlite_master WHERE name = 'transaction_category'")
	assert text.endswith("WHERE category IS NOT NULL")


def test_a_migrated_database_has_the_tables_indexes_and_triggers_of_a_new_one(ledger, tmp_path):
	def made(one):
		query = "SELECT type, name, tbl_name FROM sqlite_master WHERE sql <> ''"
		return {tuple(row) for row in one.db.rows(query)}

	(tmp_path / "new").mkdir()
	with SqliteLedger(tmp_path / "new" / "banksync.db", tmp_path / "key") as fresh:
		assert made(ledger) == made(fresh)


def test_the_totals_of_version_17_are_made_anew_by_currency(tmp_path):
	path, key = tmp_path / "banksync.db", tmp_path / "key"
	with SqliteLedger(path, key, clock=lambda: NOW) as made:
		made.add_bank_account("Current", "Banque du Port", "EUR")
	with sqlite3.connect(path) as old:
		for name in ("movement_added", "movement_removed", "movement_changed"):
			old.execute(f"DROP TRIGGER {name}")
		old.execute("DROP TABLE movement_total")
		old.execute("CREATE TABLE movement_total (bank_account, month, amount, number)")
		old.execute("DROP INDEX coverage_source")
		old.execute("CREATE INDEX coverage_source ON sync_coverage (bank_account, source)")
		put = "INSERT INTO bank_transaction (name, date, bank_account, deposit, withdrawal, currency) VALUES (?, ?, ?, ?, ?, ?)"
		for row in (
			("A", "2026-10-31", "Current", 50_000, 0, "EUR"),
			("B", "2026-10-30", "Current", 0, 20_000, "EUR"),
		):
			old.execute(put, row)
		old.execute("PRAGMA user_version = 17")
	old.close()
	with SqliteLedger(path, key, clock=lambda: NOW) as ledger:
		assert [tuple(row) for row in ledger.db.rows("SELECT * FROM movement_total")] == [
			("Current", "2026-10", "EUR", 30_000, 50_000, 2)
		]
		filters = {"bank_account": "Current", "first": None, "last": None, "category": "", "search": ""}
		assert ledger.totals(**filters) == [Totals("EUR", 2, Decimal(5), Decimal(2))]
		assert ledger.count_transactions() == 2
		columns = "SELECT sql FROM sqlite_master WHERE name = 'coverage_source'"
		assert "(source, bank_account, complete, last_day)" in ledger.db.value(columns)

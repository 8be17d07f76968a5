"""No query that a run or the balance proof makes reads a whole table, by SQLite's own plan."""

from __future__ import annotations

from datetime import date, datetime, timezone
from decimal import Decimal

import pytest

from dokos_banksync.core.model import Reason, Window
from tests.hosts.standalone.ledger.build import connected_ledger

_GROWING = ("sync_run", "sync_coverage", "sync_line", "sync_journal_entry", "bank_transaction")
"""Tables that grow with the history."""


def scans(ledger, work):
	"""Return the plans of the queries of `work` that read all of a table that grows."""
	asked, plain = [], ledger.db.run

	def recorded(sql, values=(), /):
		if sql.lstrip().upper().startswith(("SELECT", "WITH")):
			asked.append((sql, values))
		return plain(sql, values)

	ledger.db.run = recorded
	work()
	ledger.db.run = plain
	assert asked
	plans = [
		row["detail"] for sql, values in asked for row in ledger.db.rows(f"EXPLAIN QUERY PLAN {sql}", values)
	]
	assert plans
	names = {f"SCAN {name}" for name in _GROWING} | {f"SCAN {alias}" for alias in "tljrc"}
	return [plan for plan in plans if " ".join(plan.split()[:2]) in names]


def _windows(number):
	day = date(2026, 11, 5)
	return [Window(Decimal(-1 - at), day, day) for at in range(number)]


def _ask(ledger, ask):
	with ledger.batch() as batch:
		ask(batch)


def _unlisted(batch):
	"""All its queries, as for an account that replaces another one and has listed two days."""
	batch._earlier_sources("Current", "SYNC-ACC-000002")
	batch._listed_days("Current", "SYNC-ACC-000002")
	batch._earlier_sources = lambda *_: ["SYNC-ACC-000001"]
	batch._listed_days = lambda *_: ("2026-11-01", "2026-11-05")
	batch.unlisted("Current", "SYNC-ACC-000002")
	batch._without_transaction("Current", "SYNC-ACC-000002")


@pytest.fixture
def ledger(tmp_path):
	made, _connection = connected_ledger(tmp_path)
	with made:
		made.add_bank_account("Current", "Banque du Port", "EUR")
		yield made


def test_a_whole_table_is_recognised(ledger):
	assert scans(ledger, lambda: ledger.db.rows("SELECT * FROM sync_run")) == ["SCAN sync_run"]


@pytest.mark.parametrize(
	"work",
	[
		lambda ledger: ledger.checks("Current"),
		lambda ledger: ledger.checks_of("Current", datetime(2026, 11, 1, tzinfo=timezone.utc)),
		lambda ledger: ledger.first_complete("Current"),
		lambda ledger: ledger.covered("Current"),
		lambda ledger: ledger.accounts("SYNC-CONN-00001"),
		lambda ledger: ledger.connection("SYNC-CONN-00001", with_runs=True),
		lambda ledger: ledger.stored_lines("SYNC-ACC-000001", ["1", "2"], [Reason.LOCKED]),
		lambda ledger: ledger.extent("Current", before=date(2026, 11, 5)),
		lambda ledger: ledger.unmatched("Current"),
		lambda ledger: ledger.announced("Current"),
		lambda ledger: ledger.first_day("Current"),
		lambda ledger: ledger.last_day("Current"),
		lambda ledger: ledger.latest_file_imports(),
		lambda ledger: ledger.account_of_file_run("SYNC-RUN-0000001"),
		lambda ledger: ledger.movements("Current"),
		lambda ledger: ledger.movements("Current", before=date(2026, 11, 5)),
		lambda ledger: ledger.turnover("Current", date(2026, 11, 1), date(2026, 11, 30)),
		lambda ledger: _ask(ledger, lambda batch: batch.transactions("Current", _windows(1_000))),
		lambda ledger: _ask(ledger, lambda batch: batch.holds("SYNC-ACC-000001")),
		lambda ledger: _ask(ledger, _unlisted),
	],
	ids=[
		*(
			"checks",
			"checks since",
			"first complete",
			"covered",
			"accounts",
			"connection",
			"stored lines",
			"extent",
			"unmatched",
			"announced",
		),
		*("first day", "last day", "file imports", "file run", "movements", "movements before", "turnover"),
		*("many windows", "any line of a source", "unlisted"),
	],
)
def test_a_query_of_one_account_uses_an_index(ledger, work):
	assert scans(ledger, lambda: work(ledger)) == []


def test_the_last_covered_day_is_read_from_an_index_alone(ledger):
	plan = ledger.db.rows(
		"EXPLAIN QUERY PLAN SELECT MAX(last_day) FROM sync_coverage "
		"WHERE bank_account = 'Current' AND source = 'S' AND complete = 1"
	)
	assert [row["detail"] for row in plan] == [
		"SEARCH sync_coverage USING COVERING INDEX coverage_source (source=? AND bank_account=? AND complete=?)"
	]


def test_whether_anything_is_in_many_windows_is_read_from_an_index_alone(ledger):
	asked = []
	plain = ledger.db.value
	ledger.db.value = lambda sql, values=(): asked.append((sql, values)) or plain(sql, values)
	with ledger.batch() as batch:
		assert batch.transactions("Current", _windows(1_000)) == []
	plans = [
		row["detail"] for sql, values in asked for row in ledger.db.rows(f"EXPLAIN QUERY PLAN {sql}", values)
	]
	assert plans[0] == "SEARCH t USING INDEX transaction_match (bank_account=? AND amount>? AND amount<?)"
	assert plans[1].startswith("SEARCH l USING INDEX line_deleted (bank_account=?")


def test_days_of_rows_without_a_line_are_read_by_the_index_of_such_rows(ledger):
	asked = []
	plain = ledger.db.rows
	ledger.db.rows = lambda sql, values=(): asked.append((sql, values)) or plain(sql, values)
	with ledger.batch() as batch:
		batch.days_by_hand("Current", date(2020, 1, 1), date(2026, 1, 1))
	[(sql, values)] = asked
	[plan] = [
		row["detail"] for row in plain(f"EXPLAIN QUERY PLAN {sql}", values) if "t USING" in row["detail"]
	]
	assert plan == "SEARCH t USING INDEX transaction_unmade (bank_account=?)"

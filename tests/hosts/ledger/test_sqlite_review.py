from __future__ import annotations

import pytest

from dokos_banksync.core.importing.file_import import FileRows, import_rows
from dokos_banksync.hosts.standalone.ledger.database import Database
from dokos_banksync.hosts.storage.undo_entries import _query
from tests.core.build import line
from tests.hosts.ledger.build import connected_ledger
from tests.hosts.ledger.contract import NOW
from tests.hosts.ledger.review_contract import ReviewContract


class TestSqliteReview(ReviewContract):
	@pytest.fixture
	def made(self, tmp_path):
		ledger, connection = connected_ledger(tmp_path, clock=lambda: NOW)
		with ledger:
			yield ledger, connection


def test_lines_that_stand_for_something_are_found_by_an_index(tmp_path, monkeypatch):
	"""An undo of thousands asks for those of each: reading all lines each time takes minutes."""
	asked = []
	whole = Database.run

	def run(self, sql, values=()):
		if "deleted_transaction" in sql and "EXPLAIN" not in sql:
			plan = whole(self, f"EXPLAIN QUERY PLAN {sql}", values).fetchall()
			asked.append((sql, [row["detail"] for row in plan]))
		return whole(self, sql, values)

	ledger, _ = connected_ledger(tmp_path, clock=lambda: NOW)
	with ledger:
		ledger.add_bank_account("Current", "Banque du Port", "EUR")
		for name in "ab":
			rows = FileRows(name, f"file:{name}", [line("1", label=f"CB {name}")])
			import_rows(ledger, "Current", rows, clock=lambda: NOW)
		one, other = sorted(row.name for row in ledger.transactions())
		monkeypatch.setattr(Database, "run", run)
		merged = ledger.merge(one, other)
		undone = ledger.undo(merged.name)
		ledger.undo(undone.run.name)
		monkeypatch.undo()
	assert len(asked) > 2
	assert not [sql for sql, plan in asked if any("SCAN l" in one or "SCAN sync_line" in one for one in plan)]


def test_later_decisions_about_a_bank_transaction_are_found_by_an_index(tmp_path):
	"""An undo asks for them entry by entry: reading all later entries each time grows with the square of the run."""
	ledger, _ = connected_ledger(tmp_path, clock=lambda: NOW)
	with ledger:
		rows = ledger.db.rows(f"EXPLAIN QUERY PLAN {_query(ledger.fields)}", ("RUN",))
		plan = [row["detail"] for row in rows]
	assert not [step for step in plan if step.startswith("SCAN") or "INTEGER PRIMARY KEY" in step]
	assert [step for step in plan if "journal_transaction" in step]

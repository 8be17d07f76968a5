from __future__ import annotations

import pytest

from dokos_banksync.core.errors import Cancelled
from dokos_banksync.core.importing.file_import import FileRows, import_rows
from dokos_banksync.hosts.standalone.ledger.database import Database
from dokos_banksync.hosts.storage import undo
from dokos_banksync.hosts.storage.undo_entries import _query
from tests.core.build import line
from tests.hosts.standalone.ledger.build import connected_ledger
from tests.hosts.standalone.ledger.contract import NOW
from tests.hosts.standalone.ledger.on_sqlite import OnSqlite
from tests.hosts.standalone.ledger.review_contract import ReviewContract


class TestSqliteReview(OnSqlite, ReviewContract):
	"""Each test of the contract."""


def test_suppressed_lines_are_found_by_an_index(tmp_path, monkeypatch):
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
		rows = ledger.db.rows(f"EXPLAIN QUERY PLAN {_query(ledger.fields, ledger.db.dialect)}", ("RUN",))
		plan = [row["detail"] for row in rows]
	assert not [step for step in plan if step.startswith("SCAN") or "INTEGER PRIMARY KEY" in step]
	assert [step for step in plan if "journal_transaction" in step]


def _calls_of_undo_and_redo(folder, rows):
	"""How often SQLite is called to undo a file, and to redo it after a second file was held for it."""
	ledger, _ = connected_ledger(folder, clock=lambda: NOW)
	with ledger:
		ledger.add_bank_account("Current", "Banque du Port", "EUR")
		lines = [line(str(i), f"-{i + 1}.25") for i in range(rows)]
		again = [line(f"again {i}", f"-{i + 1}.25") for i in range(rows)]
		made = import_rows(ledger, "Current", FileRows("a", "file:a", lines), clock=lambda: NOW)
		before = ledger.db.calls
		undone = ledger.undo(made.name, again=False)
		between = ledger.db.calls
		held = import_rows(ledger, "Current", FileRows("b", "file:b", again), clock=lambda: NOW)
		assert (undone.run.removed, held.held) == (rows, rows)
		start = ledger.db.calls
		redone = ledger.undo(undone.run.name)
		assert redone.run.created == rows
		linked = "SELECT COUNT(*) FROM sync_line WHERE source = 'file:b' AND bank_transaction <> '' AND reason = ''"
		assert ledger.db.value(linked) == rows
		return between - before, ledger.db.calls - start


def test_the_statements_of_an_undo_do_not_grow_with_its_rows(tmp_path):
	few, many = tmp_path / "few", tmp_path / "many"
	for folder in (few, many):
		folder.mkdir()
	assert _calls_of_undo_and_redo(few, 5) == _calls_of_undo_and_redo(many, 1_000)


def test_an_undo_that_is_cancelled_at_any_point_changes_nothing(tmp_path, monkeypatch):
	monkeypatch.setattr(undo._Rows.parts, "__defaults__", (4,))
	monkeypatch.setattr(undo, "RESTORED_AT_ONCE", 4)
	ledger, _ = connected_ledger(tmp_path, clock=lambda: NOW)
	with ledger:
		ledger.add_bank_account("Current", "Banque du Port", "EUR")
		lines = [line(str(i), f"-{i + 1}.25") for i in range(10)]
		run = import_rows(ledger, "Current", FileRows("a", "file:a", lines), clock=lambda: NOW).name
		for _ in range(2):  # an undo, then the redo of it
			before, reports = _whole(ledger), _reports(ledger, run)
			assert reports == [("undo", 0), ("undo", 4), ("undo", 8), ("undo", 10), *reports[4:]]
			for at in range(len(reports)):
				with pytest.raises(Cancelled):
					ledger.undo(run, again=False, progress=_cancelled_at(at))
				assert _whole(ledger) == before
			run = ledger.undo(run, again=False).run.name


def _reports(ledger, run):
	"""What an undo of the run reports, without the undo."""
	seen = []

	def report(stage, done, total):
		seen.append((stage, done))
		assert done <= total

	with pytest.raises(RuntimeError), ledger.db.write():
		ledger.undo(run, again=False, progress=report)
		raise RuntimeError
	return seen


def _cancelled_at(number):
	calls = iter(range(number + 1))

	def report(_stage, _done, _total):
		if next(calls) == number:
			raise Cancelled

	return report


def _whole(ledger):
	tables = (
		"bank_transaction",
		"sync_line",
		"sync_run",
		"sync_journal_entry",
		"sync_coverage",
		"bank_account",
	)
	return [
		[tuple(row) for row in ledger.db.rows(f"SELECT * FROM {table} ORDER BY name")] for table in tables
	]

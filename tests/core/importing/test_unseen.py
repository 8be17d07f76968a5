"""Lines of a source of which nothing is stored: inserted as they were staged, or decided one by one, it is the same."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from dokos_banksync.core.importing import importer
from dokos_banksync.core.importing.file_import import FileRows, import_rows
from dokos_banksync.core.importing.plan import NEAR_DAYS, Feed, plan_by_id
from dokos_banksync.core.importing.staging import Staging
from dokos_banksync.core.importing.unseen import insert_first, plain_of
from dokos_banksync.core.model import Action, Decision, Line, LineState
from dokos_banksync.core.progress import Stage
from dokos_banksync.core.trigger import Trigger
from dokos_banksync.hosts.standalone.ledger import SqliteLedger, documents
from tests.core.books import FIRST, NOW, Books

PARIS = timezone(timedelta(hours=2))
MANY = importer.FEW_LINES + 1


def full_line(number: int) -> Line:
	"""Return a line with a value in each field, amounts of up to four decimals, of both signs and zero."""
	return Line(
		remote_account="",
		remote_id=f"id-{number * 7919 % 1000:03}",
		date=FIRST + timedelta(number % 90),
		amount=(number - 100) * Decimal("10.0625"),
		currency="EUR",
		description=f"Shop {number}",
		original=f"CB SHOP {number} ÉTÉ",
		value_date=FIRST + timedelta(number % 90 + 1),
		transaction_date=None,
		category="79",
		kind="card",
		party_name="Shop",
		party_iban="FR7699999000010000000001764",
		reference=f"R{number}",
		updated_at=datetime(2026, 5, 1, 8, tzinfo=timezone.utc if number % 2 else PARIS),
		raw=f'{{"id": {number}}}',
	)


def odd_lines() -> list[Line]:
	"""Return lines that never become bank transactions now: pending, in another currency, in a locked period."""
	plain = full_line(5)
	return [
		plain._replace(remote_id="pending", state=LineState.PENDING),
		plain._replace(remote_id="dollars", currency="USD"),
		plain._replace(remote_id="locked", date=FIRST - timedelta(20)),
	]


def take(folder, lines):
	"""Import a file into an empty site whose year before is locked; return the run and the rows of its tables."""
	books = Books(folder)
	books.ledger.set_lock_date("Current", FIRST - timedelta(1))
	run = import_rows(books.ledger, "Current", FileRows("a.csv", "file:1", lines), clock=lambda: NOW)
	return run, stored(books.ledger)


def stored(ledger):
	"""Return the rows of the tables that an import writes, without the numbers of lines and of entries."""
	tables = ("bank_transaction", "sync_line", "sync_journal_entry")
	rows = {
		table: ledger.db.rows(
			f"SELECT * FROM {table} ORDER BY creation, {'name' if table[0] == 'b' else 'remote_id'}"
		)
		for table in tables
	}
	return {
		table: [{key: row[key] for key in row.keys() if key != "name" or table[0] == "b"} for row in rows]  # noqa: SIM118
		for table, rows in rows.items()
	}


def test_rows_inserted_as_staged_and_lines_decided_one_by_one_are_stored_alike(tmp_path, monkeypatch):
	lines = [*map(full_line, range(MANY)), *odd_lines()]
	(tmp_path / "a").mkdir()
	(tmp_path / "b").mkdir()
	inserted, tables = take(tmp_path / "a", lines)
	monkeypatch.setattr(importer, "insert_first", lambda *_, **__: iter(()))
	decided, expected = take(tmp_path / "b", lines)
	assert (inserted.created, inserted.held, inserted.refused) == (MANY, 3, 0)
	assert (decided.created, decided.held, decided.refused) == (MANY, 3, 0)
	assert len(tables["sync_journal_entry"]) == len(tables["sync_line"]) == MANY + 3
	assert tables == expected


def test_amounts_and_instants_are_stored_as_the_bank_gave_them(tmp_path):
	lines = [full_line(number) for number in range(MANY)]
	books = Books(tmp_path)
	import_rows(books.ledger, "Current", FileRows("a.csv", "file:1", lines), clock=lambda: NOW)
	rows = books.ledger.db.rows("SELECT raw, amount, remote_updated_at FROM sync_line")
	by_raw = {row["raw"]: (row["amount"], row["remote_updated_at"]) for row in rows}
	assert by_raw['{"id": 0}'] == (-10062500, "2026-05-01T06:00:00+00:00")  # 08:00 in Paris
	assert by_raw['{"id": 101}'] == (100625, "2026-05-01T08:00:00+00:00")
	assert by_raw['{"id": 100}'][0] == 0


@pytest.mark.parametrize("many", [5, MANY + 1], ids=["totals of all at once", "totals row by row"])
def test_a_first_import_is_in_the_totals_of_its_months_and_can_be_undone_and_redone(
	tmp_path, monkeypatch, many
):
	monkeypatch.setattr(documents, "_MANY", many)
	books = Books(tmp_path)
	books.ledger.batch_rows = 80
	lines = [full_line(number) for number in range(MANY)]
	run = import_rows(books.ledger, "Current", FileRows("a.csv", "file:1", lines), clock=lambda: NOW)
	# The amounts go from -100 to 100 times 10.0625. Lines 0, 90 and 180 are of the first day.
	assert books.ledger.movements("Current") == 0
	first_day = Decimal("-301.875")  # (-100 - 10 + 80) times 10.0625
	assert books.ledger.movements("Current", before=FIRST + timedelta(1)) == first_day
	undone = books.ledger.undo(run.name)
	assert books.held() == Counter()
	assert books.ledger.movements("Current", before=FIRST + timedelta(1)) == 0
	books.ledger.undo(undone.run.name)
	assert books.ledger.movements("Current", before=FIRST + timedelta(1)) == first_day
	assert sum(books.held().values()) == MANY


def test_a_first_import_makes_no_decision_of_its_plain_lines(tmp_path, monkeypatch):
	made = Counter()
	monkeypatch.setattr(
		importer.Importer, "apply", lambda self, batch, decisions: made.update(["decided"] * len(decisions))
	)
	books = Books(tmp_path)
	lines = [*map(full_line, range(MANY)), *odd_lines()]
	import_rows(books.ledger, "Current", FileRows("a.csv", "file:1", lines), clock=lambda: NOW)
	assert made["decided"] == 2  # pending and in dollars


@pytest.mark.parametrize("deleted", [False, True], ids=["stored", "deleted by a user"])
@pytest.mark.parametrize(
	("days", "inserted"),
	[
		((NEAR_DAYS, 30), 0),
		((NEAR_DAYS + 1, 30), 2),
		((-30, -NEAR_DAYS), 0),
		((-30, -NEAR_DAYS - 1), 2),
		((-30, 30), 0),
	],
)
def test_rows_near_the_days_of_what_is_stored_are_left_to_matching(tmp_path, deleted, days, inserted):
	books = Books(tmp_path)
	books.take((0, "-700.00", "VIR RENT"))
	if deleted:
		[row] = books.ledger.transactions(bank_account="Current", limit=10)
		books.ledger.delete_transaction(row.name)
	run = books.ledger.begin_run("", Trigger.FILE, NOW)
	feed = Feed("file:1", "Current", "EUR", None, None, {})
	with Staging() as staging:
		lines = [full_line(day)._replace(remote_id=f"{day}", date=FIRST + timedelta(day)) for day in days]
		staging.put(("file:1", line) for line in lines)
		made = sum(insert_first(books.ledger, staging, feed, run=run.name, clock=lambda: NOW))
		left = [len(chunk.rows) for chunk in staging.by_amount(1000)]
	assert (made, left) == (inserted, [] if inserted else [2])


def test_what_another_program_stores_meanwhile_is_compared_with_the_rows_that_are_left(tmp_path):
	books = Books(tmp_path)
	books.ledger.batch_rows = 100
	lines = [full_line(number) for number in range(MANY)]

	def meanwhile(stage, done, _total):
		if (stage, done) == (Stage.STORE, 100):
			with SqliteLedger(tmp_path / "banksync.db", tmp_path / "key") as other:
				run = other.begin_run("", Trigger.FILE, NOW)
				with other.batch() as batch:
					batch.apply(run.name, [Decision(Action.NEW, lines[150], "file:2", "Current")], NOW)

	file = FileRows("a.csv", "file:1", lines)
	run = import_rows(books.ledger, "Current", file, clock=lambda: NOW, progress=meanwhile)
	assert (run.created, run.linked) == (MANY - 1, 1)


def test_rows_are_plain_that_the_plan_does_not_hold_back():
	feed = Feed("s", "Current", "EUR", date(2026, 1, 10), date(2026, 1, 20), {})
	line = Line("", "plain", date(2026, 1, 21), Decimal(1), "EUR", "A", "A")
	lines = [
		line,
		line._replace(remote_id="on the lock date", date=date(2026, 1, 20)),
		line._replace(remote_id="pending", state=LineState.PENDING),
		line._replace(remote_id="removed", state=LineState.REMOVED),
		line._replace(remote_id="dollars", currency="USD"),
		line._replace(remote_id="before the start date", date=date(2026, 1, 9)),
	]

	def plain(feed):
		with Staging() as staging:
			staging.put(("s", one) for one in lines)
			return [row[1] for chunk in staging.plain("s", plain_of(feed), 10) for row in chunk.rows]

	assert plain(feed) == ["plain"]
	assert plain(feed._replace(lock_date=None)) == ["plain", "on the lock date"]
	assert len(plain(feed._replace(lock_date=None, start_date=None))) == 3
	assert [one.remote_id for one in plan_by_id(feed, lines, {}).fresh] == ["plain"]

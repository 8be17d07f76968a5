"""Lines of a source of which nothing is stored: inserted as they were staged, or decided one by one, it is the same."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from dokos_banksync.core.importing import importer, unseen
from dokos_banksync.core.importing.file_import import FileRows, import_rows
from dokos_banksync.core.importing.plan import NEAR_DAYS, Feed
from dokos_banksync.core.importing.unseen import nothing_near, split_plain
from dokos_banksync.core.model import Line, LineState
from dokos_banksync.core.staged_row import pack
from tests.core.importing.test_file_import import FIRST, NOW, Books

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
	monkeypatch.setattr(unseen, "nothing_near", lambda *_: False)
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
	("days", "amounts", "near"),
	[
		((NEAR_DAYS, 30), ("-900", "5"), True),
		((NEAR_DAYS + 1, 30), ("-900", "5"), False),
		((-30, -NEAR_DAYS), ("-900", "5"), True),
		((-30, -NEAR_DAYS - 1), ("-900", "5"), False),
		((0, 0), ("-700", "-700"), True),
		((0, 0), ("-800", "-700.01"), False),
		((0, 0), ("-699.99", "90"), False),
	],
)
def test_what_is_stored_near_the_days_and_amounts_of_rows_is_found(tmp_path, deleted, days, amounts, near):
	books = Books(tmp_path)
	books.take((0, "-700.00", "VIR RENT"))
	if deleted:
		[row] = books.ledger.transactions(bank_account="Current", limit=10)
		books.ledger.delete_transaction(row.name)
	pairs = zip(days, amounts, strict=True)
	rows = [pack(full_line(1)._replace(date=FIRST + timedelta(d), amount=Decimal(a))) for d, a in pairs]
	with books.ledger.batch() as batch:
		assert nothing_near(batch, "Current", rows) is not near


def test_rows_are_split_as_the_plan_holds_them_back():
	feed = Feed("s", "Current", "EUR", date(2026, 1, 10), date(2026, 1, 20), {})
	line = Line("", "1", date(2026, 1, 21), Decimal(1), "EUR", "A", "A")
	given = {
		"plain": line,
		"on the lock date": line._replace(date=date(2026, 1, 20)),
		"pending": line._replace(state=LineState.PENDING),
		"removed": line._replace(state=LineState.REMOVED),
		"dollars": line._replace(currency="USD"),
	}
	rows = {name: pack(one) for name, one in given.items()}
	plain, others = split_plain(feed, list(rows.values()))
	assert plain == [rows["plain"]]
	assert others == [row for name, row in rows.items() if name != "plain"]
	unlocked = feed._replace(lock_date=None)
	early = pack(line._replace(date=date(2026, 1, 9)))
	assert split_plain(unlocked, [rows["plain"], rows["on the lock date"], early]).others == [early]

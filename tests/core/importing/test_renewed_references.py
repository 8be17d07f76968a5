"""Files whose references change with each download are asked about; a real pair of references stays two transactions."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from decimal import Decimal

import pytest

from dokos_banksync.core.importing.file_import import FileRows, import_rows, source_of
from dokos_banksync.core.model import Line, Reason
from dokos_banksync.core.review import questions
from tests.core.books import FIRST, NOW, Books

ROWS = [(0, "-2.00", "CAFE"), (1, "-8.00", "SHOP"), (1, "900.00", "PAY")]


@pytest.fixture
def books(tmp_path):
	return Books(tmp_path)


def take(books, name, *rows, balance=None):
	"""Import rows of (day, amount, label, reference)."""
	lines = [
		Line(
			remote_account="",
			remote_id=f"{name}{number}",
			date=FIRST + timedelta(day),
			amount=Decimal(amount),
			currency="EUR",
			description=label,
			original=label,
			reference=reference,
		)
		for number, (day, amount, label, reference) in enumerate(rows)
	]
	file = FileRows(
		name=name,
		source=source_of(name.encode()),
		lines=lines,
		balance=balance,
		balance_day=balance and lines[-1].date,
	)
	return import_rows(books.ledger, "Current", file, clock=lambda: NOW)


def with_references(prefix, rows=ROWS):
	return [(*row, f"{prefix}{1000 + number}") for number, row in enumerate(rows)]


def test_rows_that_differ_in_their_references_alone_are_asked_about(books):
	take(books, "first.csv", *with_references("TX1"))
	run = take(books, "second.csv", *with_references("TX2"), (5, "-3.00", "NEW", "TX29999"))
	assert (run.created, run.held) == (1, 3)
	held = books.ledger.held(source_of(b"second.csv"), [Reason.AMBIGUOUS])
	assert Counter(one.line.original for one in held) == {
		"CAFE": 1,
		"SHOP": 1,
		"PAY": 1,
	}


def test_the_balance_decides_where_the_files_have_one(books):
	total = sum(Decimal(row[1]) for row in ROWS)
	take(books, "first.csv", *with_references("TX1"), balance=100 + total)
	run = take(books, "second.csv", *with_references("TX2"), balance=100 + total)
	assert (run.created, run.held, run.linked) == (0, 0, 3)


def test_a_row_under_its_old_reference_shows_that_references_stay(books):
	take(books, "first.csv", *with_references("TX1"))
	run = take(books, "second.csv", *with_references("TX1"), (0, "-2.00", "CAFE", "TX15555"))
	assert (run.created, run.linked, run.held) == (1, 3, 0)


def test_around_a_row_under_its_old_reference_other_references_are_other_rows(books):
	cafe, pay, shop = rows = [(0, "-2.00", "CAFE"), (1, "900.00", "PAY"), (2, "-8.00", "SHOP")]
	take(books, "first.csv", *with_references("TX1", rows))
	run = take(books, "second.csv", (*cafe, "TX21000"), (*pay, "TX11001"), (*shop, "TX21002"))
	assert (run.created, run.linked, run.held) == (2, 1, 0)


def test_a_row_that_was_booked_after_the_first_file_shows_nothing(books):
	take(books, "first.csv", *with_references("TX1"))
	run = take(books, "second.csv", *with_references("TX2"), (1, "-5.00", "BAR", "TX27777"))
	assert (run.created, run.held) == (1, 3)


def test_as_many_rows_that_the_other_file_lacks_show_that_the_rows_are_others(books):
	take(books, "first.csv", *with_references("TX1"))
	alone = [(1, "-5.00", f"BAR {name}", f"TX2777{number}") for number, name in enumerate("ABC")]
	run = take(books, "second.csv", *with_references("TX2"), *alone)
	assert (run.created, run.held) == (6, 0)


def test_one_pair_of_references_on_a_day_is_two_transactions(books):
	take(books, "first.csv", (0, "-2.00", "CAFE", "TX11111"))
	run = take(books, "second.csv", (0, "-2.00", "CAFE", "TX22222"), (3, "-8.00", "SHOP", "TX33333"))
	assert (run.created, run.held) == (2, 0)


def test_twins_are_counted_one_by_one(books):
	take(books, "first.csv", (0, "-2.00", "CAFE", "TX11111"), (0, "-2.00", "CAFE", "TX11112"))
	rows = [(0, "-2.00", "CAFE", f"TX2222{number}") for number in range(3)]
	run = take(books, "second.csv", *rows)
	assert (run.created, run.held) == (1, 2)


def test_a_question_stays_open_when_the_others_are_answered(books):
	take(books, "first.csv", *with_references("TX1"))
	take(books, "second.csv", *with_references("TX2"))
	asked = questions.questions(books.ledger, "Current")
	for one in asked[:2]:
		questions.answer(books.ledger, one.name, one.candidates[0].known.name, lambda: NOW)
	run = take(books, "second.csv", *with_references("TX2"))
	assert (run.created, run.unchanged) == (0, 3)
	assert [one.name for one in books.ledger.questions("Current")] == [asked[2].name]

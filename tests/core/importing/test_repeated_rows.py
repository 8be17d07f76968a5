"""Two equal rows under one id of the bank in one file: one transaction given twice, or two coffees under one careless id."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from dokos_banksync.core.importing.file_import import FileRows, import_rows, source_of
from dokos_banksync.core.matching.repeated_ids import repeated_id
from dokos_banksync.core.model import Line, Reason
from dokos_banksync.core.review.proof import prove
from dokos_banksync.core.review.questions import answer, questions
from tests.core.books import FIRST, NOW, amounts

COFFEE, TWIN = "F1000001", repeated_id("F1000001", 2)


def take(books, name, *ids, balance=None, day=3, **more):
	lines = [
		Line("", one, FIRST + timedelta(day), Decimal("-3.20"), "EUR", "Cb Cafe", "CB CAFE") for one in ids
	]
	lines.append(Line("", f"S{day}", FIRST + timedelta(day), Decimal(50), "EUR", "Vir", "VIR"))
	file = FileRows(
		name,
		source_of(name.encode()),
		lines,
		repeated={one for one in ids if one == TWIN},
		balance=balance and Decimal(balance),
		balance_day=FIRST + timedelta(day) if balance else None,
	)
	return import_rows(books.ledger, "Current", file, clock=lambda: NOW, **more)


def test_without_a_balance_the_second_row_is_a_question(books):
	run = take(books, "a", COFFEE, TWIN)
	assert (run.created, run.held, run.refused) == (2, 1, 0)
	[asked] = questions(books.ledger)
	assert [str(one.known.amount) for one in asked.candidates] == ["-3.20"]


@pytest.mark.parametrize(("says", "expected"), [("same", 1), ("new", 2)])
def test_the_question_is_answered(books, says, expected):
	take(books, "a", COFFEE, TWIN)
	[asked] = questions(books.ledger)
	name = asked.candidates[0].known.name if says == "same" else ""
	answer(books.ledger, asked.name, name, lambda: NOW)
	assert (amounts(books)["-3"], questions(books.ledger)) == (expected, [])
	again = take(books, "a", COFFEE, TWIN)
	assert (again.created, again.held, amounts(books)["-3"]) == (0, 0, expected)


@pytest.mark.parametrize(
	("closing", "coffees", "asked"), [("143.60", 2, 0), ("146.80", 1, 0), ("146.00", 1, 1)]
)
def test_a_balance_proves_that_it_is_two_or_one(books, closing, coffees, asked):
	take(books, "a", balance="100", day=1)
	run = take(books, "b", COFFEE, TWIN, balance=closing)
	assert (amounts(books)["-3"], len(questions(books.ledger))) == (coffees, asked)
	if not asked:
		assert [check.difference for check in run.checks] == [0]
		assert prove(books.ledger, "Current").complete
	else:
		assert run.held == 1


def test_the_opening_balance_is_not_derived_while_it_is_asked(books):
	run = take(books, "a", COFFEE, TWIN, balance="200")
	assert (run.held, run.checks, books.ledger.bank_account("Current").opening_balance) == (1, [], None)


def test_another_source_that_has_both_answers_it(books):
	books.take((3, "-3.20", "CB CAFE"), (3, "-3.20", "CB CAFE"), (3, "50", "VIR"))
	run = take(books, "b", COFFEE, TWIN)
	assert (run.linked, run.created, run.held) == (3, 0, 0)


def test_the_same_rows_in_another_file_are_the_same_two(books):
	take(books, "a", COFFEE, TWIN)
	answer(books.ledger, questions(books.ledger)[0].name, "", lambda: NOW)
	run = take(books, "b", COFFEE, TWIN)
	assert (run.linked, run.created, run.held) == (3, 0, 0)
	assert amounts(books)["-3"] == 2


def test_a_dry_run_asks_about_it(books):
	run = take(books, "a", COFFEE, TWIN, preview=lambda made: None)
	assert (run.created, run.held) == (2, 1)


def test_a_line_of_one_transaction_is_held_as_a_duplicate(books):
	take(books, "a", balance="100", day=1)
	take(books, "b", COFFEE, TWIN, balance="146.80")
	with books.ledger.batch() as batch:
		[line] = batch.lines(source_of(b"b"), [TWIN])
	assert line.reason is Reason.DUPLICATE
	assert line.transaction.amount == Decimal("-3.20")
	assert books.ledger.bank_account("Current").opening_date == date(2026, 1, 2)

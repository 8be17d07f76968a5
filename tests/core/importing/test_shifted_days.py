"""Two files of which one dates every row a day later: rows at the borders are questions, not second transactions."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.core.books import FIRST

ROWS = ((3, "-3", "ALPHA"), (4, "-4.10", "BETA"), (5, "-5", "GAMMA"), (6, "-6", "DELTA"))


def _later(rows, days=1):
	return [(day + days, amount, label) for day, amount, label in rows]


def _asked(books):
	return sorted(one.line.original for one in books.ledger.questions("Current"))


@pytest.mark.parametrize("days", [1, -1])
def test_rows_at_the_borders_are_asked_about(books, days):
	books.take(*ROWS)
	run = books.take(*_later(ROWS, days), name="b")
	assert run.created == 0
	assert (run.linked + run.held, sum(books.held().values())) == (4, 4)


def test_the_file_again_is_no_answer(books):
	books.take(*ROWS)
	for _ in range(2):
		books.take(*_later(ROWS), name="b")
	assert _asked(books) == ["ALPHA", "DELTA"]
	assert sum(books.held().values()) == 4


def test_one_row_on_the_same_day_shows_that_the_days_are_not_shifted(books):
	books.take(*ROWS, (5, "-9", "OMEGA"))
	run = books.take(*_later(ROWS), (5, "-9", "omega"), name="b")
	assert (run.held, _asked(books)) == (0, [])


def test_one_linked_row_and_the_others_as_many_days_apart_show_it(books):
	books.take(*ROWS[:3])
	run = books.take(*_later(ROWS[:3]), name="b")
	assert (run.linked, run.held, run.created) == (1, 2, 0)


def test_one_linked_row_and_another_distance_show_nothing(books):
	books.take(*ROWS[:3])
	rows = [(1, "-3", "ALPHA"), *_later(ROWS[1:2]), (8, "-5", "GAMMA")]
	run = books.take(*rows, name="b")
	assert (run.linked, run.held, run.created) == (1, 0, 2)


def test_files_that_share_no_day_share_no_row(books):
	books.take((1, "-3", "ALPHA"), (2, "-4", "BETA"))
	run = books.take((3, "-3", "ALPHA"), (4, "-4", "BETA"), name="b")
	assert (run.created, run.held) == (2, 0)


@pytest.mark.parametrize(("closing", "count"), [("81.90", 4), ("72.90", 6)])
def test_a_balance_decides_without_a_question(books, closing, count):
	books.take(*ROWS, balance=("81.90", FIRST + timedelta(6)))
	run = books.take(*_later(ROWS), name="b", balance=(closing, FIRST + timedelta(7)))
	assert (run.held, sum(books.held().values())) == (0, count)


@pytest.mark.parametrize(("label", "held"), [("CHQ 1234567", 1), ("CHQ 1234568", 0), ("CHQ 123", 0)])
def test_a_cheque_of_the_same_number_on_another_day_is_asked_about(books, label, held):
	"""Elsewhere the sources agree on the days, so that they are not shifted."""
	books.take((3, "-12.50", "CHEQUE 1234567" if held else label[:-1] + "7"), (9, "1", "ALPHA"))
	run = books.take((4, "-12.50", label), (9, "1", "ALPHA"), name="b")
	assert (run.linked, run.held, run.created) == (1, held, 1 - held)

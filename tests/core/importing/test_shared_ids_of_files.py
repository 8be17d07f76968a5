"""Two files of one account that give one id of the bank (FITID), with another amount in the second."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from decimal import Decimal

import pytest

from dokos_banksync.core.importing.file_import import FileRows, import_rows, source_of
from dokos_banksync.core.model import Line
from tests.core.books import FIRST, NOW


def _take(books, name, *rows):
	lines = [
		Line("", remote_id, FIRST + timedelta(day), Decimal(amount), "EUR", label, label)
		for day, amount, label, remote_id in rows
	]
	return import_rows(
		books.ledger, "Current", FileRows(name, source_of(name.encode()), lines), clock=lambda: NOW
	)


def _amounts(books):
	found = Counter()
	for (_, amount), count in books.held().items():
		found[str(amount)] += count
	return found


MEAL = (3, "-20.00", "RESTAURANT", "F1000001")


def test_a_tip_that_was_added_is_a_question(books):
	_take(books, "a", MEAL)
	run = _take(books, "b", (3, "-24.00", "RESTAURANT", "F1000001"))
	assert (run.created, run.held) == (0, 1)
	[asked] = books.ledger.questions("Current")
	assert asked.line.amount == Decimal("-24.00")


@pytest.mark.parametrize(
	"other",
	[
		(3, "20.00", "RESTAURANT", "F1000001"),
		(3, "-24.00", "GARAGE", "F1000001"),
		(3, "-24.00", "RESTAURANT", "F1000002"),
		(20, "-24.00", "RESTAURANT", "F1000001"),
	],
)
def test_a_reused_id_is_another_transaction(books, other):
	_take(books, "a", MEAL)
	assert _take(books, "b", other).created == 1
	assert _amounts(books) == Counter({"-20.00": 1, other[1]: 1})


def test_the_same_amount_is_linked_before_another_one_is_asked_about(books):
	_take(books, "a", MEAL)
	run = _take(books, "b", MEAL, (4, "-5", "CAFE", "F1000003"))
	assert (run.created, run.linked, run.held) == (1, 1, 0)


def test_the_file_again_does_not_answer_the_question(books):
	_take(books, "a", MEAL)
	for _ in range(2):
		_take(books, "b", (3, "-24.00", "RESTAURANT", "F1000001"))
	assert _amounts(books) == Counter({"-20.00": 1})
	assert len(books.ledger.questions("Current")) == 1

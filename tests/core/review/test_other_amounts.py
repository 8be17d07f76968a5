"""The question about an id that comes again with another amount (a tip that was added), answered with the old transaction."""

from __future__ import annotations

from datetime import date

import pytest

from dokos_banksync.core.errors import InvalidData
from dokos_banksync.core.review.questions import answer, questions
from tests.core.books import NOW
from tests.core.importing.test_shared_ids_of_files import MEAL, _amounts, _take
from tests.core.review.test_undo import reconcile

TIP = (3, "-24.00", "RESTAURANT", "F1000001")
LATER = (9, "-8.00", "CB LIDL", "F1000009")


def give(books):
	[asked] = questions(books.ledger)
	[candidate] = asked.candidates
	return asked.name, candidate.known.name


def test_the_old_bank_transaction_gets_the_amount_of_the_later_export(books):
	_take(books, "a", MEAL)
	_take(books, "b", TIP, LATER)
	run = answer(books.ledger, *give(books), lambda: NOW)
	assert (run.linked, run.created) == (1, 0)
	assert _amounts(books) == {"-24.00": 1, "-8.00": 1}
	assert questions(books.ledger) == []


def test_the_answer_can_be_undone(books):
	_take(books, "a", MEAL)
	_take(books, "b", TIP)
	run = answer(books.ledger, *give(books), lambda: NOW)
	assert _amounts(books) == {"-24.00": 1}
	books.ledger.undo(run.name)
	assert _amounts(books) == {"-20.00": 1}
	assert len(questions(books.ledger)) == 1


def test_an_older_export_does_not_bring_the_old_amount_back(books):
	_take(books, "a", TIP, LATER)
	_take(books, "b", MEAL)
	answer(books.ledger, *give(books), lambda: NOW)
	assert _amounts(books) == {"-24.00": 1, "-8.00": 1}


def test_both_files_again_change_nothing(books):
	_take(books, "a", MEAL)
	_take(books, "b", TIP, LATER)
	answer(books.ledger, *give(books), lambda: NOW)
	runs = [_take(books, "a", MEAL), _take(books, "b", TIP, LATER), _take(books, "c", TIP, LATER)]
	assert [(run.created, run.updated, run.held) for run in runs] == [(0, 0, 0)] * 3
	assert _amounts(books) == {"-24.00": 1, "-8.00": 1}


def test_an_amount_that_is_reconciled_is_not_changed(books):
	_take(books, "a", MEAL)
	_take(books, "b", TIP)
	line, name = give(books)
	reconcile(books, name)
	with pytest.raises(InvalidData, match="is reconciled, and its amount would change"):
		answer(books.ledger, line, name, lambda: NOW)


def test_an_amount_of_a_closed_period_is_not_changed(books):
	_take(books, "a", MEAL)
	_take(books, "b", TIP)
	books.ledger.set_lock_date("Current", date(2026, 2, 1))
	with pytest.raises(InvalidData, match="lies in a closed period, and its amount would change"):
		answer(books.ledger, *give(books), lambda: NOW)


def test_it_may_be_a_new_one_as_well(books):
	_take(books, "a", MEAL)
	_take(books, "b", TIP)
	line, _ = give(books)
	answer(books.ledger, line, "", lambda: NOW)
	assert _amounts(books) == {"-20.00": 1, "-24.00": 1}

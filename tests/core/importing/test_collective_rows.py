"""A batch that one source gives as one sum and another one in its parts: the money is never counted twice without a word."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from dokos_banksync.core.errors import InvalidData
from dokos_banksync.core.importing import collective_rows
from dokos_banksync.core.importing.importer import Importer
from dokos_banksync.core.model import Action, Decision, Reason
from dokos_banksync.core.review.explain import explain_line
from dokos_banksync.core.review.questions import answer, questions
from tests.core.books import FIRST, NOW, amounts
from tests.core.build import line

BEFORE, AFTER = (2, "-5", "CB CAFE"), (9, "-8", "CB LIDL")
BATCH = (5, "-300", "VIREMENTS GROUPES 3 OPERATIONS")
PARTS = ((5, "-100", "VIR DUPONT"), (5, "-80", "VIR MARTIN"), (5, "-120", "VIR DURAND"))
ALONE = (5, "-42", "CB GARAGE")


def test_the_parts_of_a_known_batch_are_asked_about(books):
	books.take(BEFORE, BATCH, AFTER)
	run = books.take(BEFORE, *PARTS, ALONE, AFTER, name="b.csv")
	assert (run.created, run.linked, run.held) == (1, 2, 3)
	assert amounts(books) == {"-5": 1, "-300": 1, "-8": 1, "-42": 1}
	asked = questions(books.ledger)
	assert [str(one.candidates[0].known.amount) for one in asked] == ["-300.00"] * 3


def test_a_batch_whose_parts_are_known_is_asked_about(books):
	books.take(BEFORE, *PARTS, AFTER)
	run = books.take(BEFORE, BATCH, ALONE, AFTER, name="b.csv")
	assert (run.created, run.linked, run.held) == (1, 2, 1)
	[asked] = questions(books.ledger)
	assert {str(one.known.amount) for one in asked.candidates} == {"-100.00", "-80.00", "-120.00"}


def test_rows_that_make_no_sum_are_imported(books):
	books.take(BEFORE, BATCH, AFTER)
	run = books.take(BEFORE, *PARTS[:2], ALONE, AFTER, name="b.csv")
	assert (run.created, run.held) == (3, 0)


def test_rows_of_days_that_the_other_source_does_not_cover_are_imported(books):
	books.take(BEFORE, (9, "-300", "VIREMENTS GROUPES"))
	run = books.take(*((10, *part[1:]) for part in PARTS), name="b.csv")
	assert (run.created, run.held) == (3, 0)


def test_on_a_day_that_both_files_have_in_part_other_rows_are_new(books):
	"""Each ends or begins in the midst of the day, so that each has rows that the other lacks."""
	books.take(BEFORE, BATCH, ALONE)
	run = books.take(*PARTS, (5, "-7", "CB PAIN"), AFTER, name="b.csv")
	assert (run.created, run.held) == (5, 0)


def test_on_such_a_day_the_only_sum_is_asked_about(books):
	books.take(BEFORE, BATCH)
	run = books.take(*PARTS, AFTER, name="b.csv")
	assert (run.created, run.held) == (1, 3)


@pytest.mark.parametrize("one_by_one", [False, True])
def test_a_part_that_is_counted_in_the_batch_is_not_imported(books, one_by_one):
	"""The others are still parts of the batch once one of them was answered."""
	books.take(BEFORE, BATCH, AFTER)
	books.take(BEFORE, *PARTS, AFTER, name="b.csv")
	first = questions(books.ledger)
	for place in range(3):
		asked = questions(books.ledger)[0] if one_by_one else first[place]
		run = answer(books.ledger, asked.name, asked.candidates[0].known.name, lambda: NOW)
		assert (run.created, run.held) == (0, 1)
	assert questions(books.ledger) == []
	assert amounts(books) == {"-5": 1, "-300": 1, "-8": 1}
	told = explain_line(books.ledger.line_story(first[0].name))
	assert "A user decided that" in str(told.message)
	again = books.take(BEFORE, *PARTS, AFTER, name="b.csv")
	assert (again.created, again.held, questions(books.ledger)) == (0, 0, [])


def test_a_part_that_is_new_is_imported(books):
	books.take(BEFORE, BATCH, AFTER)
	books.take(BEFORE, *PARTS, AFTER, name="b.csv")
	for asked in questions(books.ledger):
		answer(books.ledger, asked.name, "", lambda: NOW)
	assert amounts(books) == {"-5": 1, "-300": 1, "-8": 1, "-100": 1, "-80": 1, "-120": 1}


def test_another_transaction_does_not_count_it(books):
	books.take(BEFORE, BATCH, AFTER)
	books.take(BEFORE, *PARTS, AFTER, name="b.csv")
	[coffee] = [row.name for row in books.ledger.transactions(bank_account="Current") if row.amount == -5]
	with pytest.raises(InvalidData, match="another account, currency or amount"):
		answer(books.ledger, questions(books.ledger)[0].name, coffee, lambda: NOW)


@pytest.mark.parametrize(
	("closing", "created", "reason"),
	[("687", 0, Reason.DUPLICATE), ("387", 3, None), ("600", 0, Reason.AMBIGUOUS)],
)
def test_the_balance_decides_about_the_parts(books, closing, created, reason):
	"""1,000 at the beginning: 687 with one of the two, 387 with both, and any other sum proves neither."""
	books.take(BEFORE, BATCH, AFTER, balance=("687", date(2026, 1, 10)))
	run = books.take(BEFORE, *PARTS, AFTER, name="b.csv", balance=(closing, date(2026, 1, 10)))
	assert run.created == created
	held = [one.reason for one in books.ledger.unmatched("Current")]
	assert held == [reason] * 3 if reason is Reason.AMBIGUOUS else [*filter(None, held)] == []
	assert len(questions(books.ledger)) == (3 if reason is Reason.AMBIGUOUS else 0)


def test_a_dry_run_asks_the_same_and_stores_nothing(books):
	books.take(BEFORE, BATCH, AFTER)
	shown = []
	run = books.take(BEFORE, *PARTS, ALONE, AFTER, name="b.csv", preview=shown.append)
	assert (run.created, run.linked, run.held) == (1, 2, 3)
	assert len(shown) == 6
	assert amounts(books) == {"-5": 1, "-300": 1, "-8": 1}


def test_of_very_many_new_rows_none_waits(books, monkeypatch):
	monkeypatch.setattr(collective_rows, "MOST_WAITING", 2)
	books.take(BEFORE, BATCH, AFTER)
	run = books.take(BEFORE, *PARTS, AFTER, name="b.csv")
	assert (run.created, run.linked, run.held) == (3, 2, 0)


def test_a_batch_that_is_booked_the_next_day_is_asked_about(books):
	books.take(BEFORE, (6, *BATCH[1:]), AFTER)
	run = books.take(BEFORE, *PARTS, AFTER, name="b.csv")
	assert (run.created, run.linked, run.held) == (0, 2, 3)
	assert [str(one.candidates[0].known.amount) for one in questions(books.ledger)] == ["-300.00"] * 3


def test_of_two_days_all_rows_are_one_sum(books):
	books.take(BEFORE, (6, *BATCH[1:]), AFTER)
	run = books.take(BEFORE, *PARTS, ALONE, AFTER, name="b.csv")
	assert (run.created, run.linked, run.held) == (4, 2, 0)


@pytest.mark.parametrize(("order", "held"), [((0, 1), 1), ((1, 0), 2)])
def test_a_net_amount_and_the_gross_one_with_its_fee_are_asked_about(books, order, held):
	rows = [((5, "50", "REMISE CB"), (5, "-1.50", "COMMISSION")), ((5, "48.50", "REMISE NETTE"),)]
	for name, place in enumerate(order):
		run = books.take(BEFORE, *rows[place], AFTER, name=str(name))
	assert (run.created, run.linked, run.held) == (0, 2, held)


def test_what_is_more_than_a_fee_is_a_transaction_of_its_own(books):
	books.take(BEFORE, (5, "50", "VIR"), (5, "-10", "CB"), AFTER)
	run = books.take(BEFORE, (5, "40", "VIR NET"), AFTER, name="b")
	assert (run.created, run.held) == (1, 0)


def test_very_many_rows_that_a_file_lacks_are_not_compared(books, monkeypatch):
	monkeypatch.setattr(collective_rows, "MOST_READ", 1)
	books.take(BEFORE, *PARTS, AFTER)
	run = books.take(BEFORE, BATCH, AFTER, name="b.csv")
	assert (run.created, run.linked, run.held) == (1, 2, 0)


def test_a_waiting_row_that_another_run_imports_meanwhile_is_imported_once(books, monkeypatch):
	books.take(BEFORE, AFTER)
	plain = Importer._import_possible_repeats

	def meanwhile(importer, staging, feeds):
		row = line("1", ALONE[1], ALONE[2], date=FIRST + timedelta(ALONE[0]))
		with books.ledger.batch() as batch:
			batch.apply(importer.run.name, [Decision(Action.NEW, row, "a feed", "Current")], NOW)
		plain(importer, staging, feeds)

	monkeypatch.setattr(Importer, "_import_possible_repeats", meanwhile)
	run = books.take(BEFORE, ALONE, AFTER, name="b.csv")
	assert (run.created, run.linked) == (0, 3)
	assert amounts(books) == {"-5": 1, "-8": 1, "-42": 1}

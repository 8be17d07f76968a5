"""Two files that share a part of a day: each ends or begins at noon, and a coffee was bought in each half."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from dokos_banksync.core.importing.split_days import last_day_of
from dokos_banksync.core.matching.known_days import KnownDays
from dokos_banksync.core.packed_lines import PackedLines
from dokos_banksync.core.records import BalanceCheck, Covered, PastCheck
from dokos_banksync.core.review.proof import prove
from tests.core.books import FIRST, NOW, amounts
from tests.core.build import line

# 100 on the morning of the 9th; +50 on the 9th; coffees before and after noon of the 11th; -20 on the 12th.
NOON = date(2026, 1, 11)
MORNING = ((8, "50", "VIR CLIENT"), (10, "-3", "cb cafe"))
AFTERNOON = ((10, "-3", "CB CAFE"), (11, "-20", "CB LIDL"))
TRUTH = {"-3": 2, "50": 1, "-20": 1}


def test_an_older_file_that_ends_at_noon_keeps_its_coffee_and_moves_the_opening_balance(books):
	books.take(*AFTERNOON, balance=("124", date(2026, 1, 12)))
	run = books.take(*MORNING, name="b.csv", balance=("147", NOON))
	assert (run.created, run.linked, run.held) == (2, 0, 0)
	assert amounts(books) == TRUTH
	assert [check.difference for check in run.checks] == [0]
	account = books.ledger.bank_account("Current")
	assert (account.opening_balance, account.opening_date) == (Decimal(100), date(2026, 1, 9))
	assert prove(books.ledger, "Current").complete


def test_an_older_file_with_the_whole_day_shares_both_coffees(books):
	coffee = (10, "-3", "Cb Cafe")
	books.take(coffee, *AFTERNOON, balance=("124", date(2026, 1, 12)))
	run = books.take(*MORNING, coffee, name="b.csv", balance=("144", NOON))
	assert (run.created, run.linked, run.held) == (1, 2, 0)
	assert amounts(books) == TRUTH
	assert prove(books.ledger, "Current").complete


def test_a_balance_of_a_later_day_says_that_the_coffee_is_a_second_one(books):
	books.take((1, "0.50", "INTERETS"), balance=("100", date(2026, 1, 2)))
	books.take(*AFTERNOON, name="b.csv", balance=("124", date(2026, 1, 12)))
	run = books.take(*MORNING, name="c.csv", balance=("147", NOON))
	assert (run.created, run.held) == (2, 0)
	assert [check.difference for check in run.checks] == [0]
	assert prove(books.ledger, "Current").complete


@pytest.fixture
def checked_now(books, monkeypatch):
	"""Return what makes a balance of a feed, of all that is booked now, the only one that is known."""

	def check(balance):
		zero = Decimal()
		past = BalanceCheck("Current", "EUR", zero, zero, Decimal(balance), zero, complete=True)
		monkeypatch.setattr(books.ledger, "checks", lambda _account: [PastCheck("run", NOW, past)])

	return check


TOMORROW = (NOW.date() - FIRST).days + 1


def test_a_balance_of_now_that_may_count_rows_dated_ahead_moves_no_opening_balance(books, checked_now):
	books.take((10, "-3", "CB CAFE"), (TOMORROW, "20", "VIR LOYER"), balance=("97", NOON))
	checked_now("197")
	books.take((8, "50", "VIR CLIENT"), name="b.csv", balance=("200", date(2026, 1, 9)))
	account = books.ledger.bank_account("Current")
	assert (account.opening_balance, account.opening_date) == (Decimal(100), date(2026, 1, 11))


@pytest.mark.parametrize(("ahead", "made"), [((), (2, 0)), (((TOMORROW, "-3", "CB PARKING"),), (1, 1))])
def test_a_balance_of_now_may_count_rows_dated_ahead(books, checked_now, ahead, made):
	books.take((1, "0.50", "INTERETS"), balance=("100", date(2026, 1, 2)))
	books.take(*AFTERNOON, *ahead, name="b.csv")
	checked_now("124")  # after two coffees, or after one of them and the parking
	run = books.take(*MORNING, name="c.csv", balance=("147", NOON))
	assert (run.created, run.held) == made


def test_balances_that_contradict_both_answers_are_a_question(books):
	books.take(*AFTERNOON, balance=("124", date(2026, 1, 12)))
	run = books.take(*MORNING, name="b.csv", balance=("146", NOON))
	assert (run.created, run.held) == (1, 1)
	[asked] = books.ledger.questions("Current")
	assert (asked.line.date, asked.line.amount) == (NOON, Decimal(-3))


@pytest.mark.parametrize("preview", [None, [].append])
def test_without_balances_it_is_asked_where_each_file_has_rows_that_the_other_lacks(books, preview):
	books.take(*AFTERNOON, (10, "-7", "CB PRESSE"))
	run = books.take(*MORNING, (10, "-9", "CB PAIN"), name="b.csv", preview=preview)
	assert (run.created, run.linked, run.held) == (2, 0, 1)


def test_without_balances_a_day_that_one_file_holds_completely_is_not_asked_about(books):
	books.take(*AFTERNOON, (10, "-7", "CB PRESSE"))
	run = books.take(*MORNING, name="b.csv")
	assert (run.created, run.linked, run.held) == (1, 1, 0)


def test_without_balances_a_day_that_the_file_holds_completely_is_not_asked_about(books):
	"""The file has the coffee of the books and the bread that they lack: together that is the day."""
	books.take(*AFTERNOON)
	run = books.take(*MORNING, (10, "-9", "CB PAIN"), name="b.csv")
	assert (run.created, run.linked, run.held) == (2, 1, 0)


@pytest.mark.parametrize(
	("rows", "counts"),
	[
		(((10, "-7", "CB PRESSE"),), (2, 0, 1)),
		((), (1, 1, 0)),
		(((10, "-7", "CB PRESSE"), (10, "-9", "CB PAIN")), (2, 2, 0)),
	],
)
def test_a_file_that_begins_where_another_one_ended_is_asked_about_in_the_same_way(books, rows, counts):
	books.take(*MORNING, (10, "-9", "CB PAIN"))
	run = books.take(*AFTERNOON, *rows, name="b.csv")
	assert (run.created, run.linked, run.held) == counts


def test_the_balance_decides_about_the_first_day_of_a_file(books):
	books.take(*MORNING, (10, "-9", "CB PAIN"), balance=("138", NOON))
	rows = (*AFTERNOON, (10, "-7", "CB PRESSE"))
	run = books.take(*rows, name="b.csv", balance=("108", date(2026, 1, 12)))
	assert (run.created, run.held, [check.difference for check in run.checks]) == (3, 0, [0])


def test_without_a_balance_of_a_later_day_an_opening_balance_proves_nothing(books):
	books.ledger.set_opening("Current", Decimal(500), date(2026, 1, 2))
	books.take(*AFTERNOON)
	run = books.take(*MORNING, name="b.csv")
	assert (run.created, run.linked, run.held) == (1, 1, 0)


def test_a_purchase_that_a_user_deleted_makes_no_second_coffee(books):
	"""The bank counts the deleted purchase of the same amount: the books differ from it by 3 before the file comes."""
	books.take((1, "0.50", "INTERETS"), (6, "-3", "CB JOURNAL"), balance=("97", date(2026, 1, 7)))
	books.take(
		(10, "-3", "CB CAFE"), (11, "-20", "CB LIDL"), name="b.csv", balance=("124", date(2026, 1, 12))
	)
	[paper] = [row for row in books.ledger.transactions(bank_account="Current") if row.date.day == 7]
	books.ledger.remove(paper.name)
	run = books.take((8, "50", "VIR CLIENT"), (10, "-3", "cb cafe"), name="c.csv", balance=("144", NOON))
	assert (run.created, run.linked, run.held) == (1, 1, 0)


def test_the_opening_balance_of_a_file_that_ends_at_noon_counts_its_own_rows_only(books):
	"""The purchase of the afternoon is in the first file, which has no balance."""
	books.take((10, "-20", "CB LIDL"), (11, "-1", "CB PAIN"))
	books.take(*MORNING, name="b.csv", balance=("147", NOON))
	assert books.ledger.bank_account("Current").opening_balance == 100


@pytest.mark.parametrize(
	("spans", "expected"),
	[
		((), False),
		(((1, 5),), True),
		(((5, 9),), True),
		(((1, 5), (5, 9)), False),
		(((1, 9),), False),
		(((7, 9),), False),
	],
)
def test_a_day_is_an_end_only_if_no_source_covers_the_days_around_it(spans, expected):
	def span(first, last):
		return Covered("run", "file:a", "Current", date(2026, 1, first), date(2026, 1, last), complete=True)

	assert KnownDays(span(*one) for one in spans).ends_on(date(2026, 1, 5)) is expected


COFFEE_WITH_REFERENCE = (10, "-3", "CB CAFE", "E2E-0001")


@pytest.mark.parametrize(
	("again", "expected"),
	[
		((10, "-3", "cb cafe", "E2E-0001"), (1, 1, 0)),
		((10, "-3", "cb cafe", "E2E-0002"), (2, 0, 0)),
		((10, "-3", "cb cafe"), (1, 0, 1)),
	],
)
def test_a_reference_identifies_a_row_of_a_day_that_both_hold_in_part(books, again, expected):
	books.take(COFFEE_WITH_REFERENCE, (10, "-7", "CB PRESSE"), (11, "-20", "CB LIDL"))
	run = books.take((8, "50", "VIR CLIENT"), (10, "-9", "CB PAIN"), again, name="b.csv")
	assert (run.created - 1, run.linked, run.held) == expected


@pytest.mark.parametrize("packed", [list, PackedLines])
def test_a_reference_that_a_file_repeats_does_not_identify_a_row(books, packed):
	"""The reference of a mandate is on each of its debits."""
	mandate = (0, "-5", "PRLV", "MANDATE-77")
	lines = packed(
		line(str(at), day=at, reference="MANDATE-77" if at in (0, 3) else "E2E-0001") for at in range(4)
	)
	last = last_day_of(lines, lines[3].date)
	assert (last.rows, last.has_once("MANDATE-77"), last.has_once("E2E-0001")) == (1, False, False)
	books.take(COFFEE_WITH_REFERENCE, (10, "-7", "CB PRESSE"), (11, "-20", "CB LIDL"))
	rows = [(*mandate[:3], "E2E-0001"), (10, "-9", "CB PAIN"), (10, "-3", "cb cafe", "E2E-0001")]
	assert books.take(*rows, name="b.csv").held == 1


def test_a_balance_that_contradicts_a_reference_is_a_question(books):
	books.take((1, "0.50", "INTERETS"), balance=("100", date(2026, 1, 2)))
	books.take(COFFEE_WITH_REFERENCE, (11, "-20", "CB LIDL"), name="b.csv", balance=("77", date(2026, 1, 12)))
	run = books.take(
		(8, "50", "VIR CLIENT"),
		(10, "-3", "cb cafe", "E2E-0001"),
		name="c.csv",
		balance=("144", NOON),
	)
	assert (run.created, run.linked, run.held) == (1, 0, 1)


WHOLE = ((8, "50", "VIR CLIENT"), (10, "-3", "CB CAFE"), (10, "-20", "CB LIDL"))


@pytest.mark.parametrize("later", [(), ((11, "-1", "CB PAIN"),)])
def test_an_export_of_the_morning_that_comes_after_one_of_the_evening_is_no_control_value(books, later):
	evening = ("126", date(2026, 1, 12)) if later else ("127", NOON)
	books.take(*WHOLE, *later, balance=evening)
	run = books.take(*WHOLE[:2], name="b.csv", balance=("147", NOON))
	assert (run.linked, run.checks) == (2, [])
	found = prove(books.ledger, "Current")
	assert (found.complete, str(found.checked.check.bank_balance)) == (True, evening[0])


@pytest.mark.parametrize("day", [NOON, date(2026, 1, 12)])
def test_a_balance_that_contradicts_the_books_makes_no_morning_of_an_older_export(books, day):
	"""A balance of the evening is there, but it does not prove the rest of the day."""
	books.take((0, "100", "VIR SALAIRE"), balance=("100", date(2026, 1, 1)))
	evening = books.take(*WHOLE, (11, "-1", "CB PAIN"), balance=("120", day))
	morning = books.take(*WHOLE[:2], name="b.csv", balance=("147", NOON))
	wrong = -7 if day == NOON else -6
	assert [check.difference for run in (evening, morning) for check in run.checks] == [wrong, 20]
	assert not prove(books.ledger, "Current").complete


def test_a_morning_that_does_not_agree_with_its_own_rows_is_a_difference(books):
	books.take(*WHOLE, balance=("127", NOON))
	run = books.take(*WHOLE[:2], name="b.csv", balance=("146", NOON))
	assert [check.difference for check in run.checks] == [19]


def test_without_a_balance_that_proves_the_evening_the_cause_is_named(books):
	books.take(*WHOLE)
	books.take(*WHOLE[:2], name="b.csv", balance=("147", NOON))
	found = prove(books.ledger, "Current")
	assert not found.complete
	cause = found.causes[0]
	assert (cause.exact, [(i.day, i.amount, i.label) for i in cause.items]) == (
		True,
		[(NOON, Decimal(20), "Cb Lidl")],
	)
	assert cause.sentence.endswith("it may have been made before they were booked")


def test_rows_that_are_not_the_difference_are_not_named_as_late(books):
	books.take(*WHOLE)
	books.take(*WHOLE[:2], name="b.csv", balance=("147", NOON))
	books.ledger.set_opening("Current", Decimal(101), date(2026, 1, 9))
	assert not [one for one in prove(books.ledger, "Current").causes if one.exact]


def test_the_export_of_the_morning_again_is_no_control_value_either(books):
	books.take(*WHOLE[:2], balance=("147", NOON))
	books.take(*WHOLE, (11, "-1", "CB PAIN"), name="b.csv", balance=("126", date(2026, 1, 12)))
	again = books.take(*WHOLE[:2], balance=("147", NOON))
	assert (again.unchanged, [check for check in again.checks if check.difference]) == (2, [])

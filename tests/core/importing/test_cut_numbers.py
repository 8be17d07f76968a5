"""A label that a source cuts off in the midst of a number: one transaction, or two invoices of one amount."""

from __future__ import annotations

import pytest

from dokos_banksync.core.importing.cut_numbers import CUT_NUMBER
from dokos_banksync.core.matching.labels import cuts_number
from dokos_banksync.core.review.questions import questions

LONG, SHORT = "VIR SEPA SOCIETE DUPONT FACTURE 10234", "VIR SEPA SOCIETE DUPONT FACTURE 10"
COFFEE = (4, "-3", "CB CAFE")


@pytest.mark.parametrize(("one", "other"), [(LONG, SHORT), (SHORT, LONG)])
def test_a_number_that_is_cut_off_is_a_question(books, one, other):
	books.take((3, "-12.50", one), COFFEE)
	run = books.take((3, "-12.50", other), COFFEE, name="b")
	assert (run.created, run.linked, run.held) == (0, 1, 1)
	[asked] = questions(books.ledger)
	assert [str(one.known.amount) for one in asked.candidates] == ["-12.50"]
	assert [held.note for held in books.ledger.lines(held=True)] == [CUT_NUMBER]


@pytest.mark.parametrize(
	"other",
	[(3, "-12.50", LONG[:-1] + "5"), (4, "-12.50", SHORT), (3, "-12.60", SHORT), (3, "-12.50", "VIR 1")],
)
def test_another_number_day_or_amount_is_a_new_transaction(books, other):
	books.take((3, "-12.50", LONG), (8, "-1", "CB X"))
	run = books.take(other, (8, "-1", "CB X"), name="b")
	assert (run.created, run.held) == (1, 0)


def test_each_of_two_invoices_is_its_own(books):
	books.take((3, "-12.50", LONG), (3, "-12.50", SHORT), COFFEE)
	run = books.take((3, "-12.50", SHORT), (3, "-12.50", LONG), COFFEE, name="b")
	assert (run.linked, run.created, run.held) == (3, 0, 0)


@pytest.mark.parametrize(
	("one", "other", "expected"),
	[
		("CARTE 12345678 FACT 10", "CARTE 12345678 FACT 1023", True),
		("CARTE 12345678 FACT", "CARTE 12345678 FACT 1023", False),
		("CARTE 12345678 FACT 10", "CARTE 12345678 FACT 10 X", False),
		("FACTURE 1", "FACTURE 10", False),
	],
)
def test_where_a_number_is_cut_off(one, other, expected):
	assert cuts_number(one, other) is cuts_number(other, one) is expected

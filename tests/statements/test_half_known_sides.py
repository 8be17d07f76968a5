"""Two short words for debit and credit, of which only one is known: the other language may mean the other side."""

from __future__ import annotations

import pytest

from dokos_banksync.statements.contract import ReadingQuestion
from dokos_banksync.statements.half_known_sides import Pair, half_known
from tests.statements.one_table import amounts

TABLE = "Datum;Omschrijving;Af/Bij;Bedrag\n02-11-2026;LIDL;{0};20,15\n05-11-2026;ACME;{1};1000,00\n06-11-2026;SHOP;{0};2,00\n"
BALANCED = "Datum;Omschrijving;Af/Bij;Bedrag;Saldo\n02-11-2026;LIDL;{0};20,15;79,85\n05-11-2026;ACME;{1};1000,00;1079,85\n"


@pytest.mark.parametrize(
	("texts", "found"),
	[
		(["A", "B", "A"], Pair("a", "b")),
		(["MD", "D", ""], Pair("d", "md")),
		(["A", "A"], Pair("a", "")),
		(["D", "D"], None),
		(["A", "D"], None),
		(["D", "X", "Y"], None),
		(["D", "Fee"], None),
		(["1", "D"], None),
		(["", ""], None),
	],
)
def test_which_words_are_half_known(texts, found):
	assert half_known(texts) == found


@pytest.mark.parametrize(("one", "other"), [("A", "B"), ("D", "W"), ("D", "MD")])
def test_the_side_of_half_known_words_is_asked(one, other):
	with pytest.raises(ReadingQuestion, match="not known as a pair") as question:
		amounts(TABLE.format(one, other))
	assert question.value.choices == [{"sign": "normal"}, {"sign": "reversed"}]


def test_the_answer_says_which_word_is_money_in():
	assert amounts(TABLE.format("A", "B"), sign="reversed") == ["-20.15", "1000.00", "-2.00"]
	assert amounts(TABLE.format("A", "B"), sign="normal") == ["20.15", "-1000.00", "2.00"]
	assert amounts(TABLE.format("A", "D"), sign="normal") == ["20.15", "-1000.00", "2.00"]


def test_balances_prove_the_words():
	assert amounts(BALANCED.format("A", "B")) == ["-20.15", "1000.00"]
	assert amounts(BALANCED.format("W", "D")) == ["-20.15", "1000.00"]


def test_the_letter_that_is_money_in_or_out_is_asked_about_alone():
	with pytest.raises(ReadingQuestion, match="A and –"):
		amounts(TABLE.format("A", "A"))

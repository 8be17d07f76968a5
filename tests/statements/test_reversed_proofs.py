"""Balances before each row follow as well as balances behind them, with every sign reversed."""

from __future__ import annotations

import pytest

from dokos_banksync.statements.contract import Evidence, ReadingOptions, ReadingQuestion
from dokos_banksync.statements.registry import read

BEFORE = [
	("A", "-12,50", "100,00"),
	("B", "-10,00", "87,50"),
	("C", "200,00", "77,50"),
	("D", "-50,00", "277,50"),
]
CARD = [
	("A", "12,50", "87,50"),
	("B", "10,00", "77,50"),
	("C", "-200,00", "277,50"),
	("D", "50,00", "227,50"),
]
ONE_DAY = (13, 13, 13, 13)
DAYS = (13, 14, 15, 16)


def table(rows, days, *, newest_first=False, title="Saldo"):
	lines = [f"{day}.11.2026;{';'.join(row)}\n" for day, row in zip(days, rows, strict=True)]
	return "".join([f"Datum;Text;Betrag;{title}\n", *(lines[::-1] if newest_first else lines)])


def amounts(text, **options):
	[found] = read(text.encode(), ReadingOptions("EUR", **options)).accounts
	return found.evidence, [str(line.amount) for line in found.lines]


@pytest.mark.parametrize("days", [ONE_DAY, DAYS], ids=["one day", "days"])
@pytest.mark.parametrize("newest_first", [False, True])
def test_balances_before_the_rows_do_not_reverse_the_signs(days, newest_first):
	text = table(BEFORE, days, newest_first=newest_first)
	with pytest.raises(ReadingQuestion, match="--sign normal"):
		amounts(text)
	with pytest.raises(ReadingQuestion, match="--column balance=-"):
		amounts(text, sign="normal")
	expected = ["-12.50", "-10.00", "200.00", "-50.00"]
	found = amounts(text, sign="normal", columns={"balance": "-"})
	assert found == (Evidence.NONE, expected[::-1] if newest_first else expected)


def test_balances_before_the_rows_under_an_unknown_title_prove_nothing():
	expected = ["-12.50", "-10.00", "200.00", "-50.00"]
	assert amounts(table(BEFORE, ONE_DAY, title="Qqq")) == (Evidence.NONE, expected)


@pytest.mark.parametrize("newest_first", [False, True])
def test_balances_that_follow_as_the_days_do_reverse_the_signs(newest_first):
	expected = ["-12.50", "-10.00", "200.00", "-50.00"]
	found = amounts(table(CARD, DAYS, newest_first=newest_first))
	assert found == (Evidence.ROW_BALANCES, expected[::-1] if newest_first else expected)


def test_the_user_says_that_the_signs_of_one_day_are_reversed():
	assert amounts(table(CARD, ONE_DAY), sign="reversed")[0] is Evidence.ROW_BALANCES

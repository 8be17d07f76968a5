"""A dash in the place of the cents, `20.-` and `1.000,--`: it is no minus, and it proves the decimal mark."""

from __future__ import annotations

from decimal import Decimal

import pytest

from dokos_banksync.statements.amounts import decimal_mark, money
from dokos_banksync.statements.contract import ReadingOptions
from dokos_banksync.statements.registry import read


@pytest.mark.parametrize(
	("text", "mark", "value"),
	[
		("20.-", ".", "20"),
		("20,-", ",", "20"),
		("-20,-", ",", "-20"),
		("1.000,--", ",", "1000"),
		("1'000.--", ".", "1000"),
		("1`000.50", ".", "1000.50"),
		("CHF 20.-", ".", "20"),
		("1 000.- CHF", ".", "1000"),
		("20,–", ",", "20"),
		("20.00-", ".", "-20"),
		("20-", ".", "-20"),
		("(20.-)", ".", "-20"),
	],
)
def test_a_dash_for_the_cents_is_no_minus(text, mark, value):
	assert money(text, mark).value == Decimal(value)


@pytest.mark.parametrize(("text", "mark"), [("1.000,-", ","), ("1,000.-", "."), ("1.000-", "")])
def test_a_dash_for_the_cents_proves_the_decimal_mark(text, mark):
	assert decimal_mark([text]) == mark


def test_money_in_with_a_dash_for_the_cents_stays_money_in():
	text = "Datum;Text;Betrag;Saldo\n02.11.2026;A;-20,-;80,-\n03.11.2026;B;1.000,-;1.080,-\n04.11.2026;C;-3,50;1.076,50\n"
	[one] = read(text.encode(), ReadingOptions("EUR")).accounts
	assert [str(line.amount) for line in one.lines] == ["-20.00", "1000.00", "-3.50"]

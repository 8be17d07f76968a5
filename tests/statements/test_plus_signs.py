"""Amounts of which some have a plus and none has a minus: those without a sign are money out."""

from __future__ import annotations

import pytest

from dokos_banksync.core.errors import InvalidData
from dokos_banksync.statements.contract import ReadingOptions
from dokos_banksync.statements.registry import read

ROWS = "05.11.2026;A;4,80\n16.11.2026;B;+900,00\n17.11.2026;C;1,00\n"


def _amounts(text, **options):
	[account] = read(text.encode(), ReadingOptions("CHF", **options)).accounts
	return [str(line.amount) for line in account.lines]


def test_the_sign_is_asked_for_and_the_plus_stays_money_in():
	table = f"Datum;Text;Betrag\n{ROWS}"
	with pytest.raises(InvalidData, match="--sign"):
		_amounts(table)
	assert _amounts(table, sign="reversed") == ["-4.80", "900.00", "-1.00"]
	assert _amounts(table, sign="normal") == ["4.80", "900.00", "1.00"]


def test_balances_prove_it():
	table = "Datum;Text;Betrag;Saldo\n05.11.2026;A;4,80;95,20\n16.11.2026;B;+900,00;995,20\n17.11.2026;C;1,00;994,20\n"
	assert _amounts(table) == ["-4.80", "900.00", "-1.00"]


@pytest.mark.parametrize("other", ["-4,80", "4,80-", "\u22124,80", "(4,80)"])
def test_beside_a_minus_a_plus_says_nothing_of_the_others(other):
	table = f"Datum;Text;Betrag\n05.11.2026;A;{other}\n16.11.2026;B;+900,00\n17.11.2026;C;1,00\n"
	assert _amounts(table) == ["-4.80", "900.00", "1.00"]
	assert _amounts(table, sign="reversed") == ["4.80", "-900.00", "-1.00"]


def test_a_plus_before_every_amount_is_money_in():
	assert _amounts("Datum;Text;Betrag\n05.11.2026;A;+4,80\n16.11.2026;B;+900,00\n17.11.2026;C;0,00\n") == [
		"4.80",
		"900.00",
	]

"""A minus in a column of debit or credit: a reversal, or nothing of its own."""

from __future__ import annotations

import pytest

from dokos_banksync.core.errors import InvalidData
from dokos_banksync.statements.contract import ReadingQuestion
from tests.statements.one_table import amounts

MIXED = "Date;Libellé;Débit;Crédit\n12/11/2026;A;45,00;\n13/11/2026;B;-45,00;\n14/11/2026;C;;900,00\n"
CREDITS = "Date;Libellé;Débit;Crédit\n12/11/2026;A;45,00;\n14/11/2026;C;;-900,00\n"


@pytest.mark.parametrize(("text", "row", "title"), [(MIXED, 3, "Débit"), (CREDITS, 3, "Crédit")])
def test_a_minus_that_may_mean_two_things_is_asked_about(text, row, title):
	with pytest.raises(ReadingQuestion, match="what its minus means") as asked:
		amounts(text)
	assert asked.value.message.values[::2] == (str(row), title)
	assert asked.value.choices == [{"sign": "normal"}, {"sign": "unsigned"}]


@pytest.mark.parametrize(
	("text", "normal", "unsigned"),
	[
		(MIXED, ["-45.00", "45.00", "900.00"], ["-45.00", "-45.00", "900.00"]),
		(CREDITS, ["-45.00", "-900.00"], ["-45.00", "900.00"]),
	],
)
def test_the_answer_decides(text, normal, unsigned):
	assert amounts(text, sign="normal") == normal
	assert amounts(text, sign="unsigned") == unsigned


@pytest.mark.parametrize(
	("balances", "expected"),
	[(("955,00", "1000,00", "1900,00"), "45.00"), (("955,00", "910,00", "1810,00"), "-45.00")],
)
def test_running_balances_answer_it(balances, expected):
	titles, *rows = MIXED.splitlines()
	text = "\n".join((f"{titles};Solde", *(f"{row};{one}" for row, one in zip(rows, balances, strict=True))))
	assert amounts(f"{text}\n") == ["-45.00", expected, "900.00"]


@pytest.mark.parametrize(
	("debits", "expected"),
	[
		(("45,00", "30,00", "-45,00"), ["-45.00", "-30.00", "45.00"]),
		(("-45,00", "-30,00", "45,00"), ["-45.00", "-30.00", "45.00"]),
		(("-45,00", "-30,00", "-1,00"), ["-45.00", "-30.00", "-1.00"]),
	],
)
def test_a_few_debits_with_another_sign_than_the_rest_are_reversals(debits, expected):
	rows = [f"1{n}/11/2026;A;{debit};\n" for n, debit in enumerate(debits, 2)]
	assert amounts("Date;Libellé;Débit;Crédit\n" + "".join(rows)) == expected


def test_unsigned_is_no_answer_for_one_column_of_amounts():
	text = "Date;Text;Betrag\n12/11/2026;A;45,00\n13/11/2026;B;30,00\n"
	with pytest.raises(ReadingQuestion, match="money in or money out"):
		amounts(text, sign="unsigned")
	card = "!Type:CCard\nD25/11/2026\nT4.80\nPBakery\n^\nD26/11/2026\nT5.80\nPCafe\n^\n"
	with pytest.raises(InvalidData):
		amounts(card, sign="unsigned")

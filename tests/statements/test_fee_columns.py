"""Fees under titles that are not known as a whole: asked about, or proven by the balances."""

from __future__ import annotations

import pytest

from dokos_banksync.statements.contract import Evidence, ReadingOptions, ReadingQuestion
from dokos_banksync.statements.registry import read

TABLE = "Date,Description,Amount,{0}\n2026-11-02,LIDL,-20.15,{1}\n2026-11-05,ACME,1000.00,0.00\n"


def account(text, **columns):
	[one] = read(text.encode(), ReadingOptions("EUR", columns=columns)).accounts
	return one


def amounts(text, **columns):
	return [str(line.amount) for line in account(text, **columns).lines]


@pytest.mark.parametrize(
	"title",
	[
		"Foreign exchange fee",
		"Comm.",
		"Fees & charges",
		"Frais de change",
		"Gebühren Ausland",
		"Spese estere",
		"Round up",
		"Arrondi",
	],
)
def test_a_fee_beside_the_amount_is_asked_about(title):
	text = TABLE.format(title, "0.20")
	with pytest.raises(ReadingQuestion, match="is deducted from the amounts"):
		amounts(text)
	assert amounts(text, fee="4") == ["-20.35", "1000.00"]
	assert amounts(text, fee="-") == ["-20.15", "1000.00"]


@pytest.mark.parametrize(
	("title", "cell"),
	[("Foreign exchange fee", "0.00"), ("Fee currency", "EUR"), ("Coffee", "0.20"), ("Fee type", "ATM")],
)
def test_no_fee_and_other_titles_are_not_asked_about(title, cell):
	text = TABLE.format(title, cell).replace(
		"1000.00,0.00", f"1000.00,{cell}" if cell.isalpha() else "1000.00,0.00"
	)
	assert amounts(text) == ["-20.15", "1000.00"]


def test_balances_prove_a_fee():
	text = (
		"Date,Description,Amount,Bank fee,Balance\n2026-11-02,LIDL,-20.15,0.20,79.65\n2026-11-05,ACME,1000.00,0.00,1079.65\n"
		"2026-11-06,LIDL,-1.00,0.10,1078.55\n"
	)
	found = account(text)
	assert (found.evidence, [str(line.amount) for line in found.lines]) == (
		Evidence.ROW_BALANCES,
		["-20.35", "1000.00", "-1.10"],
	)

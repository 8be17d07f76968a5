"""A column that is the amount and another column in each row may be what was booked: it is asked about."""

from __future__ import annotations

import pytest

from dokos_banksync.statements.contract import ReadingOptions, ReadingQuestion
from dokos_banksync.statements.registry import read

TIPS = (
	"Date,Description,Amount,Tip,Total\n2026-11-13,A,-80.00,-8.00,-88.00\n2026-11-14,B,-10.00,-1.00,-11.00\n"
)


def amounts(text, **columns):
	[account] = read(text.encode(), ReadingOptions("EUR", columns=columns)).accounts
	return [str(line.amount) for line in account.lines]


def test_the_total_of_amount_and_tip_may_be_what_was_booked():
	with pytest.raises(ReadingQuestion, match="--column amount=3, --column amount=5"):
		amounts(TIPS)
	assert amounts(TIPS, amount="3") == ["-80.00", "-10.00"]
	assert amounts(TIPS, amount="5") == ["-88.00", "-11.00"]


@pytest.mark.parametrize(
	"text",
	[
		TIPS.replace("-88.00", "-70.00"),
		TIPS.replace("-8.00,", "0.00,")
		.replace("-1.00,", "0.00,")
		.replace("-88", "-80")
		.replace("-11", "-10"),
		"Date,Description,Before,Amount,After\n2026-11-13,A,100.00,-80.00,20.00\n2026-11-14,B,20.00,-10.00,10.00\n",
		"Date,Description,Before,Amount,After\n2026-11-14,B,20.00,-10.00,10.00\n2026-11-13,A,100.00,-80.00,20.00\n",
		"Date;Libellé;Montant;Solde avant;Solde après\n13/11/2026;A;-80,00;100,00;20,00\n14/11/2026;B;-10,00;70,00;60,00\n",
	],
	ids=["no sum", "nothing added", "balances", "balances, newest first", "balances of two accounts"],
)
def test_other_columns_of_money_are_not_asked_about(text):
	assert sorted(amounts(text)) == ["-10.00", "-80.00"]


@pytest.mark.parametrize("tax", ["VAT", "Tax", "TVA"])
def test_a_net_amount_beside_a_tax_and_their_sum_is_asked_about(tax):
	text = f"Date,Description,Net,{tax},Gross\n2026-11-02,A,-20.00,-4.00,-24.00\n2026-11-05,B,1000.00,200.00,1200.00\n"
	with pytest.raises(ReadingQuestion, match="--column amount=5"):
		amounts(text)
	assert amounts(text, amount="5") == ["-24.00", "1200.00"]


CAPTURED = "Date,Description,Amount,{0}\n2026-11-02,A,-20.15,{1}\n2026-11-05,B,1000.00,1000.00\n"


@pytest.mark.parametrize(
	"title", ["Captured amount", "Amount refunded", "Montant accepté", "Gebuchter Betrag"]
)
def test_another_amount_under_a_longer_title_is_asked_about(title):
	text = CAPTURED.format(title, "-18.15")
	with pytest.raises(ReadingQuestion, match="--column amount=3, --column amount=4"):
		amounts(text)
	assert amounts(text, amount="4") == ["-18.15", "1000.00"]


@pytest.mark.parametrize(
	("title", "cell"),
	[
		("Captured amount", "20.15"),
		("Local amount", "-18.15"),
		("Montant HT", "-18.15"),
		("Foreign amount", "-18.15"),
		("Amount of points", "12"),
		("Points", "-18.15"),
	],
)
def test_amounts_of_other_kinds_are_not_asked_about(title, cell):
	text = (
		CAPTURED.format(title, cell).replace("1000.00\n", "1000\n")
		if cell == "12"
		else CAPTURED.format(title, cell)
	)
	assert [float(one) for one in amounts(text)] == [-20.15, 1000.0]

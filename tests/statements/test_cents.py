"""Amounts whose whole units and hundredths stand in two columns: never read without their cents."""

from __future__ import annotations

import pytest

from dokos_banksync.core.errors import InvalidData
from dokos_banksync.statements.contract import ReadingQuestion
from tests.statements.one_table import amounts

TABLE = "Date;Libellé;Montant;{0};Sens\n02/11/2026;LIDL;{1};D\n05/11/2026;ACME;{2};C\n"


@pytest.mark.parametrize("title", ["", "Centimes", "Cent", "cts"])
def test_a_column_of_hundredths_beside_whole_amounts_is_asked_about(title):
	text = TABLE.format(title, "20;15", "1 000;5")
	with pytest.raises(ReadingQuestion, match="--column amount=3") as raised:
		amounts(text)
	# All but the amount, which is the answer, is shown as it is read.
	assert raised.value.suggested == {"date": "Date", "label": "Libellé", "direction": "Sens"}
	assert amounts(text, columns={"amount": "3"}) == ["-20", "1000"]


def test_debits_and_credits_have_hundredths_as_well():
	text = "Date;Libellé;Débit;;Crédit;\n02/11/2026;LIDL;20;15;;\n05/11/2026;ACME;12;00;;\n"
	with pytest.raises(ReadingQuestion, match="--column debit=3"):
		amounts(text)


@pytest.mark.parametrize(
	("title", "first", "second"),
	[
		("", "20,15;12", "1000,00;5"),
		("", "20;150", "1000;5"),
		("", "20;00", "1000;00"),
		("", "20;", "1000;5"),
		("Code", "20;15", "1000;5"),
		("", "20,1;12", "1000,5;5"),
	],
)
def test_other_columns_are_no_hundredths(title, first, second):
	assert len(amounts(TABLE.format(title, first, second))) == 2


@pytest.mark.parametrize(
	"above",
	["Amounts in cents", "Montants en milliers d'euros", "Beträge in Tausend", "Importes en miles de euros"],
)
def test_amounts_in_parts_or_multiples_of_the_currency_are_refused(above):
	with pytest.raises(InvalidData, match="parts or multiples"):
		amounts(f"{above}\nDate,Description,Amount\n2026-11-02,LIDL,-2015\n2026-11-05,ACME,1000\n")


@pytest.mark.parametrize(
	"above", ["Montants en euros et centimes", "Amounts in EUR", "A thousand thanks", "Amounts;in cents"]
)
def test_other_texts_above_the_table_are_no_units(above):
	assert amounts(f"{above}\nDate;Libellé;Montant\n02/11/2026;LIDL;-20,15\n05/11/2026;ACME;10,00\n") == [
		"-20.15",
		"10.00",
	]


SPLIT = "Date,Description,Amount,Reference\n2026-11-02,LIDL,{0}\n2026-11-05,ACME,{1}\n"


@pytest.mark.parametrize(
	("first", "second"), [("-20,15", "1000,50"), ("-1,234.15", "20.00,77"), ("20,00", "15,05")]
)
def test_an_amount_that_commas_split_is_asked_about(first, second):
	with pytest.raises(ReadingQuestion, match="hundredths"):
		amounts(SPLIT.format(first, second))


@pytest.mark.parametrize(
	("first", "second"),
	[("-20,7", "1000.50,15"), ("-20,1501", "1000,1502"), ("-20.15,15", "10.00,16"), ("-1,X234.15", "2,")],
)
def test_references_beside_amounts_are_no_hundredths(first, second):
	assert len(amounts(SPLIT.format(first, second))) == 2


def test_a_semicolon_splits_no_amount():
	assert len(amounts(SPLIT.format("-20,15", "1000,50").replace(",", ";"))) == 2

"""Columns of debit and credit, or flags for them, that the labels or the signs of the amounts contradict."""

from __future__ import annotations

import pytest

from dokos_banksync.statements.contract import ReadingQuestion
from tests.statements.one_table import amounts

FLAGS = "date,description,amount,{0}\n2026-11-02,LIDL,-20.15,{1}\n2026-11-05,ACME,1000.00,{2}\n"
BOOKS = "Date,Source,Description,Debit,Credit\n2026-11-02,{0},LIDL,,20.15\n2026-11-05,{1},ACME,1000.00,\n"
LEDGER = (
	"Date;Libellé;Débit;Crédit;Solde débiteur;Solde créditeur\n02/11/2026;LIDL;;20,15;79,85;\n"
	"05/11/2026;ACME;1000,00;;1079,85;\n"
)


@pytest.mark.parametrize(
	("title", "out", "in_"), [("is_credit", "true", "false"), ("Is debit", "no", "yes"), ("Credit", "Y", "N")]
)
def test_flags_that_contradict_the_signs_are_asked_about(title, out, in_):
	with pytest.raises(ReadingQuestion, match="--sign normal"):
		amounts(FLAGS.format(title, out, in_))
	assert amounts(FLAGS.format(title, out, in_), sign="normal") == ["-20.15", "1000.00"]
	assert amounts(FLAGS.format(title, in_, out)) == ["-20.15", "1000.00"]


def test_columns_of_debit_and_credit_that_all_labels_contradict_are_asked_about():
	with pytest.raises(ReadingQuestion, match="--sign normal"):
		amounts(BOOKS.format("Spend Money", "Receive Money"))
	assert amounts(BOOKS.format("Spend Money", "Receive Money"), sign="reversed") == ["-20.15", "1000.00"]


@pytest.mark.parametrize(("out", "in_"), [("Paid out", "Paid in"), ("Withdrawals", "Deposits")])
def test_columns_of_what_was_paid_in_mean_what_they_say_whatever_the_labels(out, in_):
	text = BOOKS.format("Spend Money", "Receive Money").replace("Debit,Credit", f"{out},{in_}")
	assert amounts(text) == ["20.15", "-1000.00"]


@pytest.mark.parametrize(
	("first", "second"), [("Receive Money", "Spend Money"), ("Spend Money", "x"), ("x", "y")]
)
def test_one_label_against_the_columns_is_a_reversal(first, second):
	assert amounts(BOOKS.format(first, second)) == ["20.15", "-1000.00"]


def test_the_two_balances_of_a_ledger_are_asked_about():
	with pytest.raises(ReadingQuestion, match="accounting journal"):
		amounts(LEDGER)
	assert amounts(LEDGER, sign="reversed") == ["-20.15", "1000.00"]

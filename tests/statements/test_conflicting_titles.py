"""Titles and days that contradict each other: the amount of the account is read, and what nothing decides is asked about."""

from __future__ import annotations

import pytest

from dokos_banksync.statements.contract import ReadingOptions, ReadingQuestion
from dokos_banksync.statements.registry import read


def found(text, **options):
	[account] = read(text.encode(), ReadingOptions("EUR", **options)).accounts
	return [(str(line.date), str(line.amount), line.currency) for line in account.lines]


@pytest.mark.parametrize(
	"title", ["Amount (Foreign Currency)", "Betrag (Fremdwährung)", "Montant (devise)", "Importo (divisa)"]
)
def test_an_amount_of_another_currency_is_not_the_amount(title):
	text = f"Date,Payee,Amount (EUR),{title}\n2026-11-13,Shop,-18.40,-20.00\n2026-11-14,ACME,900.00,\n"
	assert found(text) == [("2026-11-13", "-18.40", "EUR"), ("2026-11-14", "900.00", "EUR")]


def test_a_currency_beside_another_amount_is_not_that_of_an_amount_whose_title_names_one():
	text = (
		"Date;Libellé;Montant devise;Devise;Cours;Montant EUR\n"
		"13/11/2026;HOTEL;-100,00;USD;0,92;-92,00\n14/11/2026;CAFE;-3,00;EUR;1,00;-3,00\n"
	)
	assert found(text) == [("2026-11-13", "-92.00", "EUR"), ("2026-11-14", "-3.00", "EUR")]


def test_a_currency_beside_the_amount_itself_stays():
	text = "Date;Libellé;Montant EUR;Devise\n13/11/2026;HOTEL;-100,00;USD\n14/11/2026;CAFE;-3,00;EUR\n"
	assert [currency for _, _, currency in found(text)] == ["USD", "EUR"]


MIXED = "Date,Label,Amount\n13/11/2026,A,-1.00\n11/14/2026,B,-2.00\n05/06/2026,C,3.00\n"


def test_days_that_prove_both_orders_prove_none():
	with pytest.raises(ReadingQuestion) as asked:
		found(MIXED)
	assert [choice["date_format"] for choice in asked.value.choices] == ["DMY", "MDY"]
	assert found(MIXED, dates="MDY") == [("2026-11-14", "-2.00", "EUR"), ("2026-05-06", "3.00", "EUR")]


def test_days_of_both_orders_without_an_ambiguous_one_need_no_question():
	text = MIXED.replace("05/06/2026", "15/06/2026")
	assert [day for day, _, _ in found(text)] == ["2026-11-13", "2026-06-15"]


@pytest.mark.parametrize(
	"title", ["Montant (devise du compte)", "Montant (en devise de compte)", "Importe (divisa de la cuenta)"]
)
def test_an_amount_in_the_currency_of_the_account_is_its_amount(title):
	text = f"Date;Libellé;{title}\n13/11/2026;Shop;-18,40\n14/11/2026;ACME;900,00\n"
	assert found(text) == [("2026-11-13", "-18.40", "EUR"), ("2026-11-14", "900.00", "EUR")]

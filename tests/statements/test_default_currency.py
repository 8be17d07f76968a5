"""The currency of rows that name none: the file says it in a title, beside the balances, or above the table."""

from __future__ import annotations

import pytest

from dokos_banksync.statements.contract import ReadingOptions
from dokos_banksync.statements.registry import read

ROWS = "Date;Libellé;Montant\n02/11/2026;LIDL;-20,15\n05/11/2026;ACME;1000,00\n"


def currencies(text):
	[one] = read(text.encode(), ReadingOptions("EUR")).accounts
	return {line.currency for line in one.lines}


@pytest.mark.parametrize(
	"above",
	[
		"Devise : USD",
		"Währung: USD",
		"Devise;USD",
		"Compte USD",
		"Compte courant USD n° 00012345678",
		"Relevé de compte en USD",
		"Account statement (USD)",
	],
)
def test_the_text_above_the_table_says_the_currency(above):
	assert currencies(f"{above}\n{ROWS}") == {"USD"}


@pytest.mark.parametrize(
	"above",
	[
		"Relevé de compte",
		"TOUS LES COMPTES, ALL ACCOUNTS",
		"Taux USD 1,08",
		"Compte EUR ou USD",
		"Relevé de compte en USD;00012345678",
	],
)
def test_other_texts_above_the_table_do_not(above):
	assert currencies(f"{above}\n{ROWS}") == {"EUR"}


@pytest.mark.parametrize(("title", "symbol"), [("Solde (USD)", ""), ("Solde", " USD"), ("Solde", " US$")])
def test_amounts_have_the_currency_of_the_balances_that_they_make(title, symbol):
	text = f"Date;Libellé;Montant;{title}\n02/11/2026;LIDL;-20,15;79,85{symbol}\n05/11/2026;ACME;1000,00;1079,85{symbol}\n"
	assert currencies(text) == {"USD"}


def test_the_currency_beside_an_amount_counts_more_than_that_of_the_balance():
	text = "Date;Libellé;Montant;Solde\n02/11/2026;LIDL;-20,15 €;79,85 USD\n05/11/2026;ACME;1000,00 €;1079,85 USD\n"
	assert currencies(text) == {"EUR"}

"""Headings among the rows that name an account or a currency: what is below them belongs to it."""

from __future__ import annotations

import pytest

from dokos_banksync.statements.contract import ReadingOptions
from dokos_banksync.statements.registry import read

BLOCKS = "{0}\nDate;Libellé;Montant\n02/11/2026;LIDL;-20,15\n06/11/2026;ALDI;-2,00\n\n{1}\nDate;Libellé;Montant\n05/11/2026;ACME;1000,00\n"
ROWS = (
	"Date;Libellé;Montant\n{0}\n02/11/2026;LIDL;-20,15\n06/11/2026;ALDI;-2,00\n{1}\n05/11/2026;ACME;1000,00\n"
)


def accounts(text):
	return read(text.encode(), ReadingOptions("EUR")).accounts


@pytest.mark.parametrize("text", [BLOCKS, ROWS])
@pytest.mark.parametrize(
	("first", "second"),
	[("Devise : EUR", "Devise : USD"), ("Compte EUR", "Compte USD"), ("Konto (EUR)", "Konto (USD)")],
)
def test_a_heading_gives_the_rows_below_it_their_currency(text, first, second):
	found = [
		(str(line.amount), line.currency)
		for one in accounts(text.format(first, second))
		for line in one.lines
	]
	assert found == [("-20.15", "EUR"), ("-2.00", "EUR"), ("1000.00", "USD")]


def test_rows_below_the_heading_of_another_currency_do_not_follow_from_the_balances_above():
	text = (
		"Date;Libellé;Montant;Solde\nDevise : EUR\n02/11/2026;LIDL;-20,15;79,85\n06/11/2026;ALDI;-2,00;77,85\n"
		"Devise : USD\n05/11/2026;ACME;1000,00;1500,00\n06/11/2026;ACME;1,00;1501,00\n"
	)
	[one] = accounts(text)
	assert not one.mismatches
	assert [line.currency for line in one.lines] == ["EUR", "EUR", "USD", "USD"]


def test_headings_of_accounts_without_numbers_are_accounts():
	found = accounts(BLOCKS.format("Compte courant", "Livret A"))
	assert [(one.number, len(one.lines)) for one in found] == [("Compte courant", 2), ("Livret A", 1)]


@pytest.mark.parametrize(
	("first", "second"),
	[
		("Compte courant", "Compte courant"),
		("Page un", "Page deux"),
		("Novembre", "Compte courant"),
		("Relevé de compte de la période écoulée", "Suite"),
		("Devise du compte", "Devise"),
	],
)
def test_other_headings_part_nothing(first, second):
	[one] = accounts(BLOCKS.format(first, second))
	assert [line.currency for line in one.lines] == ["EUR"] * 3

"""Totals of debits and credits that a table states once: rows that do not make them are not imported unasked."""

from __future__ import annotations

import pytest

from dokos_banksync.statements.contract import ReadingOptions
from dokos_banksync.statements.registry import read

ROWS = "Date;Libellé;Débit;Crédit\n02/11/2026;LIDL;20,15;\n05/11/2026;ACME;;1000,00\n"


def mismatches(text):
	[one] = read(text.encode(), ReadingOptions("EUR")).accounts
	assert len(one.lines) >= 2
	return [str(sentence) for sentence in one.mismatches]


@pytest.mark.parametrize(
	("above", "below"),
	[
		("", "Total;;25,15;1000,00\n"),
		("", "Total;;-25,15;1000,00\n"),
		("Total débits;25,15\nTotal crédits;1000,00\n", ""),
		("", "Total débits;;;25,15\n"),
	],
)
def test_a_total_that_the_rows_do_not_make_is_shown_with_both_figures(above, below):
	assert mismatches(above + ROWS + below) == ["The file states 25.15 of debits, and its rows make 20.15"]


@pytest.mark.parametrize(
	("above", "below"),
	[
		("", "Total;;20,15;1000,00\n"),
		("", "Total;;-20,15;1000,00\n"),
		("Ancien solde;50,00\n", "Total;;20,15;1050,00\n"),
		("Ancien solde;-50,00\n", "Total;;70,15;1000,00\n"),
		("Total débits;20,15\nTotal crédits;1000,00\n", ""),
		("", "Total page;;20,15;\nTotal page;;0,00;1000,00\nTotal;;20,15;1000,00\n"),
		("", "Total;;;979,85\n"),
		("", "05/11/2026;X;;\n"),
	],
)
def test_totals_that_agree_or_that_are_those_of_parts_are_not_shown(above, below):
	assert mismatches(above + ROWS + below) == []


def test_the_total_of_a_file_with_rejected_rows_is_not_compared():
	assert mismatches(ROWS + "31/02/2026;X;5,00;\nTotal;;25,15;1000,00\n") == []

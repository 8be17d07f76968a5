"""Rows that a text of their own says not to be booked, in tables without a column for states: asked about."""

from __future__ import annotations

import pytest

from dokos_banksync.statements.contract import ReadingQuestion
from tests.statements.one_table import amounts

TABLE = "Date,Description,Amount,{0}\n2026-11-02,LIDL,-20.15,{1}\n2026-11-03,{3},-10.00,{2}\n2026-11-04,SALARY,100.00,{1}\n"


@pytest.mark.parametrize(
	("title", "usual", "cell"),
	[
		("Remark", "", "Pending"),
		("Hinweis", "", "vorgemerkt"),
		("Details", "in shop", "Declined"),
		("", "", "Refusé"),
		("Decline reason", "", "Insufficient funds"),
		("Motif du rejet", "", "Provision insuffisante"),
		("Date d'annulation", "", "04/11/2026"),
		("Cancelled on", "-", "2026-11-04"),
	],
)
def test_a_remark_or_a_reason_that_denies_the_booking_is_asked_about(title, usual, cell):
	text = TABLE.format(title, usual, cell, "ACME")
	with pytest.raises(ReadingQuestion, match=r"Row 3 says .*--column state=-"):
		amounts(text)
	assert amounts(text, columns={"state": "-"}) == ["-20.15", "-10.00", "100.00"]


@pytest.mark.parametrize(
	"label",
	[
		"PENDING - ACME",
		"ACME (pending)",
		"ACME [declined]",
		"VORGEMERKT ACME",
		"En attente CB ACME",
		"Pendiente: ACME",
	],
)
def test_a_label_that_denies_the_booking_is_asked_about(label):
	with pytest.raises(ReadingQuestion, match="Row 3 says"):
		amounts(TABLE.format("Code", "1", "2", label))


@pytest.mark.parametrize(
	("title", "usual", "cell", "label"),
	[
		("Remark", "", "a gift", "ACME"),
		("Remark", "", "scheduled", "ACME"),
		("Decline reason", "", "-", "ACME"),
		("Cancelled amount", "0.00", "0.00", "ACME"),
		("Code", "1", "2", "PENDLETON STORE"),
		("Code", "1", "2", "NOTTINGHAM (UK)"),
		("Code", "1", "2", "ACME (card 1234)"),
	],
)
def test_other_texts_are_not_asked_about(title, usual, cell, label):
	assert amounts(TABLE.format(title, usual, cell, label)) == ["-20.15", "-10.00", "100.00"]


def test_balances_prove_that_the_row_was_booked():
	text = "Date,Description,Amount,Balance\n2026-11-02,LIDL,-20.15,79.85\n2026-11-03,PENDING - ACME,-10.00,69.85\n"
	assert amounts(text) == ["-20.15", "-10.00"]

"""Balances and totals among the rows under names that are not known, and balances in columns that are not known."""

from __future__ import annotations

import pytest

from dokos_banksync.statements.contract import Evidence, ReadingOptions
from dokos_banksync.statements.registry import read

TITLES = "Datum;Text;Betrag\n"
ROWS = "13.11.2026;Laden;-12,50\n14.11.2026;Bäcker;-10,00\n15.11.2026;Gehalt;200,00\n"
TOTALS = "30.11.2026;Zzz;-22,50\n30.11.2026;Zzz;200,00\n"


def account(text):
	[found] = read(text.encode(), ReadingOptions("EUR", sign="normal")).accounts
	return found


@pytest.mark.parametrize(
	"totals", ["", TOTALS, "30.11.2026;Zzz;200,00\n"], ids=["none", "of both sides", "of one"]
)
@pytest.mark.parametrize("newest_first", [False, True])
def test_balances_under_unknown_names_are_a_contradiction(totals, newest_first):
	lines = [
		"01.11.2026;Yyy;1.000,00\n",
		*(ROWS + totals).splitlines(keepends=True),
		"30.11.2026;Xxx;1.177,50\n",
	]
	text = TITLES + "".join(lines[::-1] if newest_first else lines)
	[sentence] = account(text).mismatches
	begin = (
		f"Rows 2 and {len(lines) + 1} look like balances" if totals else " looks like a balance or a total"
	)
	assert begin in str(sentence)


@pytest.mark.parametrize("rows", [ROWS + "30.11.2026;Zzz;177,50\n", "30.11.2026;Zzz;177,50\n" + ROWS])
def test_a_total_under_an_unknown_name_is_a_contradiction(rows):
	row = 2 if rows.startswith("30") else 5
	[sentence] = account(TITLES + rows).mismatches
	assert str(sentence).startswith(f"Row {row} looks like a balance or a total")


@pytest.mark.parametrize(
	"text",
	[
		TITLES + ROWS,
		TITLES + "01.11.2026;Yyy;1.000,00\n" + ROWS + "30.11.2026;Xxx;1.177,51\n",
		TITLES
		+ "13.11.2026;A;5,00\n14.11.2026;A;-5,00\n15.11.2026;A;5,00\n16.11.2026;A;5,00\n17.11.2026;A;10,00\n",
		TITLES + "13.11.2026;A;10,00\n14.11.2026;B;-4,00\n15.11.2026;C;6,00\n",
	],
	ids=["transactions alone", "one cent off", "regular payments", "too few rows"],
)
def test_amounts_that_do_not_make_one_another_are_transactions(text):
	found = account(text)
	assert found.mismatches == ()
	assert len(found.lines) == text.count("2026")


def test_balances_that_follow_prove_that_the_rows_are_transactions():
	text = (
		"Datum;Text;Betrag;Saldo\n01.11.2026;A;10,00;10,00\n13.11.2026;B;-4,00;6,00\n"
		"14.11.2026;C;-3,00;3,00\n15.11.2026;D;3,00;6,00\n"
	)
	found = account(text)
	assert (found.evidence, found.mismatches) == (Evidence.ROW_BALANCES, ())


def test_a_column_under_an_unknown_title_that_follows_from_the_amounts_is_the_balance():
	rows = "13.11.2026;A;12,50;112,50\n14.11.2026;B;10,00;122,50\n15.11.2026;C;-20,00;102,50\n"
	text = f"Datum;Text;Betrag;Qqq\n{rows}16.11.2026;D;150,00;252,50\n"
	[found] = read(text.encode(), ReadingOptions("EUR")).accounts
	assert found.evidence is Evidence.ROW_BALANCES
	assert [str(line.amount) for line in found.lines] == ["12.50", "10.00", "-20.00", "150.00"]


def test_a_column_under_an_unknown_title_that_does_not_follow_from_the_amounts_is_none():
	rows = "13.11.2026;Laden;-12,50;87,50\n14.11.2026;Bäcker;-10,00;77,50\n15.11.2026;Gehalt;200,00;277,50\n"
	found = account(f"Datum;Text;Betrag;Qqq\n{rows}16.11.2026;Miete;-150,00;127,51\n")
	assert (found.evidence, found.mismatches) == (Evidence.NONE, ())


def test_sums_of_the_file_in_each_row_are_no_debits_and_credits():
	text = (
		"income,expenses,item,transaction_date,amount\n1500.00,500.00,Wages,2026-11-02,1500.00\n"
		"1500.00,500.00,Rent,2026-11-13,-500.00\n"
	)
	assert [str(line.amount) for line in account(text).lines] == ["1500.00", "-500.00"]

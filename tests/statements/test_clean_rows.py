"""Rows that are split without cleaning each cell give the same texts as those whose cells are cleaned."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dokos_banksync.statements.contract import ReadingOptions
from dokos_banksync.statements.delimited import grid, read
from dokos_banksync.statements.grid import CleanRow, Row
from dokos_banksync.statements.ids import Ids, text_of_cells


@given(st.lists(st.text("a1é ;\t\u00a0\u2009-", max_size=12), max_size=8))
def test_the_texts_and_the_filled_cells_of_a_row_do_not_depend_on_how_it_was_split(lines):
	for row in grid("\n".join(["a;b", *lines]).encode()):
		plain = Row(row.number, row.cells)
		assert (row.texts, row.filled, row.text) == (plain.texts, plain.filled, plain.text)


@pytest.mark.parametrize(
	("line", "clean"),
	[
		("a;b c", True),
		("a; b", False),
		("a ;b", False),
		(" a;b", False),
		("a;b  c", False),
		("a;b\u00a0c", False),
	],
)
def test_a_row_is_clean_without_blanks_around_its_cells(line, clean):
	_, row = grid(f"x;y\n{line}\n".encode())
	assert isinstance(row, CleanRow) is clean


def test_equal_rows_have_ids_of_their_own_and_blanks_do_not_change_them():
	ids = Ids()
	for cells in (("a", "b"), ("a", "b"), (" a", "b ")):
		ids.add(text_of_cells(Row(1, cells).texts))
	first, second, padded = ids.next(), ids.next(), ids.next()
	assert first[:-1] == second[:-1] == padded[:-1]
	assert [one[-2:] for one in (first, second, padded)] == ["-1", "-2", "-3"]
	assert len(first) == 22


def test_days_currencies_and_amounts_of_one_column_are_read_with_their_errors():
	table = (
		"Date;Libellé;Montant;Devise\n05/11/2026;A;-1,00;EUR\n05/11/2026;B;2,50;eur\n"
		"31/13/2026;C;3,00;EUR\n06/11/2026;D;x;EUR\n07/11/2026;E;4,00;???\n25/11/2026;F;-5,25;\n"
	) + "25/11/2026;G;-1,00;EUR\n" * 9
	[account] = read(table.encode(), ReadingOptions("EUR", sign="normal")).accounts
	assert [(line.date, line.amount, line.currency) for line in account.lines[:3]] == [
		(date(2026, 11, 5), Decimal("-1.00"), "EUR"),
		(date(2026, 11, 5), Decimal("2.50"), "EUR"),
		(date(2026, 11, 25), Decimal("-5.25"), "EUR"),
	]
	assert [one.row for one in account.refused] == [4, 5, 6]

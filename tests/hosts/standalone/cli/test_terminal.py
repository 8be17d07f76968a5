"""Text that fits a terminal and cannot play tricks on it."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dokos_banksync.hosts.standalone.cli.terminal import Bar, Column, money, printable, table, text

COLUMNS = [Column("Id"), Column("Label", elastic=True), Column("Amount", right=True)]
ROWS = [["a1", "CB CAFE DU PORT 121126 PARIS", Decimal("-3.2")], ["a2", "Rent", Decimal("1234567.891")]]


def bare(words: str) -> str:
	return re.sub(r"\x1b\[[0-9;]*m", "", words)


def test_amounts_line_up_and_keep_every_decimal() -> None:
	lines = bare(table(COLUMNS, ROWS)).splitlines()
	assert lines[0].split() == ["Id", "Label", "Amount"]
	assert lines[2].endswith("−3.20")
	assert lines[3].endswith("1\u202f234\u202f567.891")
	assert len(lines[2]) == len(lines[3])


def test_only_elastic_columns_are_cut_to_the_room_there_is() -> None:
	lines = bare(table(COLUMNS, ROWS, room=36)).splitlines()
	assert max(map(len, lines)) == 36
	assert "CB CAFE DU PORT …" in lines[2]
	assert lines[2].startswith("a1 ")


def test_nothing_is_cut_where_nobody_looks() -> None:
	assert "CB CAFE DU PORT 121126 PARIS" in table(COLUMNS, ROWS, room=None)


@given(
	st.lists(
		st.tuples(st.text(), st.text(), st.decimals(allow_nan=False, allow_infinity=False, places=2)),
		max_size=5,
	),
	st.integers(40, 90),
)
def test_a_table_has_a_line_for_each_row_whatever_the_labels_hold(
	rows: list[tuple[str, str, Decimal]], room: int
) -> None:
	assert len(table(COLUMNS, rows, room).split("\n")) == len(rows) + 2


@pytest.mark.parametrize(
	("label", "shown"),
	[
		("CB\tCAFE\nPARIS ", "CB CAFE PARIS"),
		("\x1b[31mred\x1b[0m", "�[31mred�[0m"),
		("\x9b2Jgone", "�2Jgone"),
		("a\u202eb", "a�b"),
		("Crédit Lavandière", "Crédit Lavandière"),
	],
)
def test_a_label_cannot_move_the_cursor(label: str, shown: str) -> None:
	assert printable(label) == shown


@pytest.mark.parametrize(
	("value", "shown"),
	[
		(None, "–"),
		(True, "✓"),
		(False, "✗"),
		(date(2026, 11, 20), "2026-11-20"),
		(12345, "12\u202f345"),
		("", ""),
	],
)
def test_values_for_a_person(value: object, shown: str) -> None:
	assert text(value) == shown


@pytest.mark.parametrize(
	("amount", "shown"), [("0", "0.00"), ("-0.5", "−0.50"), ("12.345", "12.345"), ("1E+3", "1\u202f000.00")]
)
def test_amounts(amount: str, shown: str) -> None:
	assert money(Decimal(amount)) == shown


def test_a_bar_draws_where_somebody_looks(capsys: pytest.CaptureFixture[str]) -> None:
	bar = Bar(True, "CONN-1", lambda words: words)
	bar("fetch", 500, None)
	bar("store", 50, 100)
	bar("store", 50, 100)
	bar.clear()
	drawn = capsys.readouterr()
	assert drawn.out == ""
	assert "transactions read 500" in drawn.err
	assert drawn.err.count("━" * 12 + "·" * 12) == 1
	assert drawn.err.endswith("\r\x1b[2K")


def test_a_bar_is_silent_elsewhere(capsys: pytest.CaptureFixture[str]) -> None:
	bar = Bar(False, "CONN-1", lambda words: words)
	bar("store", 50, 100)
	bar.clear()
	assert capsys.readouterr() == ("", "")

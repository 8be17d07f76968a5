"""Old Excel files (XLS): what is read, and damaged chains of sectors, which no library may follow."""

from __future__ import annotations

import struct

import pytest

from dokos_banksync.core.errors import InvalidData
from dokos_banksync.statements import workbook
from dokos_banksync.statements.compound_file import streams_of
from dokos_banksync.statements.contract import ReadingOptions
from dokos_banksync.statements.registry import read
from tests.statements.old_excel import END, cell, compound_file, record, workbook_stream

ROWS = [("Date", "Label", "Amount"), ("2026-11-13", "Coffee", -2.5), ("2026-11-14", "Pay", 900.0)]
STREAM = workbook_stream(ROWS)


def test_an_old_workbook_is_read():
	statement = read(compound_file(STREAM), ReadingOptions("EUR"))
	assert statement.format == "XLS"
	[account] = statement.accounts
	assert [(str(line.amount), line.description) for line in account.lines] == [
		("-2.5", "Coffee"),
		("900", "Pay"),
	]


@pytest.mark.parametrize(
	"damage",
	[
		{"table": {5: 3}},
		{"table": {9: 9}},
		{"table": {4: 5_000_000}},
		{"table": {4: END}},
		{"table": {1: 1}},
		{"size": 0x7FFFFFFF},
		{"table": {127: 0}, "first_table": 0, "tables": 1},
		{"first_table": 5_000, "tables": 1},
	],
	ids=[
		"circle",
		"own tail",
		"outside",
		"too short",
		"directory",
		"size",
		"table of tables",
		"table outside",
	],
)
def test_a_damaged_chain_is_refused_before_the_library_sees_it(damage, monkeypatch):
	content = compound_file(STREAM, **damage)
	with pytest.raises(InvalidData, match="damaged"):
		streams_of(content)
	monkeypatch.setattr("python_calamine.CalamineWorkbook.from_filelike", None)
	with pytest.raises(InvalidData, match="damaged"):
		workbook.read(content, ReadingOptions("EUR"))


def test_a_table_of_no_small_stream_may_begin_anywhere():
	"""Some programs write the number of another sector in place of the end of a chain, and state no sectors."""
	content = bytearray(compound_file(STREAM))
	content[60:68] = struct.pack("<II", 2, 0)
	assert len(read(bytes(content), ReadingOptions("EUR")).accounts[0].lines) == 2


@pytest.mark.parametrize("layout", ["<IIHHH", "<HHHHH"])
def test_dimensions_beyond_any_sheet_are_damage(layout):
	"""The library takes memory for all cells that are stated, and ends the process where it gets none."""
	short = layout == "<HHHHH"
	stated = struct.pack(layout, 0, 0xFFFF if short else 0xFFFFFFF0, 0, 0xFFFF, 0)
	with pytest.raises(InvalidData, match="damaged"):
		workbook.read(compound_file(workbook_stream(ROWS, record(0x200, stated))), ReadingOptions("EUR"))


def test_a_cell_at_the_far_corner_makes_the_workbook_too_large(monkeypatch):
	monkeypatch.setattr("python_calamine.CalamineWorkbook.from_filelike", None)
	with pytest.raises(InvalidData, match="too large"):
		workbook.read(compound_file(workbook_stream(ROWS, cell(65535, 255, 1.0))), ReadingOptions("EUR"))


@pytest.mark.parametrize("length", [8, 40, 100, 600, 1_000])
def test_a_file_that_is_cut_is_refused(length):
	with pytest.raises(InvalidData, match="damaged"):
		streams_of(compound_file(STREAM)[:length])


def test_a_small_stream_in_the_mini_stream_is_checked_too():
	"""The root entry holds the mini stream; without a mini table no small stream has room."""
	with pytest.raises(InvalidData, match="damaged"):
		streams_of(compound_file(STREAM, size=100))

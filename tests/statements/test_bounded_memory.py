"""A long file is read as a short one is: what does not fit into memory waits in an unnamed file."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dokos_banksync.core import file_backed_list
from dokos_banksync.core.errors import InvalidData
from dokos_banksync.core.file_backed_list import FileBackedList
from dokos_banksync.core.repeated_keys import RepeatedKeys
from dokos_banksync.statements import amount_lists, grid_rows
from dokos_banksync.statements.contract import ReadingOptions
from dokos_banksync.statements.delimited import grid
from dokos_banksync.statements.grid_rows import GridRows
from dokos_banksync.statements.registry import read
from dokos_banksync.statements.text_lines import LINE_BREAK, TextLines, lines_of


@pytest.fixture(autouse=True, scope="module")
def small():
	with pytest.MonkeyPatch.context() as patch:
		patch.setattr(file_backed_list, "CHUNK", 2)
		yield patch


def seen(content, held):
	with pytest.MonkeyPatch.context() as patch:
		patch.setattr(file_backed_list, "HELD", held)
		patch.setattr(grid_rows, "HELD_ROWS", held)
		patch.setattr(amount_lists, "HELD_AMOUNTS", held)
		try:
			statement = read(content, ReadingOptions("EUR", dates="DMY", decimal=","))
		except InvalidData as error:
			return str(error)
		return statement.remarks, [(a, [*a.lines]) for a in statement.accounts]


ROWS = st.lists(
	st.builds(
		"{};{};{};{}".format,
		st.sampled_from(["01/11/2026", "02/11/2026", "31/13/2026", ""]),
		st.sampled_from(["CAFE", '"A;B"', "Solde", "x"]),
		st.sampled_from(["-1,00", "2,50", "3,00 CR", "x", ""]),
		st.sampled_from(["9,00", "11,50", "10,50", ""]),
	),
	min_size=4,
	max_size=14,
)


@given(ROWS)
def test_a_table_is_read_the_same_whether_its_rows_are_held_or_written(rows):
	content = "\n".join(["Date;Libellé;Montant;Solde", *rows, ""]).encode()
	assert seen(content, 1) == seen(content, 1_000)


@given(st.lists(st.integers()), st.integers(0, 30), st.integers(0, 30))
def test_a_file_backed_list_gives_back_what_was_added(values, first, end):
	found = FileBackedList(held=0)
	for value in values:
		found.append(value)
	assert len(found) == len(values)
	assert [*found] == values
	assert [*reversed(found)] == values[::-1]
	assert [found[place] for place in range(len(values))] == values
	assert [*found.between(first, max(first, min(end, len(values))))] == values[first:end]


@given(st.integers(-9, 9), st.integers(-9, 9))
def test_views_of_rows_are_slices_of_them(first, end):
	rows = grid(b"a;b\n1;2\n3;4\n5;6\n7;8\n")
	plain = [*rows]
	assert [*rows[first:end]] == plain[first:end]
	assert [*(rows[:2] + rows[3:])] == plain[:2] + plain[3:]
	assert [*reversed(rows[:2] + rows[3:])] == (plain[:2] + plain[3:])[::-1]
	assert (rows[:2] + rows[3:])[-1] == plain[-1]


def test_views_of_different_rows_are_not_added_up():
	with pytest.raises(ValueError, match="GridRows"):
		GridRows() + GridRows()


@given(st.text("ab\r\n", max_size=20))
def test_lines_are_those_between_line_breaks(text):
	lines = LINE_BREAK.split(text)
	expected = lines if lines[-1] else lines[:-1]
	assert [*lines_of(text)] == expected == [*TextLines(text)]


@given(st.lists(st.sampled_from("abcdef")))
def test_a_key_that_was_added_twice_is_found(keys):
	found = RepeatedKeys()
	for key in keys:
		found.add(key)
	assert found.hashes() == {hash(key) for key in keys if keys.count(key) > 1}

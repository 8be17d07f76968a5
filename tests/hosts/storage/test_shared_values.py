"""Values that all rows of an insert share."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dokos_banksync.hosts.storage.sql import split_shared


def test_columns_that_never_differ_are_taken_out_once() -> None:
	rows = [["T1", "EUR", None, "a"], ["T2", "EUR", None, "b"]]
	columns, values, same = split_shared(["name", "currency", "category", "label"], rows, "name")
	assert (columns, list(values)) == (["name", "label"], [["T1", "a"], ["T2", "b"]])
	assert same == {"currency": "EUR", "category": None}


def test_the_key_stays_in_the_rows_also_where_there_is_one() -> None:
	columns, values, same = split_shared(["currency", "name"], [["EUR", "T1"]], "name")
	assert (columns, list(values), same) == (["name"], [["T1"]], {"currency": "EUR"})


_CELL = st.sampled_from(["", "a", "b", None, 0, 1.5])


@given(st.lists(st.tuples(_CELL, _CELL, _CELL), min_size=1, max_size=6))
def test_each_row_is_whole_again(rows: list[tuple[object, ...]]) -> None:
	names = ["one", "two", "three"]
	columns, values, same = split_shared(names, rows, "one")
	again = [{**same, **dict(zip(columns, row, strict=True))} for row in values]
	assert again == [dict(zip(names, row, strict=True)) for row in rows]

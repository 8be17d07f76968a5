from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dokos_banksync.hosts.storage.packed_rows import PackedRows

VALUES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
ROWS = st.dictionaries(st.sampled_from("abcdef"), VALUES | st.lists(VALUES, max_size=2))


@given(st.lists(st.tuples(st.integers(0, 5), ROWS)))
def test_rows_come_back_as_they_were_added(added: list[tuple[int, dict[str, object]]]) -> None:
	rows = PackedRows[int]()
	for key, row in added:
		rows.add(key, row)
	assert dict(rows) == dict(added)
	assert len(rows) == len(dict(added))
	assert [list(row) for row in rows.values()] == [list(row) for row in dict(added).values()]


def test_a_row_is_made_anew_each_time() -> None:
	rows = PackedRows[str]()
	rows.add("a", {"x": [1]})
	first = rows["a"]
	assert first["x"] == [1]
	first["x"].append(2)  # type: ignore[attr-defined]
	assert rows["a"] == {"x": [1]}


def test_a_key_that_is_not_there() -> None:
	rows = PackedRows[str]()
	rows.add("a", {})
	assert ("a" in rows, "b" in rows, rows.get("b")) == (True, False, None)
	with pytest.raises(KeyError):
		rows["b"]

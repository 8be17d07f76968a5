from __future__ import annotations

import json
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dokos_banksync.providers.rawjson import loads, loads_rows

VALUES = st.recursive(
	st.none() | st.booleans() | st.integers() | st.text(),
	lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("ab"), inner),
	max_leaves=5,
)


def test_a_row_keeps_its_text() -> None:
	rows = '{"id": 1, "amount": -120.50}', '{"id":2,  "label": "a \\"]}, b"}'
	text = (
		f' {{ "a" : [1] , "resources" : [ {rows[0]} ,\n\t{rows[1]} ] , "pagination": {{"next_uri": null}} }} '
	)
	data = loads_rows(text)
	assert [raw for _row, raw in data["resources"]] == list(rows)
	assert str(data["resources"][0][0]["amount"]) == "-120.50"
	assert data["pagination"] == {"next_uri": None}


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(
	st.dictionaries(st.sampled_from(["resources", "pagination", "x"]), VALUES),
	st.sampled_from([None, 2]),
	st.sampled_from([(", ", ": "), (",", ":")]),
)
def test_reads_as_the_standard_reader_does(
	data: dict[str, object], indent: int | None, separators: tuple[str, str]
) -> None:
	text = json.dumps(data, indent=indent, separators=separators)
	read = loads_rows(text)
	if isinstance(data.get("resources"), list):
		assert [json.loads(raw) for _row, raw in read["resources"]] == data["resources"]
		read["resources"] = [row for row, _raw in read["resources"]]
	assert read == data


@given(st.data())
def test_a_text_that_stops_short_is_no_json(data: st.DataObject) -> None:
	text = data.draw(
		st.sampled_from(
			[
				'{"resources": [{"id": 1, "amount": 2.5}, {"id": 2}], "pagination": {"next_uri": "/a"}}',
				'{"resources":[{"id":1,"amount":2.5},{"id":2}],"pagination":{"next_uri":"/a"}}',
			]
		)
	)
	cut = data.draw(st.integers(0, len(text) - 1))
	with pytest.raises(ValueError):  # noqa: PT011 (the decoder's own)
		loads_rows(text[:cut])


@pytest.mark.parametrize(
	"text", ['{"resources": [1,]}', '{"resources": [1 2]}', '{"a" 1}', "{} {}", "{1: 2}", "{]"]
)
def test_broken(text: str) -> None:
	with pytest.raises(ValueError):  # noqa: PT011 (the decoder's own)
		loads_rows(text)


def test_what_is_no_number_is_missing() -> None:
	assert loads("[NaN, -Infinity, 1.10]") == [None, None, Decimal("1.10")]


def test_other_shapes_pass() -> None:
	assert loads_rows("[1]") == [1]
	assert loads_rows('{"resources": null}') == {"resources": None}
	assert loads_rows('{"resources": []}') == {"resources": []}


@pytest.mark.parametrize(
	"number", ["1e9999999", "-1e-9999999", "0e9999999", "1e99999999999999999999", "9" * 5000]
)
def test_a_number_that_nothing_can_hold_is_missing_and_the_page_is_read(number: str) -> None:
	assert loads_rows(f'{{"resources": [{{"id": 1, "amount": {number}}}, {{"id": 2}}]}}')["resources"] == [
		({"id": 1, "amount": None}, f'{{"id": 1, "amount": {number}}}'),
		({"id": 2}, '{"id": 2}'),
	]


def test_a_number_of_many_digits_is_kept_to_the_last_one() -> None:
	assert loads(f"[{'7' * 400}, 0.1000000000000000000000001]") == [
		int("7" * 400),
		Decimal("0.1000000000000000000000001"),
	]


def test_several_lists_may_keep_their_rows() -> None:
	text = '{"added": [{"a": 1.50}], "modified": [], "removed": [{"b": 2}]}'
	assert loads_rows(text, ("added", "modified")) == {
		"added": [({"a": Decimal("1.50")}, '{"a": 1.50}')],
		"modified": [],
		"removed": [{"b": 2}],
	}

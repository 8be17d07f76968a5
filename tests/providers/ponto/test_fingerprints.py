"""Fingerprints of months: equal for equal rows in any order, different for any change."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from dokos_banksync.core.model import Line, RejectedRow
from dokos_banksync.providers.ponto.data import Cursor, read_cursor
from dokos_banksync.providers.ponto.fingerprints import REJECTED, Fingerprints, changed

MAY = Line("account", "1", date(2026, 5, 4), Decimal("-2.60"), "EUR", "CB CAFE", "CB CAFE")
JUNE = MAY._replace(remote_id="2", date=date(2026, 6, 4))


def of(*lines: Line) -> dict[str, str]:
	made = Fingerprints()
	made.add(lines)
	return made.texts()


def test_the_order_of_the_rows_does_not_matter() -> None:
	other = MAY._replace(remote_id="3")
	assert of(MAY, JUNE, other) == of(other, MAY, JUNE)
	assert list(of(JUNE, MAY)) == ["2026-05", "2026-06"]


@pytest.mark.parametrize(
	"change",
	[
		{"remote_id": "9"},
		{"amount": Decimal("-2.61")},
		{"date": date(2026, 5, 5)},
		{"currency": "USD"},
		{"original": "CB THE"},
		{"value_date": date(2026, 5, 6)},
		{"party_name": "Cafe"},
	],
)
def test_each_value_counts(change: dict[str, object]) -> None:
	assert changed(of(MAY), of(MAY._replace(**change)), date(2026, 7, 1)) == ["2026-05"]


def test_the_same_amount_written_otherwise_is_no_change() -> None:
	assert of(MAY) == of(MAY._replace(amount=Decimal("-2.6")))


def test_a_row_that_comes_or_goes_is_a_change() -> None:
	assert changed(of(MAY), of(MAY, MAY), date(2026, 7, 1)) == ["2026-05"]
	assert changed(of(MAY, JUNE), of(JUNE), date(2026, 7, 1)) == ["2026-05"]
	assert changed(of(MAY), of(MAY, JUNE), date(2026, 7, 1)) == ["2026-06"]


def test_months_of_the_window_are_not_compared() -> None:
	assert changed(of(MAY), of(MAY, JUNE), date(2026, 6, 1)) == []


def test_rejected_rows_have_a_fingerprint_of_their_own() -> None:
	made = Fingerprints()
	made.add([MAY], [RejectedRow("account", "7", "The transaction has no id.", "{}")])
	assert changed(of(MAY), made.texts(), date(2026, 7, 1)) == [REJECTED]


def test_a_cursor_is_read_as_it_was_written() -> None:
	cursor = Cursor(date(2026, 6, 4), "s1", {"2026-05": "00ff", REJECTED: "01"})
	assert read_cursor(cursor.text()) == cursor


def test_names_that_are_no_months_are_left_out_of_a_cursor() -> None:
	assert read_cursor('{"until": "2026-06-04", "months": {"x": "1", "2026-13": "2"}}') == Cursor(
		date(2026, 6, 4), "", {}
	)

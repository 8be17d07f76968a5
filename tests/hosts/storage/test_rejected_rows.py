"""How a row that could not be read is stored: named by its text, once."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from dokos_banksync.core.model import Action, Reason, RejectedRow
from dokos_banksync.hosts.storage.rejected_rows import held_line

NOW = datetime(2026, 10, 1, 12, tzinfo=timezone.utc)


def held(raw, remote_id="", taken=False):
	row = RejectedRow("acc", remote_id, "The row has no date", raw)
	return held_line("source", "Current", row, taken, NOW)


@pytest.mark.parametrize(
	("raw", "title"),
	[
		("32/10/2026;CAFE;-3,20", "32/10/2026;CAFE;-3,20"),
		(" 32/10/2026\n  CAFE\t-3,20 ", "32/10/2026 CAFE -3,20"),
		("x" * 140, "x" * 140),
		("x" * 141, "x" * 139 + "…"),
		("", ""),
	],
)
def test_the_description_is_the_beginning_of_the_text_on_one_line(raw, title):
	made = held(raw)
	assert (made.line.description, made.line.raw) == (title, raw)


def test_it_is_held_with_its_reason_and_claims_no_day_or_money_of_its_own():
	made = held("32/10/2026;CAFE;-3,20", "id-1")
	assert (made.action, made.reason, made.note) == (Action.HOLD, Reason.REFUSED, "The row has no date")
	assert (made.line.remote_id, made.line.date, made.line.amount, made.line.currency) == (
		"id-1",
		NOW.date(),
		0,
		"",
	)


@pytest.mark.parametrize(("remote_id", "taken"), [("", False), ("id-1", True)])
def test_without_an_id_of_its_own_the_text_names_it_so_that_it_is_stored_once(remote_id, taken):
	one, again = held("a;b", remote_id, taken), held("a;b", remote_id, taken)
	assert one.line.remote_id == again.line.remote_id
	assert one.line.remote_id.startswith("row ")
	assert held("a;c", remote_id, taken).line.remote_id != one.line.remote_id

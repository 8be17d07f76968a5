"""Bank transactions of other tools are recognised by the id that they bear."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dokos_banksync.core.importing.earlier_rows import (
	OTHER_AMOUNT,
	SIGN_REVERSED,
	decide_by_id,
	pair_by_id,
	pair_reversed,
)
from dokos_banksync.core.model import Action, MatchEvidence, Reason
from tests.core.build import FEED, held, line

ID = "lPNjeW1nR6CDn5okmGQ6hEpMo4lLNoSrzqDje"


def foreign(name="T1", remote_id=ID, **more):
	return held(name, sources=frozenset(), remote_id=remote_id, **more)


def decide(lines, *rows):
	by_id = {}
	for row in rows:
		by_id.setdefault(row.remote_id, []).append(row)
	return decide_by_id(FEED, lines, by_id)


def test_the_same_id_and_amount_is_the_same_transaction_whatever_its_label_and_day():
	found = decide([line(ID, label="SPARKFUN")], foreign(label="Sparkfun Electronics Inc", day=3))
	made = found[ID]
	assert (made.action, made.transaction, made.evidence) == (Action.LINK, "T1", MatchEvidence.EXACT_ID)
	assert made.changes == {}


def test_the_opposite_amount_under_one_id_is_a_question():
	made = decide([line(ID, "-3.20")], foreign(amount="3.20"))[ID]
	assert (made.action, made.reason, made.proposed) == (Action.HOLD, Reason.AMBIGUOUS, "T1")
	assert (made.note, made.transaction) == (SIGN_REVERSED, "")


def test_another_amount_under_one_id_is_a_question():
	made = decide([line(ID, "-3.20")], foreign(amount="-3.10"))[ID]
	assert (made.action, made.note, made.proposed) == (Action.HOLD, OTHER_AMOUNT, "T1")


@pytest.mark.parametrize("row", [foreign(day=11), foreign(currency="USD"), foreign(remote_id=ID.lower())])
def test_an_id_far_away_in_another_currency_or_case_says_nothing(row):
	assert decide([line(ID)], row) == {}


def test_ten_days_are_near():
	assert decide([line(ID)], foreign(day=10))[ID].transaction == "T1"


def test_where_two_bear_one_id_the_equal_amount_is_chosen():
	rows = [foreign("T1", amount="3.20"), foreign("T2", amount="-3.20"), foreign("T3", amount="9")]
	assert decide([line(ID, "-3.20")], *rows)[ID].transaction == "T2"


@given(st.lists(st.sampled_from(["3.20", "-3.20", "7"]), max_size=6), st.integers(0, 6))
def test_no_bank_transaction_is_used_twice(amounts, lines):
	rows = [foreign(f"T{number}", amount=amount) for number, amount in enumerate(amounts)]
	pairs = pair_by_id([line(ID)] * lines, {ID: rows})
	names = [row.name for _, row in pairs]
	assert len(names) == len(set(names)) == min(lines, len(amounts))


def test_a_reversed_row_under_another_id_is_found_by_day_and_label():
	rows = [foreign("T1", "old-1", amount="3.20"), foreign("T2", "old-2", amount="3.20")]
	found = pair_reversed([line("new-1"), line("new-2"), line("new-3")], rows)
	assert {one: row.name for one, row in found.items()} == {"new-1": "T1", "new-2": "T2"}


@pytest.mark.parametrize(
	"row",
	[
		foreign(remote_id="", amount="3.20"),
		foreign(amount="3.20", day=1),
		foreign(amount="3.20", label="ANOTHER SHOP"),
		foreign(amount="3.20", deleted=True),
		held(amount="3.20", remote_id="old-1"),
		foreign(amount="-3.20"),
	],
	ids=["entered by hand", "another day", "another label", "deleted", "of a feed", "not reversed"],
)
def test_what_is_not_a_reversed_row_of_another_tool_asks_nothing(row):
	assert pair_reversed([line("new-1")], [row]) == {}


def test_the_amount_of_the_decision_is_the_banks():
	assert decide([line(ID, "-3.20")], foreign(amount="-3.20"))[ID].line.amount == Decimal("-3.20")

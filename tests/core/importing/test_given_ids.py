"""A bank's id that is not trusted still decides where content does not contradict it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dokos_banksync.core.importing.given_ids import link_by_given_id
from dokos_banksync.core.model import Action, MatchEvidence
from tests.core.build import FEED, held, line

ID = "a3f09c1b22d4e5f6"


def given_line(remote_id="content-1", given_id=ID, **more):
	return line(remote_id, given_id=given_id, **more)


def foreign(name="T1", remote_id=ID, **more):
	return held(name, sources=frozenset(), remote_id=remote_id, **more)


def links(fresh, known):
	found = link_by_given_id(FEED, fresh, known)
	return {made.line.remote_id: made.transaction for made in found.decisions}


def test_one_id_links_under_any_label_and_a_few_days_apart():
	fresh, known = [given_line(label="SEPA TRANSFER 17")], [foreign(label="Invoice 17, thank you", day=2)]
	found = link_by_given_id(FEED, fresh, known)
	[made] = found.decisions
	assert (made.action, made.transaction, made.evidence) == (Action.LINK, "T1", MatchEvidence.EXACT_ID)
	assert (found.fresh, found.known) == ([], [])


@pytest.mark.parametrize(
	"row",
	[
		foreign(remote_id="b4f09c1b22d4e5f6"),
		foreign(amount="3.20"),
		foreign(amount="-3.10"),
		foreign(currency="USD"),
		foreign(deleted=True),
		held("T1", remote_id=ID),
	],
)
def test_another_id_amount_or_currency_and_a_row_of_ours_are_left_to_content(row):
	one = given_line(label="ANOTHER LABEL")
	assert link_by_given_id(FEED, [one], [row]) == ([], [one], [row])


@pytest.mark.parametrize("short", ["", "1", "00012"])
def test_the_number_of_a_row_is_no_id(short):
	assert links([given_line(given_id=short, label="A")], [foreign(remote_id=short, label="B")]) == {}


def test_an_id_of_two_lines_or_of_two_bank_transactions_decides_nothing():
	assert links([given_line("1"), given_line("2")], [foreign()]) == {}
	assert links([given_line("1")], [foreign("T1"), foreign("T2")]) == {}


def test_positions_that_moved_by_one_are_contradicted_by_content():
	"""The bank numbers its rows anew: each id now stands for the row before it."""
	known = [foreign("T1", "position-1", label="RENT"), foreign("T2", "position-2", label="COFFEE")]
	fresh = [
		given_line("new", "position-1", label="BOOKS"),
		given_line("rent", "position-2", label="RENT"),
		given_line("coffee", "position-3", label="COFFEE"),
	]
	found = link_by_given_id(FEED, fresh, known)
	assert (found.decisions, found.fresh, found.known) == ([], fresh, known)


def test_equal_coffees_of_one_day_are_distinguished_by_their_ids():
	known = [foreign("T1", "coffee-one"), foreign("T2", "coffee-two")]
	fresh = [given_line("1", "coffee-two"), given_line("2", "coffee-one")]
	assert links(fresh, known) == {"1": "T2", "2": "T1"}


_IDS = st.sampled_from(["", "first-id", "second-id", "third-id"])


_ROWS = st.lists(st.tuples(_IDS, st.integers(0, 2)), max_size=6)


@given(_ROWS, _ROWS)
def test_each_line_and_each_bank_transaction_is_linked_once_or_left(lines, rows):
	fresh = [given_line(f"L{n}", one, day=day) for n, (one, day) in enumerate(lines)]
	known = [foreign(f"T{n}", one, day=day) for n, (one, day) in enumerate(rows)]
	found = link_by_given_id(FEED, fresh, known)
	taken = [made.transaction for made in found.decisions]
	assert len(taken) == len(set(taken))
	assert sorted([*taken, *(row.name for row in found.known)]) == [row.name for row in known]
	assert {made.line for made in found.decisions} | set(found.fresh) == set(fresh)

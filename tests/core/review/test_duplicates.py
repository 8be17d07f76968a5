"""Which bank transactions may be one; pure, then over whole histories."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dokos_banksync.core.errors import InvalidData, NotFound
from dokos_banksync.core.importing.file_import import FileRows, import_rows
from dokos_banksync.core.records import Candidate, Near
from dokos_banksync.core.review.duplicates import find, near_groups, pairs, similarity
from tests.core.build import held, line
from tests.core.importing.test_hostile_rows import put
from tests.core.review.test_undo import reconcile, transactions

PLACE = ("Current", "EUR", "-3.20")


def near(name, day, received="a", place=PLACE):
	return Near(name, place, day, received)


def candidate(name, received="a", source="feed", transaction_id="", **more):
	known = held(name, sources=frozenset(source.split()), **more)
	return Candidate(known, "Current", transaction_id, received, "")


def names(found):
	return [(pair.first.known.name, pair.second.known.name) for pair in found]


# -- what lies near what ---------------------------------------------------------------------------------
def test_a_group_ends_where_more_than_six_days_pass():
	rows = [near("a", 1, "x"), near("b", 7, "y"), near("c", 14, "z")]
	assert list(near_groups(rows)) == [["a", "b"]]


def test_what_came_together_is_no_group_unless_asked_for():
	rows = [near("a", 1), near("b", 1)]
	assert list(near_groups(rows)) == []
	assert list(near_groups(rows, together=True)) == [["a", "b"]]


def test_another_account_currency_or_amount_is_another_group():
	rows = [
		near("a", 1, "x"),
		*(
			near(f"b{i}", 1, "y", place)
			for i, place in enumerate(
				[("Other", "EUR", "-3.20"), ("Current", "USD", "-3.20"), ("Current", "EUR", "-3.21")]
			)
		),
	]
	assert list(near_groups(sorted(rows, key=lambda row: row.place))) == []


@given(st.lists(st.tuples(st.integers(0, 30), st.sampled_from("xyz")), max_size=20))
def test_every_near_pair_that_came_apart_is_in_one_group(given_rows):
	rows = [near(str(i), day, received) for i, (day, received) in enumerate(sorted(given_rows))]
	groups = [set(group) for group in near_groups(rows)]
	for one in rows:
		for other in rows:
			if one.received != other.received and abs(one.day - other.day) <= 4:
				assert any({one.name, other.name} <= group for group in groups)


# -- how alike -------------------------------------------------------------------------------------------
def test_one_id_of_the_provider_is_certain():
	pair = similarity(candidate("a", transaction_id="7"), candidate("b", transaction_id="7", label="?"))
	assert (pair.similarity, pair.why) == (1.0, "The provider gives both the same id")


def test_from_the_likeliest_to_the_least():
	first = candidate("a", "1")
	ranked = [
		candidate("b", "2", source="file"),
		candidate("b", "2", source="file", day=1),
		candidate("b", "2", source="feed"),
		candidate("b", "2", source="file", day=1, label="CB CAFE MARTIN"),
		candidate("b", "2", source="file", day=4, label="PRLV"),
		candidate("b", "2", source="feed", day=1),
		candidate("b", "1", source="feed"),
	]
	likely = [similarity(first, other).similarity for other in ranked]
	assert likely == sorted(likely, reverse=True)
	assert len(set(likely)) == len(likely)
	assert likely[0] == 1


def test_the_one_that_came_first_stands_first():
	pair = similarity(candidate("a", "later"), candidate("b", "earlier", source="file"))
	assert (pair.first.known.name, pair.second.known.name) == ("b", "a")


def test_two_coffees_that_came_twice_are_two_pairs():
	group = [candidate(n, "1") for n in ("a", "b")] + [candidate(n, "2", source="file") for n in ("x", "y")]
	found = pairs([["a", "b", "x", "y"]], {c.known.name: c for c in group})
	assert names(found) == [("a", "x"), ("b", "y")]


def test_what_a_user_knows_to_be_two_is_not_asked_again():
	group = {c.known.name: c for c in (candidate("a", "1"), candidate("x", "2", source="file"))}
	assert pairs([["a", "x"]], group, frozenset({("a", "x")})) == []


def test_a_large_group_is_paired_by_equal_labels():
	ours = [candidate(f"a{i:03}", "1", label=f"ORDER {i}") for i in range(400)]
	theirs = [candidate(f"x{i:03}", "2", source="file", label=f"ORDER {i}") for i in range(400)]
	group = {c.known.name: c for c in [*ours, *theirs]}
	assert names(pairs([list(group)], group)) == [(f"a{i:03}", f"x{i:03}") for i in range(400)]


# -- whole histories -------------------------------------------------------------------------------------
def from_file(story, *lines, name="a.csv"):
	rows = FileRows(name, f"file:{name}", lines)
	return import_rows(story.ledger, "Current", rows, clock=lambda: story.bank.now)


@pytest.fixture
def twice(story):
	"""A coffee that a feed and a file tell of in such different words that both became transactions."""
	put(story.bank, label="CB CAFE DU PORT")
	story.sync()
	story.bank._tick()
	day = story.transactions()[0].date
	from_file(story, line("1", label="ACHAT 4711", date=day, party_name="Zoe"))
	[first, second] = sorted(row.name for row in story.transactions())
	return story, first, second


def test_equal_rows_that_the_bank_gave_together_are_not_asked_about(story):
	put(story.bank)
	put(story.bank, day=story.bank.now.date())
	story.sync()
	assert find(story.ledger) == []
	assert len(find(story.ledger, everything=True)) == 1


def test_bounds_of_account_and_day(twice):
	story, _, _ = twice
	day = story.transactions()[0].date
	assert len(find(story.ledger, "Current", day)) == 1
	assert find(story.ledger, "Current", day + timedelta(days=1)) == []
	assert find(story.ledger, "Other") == []


def test_merged_they_are_one_with_both_origins(twice):
	story, first, second = twice
	story.ledger.merge(first, second)
	[row] = story.transactions()
	assert (row.name, row.bank_party_name) == (first, "Zoe")
	message = story.ledger.transaction_story(first)
	assert len(message.transaction.sources) == 2
	assert find(story.ledger) == []


def test_the_file_again_brings_nothing_after_a_merge(twice):
	story, first, second = twice
	story.ledger.merge(first, second)
	day = story.transactions()[0].date
	run = from_file(story, line("1", label="ACHAT 4711", date=day, party_name="Zoe"))
	assert (run.created, run.unchanged) == (0, 1)
	assert story.sync().created == 0


def test_a_merge_is_undone_whole_and_done_again(twice):
	"""Row 40 of the pains: a merge for ever, or an undo that confuses later imports."""
	story, first, second = twice
	was = transactions(story)
	run = story.ledger.merge(first, second)
	merged = transactions(story)
	undone = story.ledger.undo(run.name)
	assert (transactions(story), undone.not_undone) == (was, [])
	assert story.sync().created == 0
	story.ledger.undo(undone.run.name)
	assert transactions(story) == merged


def same_source_twice(story):
	rows = [put(story.bank)]
	story.sync()
	rows.append(put(story.bank, day=rows[0].day))
	story.sync()
	first, second = sorted(row.name for row in story.transactions())
	return rows, first, second


def test_two_rows_of_one_source_are_merged_and_both_may_still_be_listed(story):
	rows, first, second = same_source_twice(story)
	story.ledger.merge(first, second)
	assert [row.reason for row in story.ledger.lines(held=True)] == ["Duplicate of another line"]
	for row in rows:
		story.bank.rows[row.id] = replace(row, category="90", at=story.bank._tick())
	assert story.sync().created == 0
	assert [row.name for row in story.transactions()] == [first]


@pytest.mark.parametrize("taken_back", [0, 1])
def test_when_the_bank_takes_one_of_the_two_back_the_other_stands(story, taken_back):
	"""A merge never leaves a hole, whichever of both the bank finds to be wrong."""
	rows, first, second = same_source_twice(story)
	story.ledger.merge(first, second)
	story.bank._tombstone(rows[taken_back])
	run = story.sync()
	assert [row.name for row in story.transactions()] == [first]
	assert story.booked() == story.bank.truth()
	assert run.checks[0].complete


def test_when_the_bank_takes_both_back_nothing_stands(story):
	rows, first, second = same_source_twice(story)
	story.ledger.merge(first, second)
	for row in rows:
		story.bank._tombstone(row)
	story.sync()
	assert story.transactions() == []


def test_after_two_merges_one_transaction_remains(story):
	rows, first, second = same_source_twice(story)
	third_row = put(story.bank, day=rows[0].day)
	story.sync()
	third = max(row.name for row in story.transactions())
	was = transactions(story)
	one = story.ledger.merge(second, third)
	two = story.ledger.merge(first, second)
	for row in rows:
		story.bank._tombstone(row)
	story.sync()
	assert [row.name for row in story.transactions()] == [first]
	story.bank._tombstone(third_row)
	story.sync()
	assert story.transactions() == []
	assert len(was) == 3
	assert (one.status, two.status) == ("Success", "Success")


def test_a_reconciled_one_is_kept_and_cannot_be_merged_away(twice):
	story, first, second = twice
	reconcile(story, second)
	with pytest.raises(InvalidData, match="reconciled"):
		story.ledger.merge(first, second)
	with pytest.raises(InvalidData, match="reconciled"):
		story.ledger.remove(second)
	story.ledger.merge(second, first)
	assert [row.name for row in story.transactions()] == [second]


def test_one_is_deleted_and_brought_back(twice):
	story, first, second = twice
	was = transactions(story)
	run = story.ledger.remove(second)
	assert [row.name for row in story.transactions()] == [first]
	day = story.transactions()[0].date
	assert from_file(story, line("1", label="ACHAT 4711", date=day), name="b.csv").created == 0
	story.ledger.undo(run.name)
	assert transactions(story) == was


def test_one_entered_by_hand_is_merged_and_brought_back(twice):
	story, first, second = twice
	story.ledger.db.run("DELETE FROM sync_line WHERE bank_transaction = ?", (second,))
	was = transactions(story)
	run = story.ledger.merge(first, second)
	assert len(story.transactions()) == 1
	story.ledger.undo(run.name)
	assert transactions(story) == was


def test_two_that_are_two_stay_two_until_asked_again(twice):
	story, first, second = twice
	story.ledger.mark_distinct(second, first)
	assert find(story.ledger) == []
	assert len(find(story.ledger, everything=True)) == 1
	story.ledger.mark_distinct(first, second, False)
	assert len(find(story.ledger)) == 1


@pytest.mark.parametrize("what", ["merge", "mark_distinct"])
def test_names_are_checked(twice, what):
	story, first, _ = twice
	with pytest.raises(InvalidData):
		getattr(story.ledger, what)(first, first)
	with pytest.raises(NotFound):
		getattr(story.ledger, what)(first, "nobody")
	with pytest.raises(NotFound):
		story.ledger.remove("nobody")


def test_what_differs_in_amount_is_not_one(story):
	put(story.bank, "-3")
	put(story.bank, "-4")
	story.sync()
	with pytest.raises(InvalidData, match="differ"):
		story.ledger.merge(*(row.name for row in story.transactions()))
	assert len(story.transactions()) == 2


@pytest.mark.parametrize("what", ["merge", "remove"])
def test_what_another_source_reported_meanwhile_belongs_to_what_comes_back(story, what):
	"""A file is imported between a decision and its undoing: its row was held, and is not an orphan afterwards."""
	_, first, second = same_source_twice(story)
	day = story.transactions()[0].date
	run = story.ledger.merge(first, second) if what == "merge" else story.ledger.remove(second)
	from_file(story, line("1", label="CB CAFE", date=day), line("2", label="CB CAFE", date=day))
	assert [row.reason for row in story.ledger.lines(held=True) if row.reason != "Duplicate of another line"][
		-1:
	] == ["Deleted by a user"]
	undone = story.ledger.undo(run.name)
	assert len(story.transactions()) == 2
	assert story.ledger.lines(held=True) == []
	assert story.sync().created == 0
	story.ledger.undo(undone.run.name)
	assert [row.name for row in story.transactions()] == [first]


def test_what_the_bank_changed_meanwhile_comes_with_what_is_brought_back(story):
	row = put(story.bank)
	story.sync()
	run = story.ledger.remove(story.transactions()[0].name)
	story.bank.rows[row.id] = replace(row, amount=Decimal("-4"), at=story.bank._tick())
	story.sync()
	story.ledger.undo(run.name)
	story.sync()
	assert story.booked() == story.bank.truth()


def test_what_the_bank_took_back_meanwhile_does_not_come_back(story):
	row = put(story.bank)
	story.sync()
	run = story.ledger.remove(story.transactions()[0].name)
	story.bank._tombstone(row)
	story.sync()
	with pytest.raises(InvalidData, match="has removed it"):
		story.ledger.undo(run.name)
	assert story.transactions() == []

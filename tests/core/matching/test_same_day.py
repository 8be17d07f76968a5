"""What counting decides is what the comparison of all candidates decides: the same lines, for the same reason."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dokos_banksync.core.matching import exact
from dokos_banksync.core.matching.known_days import KnownDays
from dokos_banksync.core.matching.same_day import SameDay, match_same_day
from dokos_banksync.core.records import Covered
from tests.core.build import DAY, held, line

LABELS = st.sampled_from(
	[
		"CB CAFE DU PORT",
		"cb café du port",
		"CARTE CAFE DU PORT",
		"CB CAFE DU PORT 12/03",
		"VIR LOYER 17",
		"VIR LOYER",
	]
)
DAYS = st.sampled_from([0, 0, 0, 0, 1, -1, 2, 4, -4, 5])
IBANS = st.sampled_from(["", "", "FR7699999000010000000001764", "DE89370400440532013000"])
CURRENCIES = st.sampled_from(["EUR", "EUR", "EUR", "USD"])
AMOUNTS = st.sampled_from(["-3.20", "-3.20", "-4.50"])
ROW = {"label": LABELS, "day": DAYS, "party_iban": IBANS, "currency": CURRENCIES, "amount": AMOUNTS}
LINES = st.lists(st.fixed_dictionaries(ROW), max_size=8)
SOURCES = st.sampled_from([frozenset({"feed"}), frozenset({"other"}), frozenset()])
STORED = {
	"reconciled": st.booleans(),
	"category": st.sampled_from(["", "", "Mine"]),
	"deleted": st.booleans(),
	"sources": SOURCES,
}
KNOWN = st.lists(st.fixed_dictionaries({**ROW, **STORED}, optional={"description": LABELS}), max_size=8)
COVERED = st.lists(st.tuples(st.sampled_from(["feed", "other"]), DAYS, st.integers(0, 8)), max_size=3)


def _lines(rows):
	return [line(f"l{number}", **row) for number, row in enumerate(rows)]


def _known(rows):
	return [held(f"t{number}", **row) for number, row in enumerate(rows)]


def _known_days(rows):
	return KnownDays(
		Covered(
			run="run",
			source=source,
			bank_account="Current",
			first=DAY + timedelta(first),
			last=DAY + timedelta(first + long),
			complete=True,
		)
		for source, first, long in rows
	)


def _decided(found):
	return (
		{(m.line.remote_id, m.transaction.name, m.evidence) for m in found.matches},
		{(m.line.remote_id, m.transaction.name, m.evidence) for m in found.proposals},
		{one.remote_id for one in found.ambiguous},
	)


@settings(max_examples=400, deadline=None)
@given(LINES, KNOWN, COVERED, st.sets(st.integers(0, 7), max_size=1))
def test_the_decisions_are_those_of_the_whole_comparison(ours, theirs, covered, released):
	lines, known = _lines(ours), _known(theirs)
	given = {"known_days": _known_days(covered)} if covered else {}
	names = {f"t{number}" for number in released}
	by_counting = exact.match(lines, known, "new", names, **given)
	with pytest.MonkeyPatch.context() as patched:
		patched.setattr(
			exact, "match_same_day", lambda lines, free, without: SameDay(lines=[*lines], known=[*free])
		)
		patched.setattr(exact, "_within_reach", lambda known, lines: [*known])
		whole = exact.match(lines, known, "new", names, **given)
	assert _decided(by_counting) == _decided(whole)
	assert all(one.line.amount == one.transaction.amount for one in by_counting.matches)


def test_a_day_with_one_line_and_one_equal_transaction_is_decided():
	out = match_same_day([line("1", label="cb shop 17")], [held("T1", label="CB SHOP 17")])
	assert [(one.remote_id, other.name) for one, other in out.matches] == [("1", "T1")]
	assert (out.lines, out.known, out.ambiguous) == ([], [], [])


def test_of_two_labels_of_a_day_each_finds_its_own():
	known = [held("T1", label="CB SHOP 17"), held("T2", label="CB SHOP 99")]
	out = match_same_day([line("1", label="CB SHOP 99"), line("2", label="CARTE SHOP 17")], known)
	assert {(one.remote_id, other.name) for one, other in out.matches} == {("1", "T2"), ("2", "T1")}


def test_lines_are_counted_and_existing_transactions_come_before_deleted_ones():
	known = [held("T1", deleted=True), held("T2"), held("T3")]
	out = match_same_day([line("b"), line("a")], known)
	assert [(one.remote_id, other.name) for one, other in out.matches] == [("a", "T2"), ("b", "T3")]
	assert [one.name for one in out.known] == ["T1"]


def test_transactions_that_differ_in_what_a_user_did_are_ambiguous_when_one_is_left_over():
	known = [held("T1"), held("T2", reconciled=True)]
	assert [one.remote_id for one in match_same_day([line("1")], known).ambiguous] == ["1"]
	assert len(match_same_day([line("1"), line("2")], known).matches) == 2


def test_other_days_are_left():
	out = match_same_day([line("1", day=1)], [held("T1")])
	assert ([one.remote_id for one in out.lines], [one.name for one in out.known]) == (["1"], ["T1"])


def test_counter_parties_are_left_to_the_whole_comparison():
	here, there = "FR7699999000010000000001764", "DE89370400440532013000"
	out = match_same_day([line("1", party_iban=here)], [held("T1", party_iban=there)])
	assert (out.matches, [one.remote_id for one in out.lines]) == ([], ["1"])
	assert exact.match([line("1", party_iban=here)], [held("T1", party_iban=there)], "new").matches == []

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dokos_banksync.core.matching.exact import NEAR_DAYS, alike, label_key, match, same
from tests.core.build import held, line


@pytest.mark.parametrize(
	("label", "key"),
	[
		("CB Café du Port  12/03", "cb cafe du port 12 03"),
		("PRLV SEPA-ÉNERGIE*", "prlv sepa energie"),
		("  ", ""),
		("Straße", "strasse"),
		("日本 Τράπεζα", "日本 τραπεζα"),
	],
)
def test_a_label_is_compared_without_case_accents_and_punctuation(label, key):
	assert label_key(label) == key


def test_likeness_counts_common_words():
	assert alike("VIR SALAIRE MARS", "salaire mars vir") == 1
	assert alike("VIR SALAIRE MARS", "PRLV LOYER") == 0
	assert alike("a b", "b c") == pytest.approx(1 / 3)


def test_the_same_transaction_under_another_id_is_found():
	[found] = match([line("new id")], [held("T1")], "new feed").matches
	assert (found.line.remote_id, found.transaction.name) == ("new id", "T1")
	assert found.note == "Same day, amount and label"


def test_a_bank_transaction_that_the_source_holds_already_is_not_offered_again():
	assert match([line("2")], [held(sources=frozenset({"feed"}))], "feed").matches == []


def test_two_equal_coffees_stay_two():
	found = match([line("a"), line("b")], [held("T1"), held("T2")], "new").matches
	assert {m.transaction.name for m in found} == {"T1", "T2"}


def test_a_third_equal_coffee_is_not_linked():
	found = match([line("a"), line("b"), line("c")], [held("T1"), held("T2")], "new").matches
	assert len(found) == 2


def test_another_label_on_the_same_day_is_another_transaction():
	assert match([line(label="PRLV ASSURANCE")], [held(label="CB RESTAURANT")], "new").matches == []


def test_another_currency_is_another_transaction():
	assert match([line(currency="USD")], [held(currency="EUR")], "new").matches == []


@pytest.mark.parametrize(("days", "count"), [(NEAR_DAYS, 1), (-NEAR_DAYS, 1), (NEAR_DAYS + 1, 0)])
def test_days_may_differ_a_little(days, count):
	assert len(match([line(day=days)], [held()], "new").matches) == count


def test_the_stronger_evidence_goes_first_even_when_a_weaker_match_could_be_made_before():
	early, exact = line("early", day=-2), line("exact", day=0)
	[found] = match([early, exact], [held(day=0)], "new").matches
	assert found.line.remote_id == "exact"


def test_the_nearest_day_goes_first():
	found = match([line("a", day=1)], [held("far", day=-2), held("near", day=2)], "new").matches
	assert found[0].transaction.name == "near"


LABELS = st.sampled_from(["CB CAFE DU PORT", "CB CAFE DU PORT 12/03", "VIR LOYER", "PRLV ENERGIE BLEUE"])
SIDE = st.lists(st.tuples(LABELS, st.integers(-6, 6)), max_size=8)


@given(SIDE, SIDE, st.integers(0, 1000))
def test_ties_are_one_to_one_and_do_not_depend_on_the_order(ours, theirs, seed):
	lines = [line(f"l{i}", label=label, day=day) for i, (label, day) in enumerate(ours)]
	known = [held(f"t{i:02}", label=label, day=day) for i, (label, day) in enumerate(theirs)]
	found = match(lines, known, "new").matches
	assert len({m.line.remote_id for m in found}) == len(found)
	assert len({m.transaction.name for m in found}) == len(found)
	shuffled = random.Random(seed)
	again = match(shuffled.sample(lines, len(lines)), shuffled.sample(known, len(known)), "new").matches
	assert {m[:2] for m in found} == {m[:2] for m in again}


@given(SIDE)
def test_a_copy_of_everything_is_recognised_whole(rows):
	lines = [line(f"l{i}", label=label, day=day) for i, (label, day) in enumerate(rows)]
	known = [held(f"t{i:02}", label=label, day=day) for i, (label, day) in enumerate(rows)]
	assert len(match(lines, known, "new").matches) == len(rows)


def test_equal_day_and_label_with_another_amount_is_not_the_same():
	"""Two payments to one shop on one day: only the equal amount may be the row that the source gave before."""
	lines = [line("1", "-5.00"), line("2", "-6.00")]
	assert same(lines, [held("T6", "-6.00")], "feed") == [(lines[1], held("T6", "-6.00"))]
	assert same(lines, [held("T7", "-7.00")], "feed") == []


def test_equal_amounts_written_with_other_digits_are_the_same():
	[found] = same([line("1", "-5.00")], [held("T5", "-5.0")], "feed")
	assert found[1].name == "T5"

"""Which rows a host makes as documents before it writes the others in bulk."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from dokos_banksync.hosts.storage.bulk_samples import samples


def chosen(known, *amounts):
	return samples([Decimal(one) for one in known], {n: Decimal(one) for n, one in enumerate(amounts)})


def test_two_amounts_of_both_signs_are_enough():
	assert chosen([], "-5", "7", "-9", "11") == [0, 1]


def test_a_thousand_equal_amounts_cost_two_documents():
	assert chosen([], *["-1.00"] * 1_000) == [0, 1]


def test_the_first_other_amount_after_equal_ones_is_a_sample():
	assert chosen([], *["-1.00"] * 10, "-2.00", "-3.00") == [0, 1, 10]


def test_the_first_amount_of_the_other_sign_is_a_sample():
	assert chosen([], "-1", "-2", "-3", "4", "5") == [0, 1, 3]


def test_equal_sizes_of_both_signs_wait_for_another_size():
	assert chosen([], "-1", "1", "-1", "1", "2") == [0, 1, 4]


def test_nothing_is_learnt_twice():
	assert chosen(["-1", "2"], "-1", "-7", "8") == []


def test_what_earlier_rows_lacked_is_learnt_from_later_ones():
	assert chosen(["-1", "-1"], "-1", "-2") == [1]
	assert chosen(["-1", "-2"], "-1", "3") == [1]
	assert chosen(["-1"], "-1", "-1") == [0]


@given(st.lists(st.integers(-3, 3).filter(bool), max_size=60))
def test_there_are_at_most_four_samples_and_they_cover_what_there_is(amounts):
	taken = [amounts[n] for n in chosen([], *map(str, amounts))]
	assert len(taken) <= 4
	assert {one > 0 for one in taken} == {one > 0 for one in amounts}
	assert len({abs(one) for one in taken}) >= min(2, len({abs(one) for one in amounts}))
	assert len(taken) >= min(2, len(amounts))

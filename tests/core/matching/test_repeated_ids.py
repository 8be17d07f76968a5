"""Ids of rows that a file gives several times under one id."""

import pytest

from dokos_banksync.core.matching.repeated_ids import first_id, repeated_id
from dokos_banksync.core.matching.shared_ids import identifies


@pytest.mark.parametrize("own", ["F1", "2026-01-02 -3.20", "A (B)", "X\nY"])
@pytest.mark.parametrize("number", [2, 9, 10, 41])
def test_the_id_of_the_first_row_is_found_again(own, number):
	assert first_id(repeated_id(own, number)) == own


@pytest.mark.parametrize("own", ["", "F1", "F1 (1)", "F1 (0)", "F1 (02)", "F1(2)", " (2)", "F1 (2) "])
def test_any_other_id_repeats_none(own):
	assert first_id(own) == ""


def test_a_repeated_id_identifies_a_row_if_its_first_one_does():
	assert identifies(repeated_id("F1000", 2))
	assert not identifies(repeated_id("12", 2))

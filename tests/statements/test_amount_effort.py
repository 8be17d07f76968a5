"""A cell that almost is an amount costs no more than one that is."""

from __future__ import annotations

import random

import pytest

from dokos_banksync.statements.amounts import looks_like_amount
from tests.effort import hang_guard
from tests.statements import fuzz


@pytest.mark.parametrize(
	"text",
	[
		"0530004    00812EUR2 00098765432B1031126  041126PRLV SEPA ENERGIE                0000000  0000000000801J",
		"1" + " " * 2000 + "x",
		"0 " * 1000,
		"1." * 1000 + "x",
		"EUR " + "1 " * 28 + "EUR",
	],
)
def test_no_cell_takes_all_combinations(text: str) -> None:
	with hang_guard():
		assert not looks_like_amount(text)


def test_a_mutated_file_that_took_half_a_minute() -> None:
	content = fuzz.mutated(fuzz.seeds()["releve.cfonb"], random.Random("1-releve.cfonb-191"))
	with hang_guard():
		fuzz.outcome(content)


@pytest.mark.parametrize(
	"text", ["1 234,50 EUR", "EUR      12.50", "(1,234.50)", "12.50   CR", "- 12,50 €", "1.234.567,89"]
)
def test_amounts_with_blanks_around_them_are_amounts(text: str) -> None:
	assert looks_like_amount(text)


@pytest.mark.parametrize("text", ["1  234", "12  34.50", "1 23"])
def test_blanks_between_digits_make_no_amount(text: str) -> None:
	assert not looks_like_amount(text)

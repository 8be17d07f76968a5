"""Rows that are parts of another row."""

from __future__ import annotations

import pytest

from dokos_banksync.statements.contract import ReadingOptions
from dokos_banksync.statements.registry import read

ROWS = "2026-11-03,SHOP,-30.00,{0}\n2026-11-03,FOOD,-10.00,{1}\n2026-11-04,CAFE,-2.00,{0}\n"


def _mismatches(title, *cells):
	text = f"Date,Description,Amount,{title}\n" + ROWS.format(*cells)
	return [str(one) for one in read(text.encode(), ReadingOptions("EUR")).accounts[0].mismatches]


@pytest.mark.parametrize("title", ["Parent ID", "Split", "Is split", "Teil von"])
def test_a_part_is_a_contradiction_that_a_user_looks_at(title):
	[sentence] = _mismatches(title, "", "T1")
	assert sentence.startswith("Row 3 is a part of another row")
	assert title in sentence


@pytest.mark.parametrize("cells", [("", ""), ("no", "no")])
def test_a_column_that_says_so_of_no_row_changes_nothing(cells):
	assert _mismatches("Split", *cells) == []


def test_balances_that_follow_prove_that_every_row_counts():
	text = "Date,Description,Amount,Split,Balance\n2026-11-03,A,-30.00,,70.00\n2026-11-03,B,-10.00,x,60.00\n"
	assert read(text.encode(), ReadingOptions("EUR")).accounts[0].mismatches == ()

"""A match with a bank transaction of a day that the source may not list is a question."""

from __future__ import annotations

from datetime import date

import pytest

from dokos_banksync.core.matching.exact import Match, Matched
from dokos_banksync.core.matching.unlisted_days import ask_before_first_day
from dokos_banksync.core.model import MatchEvidence
from tests.core.build import held, line

DAY = date(2026, 11, 10)
BEFORE = date(2026, 11, 9)
SHIFTED = MatchEvidence.SHIFTED_SAME_LABEL


def matched(evidence: MatchEvidence = SHIFTED) -> Matched:
	return Matched(matches=[Match(line(date=DAY), held("T1", date=BEFORE), evidence)])


@pytest.mark.parametrize(
	("evidence", "first", "released", "asked"),
	[
		(SHIFTED, DAY, (), True),
		(SHIFTED, BEFORE, (), False),
		(SHIFTED, None, (), False),
		(SHIFTED, DAY, ("T1",), False),
		(MatchEvidence.SHIFTED_BUSINESS_DAY, DAY, (), False),
		(MatchEvidence.EXACT_ID, DAY, (), False),
	],
)
def test_what_is_asked(
	evidence: MatchEvidence, first: date | None, released: tuple[str, ...], asked: bool
) -> None:
	found = ask_before_first_day(matched(evidence), lambda: first, released)
	assert (len(found.matches), len(found.proposals)) == ((0, 1) if asked else (1, 0))
	assert all(one.evidence is MatchEvidence.SIMILAR for one in found.proposals)


def test_the_first_day_is_read_only_where_it_matters() -> None:
	def fail() -> date | None:
		raise AssertionError

	ask_before_first_day(matched(MatchEvidence.SAME_DAY_SAME_LABEL), fail, ())
	assert ask_before_first_day(matched(), None, ()) == matched()

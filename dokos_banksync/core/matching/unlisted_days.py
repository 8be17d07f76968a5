"""Matches with a bank transaction of a day that the source of the lines may not list."""

from __future__ import annotations

from collections.abc import Callable, Container
from dataclasses import replace
from datetime import date

from dokos_banksync.core.matching.exact import Match, Matched
from dokos_banksync.core.model import MatchEvidence


def ask_before_first_day(
	found: Matched, first_listed: Callable[[], date | None] | None, released: Container[str]
) -> Matched:
	"""Return the matches; one of two days is a proposal, and so a question, where its bank transaction is from before the
	first row that the source lists.

	An equal label of another day is proven by "both sources cover both days, and each has it once". A source that lists
	nothing of the earlier day may lack the row, and the line may be another transaction. `released` bank transactions
	are the source's own.
	"""
	shifted = [one for one in found.matches if one.evidence is MatchEvidence.SHIFTED_SAME_LABEL]
	first = first_listed() if shifted and first_listed else None
	if first is None:
		return found
	asked = {
		one.transaction.name: Match(one.line, one.transaction, MatchEvidence.SIMILAR)
		for one in shifted
		if one.transaction.date < first and one.transaction.name not in released
	}
	matches = [one for one in found.matches if one.transaction.name not in asked]
	return replace(found, matches=matches, proposals=[*found.proposals, *asked.values()])

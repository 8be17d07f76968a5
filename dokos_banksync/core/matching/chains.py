"""Equal rows of which each source has one that the other lacks, more days apart than one transaction may be.

A price is paid again after a few days, and one source dates each row later: a row of the one is then on the day of the next row
of the other, is linked to that, and the first and the last row are left over. Where two sources cover the days, neither of
them has a row that the other lacks. Which rows are the same is a question then.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal

from dokos_banksync.core.matching.exact import Match, Matched
from dokos_banksync.core.matching.fuzzy import NEAR_DAYS
from dokos_banksync.core.matching.known_days import ALWAYS, KnownDays, Span
from dokos_banksync.core.matching.labels import label_of
from dokos_banksync.core.matching.references import contradict
from dokos_banksync.core.model import ExistingTransaction, Line, MatchEvidence

_Content = tuple[Decimal, str, str]
_Place = tuple[_Content, date]
_Rows = dict[_Place, list[ExistingTransaction]]
_LAST = date.max.toordinal()
_EQUAL = (MatchEvidence.SAME_DAY_SAME_LABEL, MatchEvidence.SHIFTED_SAME_LABEL)


class _Days:
	"""The days that the source of the lines covers, and those of the others."""

	def __init__(self, known_days: KnownDays | None, own_days: Span) -> None:
		self._known_days, self._own_days = known_days, own_days

	def may_be(self, line: Line, known: ExistingTransaction) -> bool:
		"""Return whether a line may be an equal bank transaction, and both sources cover the days of both."""
		day, other = line.date.toordinal(), known.date.toordinal()
		near = abs(day - other) <= NEAR_DAYS and self.cover(line, known)
		return near and not contradict([line.reference], [known.reference])

	def cover(self, line: Line, known: ExistingTransaction) -> bool:
		"""Return whether each of the two sources covers the day of the other one."""
		day, other = line.date.toordinal(), known.date.toordinal()
		span = self._known_days.span(known.sources, other) if self._known_days else ALWAYS
		return self._own_days.holds(other) and span is not None and span.holds(day)


def ask_about_chains(
	found: Matched,
	lines: Iterable[Line],
	known: Iterable[ExistingTransaction],
	*,
	source: str,
	released: Container[str],
	known_days: KnownDays | None,
	own_days: Span,
) -> Matched:
	"""Return the matches; where a line and a bank transaction are left over, a match that stands between them is a proposal,
	and each of the two lines is proposed as the bank transaction of the other end.
	"""
	decided = {one.line.remote_id for one in (*found.matches, *found.proposals)}
	decided |= {line.remote_id for line in found.ambiguous}
	left = [line for line in lines if line.remote_id not in decided]
	matches = [
		one for one in found.matches if one.evidence in _EQUAL and one.transaction.name not in released
	]
	if not left or not matches:
		return found
	taken = {one.transaction.name for one in (*found.matches, *found.proposals)}
	free = [
		one
		for one in known
		if one.sources and source not in one.sources and not one.deleted and one.name not in taken
	]
	crossed = [*_crossed(left, free, matches, _Days(known_days, own_days))]
	if not crossed:
		return found
	ids = {one.line.remote_id for one in crossed}
	kept = [one for one in found.matches if one.line.remote_id not in ids]
	return replace(found, matches=kept, proposals=[*found.proposals, *crossed])


def _crossed(
	left: Iterable[Line], free: Iterable[ExistingTransaction], matches: Iterable[Match], days: _Days
) -> Iterator[Match]:
	"""Yield two proposals for each line and bank transaction that are left over; each match is used once."""
	ends, between = _by_place(free), _by_place(one.transaction for one in matches)
	of_transaction = {one.transaction.name: one for one in matches}
	without = set[tuple[_Place, str]]()  # equal lines find nothing either, as ever fewer rows are left
	for line in left:
		like = _place(line, line.date), line.reference
		if like in without:
			continue
		middle = (of_transaction[one.name] for one in _near(between, line) if days.may_be(line, one))
		found = _between(line, middle, ends, days)
		if found is None:
			without.add(like)
			continue
		crossed, end = found
		ends[_place(end, end.date)].remove(end)
		between[_place(crossed.transaction, crossed.transaction.date)].remove(crossed.transaction)
		yield Match(line, crossed.transaction, MatchEvidence.SIMILAR)
		yield Match(crossed.line, end, MatchEvidence.SIMILAR)


def _between(
	line: Line, middle: Iterable[Match], ends: _Rows, days: _Days
) -> tuple[Match, ExistingTransaction] | None:
	"""Return the first match that stands between a line and a bank transaction, with that one."""
	seen = set[tuple[date, str]]()
	for one in middle:
		like = one.line.date, one.line.reference
		if like in seen:
			continue
		seen.add(like)
		for end in _near(ends, one.line):
			if days.may_be(one.line, end) and days.cover(line, end):
				return one, end
	return None


def _by_place(rows: Iterable[ExistingTransaction]) -> _Rows:
	found: _Rows = {}
	for one in rows:
		found.setdefault(_place(one, one.date), []).append(one)
	return found


def _near(rows: _Rows, line: Line) -> Iterator[ExistingTransaction]:
	"""Yield the rows of the content of a line a few days around it."""
	if rows:
		number = line.date.toordinal()
		for day in range(max(number - NEAR_DAYS, 1), min(number + NEAR_DAYS, _LAST) + 1):
			yield from rows.get(_place(line, date.fromordinal(day)), ())


def _place(row: Line | ExistingTransaction, day: date) -> _Place:
	return _content(row), day


def _content(row: Line | ExistingTransaction) -> _Content:
	return row.amount, row.currency, label_of(row.original).text

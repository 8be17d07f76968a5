"""Two sources of which one dates every row a day or more later than the other: booking and value date, or two time zones.

Where both cover the days of both, such rows are linked. A row at the border of what the other source covers would be
imported a second time: it is a question where the rows that were linked differ by the same number of days, and where it is a
cheque of the same number.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from dokos_banksync.core.importing.plan import Feed
from dokos_banksync.core.matching.exact import NEAR_DAYS
from dokos_banksync.core.matching.labels import label_of
from dokos_banksync.core.matching.references import contradict
from dokos_banksync.core.model import (
	Action,
	Decision,
	ExistingTransaction,
	Line,
	MatchEvidence,
	is_file,
)

_FEWEST = 2
"""Rows that are as many days apart, at least one of them linked, from which on their distance is that of the sources."""

_CHEQUE = re.compile(r"\b(?:cheque|check|scheck|assegno)\b.*\b\d{6,}\b")
"""The normalised label of a cheque with its number, which no other cheque of the account has."""

_Content = tuple[Decimal, str, str]


@dataclass
class ShiftedDays:
	"""New rows of files that equal a bank transaction of another source, a few days away; they wait for the others."""

	_waiting: dict[str, list[tuple[Decision, int]]] = field(default_factory=dict)
	"""With the number of days that the row is later than the bank transaction."""
	_distances: dict[str, Counter[int]] = field(default_factory=dict)
	"""Of the linked rows, by source."""
	_borders: dict[str, frozenset[int]] = field(default_factory=dict)

	def sift(
		self, feed: Feed, decisions: list[Decision], known: Sequence[ExistingTransaction]
	) -> list[Decision]:
		"""Return the decisions without those that wait."""
		if not is_file(feed.source) or feed.known_days is None:
			return decisions
		self._count(feed.source, decisions, known)
		near = self._near_borders(feed)
		concerned = [d for d in decisions if d.action is Action.NEW and d.line.date.toordinal() in near]
		waiting = _with_equals(feed, concerned, decisions, known) if concerned else []
		if not waiting:
			return decisions
		self._waiting.setdefault(feed.source, []).extend(waiting)
		ids = {made.line.remote_id for made, _ in waiting}
		return [made for made in decisions if made.line.remote_id not in ids]

	def _count(
		self, source: str, decisions: Sequence[Decision], known: Iterable[ExistingTransaction]
	) -> None:
		links = [made for made in decisions if made.action is Action.LINK]
		shifted = [made for made in links if made.evidence is MatchEvidence.SHIFTED_SAME_LABEL]
		found = self._distances.setdefault(source, Counter())
		found[0] += len(links) - len(shifted)
		days = {one.name: one.date for one in known} if shifted else {}
		found.update((made.line.date - days[made.transaction]).days for made in shifted)

	def _near_borders(self, feed: Feed) -> frozenset[int]:
		"""Return the days near the first or the last day of a source: elsewhere both sources list a row."""
		if feed.source not in self._borders and feed.known_days is not None:
			first, last = feed.own_days
			borders = feed.known_days.borders_near(first - NEAR_DAYS, last + NEAR_DAYS)
			borders |= {first, last} if borders else set()
			reach = range(-NEAR_DAYS, NEAR_DAYS + 1)
			self._borders[feed.source] = frozenset(day + far for day in borders for far in reach)
		return self._borders[feed.source]

	def take(self, source: str) -> Iterator[tuple[Decision, bool]]:
		"""Yield each row that waited of a source, and whether it is a question: where the days are shifted."""
		distances = self._distances.pop(source, Counter())
		same_day = distances.pop(0, 0)
		waiting = self._waiting.pop(source, [])
		for made, distance in waiting:
			linked = 0 if same_day else sum(distances.values())
			alike = sum(distance == other for _, other in waiting)
			are_shifted = distance in distances and linked > 0 and linked + alike >= _FEWEST
			yield made, are_shifted or bool(_CHEQUE.search(label_of(made.line.original).text))

	@property
	def sources(self) -> list[str]:
		"""Return the files with rows that wait."""
		return sorted(self._waiting)


def _with_equals(
	feed: Feed,
	concerned: Iterable[Decision],
	decisions: Iterable[Decision],
	known: Iterable[ExistingTransaction],
) -> list[tuple[Decision, int]]:
	"""Return those of some decisions whose row equals a bank transaction that no row of the file is, and how many days later."""
	taken = {made.transaction or made.proposed for made in decisions}
	free: dict[_Content, list[ExistingTransaction]] = {}
	for one in known:
		if one.sources and feed.source not in one.sources and not one.deleted and one.name not in taken:
			free.setdefault(_content(one), []).append(one)
	found = []
	for made in concerned:
		rows = free.get(_content(made.line), [])
		near = [one for one in rows if _may_be(made.line, one)]
		if near:
			equal = min(near, key=lambda one: (abs((made.line.date - one.date).days), one.name))
			rows.remove(equal)
			waiting = made._replace(proposed=equal.name, note="")
			found.append((waiting, (made.line.date - equal.date).days))
	return found


def _may_be(line: Line, known: ExistingTransaction) -> bool:
	near = 0 < abs((line.date - known.date).days) <= NEAR_DAYS
	return near and not contradict([line.reference], [known.reference])


def _content(row: Line | ExistingTransaction) -> _Content:
	return row.amount, row.currency, label_of(row.original).text

"""Bank transactions that wait for a line, indexed by day and label so that no line is compared with all of them."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Sequence
from functools import cached_property
from heapq import heapify, heappop
from itertools import islice, takewhile
from math import ceil
from typing import NamedTuple

from dokos_banksync.core.matching.business_days import is_shift
from dokos_banksync.core.matching.known_days import ALWAYS, AllDays, KnownDays, Span
from dokos_banksync.core.matching.labels import ALIKE, CONTAINED, SHORTEST_CUT, Label, label_of
from dokos_banksync.core.matching.references import contradict
from dokos_banksync.core.model import ExistingTransaction, Line

_ROUNDING = 1e-9
_FEW = 40
"""Rows of a day that are compared one by one; of more, those that the indexes find."""


class _Features(NamedTuple):
	"""The values of a bank transaction that the rules compare. Those with equal values match every line alike."""

	currency: str
	original: str
	description: str
	reference: str
	party_iban: str
	span: Span | None


class Traits(NamedTuple):
	"""In what two bank transactions of one label may differ all the same, so that it matters which is which."""

	day: int
	reconciled: bool
	category: str
	by_hand: bool


_Place = tuple[int, bool, bool, str]
"""The order in which they are taken: first what the source itself has just released, last what a user deleted."""


class Row:
	"""Bank transactions of one day and features, in the order in which they are taken."""

	def __init__(self, features: _Features, day: int) -> None:
		self.features, self.day = features, day
		self.original, self.description = label_of(features.original), label_of(features.description)
		self.waiting: list[tuple[_Place, ExistingTransaction]] = []

	@property
	def released(self) -> bool:
		"""Return whether the next candidate was matched before and set free again."""
		return bool(self.waiting) and self.waiting[0][0][0] == _RELEASED

	def similarity(self, line: Line) -> float:
		"""Return how alike the labels are; 0 where the currency or an identifying number differs."""
		if line.currency != self.features.currency or self._conflicts(line):
			return 0
		return max(
			label_of(line.original).closeness(self.original),
			label_of(line.description).closeness(self.description),
		)

	def other_party(self, line: Line) -> bool:
		"""Return whether both name a counter-party account and the two differ."""
		return bool(line.party_iban and self.features.party_iban) and (
			_plain(line.party_iban) != _plain(self.features.party_iban)
		)

	def other_reference(self, line: Line) -> bool:
		"""Return whether both have a reference of one kind and the two differ."""
		return contradict([line.reference], [self.features.reference])

	def _conflicts(self, line: Line) -> bool:
		ours, theirs = line.reference, self.features.reference
		# Labels that are only alike prove less than equal ones: any two references of one length part them.
		if self.other_party(line) or (ours and len(ours) == len(theirs) and ours != theirs):
			return True
		return label_of(line.original).conflicts(self.original) or label_of(line.description).conflicts(
			self.description
		)

	def same_reference(self, line: Line) -> bool:
		"""Whether reference, or label with a day or an invoice number in it, are the same."""
		if line.reference and line.reference == self.features.reference:
			return True
		label = label_of(line.original)
		return label.text == self.original.text and label.names_one()

	def traits(self, known: ExistingTransaction) -> Traits:
		"""Return what the ranking of candidates looks at."""
		return Traits(self.day, known.reconciled, known.category, not known.sources)


def _plain(iban: str) -> str:
	return "".join(iban.split()).upper()


class _Day:
	"""The rows of one day, found by a whole label or by its words."""

	def __init__(self, day: int) -> None:
		self.day = day
		self.rows: dict[_Features, Row] = {}

	def add(self, known: ExistingTransaction, place: _Place, span: Span | None) -> None:
		"""Add an existing transaction as a candidate."""
		features = _Features(
			currency=known.currency,
			original=known.original,
			description=known.description,
			reference=known.reference,
			party_iban=known.party_iban,
			span=span,
		)
		row = self.rows.get(features)
		if row is None:
			row = self.rows[features] = Row(features, self.day)
		row.waiting.append((place, known))

	@cached_property
	def by_text(self) -> dict[tuple[str, str], list[Row]]:
		"""Group the candidates by currency and normalised label."""
		found: dict[tuple[str, str], list[Row]] = defaultdict(list)
		for row in self.rows.values():
			for text in {row.original.text, row.description.text}:
				found[row.features.currency, text].append(row)
		return found

	@cached_property
	def by_word(self) -> dict[int, dict[str, list[Row]]]:
		"""Return rows by the number of words of one of their labels, then by each of those words."""
		found: dict[int, dict[str, list[Row]]] = {}
		for row in self.rows.values():
			for label in {row.original, row.description}:
				of_size = found.setdefault(len(label.words), {})
				for word in label.words:
					of_size.setdefault(word, []).append(row)
		return found

	def same(self, line: Line) -> Iterable[Row]:
		"""Return the candidates with the line's own label, and no other counter-party or reference."""
		found = self.by_text.get((line.currency, label_of(line.original).text), ())
		return [row for row in found if not (row.other_party(line) or row.other_reference(line))]

	def alike(self, line: Line) -> Iterator[Row]:
		"""Yield the candidates whose label is similar enough to the line's."""
		labels = {label_of(line.original), label_of(line.description)}
		rows = self.rows.values() if len(self.rows) <= _FEW else self._near_any(labels)
		return (row for row in rows if row.waiting and row.similarity(line) >= ALIKE)

	def _near_any(self, labels: Iterable[Label]) -> Iterable[Row]:
		return {id(row): row for label in labels for row in self._near(label) if row.waiting}.values()

	@cached_property
	def by_name(self) -> dict[frozenset[str], list[Row]]:
		"""Return rows by the words of a label that do not only say the kind of the transaction."""
		found: dict[frozenset[str], list[Row]] = defaultdict(list)
		for row in self.rows.values():
			for label in {row.original, row.description}:
				found[label.name].append(row)
		return found

	@cached_property
	def by_key(self) -> dict[str, list[Row]]:
		"""Return rows by the key of a label, sorted by the key."""
		found: dict[str, list[Row]] = defaultdict(list)
		for row in self.rows.values():
			for label in {row.original, row.description}:
				found[label.key].append(row)
		return dict(sorted(found.items()))

	@cached_property
	def keys(self) -> list[str]:
		"""Return the keys of the labels, sorted."""
		return list(self.by_key)

	def _near(self, label: Label) -> Iterator[Row]:
		"""Yield rows that may be alike. Two such labels share a number of words, so one of the rarest too; or one adds the
		kind of the transaction, or is the other one cut off.
		"""
		for size, of_size in self.by_word.items():
			words = len(label.words)
			rarest = sorted(label.words, key=lambda word: (len(of_size.get(word, ())), word))
			for word in rarest[: max(words - _least_common(words, size) + 1, 0)]:
				yield from of_size.get(word, ())
		if label.name:
			yield from self.by_name.get(label.name, ())
		yield from self._cut(label.key)

	def _cut(self, key: str) -> Iterator[Row]:
		"""Yield rows with a label that begins with the key, or is the beginning of it."""
		for end in range(SHORTEST_CUT, len(key)):
			yield from self.by_key.get(key[:end], ())
		following = islice(self.keys, bisect_left(self.keys, key), None)
		for longer in takewhile(lambda found: found.startswith(key), following):
			if len(key) >= SHORTEST_CUT:
				yield from self.by_key[longer]


def _least_common(words: int, size: int) -> int:
	"""Return how many words two labels of so many words share at least if they are alike."""
	by_similarity = ceil((words + size) * ALIKE / (1 + ALIKE) - _ROUNDING)
	least = min(words, size)
	return max(1, min(by_similarity, ceil(CONTAINED * least - _ROUNDING) if least > 1 else by_similarity))


class CandidatePool:
	"""Gives each bank transaction to one line at most.

	`released` names those that the source itself has just given back. `own` are the days that the source of the
	lines covers, `known_days` those of the others.
	"""

	def __init__(
		self,
		known: Iterable[ExistingTransaction],
		released: Container[str] = (),
		known_days: KnownDays | None = None,
		own: Span = ALWAYS,
	) -> None:
		self._released = False
		self._own = own
		self._days: dict[int, _Day] = {}
		known_days = known_days or AllDays()
		known = list(known)
		live = {one.name for one in known if not one.deleted}
		for one in known:
			day = one.date.toordinal()
			given = one.name in released and not (one.deleted and one.name in live)
			self._released |= given
			# What was deleted here and then removed by its source is free for the same row under another id.
			free = given or (one.deleted and not one.sources)
			span = ALWAYS if free else known_days.span(one.sources, day)
			self._days.setdefault(day, _Day(day)).add(one, _place(one, given), span)
		for pool in self._days.values():
			for row in pool.rows.values():
				heapify(row.waiting)

	def rows(self, line: Line, days: Iterable[int], *, equal: bool) -> Iterator[Row]:
		"""Yield rows of the days that the line may be: of an equal label, or of one that is alike."""
		for day in days:
			if day in self._days:
				pool = self._days[day]
				found = pool.same(line) if equal else pool.alike(line)
				yield from (row for row in found if row.waiting and self._admits(line, row))

	def _admits(self, line: Line, row: Row) -> bool:
		"""Whether a transaction of one day may be the line of another one.

		A row that only one of two sources can have is not a match for one that only the other can have, unless the bank
		booked it on the next business day.
		"""
		day = line.date.toordinal()
		if row.day == day or row.released:
			return True
		if self._own.holds(row.day) and (row.features.span is None or row.features.span.holds(day)):
			return True
		return is_shift(line.date, line.date.fromordinal(row.day)) and row.same_reference(line)

	def proven(self, line: Line, row: Row) -> bool:
		"""Whether another day is explained: both sources cover both days, or the reference is the same."""
		return row.day == line.date.toordinal() or row.features.span is not None or row.same_reference(line)

	def take(
		self, line: Line, days: Sequence[int], *, equal: bool, proven: bool = False
	) -> tuple[ExistingTransaction, Row] | None:
		"""Take the next of those that the line may be on one of the days; with `proven` see there."""
		rows = self.rows(line, days, equal=equal)
		row = min(
			(row for row in rows if not proven or self.proven(line, row)),
			key=lambda r: (r.waiting[0][0][0], r.day, r.waiting[0][0]),
			default=None,
		)
		return (heappop(row.waiting)[1], row) if row else None

	def drop(self, names: Container[str]) -> None:
		"""Take some away."""
		for pool in self._days.values():
			for row in pool.rows.values():
				row.waiting = [entry for entry in row.waiting if entry[1].name not in names]
				heapify(row.waiting)

	def released_again(self) -> CandidatePool | None:
		"""Return another pool, with what the source has just released, if there is any."""
		if not self._released:
			return None
		released = [
			known
			for pool in self._days.values()
			for row in pool.rows.values()
			for place, known in row.waiting
			if place[0] == _RELEASED
		]
		return CandidatePool(released, {known.name for known in released}) if released else None

	def is_ambiguous(self, line: Line, days: Sequence[int], count: int) -> bool:
		"""Whether so many equal lines leave some over that are not the same as the others."""
		traits = [
			row.traits(known)
			for row in self.rows(line, days, equal=True)
			for place, known in row.waiting
			if place[0] == _LIVE
		]
		return count < len(traits) and len(set(traits)) > 1


_RELEASED, _LIVE, _DELETED = range(3)


def _place(known: ExistingTransaction, released: bool) -> _Place:
	if released:
		# What a user did something with is taken over before it could be lost.
		return _RELEASED, not known.reconciled, not known.category, known.name
	return _DELETED if known.deleted else _LIVE, False, False, known.name

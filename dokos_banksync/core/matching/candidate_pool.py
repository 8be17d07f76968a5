"""Bank transactions that wait for a line, put by day and label so that no line is held against all of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Sequence
from functools import cached_property
from heapq import heapify, heappop
from math import ceil
from typing import NamedTuple

from dokos_banksync.core.matching.labels import Label, label_of
from dokos_banksync.core.model import ExistingTransaction, Line

_DUST = 1e-9


class _Face(NamedTuple):
	"""What the label rules see of a bank transaction; those with one face are alike to every line."""

	currency: str
	original: str
	description: str


class Traits(NamedTuple):
	"""In what two bank transactions of one label may differ all the same, so that it matters which is which."""

	day: int
	reconciled: bool
	category: str
	by_hand: bool


_Place = tuple[int, bool, bool, str]
"""Whose turn it is: what the source itself has just given back goes first, what a person deleted goes last."""


class Row:
	"""Bank transactions of one day and face, in their turn."""

	def __init__(self, face: _Face, day: int) -> None:
		self.face, self.day = face, day
		self.original, self.description = label_of(face.original), label_of(face.description)
		self.waiting: list[tuple[_Place, ExistingTransaction]] = []

	def similarity(self, line: Line) -> float:
		"""How alike the labels are, 0 in another currency."""
		if line.currency != self.face.currency:
			return 0
		return max(
			label_of(line.original).similarity(self.original),
			label_of(line.description).similarity(self.description),
		)

	def traits(self, known: ExistingTransaction) -> Traits:
		return Traits(self.day, known.reconciled, known.category, not known.sources)


class _Day:
	"""The rows of one day, found by a whole label or by its words."""

	def __init__(self, day: int) -> None:
		self.day = day
		self.rows: dict[_Face, Row] = {}

	def add(self, known: ExistingTransaction, place: _Place) -> None:
		face = _Face(known.currency, known.original, known.description)
		self.rows.setdefault(face, Row(face, self.day)).waiting.append((place, known))

	@cached_property
	def by_key(self) -> dict[tuple[str, str], list[Row]]:
		found: dict[tuple[str, str], list[Row]] = defaultdict(list)
		for row in self.rows.values():
			for key in {row.original.key, row.description.key}:
				found[row.face.currency, key].append(row)
		return found

	@cached_property
	def by_word(self) -> dict[int, dict[str, list[Row]]]:
		"""Rows by the number of words of one of their labels, then by each of those words."""
		found: dict[int, dict[str, list[Row]]] = {}
		for row in self.rows.values():
			for label in {row.original, row.description}:
				of_size = found.setdefault(len(label.words), {})
				for word in label.words:
					of_size.setdefault(word, []).append(row)
		return found

	def same(self, line: Line) -> Iterable[Row]:
		return self.by_key.get((line.currency, label_of(line.original).key), ())

	def alike(self, line: Line, least: float) -> Iterator[Row]:
		labels = {label_of(line.original), label_of(line.description)}
		near = {id(row): row for label in labels for row in self._near(label, least) if row.waiting}
		return (row for row in near.values() if row.similarity(line) >= least)

	def _near(self, label: Label, least: float) -> Iterator[Row]:
		"""Rows that may be alike: of so many words they share so many at least, so one of the rarest too."""
		for size, of_size in self.by_word.items():
			words = len(label.words)
			common = max(1, ceil((words + size) * least / (1 + least) - _DUST))
			rarest = sorted(label.words, key=lambda word: (len(of_size.get(word, ())), word))
			for word in rarest[: max(words - common + 1, 0)]:
				yield from of_size.get(word, ())


class CandidatePool:
	"""Hands out each bank transaction once. `freed` names those that the source itself has just given back."""

	def __init__(self, known: Iterable[ExistingTransaction], released: Container[str] = ()) -> None:
		self._freed = False
		self._days: dict[int, _Day] = {}
		known = list(known)
		live = {one.name for one in known if not one.deleted}
		for one in known:
			day = one.date.toordinal()
			given = one.name in released and not (one.deleted and one.name in live)
			self._freed |= given
			self._days.setdefault(day, _Day(day)).add(one, _place(one, given))
		for pool in self._days.values():
			for row in pool.rows.values():
				heapify(row.waiting)

	def rows(self, line: Line, days: Iterable[int], least: float) -> Iterator[Row]:
		"""Rows of the days that fit the line; `least` is how alike labels must be, 1 for the same."""
		for day in days:
			if day in self._days:
				pool = self._days[day]
				found = pool.same(line) if least == 1 else pool.alike(line, least)
				yield from (row for row in found if row.waiting)

	def take(self, line: Line, days: Sequence[int], least: float) -> ExistingTransaction | None:
		"""The next of those that fit the line on one of the days, taken off the shelf."""
		row = min(
			self.rows(line, days, least),
			key=lambda r: (r.waiting[0][0][0], r.day, r.waiting[0][0]),
			default=None,
		)
		return heappop(row.waiting)[1] if row else None

	def drop(self, names: Container[str]) -> None:
		"""Take some off the shelf."""
		for pool in self._days.values():
			for row in pool.rows.values():
				row.waiting = [entry for entry in row.waiting if entry[1].name not in names]
				heapify(row.waiting)

	def given_back(self) -> CandidatePool | None:
		"""Another shelf, with what the source has just given back, if there is any."""
		if not self._freed:
			return None
		released = [
			known
			for pool in self._days.values()
			for row in pool.rows.values()
			for place, known in row.waiting
			if place[0] == _RELEASED
		]
		return CandidatePool(released, {known.name for known in released}) if released else None

	def in_doubt(self, line: Line, days: Sequence[int], count: int) -> bool:
		"""Whether so many equal lines leave some over that are not the same as the others."""
		traits = [
			row.traits(known)
			for row in self.rows(line, days, 1)
			for place, known in row.waiting
			if place[0] == _LIVE
		]
		return count < len(traits) and len(set(traits)) > 1


_RELEASED, _LIVE, _DELETED = range(3)


def _place(known: ExistingTransaction, released: bool) -> _Place:
	if released:
		# What a person did something with is taken over before it could be lost.
		return _RELEASED, not known.reconciled, not known.category, known.name
	return _DELETED if known.deleted else _LIVE, False, False, known.name

"""Bank transactions that wait for a line, put by day and label so that no line is held against all of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from heapq import heapify, heappop
from math import ceil
from typing import NamedTuple

from dokos_banksync.engine.labels import Label, label_of
from dokos_banksync.engine.model import KnownTransaction, Line

_DUST = 1e-9


class _Face(NamedTuple):
	"""What the label rules see of a bank transaction; those with one face are alike to every line."""

	currency: str
	original: str
	description: str


class _Row:
	"""Bank transactions of one day and face, by name."""

	def __init__(self, face: _Face) -> None:
		self.face = face
		self.original, self.description = label_of(face.original), label_of(face.description)
		self.waiting: list[tuple[str, KnownTransaction]] = []

	def fits(self, line: Line, least: float) -> bool:
		return line.currency == self.face.currency and (
			label_of(line.original).likeness(self.original) >= least
			or label_of(line.description).likeness(self.description) >= least
		)


class _Day:
	"""The rows of one day, found by a whole label or by its words."""

	def __init__(self) -> None:
		self.rows: dict[_Face, _Row] = {}

	def add(self, known: KnownTransaction) -> None:
		face = _Face(known.currency, known.original, known.description)
		self.rows.setdefault(face, _Row(face)).waiting.append((known.name, known))

	@cached_property
	def by_key(self) -> dict[tuple[str, str], list[_Row]]:
		found: dict[tuple[str, str], list[_Row]] = defaultdict(list)
		for row in self.rows.values():
			for key in {row.original.key, row.description.key}:
				found[row.face.currency, key].append(row)
		return found

	@cached_property
	def by_word(self) -> dict[int, dict[str, list[_Row]]]:
		"""Rows by the number of words of one of their labels, then by each of those words."""
		found: dict[int, dict[str, list[_Row]]] = {}
		for row in self.rows.values():
			for label in {row.original, row.description}:
				of_size = found.setdefault(len(label.words), {})
				for word in label.words:
					of_size.setdefault(word, []).append(row)
		return found

	def same(self, line: Line) -> Iterable[_Row]:
		return self.by_key.get((line.currency, label_of(line.original).key), ())

	def alike(self, line: Line, least: float) -> Iterator[_Row]:
		labels = {label_of(line.original), label_of(line.description)}
		near = {id(row): row for label in labels for row in self._near(label, least) if row.waiting}
		return (row for row in near.values() if row.fits(line, least))

	def _near(self, label: Label, least: float) -> Iterator[_Row]:
		"""Rows that may be alike: of so many words they share so many at least, so one of the rarest too."""
		for size, of_size in self.by_word.items():
			words = len(label.words)
			common = max(1, ceil((words + size) * least / (1 + least) - _DUST))
			rarest = sorted(label.words, key=lambda word: (len(of_size.get(word, ())), word))
			for word in rarest[: max(words - common + 1, 0)]:
				yield from of_size.get(word, ())


class Shelf:
	"""Hands out each bank transaction once."""

	def __init__(self, known: Iterable[KnownTransaction]) -> None:
		self._days: dict[int, _Day] = defaultdict(_Day)
		for one in known:
			self._days[one.date.toordinal()].add(one)
		for day in self._days.values():
			for row in day.rows.values():
				heapify(row.waiting)

	def take(self, line: Line, days: Sequence[int], least: float) -> KnownTransaction | None:
		"""The first by day and name of those that fit the line on one of the days, taken off the shelf.

		`least` is how alike labels must be, 1 for the same.
		"""
		for day in days:
			if day in self._days:
				shelf = self._days[day]
				rows = shelf.same(line) if least == 1 else shelf.alike(line, least)
				row = min((r for r in rows if r.waiting), key=lambda r: r.waiting[0][0], default=None)
				if row is not None:
					return heappop(row.waiting)[1]
		return None

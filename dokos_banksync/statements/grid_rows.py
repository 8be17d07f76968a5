"""The rows of a text file in bounded memory, and parts of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, overload

from dokos_banksync.core.file_backed_list import FileBackedList
from dokos_banksync.statements.grid import CleanRow, Row

HELD_ROWS = 100_000
"""Rows that are held in memory: each of them is read several times."""


def _pack(rows: Sequence[Row]) -> list[tuple[Any, ...]]:
	return [(*row, isinstance(row, CleanRow)) for row in rows]


def _unpack(rows: Sequence[tuple[Any, ...]]) -> list[Row]:
	new = tuple.__new__
	return [new(CleanRow if row[3] else Row, row[:3]) for row in rows]


class GridRows(Sequence[Row]):
	"""Rows whose cells are all text. A slice is a view of them, and so are two views of the same rows added up."""

	def __init__(self, rows: Iterable[Row] = ()) -> None:
		self._all: FileBackedList[Row] = FileBackedList(HELD_ROWS, _pack, _unpack)
		self._ranges: list[range] | None = None
		for row in rows:
			self._all.append(row)

	def append(self, row: Row) -> None:
		"""Add a row at the end. A view cannot grow."""
		self._all.append(row)

	@property
	def _parts(self) -> list[range]:
		return [range(len(self._all))] if self._ranges is None else self._ranges

	def _view(self, ranges: Iterable[range]) -> GridRows:
		view = GridRows()
		view._all, view._ranges = self._all, [part for part in ranges if part]
		return view

	def __len__(self) -> int:
		return len(self._all) if self._ranges is None else sum(map(len, self._ranges))

	def __iter__(self) -> Iterator[Row]:
		for part in self._parts:
			yield from self._all.between(part.start, part.stop)

	def __reversed__(self) -> Iterator[Row]:
		for part in reversed(self._parts):
			yield from (self._all[place] for place in reversed(part))

	@overload
	def __getitem__(self, index: int) -> Row: ...
	@overload
	def __getitem__(self, index: slice) -> GridRows: ...
	def __getitem__(self, index: int | slice) -> Row | GridRows:
		if isinstance(index, slice):
			return self._slice(*index.indices(len(self)))
		if self._ranges is None and index >= 0:
			return self._all[index]
		place = index + len(self) if index < 0 else index
		for part in self._parts:
			if 0 <= place < len(part):
				return self._all[part[place]]
			place -= len(part)
		raise IndexError(index)

	def _slice(self, first: int, end: int, step: int) -> GridRows:
		if step != 1:
			raise ValueError(step)
		found: list[range] = []
		for part in self._parts:
			found.append(part[max(first, 0) : max(end, 0)])
			first, end = first - len(part), end - len(part)
		return self._view(found)

	def __add__(self, other: GridRows) -> GridRows:
		if other._all is not self._all:
			raise ValueError(other)
		return self._view([*self._parts, *other._parts])

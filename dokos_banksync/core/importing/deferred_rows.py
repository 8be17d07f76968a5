"""The lines of a file that are not in the staging area yet: most first imports never need them there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple

from dokos_banksync.core.model import LineState
from dokos_banksync.core.packed_lines import PackedLines
from dokos_banksync.core.staged_row import CURRENCY, DATE, RAW, STATE, StagedRow

_BOOKED = LineState.BOOKED.value
MOST_TEXT = 8_000_000
"""Characters of raw rows that are returned at a time: a provider's rows may be of any size."""


class PlainRows(NamedTuple):
	"""Booked lines in one currency, from a day in ISO 8601 on."""

	currency: str
	since: str

	def all_of(self, rows: Sequence[StagedRow]) -> list[StagedRow]:
		"""Return those of many rows that are such: often all of them."""
		currency, since = self
		return [
			row for row in rows if row[STATE] == _BOOKED and row[CURRENCY] == currency and row[DATE] >= since
		]


class StagedChunk(NamedTuple):
	"""Rows, and the number of the last one, from 1 on."""

	rows: list[StagedRow]
	last: int


class DeferredRows:
	"""The lines of one source, each with an id of its own. Their amounts are texts without an exponent."""

	def __init__(self, lines: PackedLines) -> None:
		self._lines = lines

	def __len__(self) -> int:
		return len(self._lines)

	def extent(self, plain: PlainRows) -> tuple[date, date] | None:
		"""Return the first and the last day of the plain rows; None without any."""
		days = {row[DATE] for chunk in self._lines.chunks() for row in plain.all_of(chunk)}
		return (date.fromisoformat(min(days)), date.fromisoformat(max(days))) if days else None

	def plain(self, plain: PlainRows, size: int) -> Iterator[StagedChunk]:
		"""Yield the plain rows in their order, `size` or `MOST_TEXT` characters at a time."""
		rows: list[StagedRow] = []
		held = last = 0
		for number, row in self._numbered(plain):
			rows.append(row)
			last, held = number, held + len(row[RAW])
			if len(rows) >= size or held >= MOST_TEXT:
				yield StagedChunk(rows, last)
				rows, held = [], 0
		if rows:
			yield StagedChunk(rows, last)

	def _numbered(self, plain: PlainRows) -> Iterator[tuple[int, StagedRow]]:
		"""Yield the plain rows, each with its number among all rows."""
		before = 0
		for chunk in self._lines.chunks():
			found = plain.all_of(chunk)
			if len(found) == len(chunk):
				yield from enumerate(chunk, before + 1)
			else:
				kept = set(map(id, found))
				yield from (one for one in enumerate(chunk, before + 1) if id(one[1]) in kept)
			before += len(chunk)

	def rest(self, last: int, plain: PlainRows) -> Iterator[StagedRow]:
		"""Yield all rows but the plain ones up to the number `last`."""
		before = 0
		for chunk in self._lines.chunks():
			left_out = set(map(id, plain.all_of(chunk[: max(last - before, 0)])))
			if len(left_out) < len(chunk):
				yield from (row for row in chunk if id(row) not in left_out)
			before += len(chunk)

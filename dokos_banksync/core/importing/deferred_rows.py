"""The lines of a file that are not in the staging area yet: most first imports never need them there."""

from __future__ import annotations

from collections.abc import Iterator
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

	def holds(self, row: StagedRow) -> bool:
		"""Return whether a row is one of these."""
		return bool(row[STATE] == _BOOKED and row[CURRENCY] == self.currency and row[DATE] >= self.since)


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

	def _rows(self) -> Iterator[StagedRow]:
		for chunk in self._lines.chunks():
			yield from chunk

	def extent(self, plain: PlainRows) -> tuple[date, date] | None:
		"""Return the first and the last day of the plain rows; None without any."""
		days = {row[DATE] for row in self._rows() if plain.holds(row)}
		return (date.fromisoformat(min(days)), date.fromisoformat(max(days))) if days else None

	def plain(self, plain: PlainRows, size: int) -> Iterator[StagedChunk]:
		"""Yield the plain rows in their order, `size` or `MOST_TEXT` characters at a time."""
		rows: list[StagedRow] = []
		held = last = 0
		for number, row in enumerate(self._rows(), 1):
			if not plain.holds(row):
				continue
			rows.append(row)
			last, held = number, held + len(row[RAW])
			if len(rows) >= size or held >= MOST_TEXT:
				yield StagedChunk(rows, last)
				rows, held = [], 0
		if rows:
			yield StagedChunk(rows, last)

	def rest(self, last: int, plain: PlainRows) -> Iterator[StagedRow]:
		"""Yield all rows but the plain ones up to the number `last`."""
		for number, row in enumerate(self._rows(), 1):
			if number > last or not plain.holds(row):
				yield row

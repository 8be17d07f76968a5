"""Many lines in bounded memory: as texts, of which the staging area makes its rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal

from dokos_banksync.core.file_backed_list import FileBackedList
from dokos_banksync.core.model import Line, LineState
from dokos_banksync.core.read_sequence import ReadSequence
from dokos_banksync.core.staged_row import AMOUNT, DATE, REFERENCE, STATE, StagedRow, pack, unpack

_BOOKED = LineState.BOOKED.value


class PackedLines(ReadSequence[Line]):
	"""Lines that are added one by one. Each is made an object only where it is asked for."""

	def __init__(self, lines: Iterable[Line] = ()) -> None:
		self._rows: FileBackedList[StagedRow] = FileBackedList()
		self._first, self._last = "", ""
		self.zero_amounts = 0
		"""Lines whose amount is zero."""
		for line in lines:
			self.append(line)

	def append(self, line: Line) -> None:
		"""Add a line at the end."""
		self.add(pack(line, str(line.amount)))

	def add(self, row: StagedRow) -> None:
		"""Add a line as a row of texts. Its amount is as it was read: 12.50 and 12.5 are two texts."""
		self._rows.append(row)
		if row[AMOUNT][0] in "-0":
			self.zero_amounts += not row[AMOUNT].partition("E")[0].strip("-0.")
		if row[STATE] == _BOOKED:
			day = row[DATE]
			if day > self._last:
				self._last = day
			if day < self._first or not self._first:
				self._first = day

	def add_all(self, other: PackedLines) -> None:
		"""Add the lines of another object."""
		for row in other.rows():
			self.add(row)

	def chunks(self) -> Iterator[list[StagedRow]]:
		"""Yield all lines as they were added, in lists that the caller does not change."""
		return self._rows.chunks()

	def rows(self) -> Iterator[StagedRow]:
		"""Yield all lines as they were added."""
		for chunk in self.chunks():
			yield from chunk

	@property
	def booked_days(self) -> tuple[date, date] | None:
		"""Return the first and the last day of a booked line; None without any."""
		if not self._first:
			return None
		return date.fromisoformat(self._first), date.fromisoformat(self._last)

	def on_day(self, day: date) -> Iterator[Line]:
		"""Yield the lines of one day."""
		wanted = day.isoformat()
		for chunk in self.chunks():
			yield from (unpack(row) for row in chunk if row[DATE] == wanted)

	def booked_amounts(self, day: date) -> list[Decimal]:
		"""Return the amounts of the booked lines of one day, without making them objects."""
		wanted = day.isoformat()
		return [Decimal(row[AMOUNT]) for row in self.rows() if row[DATE] == wanted and row[STATE] == _BOOKED]

	def __len__(self) -> int:
		return len(self._rows)

	def __iter__(self) -> Iterator[Line]:
		for chunk in self.chunks():
			yield from map(unpack, chunk)

	def _read(self, place: int) -> Line:
		return unpack(self._rows[place])

	def __eq__(self, other: object) -> bool:
		if not isinstance(other, Sequence):
			return NotImplemented
		return len(self) == len(other) and all(one == same for one, same in zip(self, other, strict=True))

	__hash__ = None  # type: ignore[assignment]


def packed_chunks(lines: Sequence[Line], size: int) -> Iterator[list[StagedRow]]:
	"""Yield lines as rows of texts, in lists of about `size`."""
	if isinstance(lines, PackedLines):
		yield from lines.chunks()
		return
	for first in range(0, len(lines), size):
		yield [pack(line, str(line.amount)) for line in lines[first : first + size]]


def lines_of_day(lines: Iterable[Line], day: date) -> Iterable[Line]:
	"""Return the lines of one day."""
	return lines.on_day(day) if isinstance(lines, PackedLines) else (one for one in lines if one.date == day)


def booked_amounts(lines: Iterable[Line], day: date) -> list[Decimal]:
	"""Return the amounts of the booked lines of one day."""
	if isinstance(lines, PackedLines):
		return lines.booked_amounts(day)
	return [line.amount for line in lines if line.date == day and line.state is LineState.BOOKED]


def references_of(lines: Iterable[Line]) -> Iterator[str]:
	"""Yield the reference of each line; of packed ones, without making them objects."""
	if not isinstance(lines, PackedLines):
		yield from (line.reference for line in lines)
		return
	for chunk in lines.chunks():
		yield from (row[REFERENCE] for row in chunk)

"""Days as numbers of a spreadsheet: 20261103, or its day number where a column lost its format: 46328 is 2 November 2026.

Source: ECMA-376 part 1, section 18.17.4.1. Day 60 is the 29 February 1900 that never was; days after it count from
30 December 1899.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from dokos_banksync.core.message import Message
from dokos_banksync.statements.grid import Cell, Row, written
from dokos_banksync.statements.roles import DAYS, TitleMeaning
from dokos_banksync.statements.vocabulary import meanings

REMARK = "Column {0} holds day numbers of a spreadsheet: {1} was read as {2}"

_DAY_ZERO = date(1899, 12, 30)
_FIRST, _LAST = 32_874, 54_789
"""1990 to 2049."""
_NUMBER = re.compile(r"\d{5}(?:[.,]\d+)?")
_YEAR_FIRST = re.compile(r"((?:19|20)\d{2})(\d{2})(\d{2})")
"""20261103 as a number; as a text it is read as a day anyway."""
_DATES = frozenset((*DAYS, TitleMeaning.BOOKING_DATE))


@dataclass(frozen=True)
class SerialDays:
	"""The rows with days in place of the numbers, and a remark for each column."""

	rows: Sequence[Row]
	remarks: tuple[str, ...] = ()


def read_serial_days(titles: Sequence[str], rows: Sequence[Row]) -> SerialDays:
	"""Return the rows of a table; the columns under the title of a date that hold nothing but day numbers are days."""
	places = [place for place, title in enumerate(titles) if _is_serial(title, place, rows)]
	if not places:
		return SerialDays(rows)
	remarks = tuple(_remark(titles[place], place, rows) for place in places)
	return SerialDays([_with_days(row, places) for row in rows], remarks)


def _is_serial(title: str, place: int, rows: Sequence[Row]) -> bool:
	if not title or not _DATES & {meant.role for meant in meanings(title)}:
		return False
	cells = (row.cells[place] for row in rows if place in (filled := row.filled) and len(filled) > 1)
	first = next(cells, None)
	return first is not None and bool(_day(first)) and all(map(_day, cells))


def _day(cell: Cell) -> date | None:
	"""The day of a number, without the time of the day that its fraction is."""
	text = written(cell)
	if isinstance(cell, Decimal) and (solid := _YEAR_FIRST.fullmatch(text)):
		return _day_of_numbers(*map(int, solid.groups()))
	if isinstance(cell, date) or not _NUMBER.fullmatch(text):
		return None
	number = int(Decimal(text.replace(",", ".")))
	return _DAY_ZERO + timedelta(days=number) if _FIRST <= number <= _LAST else None


def _day_of_numbers(year: int, month: int, day: int) -> date | None:
	try:
		return date(year, month, day)
	except ValueError:
		return None


def _with_days(row: Row, places: Sequence[int]) -> Row:
	cells = list(row.cells)
	for place in places:
		if place < len(cells) and (day := _day(cells[place])):
			cells[place] = day
	return Row(row.number, tuple(cells), row.damage)


def _remark(title: str, place: int, rows: Sequence[Row]) -> str:
	cell = next(row.cells[place] for row in rows if place < len(row.cells) and _day(row.cells[place]))
	return Message(REMARK, title, written(cell), _day(cell))

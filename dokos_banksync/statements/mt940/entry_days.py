"""The booking day of field :61: of MT940, which has no year."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date

from dokos_banksync.core.errors import InvalidData
from dokos_banksync.core.model import Line
from dokos_banksync.statements.part_lines import PartLines
from dokos_banksync.statements.parts import Part

_BOOKED = slice(6, 10)
"""Where the booking day stands in a row, if it has one."""


def entry_day(text: str, value_date: date) -> date:
	"""Return the booking day written as MMDD: the one nearest to the value date, across the turn of a year."""
	candidates = []
	for year in (value_date.year - 1, value_date.year, value_date.year + 1):
		try:
			candidates.append(date(year, int(text[:2]), int(text[2:])))
		except ValueError:
			continue
	if not candidates:
		raise InvalidData("{0} is not a date", text)
	return min(candidates, key=lambda day: abs(day - value_date))


def in_period(part: Part) -> None:
	"""Correct the years of rows that are booked outside of the days of the balances, where another year is between them.

	The value date of a card or of an old cheque may be many months away from the day of booking.
	"""
	days = part.lines.booked_days
	if not (part.opening and part.closing and days):
		return
	first, last = part.opening.day, part.closing.day
	if first <= last and not first <= days[0] <= days[1] <= last:
		part.lines = PartLines(_moved(part.lines, first, last))


def _moved(lines: Iterable[Line], first: date, last: date) -> Iterable[Line]:
	for line in lines:
		written = json.loads(line.raw)["61"][_BOOKED]
		years = {first.year, last.year} if written.isdecimal() and not first <= line.date <= last else ()
		others = [other for year in years if first <= (other := _in_year(line.date, year)) <= last]
		yield line._replace(date=others[0]) if len(others) == 1 else line


def _in_year(day: date, year: int) -> date:
	"""Return the day in another year; the day itself where that year lacks it."""
	try:
		return day.replace(year=year)
	except ValueError:
		return day

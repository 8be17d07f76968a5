"""Days as banks write them, and which of the day, the month and the year comes first."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from functools import lru_cache

from dokos_banksync.core.errors import InvalidData
from dokos_banksync.statements import named_days
from dokos_banksync.statements.grid import written

DMY, MDY, YMD, YDM = "DMY", "MDY", "YMD", "YDM"
ORDERS = (DMY, MDY, YMD)
ALL_ORDERS = (*ORDERS, YDM)
"""The orders of day, month and year; values of `ReadingOptions.dates`. `YDM` is read where days with the year in front
prove it, or where the user says so.
"""

_TIME = r"(?:[T ,/]+\d{1,2}[:.h]\d{2}.*)?"
_NUMBERS = re.compile(rf"(?:[^\W\d_]{{2,10}}\.?,? )?(\d{{1,4}})([./\- ])(\d{{1,2}})\2(\d{{1,4}})\.?{_TIME}")
_WEEKDAY = re.compile(r"([^\W\d_]{2,10})\.?,? ")
_SOLID = re.compile(r"(\d{4})(\d{2})(\d{2})(?:\d{6})?")
_SOLID_YEAR_LAST = re.compile(r"(0[1-9]|[12]\d|3[01])(0[1-9]|[12]\d|3[01])((?:19|20)\d{2})")
"""`05112026`: with the year first, its third and fourth digits would be the month 19 or 20."""
_CENTURY, _PIVOT = 2000, 70
"""Years of two digits from 70 on are of the 20th century."""
_MONTHS, _LONGEST_MONTH = 12, 31
_SHORT = 10
"""Days that booking and value date are apart at most, as a rule."""
_LONG = 25
_LONG_AGO, _VERY_LONG_AGO = 8, 15
"""Years: a statement is seldom so old. Points between the numbers put the day first, as a rule."""
_PROVING = 0.25
"""Share of the days of a file that are after the 12th at least; in a whole month it is 0.6."""


def day(text: str, order: str) -> date:
	"""Parse a day of the calendar with its year. Raises `InvalidData`.

	Without effect on text that says itself what is what: a month by name, or, unless the order is `YDM`, a year of four
	digits first.
	"""
	found = _parts(text)
	if found is None:
		raise InvalidData("{0} is not a date", text.strip() or "–")
	first, second, third, between = found
	if between == "name":
		order = DMY
	elif len(first) == 4 and order != YDM:
		order = YMD
	by_order = {
		DMY: (third, second, first),
		MDY: (third, first, second),
		YMD: (first, second, third),
		YDM: (first, third, second),
	}
	year, month, number = by_order[order]
	if not year:
		raise InvalidData("{0} is a date without a year", text.strip())
	try:
		return date(_full_year(year), int(month), int(number))
	except ValueError as error:
		raise InvalidData("{0} is not a date", text.strip()) from error


def day_of_cell(cell: str, order: str, *, required: bool) -> date | InvalidData | None:
	"""Return the day of a cell, or why it is none; None for an empty cell and, unless a day is required, for a mark."""
	text = written(cell)
	if not text or not (required or text[0].isalnum()):
		return None
	try:
		return day(text, order)
	except InvalidData as error:
		return error


def _full_year(year: str) -> int:
	short = int(year)
	return short if len(year) > 2 else short + _CENTURY - (100 if short >= _PIVOT else 0)


def _parts(text: str) -> tuple[str, str, str, str] | None:
	"""Three numbers in the order of the text, and what separates them: a sign, "name" where the month is a word."""
	text = text.strip()
	if solid := _SOLID_YEAR_LAST.fullmatch(text):
		return solid[1], solid[2], solid[3], "/"
	if solid := _SOLID.fullmatch(text):
		return solid[1], solid[2], solid[3], ""
	found = _NUMBERS.fullmatch(text)
	if not found:
		return _with_name(text)
	first, last = len(found[1]), len(found[4])
	if (first == 4 and last <= 2) or (first <= 2 and last in (2, 4)):
		return found[1], found[3], found[4], found[2]
	return None


def _with_name(text: str) -> tuple[str, str, str, str] | None:
	found = named_days.parse(text)
	return (*found, "name") if found else None


@lru_cache(maxsize=8192)
def looks_like_day(text: str) -> bool:
	"""Whether a text has the shape of a day, with or without its year."""
	return 5 <= len(text.strip()) <= 40 and _parts(text) is not None


@lru_cache(maxsize=8192)
def is_no_day(text: str) -> bool:
	"""Return whether a text has the shape of a day, and no calendar has it in any order: 29/02/2027."""
	return looks_like_day(text) and all(
		isinstance(day_of_cell(text, order, required=True), InvalidData) for order in ALL_ORDERS
	)


def possible_orders(texts: Iterable[str]) -> tuple[str, ...]:
	"""Return the orders that a column does not rule out; one where the days prove it.

	Points between the numbers put the day first. A year of two digits may come first where hyphens separate them.
	Days with a year of four digits in front, or a month by name, need no order: without others nothing is returned.
	"""
	possible: dict[str, int] = dict.fromkeys(ORDERS, 0)
	counted, texts = 0, set(texts)
	for text in texts:
		found = _parts(text)
		if found is None or len(found[0]) == 4 or found[3] in ("name", ""):
			continue
		counted += 1
		for order in _orders(found):
			possible[order] += _fits_weekday(text, order)
	if not counted:
		return ()
	if _year_may_be_first(texts):
		possible[YMD] = counted
	full = tuple(order for order in ORDERS if possible[order] == counted)
	return full or (max(ORDERS, key=lambda order: possible[order]),)


def _fits_weekday(text: str, order: str) -> bool:
	"""Whether a day is the one of the week that the text begins with, `Mon 02/11/2026`; also without such a word."""
	word = _WEEKDAY.match(text.strip())
	meant = named_days.weekdays_of(word[1]) if word else frozenset()
	found = day_of_cell(text, order, required=True) if meant else None
	return not isinstance(found, date) or found.weekday() in meant


def year_first_orders(texts: Iterable[str]) -> tuple[str, ...]:
	"""Return YMD and YDM, or what the days leave of them; nothing where a day begins with something else than its year.

	A few days alone do not rule out YMD: they are slips.
	"""
	parts = [found for text in set(texts) if (found := _parts(text))]
	if not parts or any(len(found[0]) != 4 or found[3] in ("name", "") for found in parts):
		return ()
	slips = sum(int(found[1]) > _MONTHS for found in parts)
	is_possible = {
		YMD: slips < _PROVING * len(parts),
		YDM: all(int(found[2]) <= _MONTHS for found in parts),
	}
	return tuple(order for order, possible in is_possible.items() if possible)


def are_mixed(texts: Iterable[str]) -> bool:
	"""Return whether some days can only begin with the day, others only with the month, and others with either."""
	found = {
		tuple(order for order in _orders(parts) if order in (DMY, MDY))
		for text in set(texts)
		if (parts := _parts(text)) and len(parts[0]) < 4 and parts[3] not in ("name", "", ".")
	}
	return found >= {(DMY,), (MDY,), (DMY, MDY)}


def _year_may_be_first(texts: Iterable[str]) -> bool:
	"""Whether all days could begin with a year of two digits, and their first number changes less than the last.

	In `26/11/03`, `26/11/13` it does: years hardly change within a statement. In `26/11/03` alone, the other reading is of
	long ago.
	"""
	parts = [found for text in texts if (found := _parts(text)) and found[3] not in ("name", "")]
	firsts, lasts = {found[0] for found in parts}, {found[2] for found in parts}
	fits = all(
		len(first) == len(last) == 2 and 0 < int(month) <= _MONTHS and 0 < int(last) <= _LONGEST_MONTH
		for first, month, last, _ in parts
	)
	if not fits or not parts or len(firsts) > 2:
		return False
	newer = min(map(_full_year, firsts)) - max(map(_full_year, lasts))
	points = any(between == "." for *_, between in parts)
	return len(firsts) < len(lasts) or newer > (_VERY_LONG_AGO if points else _LONG_AGO)


def _orders(found: tuple[str, str, str, str]) -> list[str]:
	first, second, third, between = found
	orders = [DMY] if int(second) <= 12 and int(first) <= 31 else []
	if int(first) <= 12 and (between != "." or not orders):
		orders.append(MDY)
	if (
		between == "-"
		and len(third) == 2
		and len(first) == 2
		and 0 < int(third) <= 31
		and 0 < int(second) <= 12
	):
		orders.append(YMD)
	return orders


def likelier(
	texts: list[str], value_texts: list[str], orders: tuple[str, ...], fewest: int = 1
) -> tuple[str, ...]:
	"""Return the orders that the sequence of the days, or the days of booking and value, support; else all.

	Statements are sorted by day, and value dates lie near booking dates. `fewest` is how many different days are needed
	for their sequence to be no accident.
	"""
	sorted_ones = tuple(order for order in orders if _is_sorted(_days(texts, order), fewest))
	if 0 < len(sorted_ones) < len(orders):
		return sorted_ones
	near = {order: _distance(_days(texts, order), _days(value_texts, order)) for order in orders}
	close = tuple(order for order in orders if near[order] <= _SHORT)
	far = all(near[order] >= _LONG for order in orders if order not in close)
	return close if close and len(close) < len(orders) and far else orders


def _days(texts: list[str], order: str) -> list[date | None]:
	days: dict[str, date | None] = {}
	for text in set(texts):
		try:
			days[text] = day(text, order)
		except InvalidData:
			days[text] = None
	return [days[text] for text in texts]


def _is_sorted(days: list[date | None], fewest: int) -> bool:
	known = [one for one in days if one]
	return len(set(known)) >= fewest and known in (sorted(known), sorted(known, reverse=True))


def _distance(days: list[date | None], others: list[date | None]) -> int:
	"""Return the median number of days between two columns; -1 where they are not both given."""
	distances = sorted(abs((a - b).days) for a, b in zip(days, others, strict=False) if a and b and a != b)
	return distances[len(distances) // 2] if distances else _SHORT + 1

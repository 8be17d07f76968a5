"""Days on which banks book: no weekends, no TARGET closing days (European Central Bank)."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

_SATURDAY = 5
_FIXED = ((1, 1), (5, 1), (12, 25), (12, 26))


def is_business_day(day: date) -> bool:
	"""Return whether banks book on this day: no weekend, no TARGET2 holiday."""
	return day.weekday() < _SATURDAY and day not in _holidays(day.year)


def next_business_day(day: date) -> date:
	"""Return the first business day after a day."""
	day += timedelta(days=1)
	while not is_business_day(day):
		day += timedelta(days=1)
	return day


def is_shift(one: date, other: date) -> bool:
	"""Return whether the earlier of two days is not a business day, and the later one is the next business day."""
	first, second = sorted((one, other))
	return not is_business_day(first) and next_business_day(first) == second


@lru_cache(maxsize=256)
def _holidays(year: int) -> frozenset[date]:
	easter = _easter(year)
	moving = (easter - timedelta(days=2), easter + timedelta(days=1))
	return frozenset([*(date(year, month, day) for month, day in _FIXED), *moving])


def _easter(year: int) -> date:
	"""Return Easter Sunday (anonymous Gregorian algorithm, Meeus)."""
	a, b, c = year % 19, year // 100, year % 100
	h = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
	k = (32 + 2 * (b % 4) + 2 * (c // 4) - h - c % 4) % 7
	m = (a + 11 * h + 22 * k) // 451
	month, day = divmod(h + k - 7 * m + 114, 31)
	return date(year, month, day + 1)

"""The days on which stated balances hold: `Solde au 31/03/2026`, `Balance as of March 31, 2026`."""

from __future__ import annotations

import re
from datetime import date

from dokos_banksync.core.errors import InvalidData
from dokos_banksync.statements.columns import is_day
from dokos_banksync.statements.days import ORDERS, YMD, day
from dokos_banksync.statements.grid import Row, written
from dokos_banksync.statements.vocabulary import control

_NUMBERS = re.compile(r"(?<![\d./-])\d{1,4}([./-])\d{1,2}\1\d{2,4}(?![\d/-])")
_WORDS_OF_A_DAY = (5, 4, 3)
"""`30 de noviembre de 2026`, `30 novembre 2026`: words at the end of a name that may be its day."""


def day_of(row: Row, order: str) -> date | None:
	"""Return the day that the name of a balance says, else the one beside it; None without a day."""
	named = (_named(written(cell), order) for cell in row.cells if isinstance(cell, str))
	return next(filter(None, named), None) or next(filter(None, _beside(row, order)), None)


def earlier(one: Row, other: Row) -> bool | None:
	"""Return whether the balance of a row is earlier than that of another; None where the days do not say it."""
	days = [(day_of(one, order), day_of(other, order)) for order in ORDERS]
	found = {first < second for first, second in days if first and second and first != second}
	return found.pop() if len(found) == 1 else None


def _named(text: str, order: str) -> date | None:
	if not control(text):
		return None
	if numbers := _NUMBERS.search(text):
		return _day(numbers[0], order)
	words = text.rstrip(" :").split()
	tails = (" ".join(words[-count:]) for count in _WORDS_OF_A_DAY if len(words) > count)
	return next(filter(None, (_day(tail, order) for tail in tails)), None)


def _beside(row: Row, order: str) -> list[date | None]:
	return [
		cell if isinstance(cell, date) else _day(written(cell), order) for cell in row.cells if is_day(cell)
	]


def _day(text: str, order: str) -> date | None:
	"""Return a day in this order of its numbers; where no day of the rows needs one, in the only possible one."""
	if found := _parsed(text, order):
		return found
	others = {_parsed(text, other) for other in ORDERS} - {None} if order == YMD else set()
	return others.pop() if len(others) == 1 else None


def _parsed(text: str, order: str) -> date | None:
	try:
		return day(text, order)
	except InvalidData:
		return None

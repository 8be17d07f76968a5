"""Days as banks print them, and whether the day or the month comes first."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

from dokos_banksync.core.errors import InvalidData

ORDERS = ("DMY", "MDY", "YMD")
_DAY = re.compile(r"(\d{1,4})([./\- ])(\d{1,2})\2(\d{1,4})(?:[T ,].*)?")
_SOLID = re.compile(r"(\d{4})(\d{2})(\d{2})")
_CENTURY = 2000


def day(text: str, order: str) -> date:
	"""A day with the year, by numbers. Raises `InvalidData`."""
	found = _numbers(text)
	if found is None:
		raise InvalidData("{0} is no date", text.strip() or "–")
	first, second, third, _ = found
	by_order = {"DMY": (third, second, first), "MDY": (third, first, second), "YMD": (first, second, third)}
	year, month, number = by_order["YMD" if len(first) == 4 else order]
	try:
		return date(int(year) + (_CENTURY if len(year) == 2 else 0), int(month), int(number))
	except ValueError as error:
		raise InvalidData("{0} is no date", text.strip()) from error


def _numbers(text: str) -> tuple[str, str, str, str] | None:
	text = text.strip()
	if solid := _SOLID.fullmatch(text):
		return (solid[1], solid[2], solid[3], "")
	found = _DAY.fullmatch(text)
	if not found or (len(found[1]) != 4 and len(found[4]) not in (2, 4)) or len(found[1]) == 3:
		return None
	return found[1], found[3], found[4], found[2]


def looks_like_day(text: str) -> bool:
	return _numbers(text) is not None


def order_of(texts: Iterable[str]) -> str:
	"""DMY, MDY or YMD where the days prove it, else empty. Points between the numbers put the day first."""
	votes = dict.fromkeys(ORDERS, 0)
	for text in texts:
		if told := _told_by(text):
			votes[told] += 1
	best = max(ORDERS, key=lambda order: votes[order])
	return best if votes[best] else ""


def _told_by(text: str) -> str:
	found = _numbers(text)
	if found is None:
		return ""
	first, second, _, between = found
	if len(first) == 4:
		return "YMD"
	if int(first) > 12 or between == ".":
		return "DMY"
	return "MDY" if int(second) > 12 else ""

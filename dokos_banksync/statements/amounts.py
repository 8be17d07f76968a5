"""Amounts as banks print them: `1 234,56`, `(12.00)`, `3,20-`, `€ 1'000.00`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal

from dokos_banksync.core.errors import InvalidData

MARKS = (",", ".")
_CURRENCY = re.compile(
	r"[€$£¥]|(?<![A-Za-z])(?:EUR|USD|GBP|CHF|CAD|JPY|PLN|SEK|NOK|DKK)(?![A-Za-z])", re.IGNORECASE
)
_BLANKS = re.compile(r"[\s\u00a0\u202f\u2009'’]")
_MINUS = str.maketrans({"−": "-", "–": "-", "\u2010": "-", "\u2011": "-"})
_LAST_MARK = re.compile(r"[.,](?=\d*$)")
_SHAPE = {
	mark: re.compile(
		rf"\d+(?:{re.escape(mark)}\d*)?|\d{{1,3}}(?:{re.escape(other)}\d{{3}})+(?:{re.escape(mark)}\d*)?|{re.escape(mark)}\d+"
	)
	for mark, other in ((",", "."), (".", ","))
}


def amount(text: str, mark: str) -> Decimal:
	"""Signed; `mark` is the decimal mark. Raises `InvalidData` for anything that is not wholly an amount."""
	digits, negative = _bare(text)
	if not _SHAPE[mark].fullmatch(digits):
		raise InvalidData("{0} is no amount", text.strip() or "–")
	other = MARKS[mark == ","]
	value = Decimal(digits.replace(other, "").replace(mark, "."))
	return -value if negative else value


def _bare(text: str) -> tuple[str, bool]:
	"""The digits and marks alone, and whether a minus or parentheses stand around them."""
	digits = _BLANKS.sub("", _CURRENCY.sub("", text.translate(_MINUS)))
	negative = False
	if digits.startswith("(") and digits.endswith(")"):
		digits, negative = digits[1:-1], True
	if digits.endswith("-"):
		digits, negative = digits[:-1], not negative
	elif digits.startswith("-"):
		digits, negative = digits[1:], not negative
	return digits.removeprefix("+").removesuffix("+"), negative


def looks_like_amount(text: str) -> bool:
	digits, _ = _bare(text)
	return any(shape.fullmatch(digits) for shape in _SHAPE.values())


def decimal_mark(texts: Iterable[str]) -> str:
	"""The mark that most amounts prove; empty where none of them does.

	A mark with three digits behind it may be one of thousands: `1.234` proves nothing. Amounts without any
	mark read the same both ways: for them alone the point is as good as the comma.
	"""
	votes = dict.fromkeys(MARKS, 0)
	unsure = False
	for text in texts:
		digits, _ = _bare(text)
		told = _told_by(digits)
		if told:
			votes[told] += 1
		unsure = unsure or (not told and any(mark in digits for mark in MARKS))
	if any(votes.values()):
		return max(MARKS, key=lambda mark: votes[mark])
	return "" if unsure else "."


def _told_by(digits: str) -> str:
	found = _LAST_MARK.search(digits)
	if not found:
		return ""
	mark, behind = found.group(), len(digits) - found.end()
	if digits.count(mark) > 1:
		return MARKS[mark == ","]
	other = MARKS[mark == ","]
	return mark if behind != 3 or other in digits else ""

"""Whether a table ends in the middle of its last row, as after a download that broke off."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from dokos_banksync.core.message import Message
from dokos_banksync.statements.amounts import looks_like_amount
from dokos_banksync.statements.grid import Row, written

_CUT_OFF = "The file ends in the middle of row {0}: it is cut off, and rows are missing"
_COMPARED = 50
"""Rows at the end of a table that are looked at."""
_LEAST = 2
"""Other rows that show how many decimals an amount has."""


def end_of_table(rows: Sequence[Row], titles: int) -> str:
	"""Return a sentence where the last row, which no line break ends, is shorter than all others; else empty.

	Shorter are fewer cells (than the titles, where there is no other row), a quote that is not closed, or fewer
	decimals in the last column than every other row has.
	"""
	filled = [*islice((row for row in reversed(rows) if row.filled), _COMPARED)]
	if not filled:
		return ""
	last, *others = filled
	return Message(_CUT_OFF, last.number) if _is_shorter(last, others, titles) else ""


def _is_shorter(last: Row, others: Sequence[Row], titles: int) -> bool:
	widths = {len(row.cells) for row in others} or {titles}
	if len(widths) != 1:
		return False
	width = widths.pop()
	end = written(last.cells[-1])
	if last.damage or (end.startswith('"') and not end.endswith('"')) or len(last.cells) < width:
		return True
	if len(last.cells) != width or not looks_like_amount(end) or len(others) < _LEAST:
		return False
	texts = [written(row.cells[-1]) for row in others]
	decimals = {_decimals(text) for text in texts if looks_like_amount(text)}
	return len(decimals) == 1 and 0 <= _decimals(end) < decimals.pop()


def _decimals(text: str) -> int:
	"""Return digits behind the last mark of an amount."""
	place = max(text.rfind(","), text.rfind("."))
	return sum(letter.isdigit() for letter in text[place + 1 :]) if place >= 0 else 0

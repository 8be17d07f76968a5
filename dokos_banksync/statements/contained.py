"""Statements that are a part of another one in the same file: those of a day beside that of the month, or an earlier state.

The balances of the longer one on that day, and its rows, are the proof.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from dokos_banksync.core.message import Message
from dokos_banksync.core.model import LineState
from dokos_banksync.core.packed_lines import PackedLines
from dokos_banksync.core.staged_row import AMOUNT, DATE, RAW, STATE

if TYPE_CHECKING:
	from dokos_banksync.statements.parts import Part

CONTAINED = "{0} statements are a part of another one in the file: they were read once"
_BOOKED = LineState.BOOKED.value


def without_contained(parts: Sequence[Part], remarks: list[str]) -> list[Part]:
	"""Return the statements but those that another one contains."""
	proven = [
		(part, days)
		for part in (parts if len(parts) > 1 else ())
		if (days := part.lines.booked_days) and part.is_proven
	]
	inner = {
		id(one)
		for one, (first, last) in proven
		for whole, (begin, end) in proven
		if begin <= first and last <= end and _contains(whole, one, first)
	}
	remarks += [Message(CONTAINED, len(inner))] if inner else []
	return [part for part in parts if id(part) not in inner]


def _contains(whole: Part, one: Part, first: date) -> bool:
	"""Whether a statement of fewer rows, the first of them of a day, opens with the balance that the whole has before it."""
	if not (whole.opening and one.opening) or len(whole.lines) <= len(one.lines):
		return False
	before = _sum_before(whole.lines, first.isoformat())
	return whole.opening.amount + before == one.opening.amount and not _texts(one.lines) - _texts(whole.lines)


def _sum_before(lines: PackedLines, day: str) -> Decimal:
	"""Return the sum of the booked lines before a day."""
	return sum(
		(Decimal(row[AMOUNT]) for row in lines.rows() if row[STATE] == _BOOKED and row[DATE] < day), Decimal()
	)


def _texts(lines: PackedLines) -> Counter[str]:
	return Counter(row[RAW] for row in lines.rows())

"""Days that stand years away from all others of a file: `1996` or `2062` among days of 2026 is a slip of the year."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise

from dokos_banksync.core.message import Message
from dokos_banksync.core.model import Line, LineState
from dokos_banksync.core.packed_lines import PackedLines

DISTANT = "The day {0} of {1} is more than five years away from all others of the file: check its year"

_FAR = timedelta(days=5 * 366)
_FEW = 3
"""Rows that may stand alone; more of them are the history of an account that was not used for years."""


def distant_days(lines: Sequence[Line]) -> tuple[str, ...]:
	"""Return a sentence for each booked line that stands years away from most others of an account."""
	if isinstance(lines, PackedLines) and _are_near(lines.booked_days):
		return ()
	days = sorted(line.date for line in lines if line.state is LineState.BOOKED)
	first, last = _main_part(days)
	far = [line for line in lines if line.state is LineState.BOOKED and not first <= line.date <= last]
	return tuple(Message(DISTANT, line.date, line.description or line.amount) for line in far)


def _are_near(days: tuple[date, date] | None) -> bool:
	"""Whether no gap of years can be between two days."""
	return days is None or days[1] - days[0] <= _FAR


def _main_part(days: Sequence[date]) -> tuple[date, date]:
	"""The first and the last day without the few at either end that a gap of years parts from the others."""
	if not days:
		return date.max, date.min
	first, last = 0, len(days) - 1
	for place, (one, other) in enumerate(pairwise(days), 1):
		if other - one <= _FAR:
			continue
		if place <= _FEW and place < len(days) - place:
			first = place
		elif len(days) - place <= _FEW and len(days) - place < place:
			last = min(last, place - 1)
	return days[first], days[last]

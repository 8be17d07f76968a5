"""Where the next fetch of transactions starts.

Salt Edge's ids rise in the order of import. A cursor is JSON text with marks: the highest id on some earlier days,
`{"marks": [["2026-11-01", "1688015189000000001"], …]}`. A fetch starts at a mark about a month old: it gives what is
new, and every row that was imported since, so that one which the bank took back is missed.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple

from dokos_banksync.providers.parsing import day, identifier, mapping

WINDOW = timedelta(days=30)
AHEAD = timedelta(days=7)
"""How long before its booking day a bank may give a row: rows this long after a mark were imported after it."""

_MARK_DISTANCE = timedelta(days=7)


class Mark(NamedTuple):
	"""The highest id on a day."""

	day: date
	id: int


def read(cursor: str) -> list[Mark]:
	"""Return the marks of a cursor, oldest first; none for one that cannot be read: then all is read again."""
	try:
		given = mapping(json.loads(cursor)).get("marks") if cursor else None
	except ValueError:
		given = None
	marks = [_mark(one) for one in given] if isinstance(given, list) else []
	return sorted(one for one in marks if one is not None)


def start(marks: Sequence[Mark], today: date) -> Mark:
	"""Return the mark to start from: the newest that is a month old, else the oldest."""
	old = [one for one in marks if one.day <= today - WINDOW]
	return old[-1] if old else marks[0]


def moved(marks: Sequence[Mark], highest: int, today: date) -> str:
	"""Return the cursor after a fetch whose highest id is given; marks are kept a week apart."""
	remaining = [one for one in marks if one.day < today]
	if len(remaining) > 1 and remaining[-1].day - remaining[-2].day < _MARK_DISTANCE:
		del remaining[-1]
	newest = max([highest, *(one.id for one in marks)])
	remaining.append(Mark(today, newest))
	first = start(remaining, today)
	return json.dumps({"marks": [[one.day.isoformat(), str(one.id)] for one in remaining if one >= first]})


def _mark(value: object) -> Mark | None:
	if not isinstance(value, list) or len(value) != 2:
		return None
	on, number = day(value[0]), identifier(value[1])
	return Mark(on, int(number)) if on and number.isdecimal() else None

"""How far back a fetch goes, and what a cursor remembers of it.

Right after a consent banks give their whole history, later 90 days; asking for one day more is refused. Every
fetch reads a window anew, because rows come late, change or vanish: usually a month, once a week all that the bank
gives. Some banks give little right after a consent and the rest within days, without a word: during the first week
every fetch asks for all. A cursor is JSON: `{"first": "2026-11-01", "until": "2026-11-16", "deep": "2026-11-10"}`, the
days of the first fetch, of the last one, and of the last one that went back as far as the bank allows. Where that first fetch
came too late for the whole history, `limited` is the day from which on the bank gave rows.
"""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import NamedTuple

from dokos_banksync.providers.parsing import day, mapping

BANK_DAYS = 89
"""How far back every bank goes: 90 days, less one for a bank whose day is already tomorrow."""
OVERLAP = timedelta(days=30)
DEEP_EVERY = timedelta(days=7)
FINAL_AFTER = timedelta(days=7)


class Cursor(NamedTuple):
	"""A cursor, read."""

	first: date
	until: date
	deep: date
	limited: date | None = None


class Period(NamedTuple):
	"""What to ask for. `longest` asks the bank for all that it has; `since` may be None then."""

	since: date | None
	longest: bool
	deep: bool


def read(cursor: str) -> Cursor | None:
	"""Return what a cursor remembers; None for no cursor, and for one that cannot be read."""
	try:
		data = mapping(json.loads(cursor)) if cursor else {}
	except ValueError:
		data = {}
	first, until, deep = (day(data.get(name)) for name in ("first", "until", "deep"))
	limited = day(data.get("limited"))
	return Cursor(first, until, deep, limited) if first and until and deep else None


def period(cursor: str, first_day: date | None, today: date, *, fresh: bool = False) -> Period:
	"""Return the period of the next fetch. One that failed to come for months asks for all that the bank has. So does one that
	follows a `fresh` consent, where the bank gave a part of the history only.
	"""
	known = read(cursor)
	if known is None or today - known.first < FINAL_AFTER or (fresh and known.limited):
		# An import may start tomorrow; banks refuse such a day, and what they list before it is left out.
		return Period(min(first_day, today) if first_day else None, longest=True, deep=True)
	earliest = today - timedelta(days=BANK_DAYS)
	since = known.until - OVERLAP
	if since < earliest:
		return Period(since, longest=True, deep=True)
	deep = today - known.deep >= DEEP_EVERY
	return Period(earliest if deep else min(since, today), longest=False, deep=deep)


def next_cursor(cursor: str, done: Period, today: date, *, limited: date | None = None) -> str:
	"""Return the cursor after a fetch."""
	known = read(cursor)
	deep = today if done.deep or known is None else known.deep
	days = {"first": known.first if known else today, "until": today, "deep": deep}
	if limited:
		days["limited"] = limited
	return json.dumps({name: value.isoformat() for name, value in days.items()})


def limited_to(
	cursor: str, first_day: date | None, today: date, *, oldest: date | None, fresh: bool
) -> date | None:
	"""Return the day from which on the bank gave rows, where a first fetch came too late for older ones and asked for them.

	Some banks give their whole history at any time; an account without a row says nothing.
	"""
	if fresh:
		return None
	if known := read(cursor):
		return known.limited
	earliest = today - timedelta(days=BANK_DAYS + 1)
	asked_for_older = first_day is None or first_day < earliest
	return oldest if asked_for_older and oldest and oldest >= earliest else None


def shorter(refused: Period, today: date) -> Period | None:
	"""Return a shorter period after a bank refused one as too long; None when there is none."""
	for days in (BANK_DAYS, 60, 30, 7):
		since = today - timedelta(days=days)
		if refused.longest or refused.since is None or since > refused.since:
			return Period(since, longest=False, deep=refused.deep)
	return None


def complete_from(oldest: date | None) -> date | None:
	"""Return the day since which the rows are surely all here; None when nothing may be concluded.

	A bank may give less than it was asked for without a word. Rows that came prove how far it went: the day after
	the oldest one, for that day may be cut. With no row at all nothing is proved.
	"""
	return None if oldest is None else oldest + timedelta(days=1)

"""Where the next fetch of an account's transactions starts.

A cursor is JSON text: `{"since": "…", "read": "…"}`, later `{"since": "…", "settled": true}`.

`since` is the newest `updated_at` that was seen, an instant of Bridge's clock; ours may be apart from it, so it
never goes in there. A fetch starts an hour before it, for a row may become visible later than a newer one. A
bank's whole history may lie within that hour (Bridge stamps it in one go): so once a fetch has looked at the
hour again, at least an hour of our time after `read` and without finding anything newer, the hour is settled
and only a moment of it is fetched again.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import NamedTuple

from dokos_banksync.providers.parsing import instant, instant_text, mapping

OVERLAP = timedelta(hours=1)

_MOMENT = timedelta(milliseconds=1)
"""The resolution of Bridge's clock: whether `since` takes its own instant in is not documented."""
_FURTHEST = timedelta(days=2)
"""A cursor never lies further ahead of our clock: one absurd `updated_at` must not hide what follows."""


class Mark(NamedTuple):
	"""A cursor, read."""

	since: datetime
	read: datetime | None
	reread: bool

	@property
	def start(self) -> datetime:
		"""Return the instant after which changes are fetched."""
		return self.since - (_MOMENT if self.reread else OVERLAP)


def read(cursor: str) -> Mark | None:
	"""Return the mark of a cursor, None for no cursor and for one that cannot be read: then all is read again."""
	try:
		data = mapping(json.loads(cursor)) if cursor else {}
	except ValueError:
		data = {}
	since = instant(data.get("since"))
	return Mark(since, instant(data.get("read")), data.get("settled") is True) if since else None


def reached(newest: datetime | None, started: datetime, ended: datetime) -> datetime | None:
	"""Return how far a fetch came, by Bridge's clock; None when it saw nothing.

	What changed behind the reader's back lies after the start of the fetch. The overlap makes up for that,
	unless the fetch took a good part of it.
	"""
	if newest is None:
		return None
	took = ended - started
	return min(newest, ended + _FURTHEST) - (took if took > OVERLAP / 2 else timedelta())


def moved(cursor: str, to: datetime | None, started: datetime, ended: datetime) -> str:
	"""Return the cursor after a fetch that came so far; an account that never gave a row has none still."""
	mark = read(cursor)
	if to and (mark is None or _cut(to) > mark.since):
		return json.dumps({"since": instant_text(to), "read": instant_text(ended)})
	if mark and not mark.reread and mark.read and started - mark.read >= OVERLAP:
		return json.dumps({"since": instant_text(mark.since), "settled": True})
	return cursor


def _cut(moment: datetime) -> datetime:
	return moment.replace(microsecond=moment.microsecond // 1000 * 1000)

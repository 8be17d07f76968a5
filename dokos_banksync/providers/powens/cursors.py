"""Where the next fetch of an account starts.

A cursor is JSON text: `{"seen": "2026-11-18 05:00:00", "summary": true}`. `seen` is the newest `last_update` of a row, in
Powens's own writing and by its own clock: whatever zone that is in, the next fetch asks from a day earlier. `summary` says
that the monthly debit of a card is a row of this account (see `transactions`).
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import NamedTuple

from dokos_banksync.providers.parsing import instant, mapping, text

OVERLAP = timedelta(days=1)


class Cursor(NamedTuple):
	"""A cursor, read; empty for the first fetch."""

	seen: str = ""
	summary: bool = False

	def since(self) -> str:
		"""Return the `last_update` to ask from; empty for the first fetch."""
		moment = instant(self.seen)
		return (moment - OVERLAP).strftime("%Y-%m-%d %H:%M:%S") if moment else ""

	def written(self) -> str:
		"""Return the cursor as text; empty where no row was seen: the account is then read from its beginning again."""
		return json.dumps({"seen": self.seen, "summary": self.summary}) if self.seen else ""


def read(cursor: str) -> Cursor:
	"""Return what a cursor remembers; nothing for one that cannot be read: then all is read again."""
	try:
		given = mapping(json.loads(cursor)) if cursor else {}
	except ValueError:
		given = {}
	seen = text(given.get("seen"))
	return Cursor(seen, given.get("summary") is True) if instant(seen) else Cursor()


def newest(known: str, found: str) -> str:
	"""Return the later one of two instants in Powens's writing; what is no instant is left out."""
	later = instant(found)
	earlier = instant(known)
	return found if later and (earlier is None or later > earlier) else known

"""When Salt Edge may read a bank again without its user, as it states with each connection (`next_refresh_possible_at`)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dokos_banksync.core.provider import RateLimitStore
from dokos_banksync.core.provider_stores import Usage
from dokos_banksync.providers.parsing import identifier, instant

SCOPE = "background_refresh"
_SHORTEST = 1.0
"""Seconds: of a time that is past, nothing is counted any more."""


def state_next(limits: RateLimitStore, row: Mapping[str, Any], now: datetime) -> None:
	"""Count the last refresh of a connection until the next one is possible. Without a time nothing is known."""
	possible, connection_id = instant(row.get("next_refresh_possible_at")), identifier(row.get("id"))
	if possible is None or not connection_id:
		return
	seconds = max((possible - now).total_seconds(), 0)
	stated = Usage(
		f"{SCOPE}:{connection_id}", used=1 if seconds else 0, limit=1, resets_at=max(possible, now)
	)
	limits.state(stated, max(seconds, _SHORTEST))

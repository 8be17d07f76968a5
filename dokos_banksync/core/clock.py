"""The clock of the machine. Whatever needs the time is given a clock; this is the one that hosts give."""

from __future__ import annotations

from datetime import datetime, timezone


def utc_now() -> datetime:
	"""Return the present instant in UTC."""
	return datetime.now(timezone.utc)

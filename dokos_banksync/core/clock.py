"""The clock that the program runs by; tests give another."""

from __future__ import annotations

from datetime import datetime, timezone


def utc_now() -> datetime:
	"""Return the current instant in UTC."""
	return datetime.now(timezone.utc)

"""Kinds of values on the command line."""

from __future__ import annotations

from datetime import date, datetime, timezone

from dokos_banksync.core.errors import InvalidData
from dokos_banksync.core.importing.validation import FIRST_DAY, LAST_DAY


def day(value: str) -> date:
	"""A day as 2026-11-20. Raises `InvalidData` for anything else: guessing which number is the month loses money.

	So it does for a day of a century without bank transactions: one reckons with the days around it.
	"""
	try:
		told = datetime.strptime(value, "%Y-%m-%d").replace(tzinfo=timezone.utc).date()
	except ValueError:
		raise InvalidData(
			"{0} is no date: write the year, the month and the day as 2026-11-20", value
		) from None
	if not FIRST_DAY <= told <= LAST_DAY:
		raise InvalidData("{0} is no date", value)
	return told

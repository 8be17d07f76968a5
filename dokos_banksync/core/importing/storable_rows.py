"""Whether lines can be stored as they are: a test of many at once, of lines that are texts already."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from dokos_banksync.core.importing.validation import (
	DECIMALS,
	FIRST_DAY,
	LAST_DAY,
	likely_days,
)
from dokos_banksync.core.packed_lines import PackedLines
from dokos_banksync.core.repeated_keys import RepeatedKeys
from dokos_banksync.core.staged_row import (
	AMOUNT,
	CURRENCY,
	DATE,
	REMOTE_ID,
	TRANSACTION_DATE,
	UPDATED_AT,
	VALUE_DATE,
	StagedRow,
)

_MOST_DIGITS = 11
"""Digits before the point, a sign included, of an amount below `validation.LARGEST`."""


def are_storable(rows: Sequence[StagedRow], today: date, *, old_days: bool = False) -> bool:
	"""Return whether `validation.checked` and `without_unlikely_days` would keep all rows, unchanged.

	False may also mean that this cannot be said of texts: the caller then checks each line.
	"""
	earliest, latest = likely_days(today, old_days=old_days)
	earliest, latest = max(earliest, FIRST_DAY), min(latest, LAST_DAY)
	days = {row[DATE] for row in rows}
	others = {row[place] for place in (VALUE_DATE, TRANSACTION_DATE) for row in rows}
	return (
		all(row[UPDATED_AT] is None for row in rows)
		and all(earliest.isoformat() <= day <= latest.isoformat() for day in days)
		and all(FIRST_DAY.isoformat() <= day <= LAST_DAY.isoformat() for day in others if day)
		and all(code == code.strip().upper() for code in {row[CURRENCY] for row in rows})
		and all(_is_storable(row[AMOUNT]) for row in rows)
		and _are_readable(rows)
	)


def storable_days(lines: PackedLines, today: date, *, old_days: bool = False) -> set[str]:
	"""Return the days of lines that can all be stored as they are, each under an id of its own; else none."""
	days: set[str] = set()
	keys = RepeatedKeys()
	for chunk in lines.chunks():
		if not are_storable(chunk, today, old_days=old_days):
			return set()
		for row in chunk:
			keys.add(row[REMOTE_ID])
		days |= {row[DATE] for row in chunk}
	return set() if keys.hashes() else days


def _is_storable(amount: str) -> bool:
	whole, _, part = amount.partition(".")
	return (
		len(whole) <= _MOST_DIGITS
		and len(part) <= DECIMALS
		and whole.removeprefix("-").isdigit()
		and (not part or part.isdigit())
	)


def _are_readable(rows: Sequence[StagedRow]) -> bool:
	"""Whether no text has a character that a ledger refuses."""
	joined = "".join([text for row in rows for text in row if text])
	try:
		joined.encode()
	except UnicodeEncodeError:
		return False
	return "\0" not in joined

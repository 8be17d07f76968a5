"""A line as texts, as it waits between the fetch and the ledger."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, TypeAlias

from dokos_banksync.core.model import Line, LineState

StagedRow: TypeAlias = tuple[Any, ...]
"""The fields of `Line` in their order, days and the instant in ISO 8601, the amount as `canonical` writes it; further
columns may follow."""

REMOTE_ID, DATE, AMOUNT, CURRENCY, STATE, VALUE_DATE, TRANSACTION_DATE, REFERENCE, UPDATED_AT, RAW = (
	Line._fields.index(name)
	for name in (
		*("remote_id", "date", "amount", "currency", "state", "value_date", "transaction_date"),
		*("reference", "updated_at", "raw"),
	)
)
"""Places of the fields in a staged row."""

_STATES = {state.value: state for state in LineState}


def pack(line: Line, amount_text: str = "") -> StagedRow:
	"""Return a line as texts, with its amount as `canonical` writes it, or as the text that is given.

	The fields are named by place: this runs for each row of an import.
	"""
	account, remote_id, day, amount, currency, description, original, state = line[:8]
	value_date, transaction_date, category, kind, party_name, party_iban, reference = line[8:15]
	updated_at, raw, given_id = line[15:]
	return (
		account,
		remote_id,
		_day_text(day),
		amount_text or canonical(amount),
		currency,
		description,
		original,
		state.value,
		value_date and _day_text(value_date),
		transaction_date and _day_text(transaction_date),
		category,
		kind,
		party_name,
		party_iban,
		reference,
		updated_at and updated_at.isoformat(),
		raw,
		given_id,
	)


@lru_cache(maxsize=4096)
def _day_text(day: date) -> str:
	return day.isoformat()


def unpack(row: StagedRow) -> Line:
	"""Return the line of a staged row."""
	account, remote_id, day, amount, currency, description, original, state, value_date, transaction_date = (
		row[:10]
	)
	return Line._make(
		(
			*(account, remote_id, date.fromisoformat(day), Decimal(amount), currency, description, original),
			_STATES[state],
			date.fromisoformat(value_date) if value_date else None,
			date.fromisoformat(transaction_date) if transaction_date else None,
			*row[10:15],
			datetime.fromisoformat(row[15]) if row[15] else None,
			*row[16:18],
		)
	)


def canonical(amount: Decimal) -> str:
	"""Return one text for one amount: 12.5 and 12.50 are the same money."""
	text = str(amount)
	return canonical_text(format(amount, "f") if "E" in text else text)


def canonical_text(amount: str) -> str:
	"""Return the one text for an amount that is written without an exponent."""
	return amount.rstrip("0").rstrip(".") if "." in amount else amount

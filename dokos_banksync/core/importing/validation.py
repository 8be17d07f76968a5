"""Which lines can be kept: a row that a ledger could not hold is refused before anything is decided."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import TypeVar, get_type_hints

from dokos_banksync.core.model import Line, LineState, Page, RejectedRow

DECIMALS = 4
"""No currency of ISO 4217 has more."""

LARGEST = Decimal(10) ** 11
"""More than any one transaction; ledgers count in 64 bits."""

FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2199, 12, 31)
"""Banks fill in 0001-01-01 and 9999-12-31 for a day that they do not know."""

_Row = TypeVar("_Row", Line, RejectedRow)
_TEXTS = {
	row: tuple(name for name, kind in get_type_hints(row).items() if kind is str)
	for row in (Line, RejectedRow)
}


def checked(page: Page) -> Page:
	"""The page with lines that cannot be kept moved to its refusals, and texts that any ledger takes."""
	lines = [_readable(line) for line in page.lines]
	unfit = {id(line): _refusal(line, why) for line in lines if (why := _unfit(line))}
	return replace(
		page,
		lines=[line for line in lines if id(line) not in unfit],
		rejected=[*(_readable(row) for row in page.rejected), *unfit.values()],
	)


def _readable(row: _Row) -> _Row:
	"""JSON may hold halves of characters, which no text of UTF-8 can: they are written out as `\\ud83d`."""
	names = _TEXTS[type(row)]
	values = [getattr(row, name) for name in names]
	try:
		"".join(values).encode()
	except UnicodeEncodeError:
		written = [value.encode(errors="backslashreplace").decode() for value in values]
		return row._replace(**dict(zip(names, written, strict=True)))
	return row


def _unfit(line: Line) -> str:
	"""What the bank takes back is known by its id; the rest of it matters to nobody."""
	if line.state is LineState.REMOVED:
		return ""
	return _unfit_amount(line.amount) or _unfit_day(line.date)


def _unfit_day(day: date) -> str:
	if FIRST_DAY <= day <= LAST_DAY:
		return ""
	return "The date is none that a bank books on."


def _unfit_amount(amount: Decimal) -> str:
	if not amount.is_finite():
		return "The amount is no number."
	if abs(amount) >= LARGEST:
		return "The amount is larger than any that can be kept."
	exponent = amount.as_tuple().exponent
	if isinstance(exponent, int) and exponent < -DECIMALS and amount != round(amount, DECIMALS):
		return "The amount has more decimals than its currency."
	return ""


def _refusal(line: Line, why: str) -> RejectedRow:
	return RejectedRow(line.remote_account, line.remote_id, why, line.raw)

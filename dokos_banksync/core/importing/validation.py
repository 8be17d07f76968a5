"""Validate what enters from a provider or a file, before anything is decided.

A row that no ledger can hold is rejected with its reason. A text that is not Unicode text, a day or an instant that
no bank means, and a balance that no ledger can hold never end a run.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from operator import attrgetter
from typing import Any, TypeVar, get_type_hints

from dokos_banksync.core.message import Message
from dokos_banksync.core.model import (
	Category,
	Line,
	LineState,
	Page,
	RejectedRow,
	RemoteAccount,
	RemoteConnection,
)
from dokos_banksync.core.provider import Completed
from dokos_banksync.core.texts import printable, readable

log = logging.getLogger(__name__)

DECIMALS = 4
"""No currency of ISO 4217 has more."""

LARGEST = Decimal(10) ** 11
"""The bound of one amount: a Frappe site stores decimal(21, 9), the standalone site 64 bits; sums need room."""

_CENT = Decimal("0.01")

FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2199, 12, 31)
"""Banks fill in 0001-01-01 and 9999-12-31 for a day that they do not know."""

_AHEAD_DAYS = 5 * 366
_BACK_DAYS = 25 * 365
_TOO_LATE = "The day {0} is more than five years ahead: check which of its numbers is the year"
_TOO_EARLY = "The day {0} is more than twenty-five years ago: check its year"

_FLOAT_NOISE = 4
"""Units in the last place of a binary float that a short calculation may be off by."""

_LARGEST_NOISE = 1e-6
"""Beyond it the digits may mean something: 99999999999.12001 is not rounded."""

_NOTHING = Decimal(0)

_OPTIONAL_DAYS = ("value_date", "transaction_date", "updated_at")
_OPTIONAL_DAYS_OF = attrgetter(*_OPTIONAL_DAYS)

_Row = TypeVar("_Row", Line, RejectedRow)
_Record = TypeVar("_Record", RemoteAccount, RemoteConnection, Category, Completed)
_TEXTS = {
	row: tuple(name for name, kind in get_type_hints(row).items() if kind is str)
	for row in (Line, RejectedRow)
}
_TEXTS_OF_LINE = attrgetter(*_TEXTS[Line])
_TEXTS_OF = {row: attrgetter(*names) for row, names in _TEXTS.items()}


def checked(page: Page) -> Page:
	"""Return the page with lines that cannot be stored moved to its rejected rows, and texts that any ledger takes."""
	lines: list[Line] = []
	rejected = [_readable(row) for row in page.rejected]
	for line in page.lines:
		if _is_storable(line):
			lines.append(line)
			continue
		fitted = _fitted(_readable(line))
		if why := _unfit(fitted):
			rejected.append(_rejected(fitted, why))
		else:
			lines.append(fitted)
	return replace(
		page,
		lines=lines,
		rejected=rejected,
		removed=[(account, readable(remote_id)) for account, remote_id in page.removed],
		cursors=_storable_cursors(page.cursors),
	)


def first_likely_day(today: date) -> date:
	"""Return the day before which a booked row is not imported unless a user confirms it."""
	return today - timedelta(days=_BACK_DAYS)


def without_unlikely_days(page: Page, today: date, *, old_days: bool = False) -> Page:
	"""Return the page with booked lines of more than five years ahead, or twenty-five years ago, moved to its rejected rows.

	No bank books that far ahead, or exports days that old: day, month and year were exchanged, or a year is wrong.
	With `old_days` a user has confirmed the old ones.
	"""
	earliest, latest = likely_days(today, old_days=old_days)
	kept: list[Line] = []
	rejected: list[RejectedRow] = []
	for line in page.lines:
		if line.state is not LineState.BOOKED or earliest <= line.date <= latest:
			kept.append(line)
		else:
			sentence = _TOO_LATE if line.date > latest else _TOO_EARLY
			rejected.append(_rejected(line, Message(sentence, line.date)))
	if not rejected:
		return page
	return replace(page, lines=kept, rejected=[*page.rejected, *rejected])


def likely_days(today: date, *, old_days: bool = False) -> tuple[date, date]:
	"""Return the first and the last day that a bank books on, as seen from a day.

	With `old_days` a user has confirmed rows of any earlier day.
	"""
	return FIRST_DAY if old_days else first_likely_day(today), today + timedelta(days=_AHEAD_DAYS)


def checked_accounts(accounts: Iterable[RemoteAccount]) -> list[RemoteAccount]:
	"""Return accounts that any ledger can store. A balance that none can is unknown: None, and logged."""
	return [_checked_account(account) for account in accounts]


def checked_categories(categories: Iterable[Category]) -> list[Category]:
	"""Return categories whose texts any ledger can store."""
	return [_checked_record(category) for category in categories]


def checked_state(remote: RemoteConnection) -> RemoteConnection:
	"""Return a connection's state whose texts and instants any ledger can store."""
	return _checked_record(remote)


def checked_completion(completed: Completed) -> Completed:
	"""Return an outcome whose texts and instants any ledger can store."""
	connection = completed.connection and checked_state(completed.connection)
	others = tuple(map(checked_completion, completed.others))
	return replace(_checked_record(completed), connection=connection, others=others)


def _is_storable(line: Line) -> bool:
	"""Return whether any ledger can store a line as it is: a cheap test that nearly all lines pass."""
	amount, currency, day = line.amount, line.currency, line.date
	if not amount.is_finite() or amount.copy_abs() >= LARGEST:
		return False
	if not amount.same_quantum(_CENT) and _decimals(amount) > DECIMALS:
		return False
	if currency != currency.strip().upper() or not FIRST_DAY <= day <= LAST_DAY:
		return False
	joined = "".join(_TEXTS_OF_LINE(line))
	if "\0" in joined or not (joined.isascii() or _is_unicode(joined)):
		return False
	value_date, transaction_date, updated_at = _OPTIONAL_DAYS_OF(line)
	return not (
		_is_implausible(value_date) or _is_implausible(transaction_date) or _is_implausible(updated_at)
	)


def _readable(row: _Row) -> _Row:
	values: tuple[str, ...] = _TEXTS_OF[type(row)](row)
	joined = "".join(values)
	if "\0" not in joined and _is_unicode(joined):
		return row
	names = _TEXTS[type(row)]
	changes: dict[str, Any] = {name: _storable(value) for name, value in zip(names, values, strict=True)}
	return row._replace(**changes)


def _is_unicode(text: str) -> bool:
	try:
		text.encode()
	except UnicodeEncodeError:
		return False
	return True


def _storable(text: str) -> str:
	"""Return the text itself where it can be stored: a message stays a message."""
	return text if readable(text) == text else readable(text)


def _storable_cursors(cursors: Mapping[str, str]) -> Mapping[str, str]:
	"""A cursor that was changed would mean something else: without it, the same is fetched again."""
	return {account: cursor for account, cursor in cursors.items() if readable(cursor) == cursor}


def _checked_record(record: _Record) -> _Record:
	names = [each.name for each in fields(record)] if is_dataclass(record) else []
	values = {name: getattr(record, name) for name in names}
	changes = {name: good for name, value in values.items() if (good := _checked_value(value)) is not value}
	return replace(record, **changes) if changes else record


def _checked_value(value: Any) -> Any:
	if type(value) is str:  # an enum is a str as well, and stays what it is
		return _storable(value)
	if isinstance(value, datetime):
		return plausible(value)
	if isinstance(value, Mapping):
		return {_checked_value(key): _checked_value(each) for key, each in value.items()}
	return value


def plausible(moment: datetime) -> datetime | None:
	"""Return an instant, aware, or None for one that lies outside the days that banks mean."""
	if not FIRST_DAY.year <= moment.year <= LAST_DAY.year:
		return None
	return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)


def _checked_account(account: RemoteAccount) -> RemoteAccount:
	checked_ = _checked_balances(_checked_record(account))
	code = currency_code(checked_.currency)
	return checked_ if code == checked_.currency else replace(checked_, currency=code)


def _checked_balances(account: RemoteAccount) -> RemoteAccount:
	balances: dict[str, Any] = {
		name: _storable_balance(getattr(account, name)) for name in ("balance", "balance_available")
	}
	lost = [name for name, value in balances.items() if value is None and getattr(account, name) is not None]
	if lost:
		log.warning(
			"Account %s: %s cannot be stored and is left out", printable(account.remote_id), ", ".join(lost)
		)
	return replace(account, **balances)


def _storable_balance(balance: Decimal | None) -> Decimal | None:
	"""Providers add balances up in binary floats: rounded, 12.340000000000002 is 12.34."""
	if balance is None or not balance.is_finite() or balance.copy_abs() >= LARGEST:
		return None
	return round(balance, DECIMALS) if _decimals(balance) > DECIMALS else balance


def _fitted(line: Line) -> Line:
	"""Leave out optional values that no ledger can store."""
	changes: dict[str, Any] = {
		name: None
		for name, day in zip(_OPTIONAL_DAYS, _OPTIONAL_DAYS_OF(line), strict=True)
		if _is_implausible(day)
	}
	if (code := currency_code(line.currency)) != line.currency:
		changes["currency"] = code
	if _decimals(line.amount) > DECIMALS:
		changes["amount"] = without_float_noise(line.amount)
	if line.state is LineState.REMOVED and _unfit_amount(line.amount):
		changes["amount"] = _NOTHING
	return line._replace(**changes) if changes else line


def _is_implausible(day: date | None) -> bool:
	return day is not None and not FIRST_DAY.year <= day.year <= LAST_DAY.year


def currency_code(written: str) -> str:
	"""Return a currency code as ISO 4217 spells it, in capital letters: `eur` and ` EUR` are `EUR`."""
	return written.strip().upper()


def without_float_noise(amount: Decimal) -> Decimal:
	"""Return 0.30 for 0.30000000000000004: the same amount but for the noise of a binary float; else the amount."""
	if amount.copy_abs() >= LARGEST:
		return amount
	noise = min(_FLOAT_NOISE * math.ulp(float(amount)), _LARGEST_NOISE)
	for places in range(2, DECIMALS + 1):
		rounded = round(amount, places)
		if rounded and abs(float(rounded) - float(amount)) <= noise:
			return rounded
	return amount


def _unfit(line: Line) -> str:
	"""Removed rows are identified by their id; their other values are not used."""
	if line.state is LineState.REMOVED:
		return ""
	return _unfit_amount(line.amount) or _unfit_day(line.date)


def _unfit_day(day: date) -> str:
	if FIRST_DAY <= day <= LAST_DAY:
		return ""
	return "Banks do not book on this date."


def _unfit_amount(amount: Decimal) -> str:
	# Comparing and copy_abs are exact; arithmetic raises for exponents beyond the decimal context.
	if not amount.is_finite():
		return "The amount is not a number."
	if amount.copy_abs() >= LARGEST:
		return "The amount is larger than any that can be stored."
	if _decimals(amount) > DECIMALS and amount != round(amount, DECIMALS):
		return "The amount has more decimals than its currency."
	return ""


def _decimals(amount: Decimal) -> int:
	exponent = amount.as_tuple().exponent
	return -exponent if isinstance(exponent, int) else 0


def _rejected(line: Line, why: str) -> RejectedRow:
	return RejectedRow(line.remote_account, line.remote_id, why, line.raw)

"""Amounts, dates and instants as a user reads them, by the Unicode CLDR data that Babel brings."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from babel.dates import format_date
from babel.numbers import format_currency, format_decimal, get_currency_symbol

_MINUS = "\N{MINUS SIGN}"
_HARD = "\N{NO-BREAK SPACE}"
_SYMBOL_FIRST = "¤#,##0.00"
_MOST_DIGITS = 30
_CODE_LAST = f"#,##0.00{_HARD}¤"


def money(amount: Decimal | None, currency: str, language: str) -> str:
	"""Return an amount with its currency: `1 234,50 €` in French, `€1,234.50` in English, `1,000 JPY`.

	It has the decimals of its currency, or as many more as it needs. An unknown amount is empty, never zero.
	"""
	if amount is None:
		return ""
	if not currency:
		return number(amount, language)
	has_symbol = get_currency_symbol(currency, language) != currency
	pattern = _SYMBOL_FIRST if language == "en" and has_symbol else _CODE_LAST
	shown = format_currency(abs(amount), currency, pattern, locale=language, decimal_quantization=False)
	return _sign(amount) + shown


def number(amount: Decimal, language: str) -> str:
	"""Return an amount whose currency is named elsewhere, with two decimals or more."""
	shown = format_decimal(abs(amount), "#,##0.00", locale=language, decimal_quantization=False)
	return _sign(amount) + shown


def is_usual(amount: Decimal) -> bool:
	"""Return whether an amount can be written with all its digits: it is a number, and they fit on a line."""
	return amount.is_finite() and abs(amount.adjusted()) < _MOST_DIGITS


def _sign(amount: Decimal) -> str:
	"""Return the minus sign of typography, which is as wide as a digit; Babel writes a hyphen."""
	return _MINUS if amount < 0 else ""


def day(value: date | None, language: str) -> str:
	"""Return `20 nov. 2026`: a month in letters leaves no doubt about which number is the day."""
	if value is None:
		return ""
	return format_date(value, f"d{_HARD}MMM{_HARD}y", locale=language)


def moment(value: datetime | None, language: str) -> str:
	"""Return an instant in the time zone of this machine, to the minute."""
	if value is None:
		return ""
	local = value.astimezone()
	return f"{day(local.date(), language)}{_HARD}{local:%H:%M}"


def count(number: int, language: str) -> str:
	"""Return a whole number with its digits grouped."""
	return format_decimal(number, locale=language)


def iban(text: str) -> str:
	"""Return an IBAN in groups of four, as it is printed on paper."""
	return _HARD.join(text[place : place + 4] for place in range(0, len(text), 4))

"""Amounts, days and instants as a person reads them, in English and French."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

_SYMBOLS = {"EUR": "€", "USD": "$", "GBP": "£"}
_MONTHS = {
	"en": ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
	"fr": ("janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."),
}
_MINUS = "\N{MINUS SIGN}"
_THIN = "\N{NARROW NO-BREAK SPACE}"
_HARD = "\N{NO-BREAK SPACE}"


def money(amount: Decimal | None, currency: str, language: str) -> str:
	"""`1 234,50 €` in French, `€1,234.50` in English; an unknown amount is empty, never zero."""
	if amount is None:
		return ""
	plain = f"{abs(amount):,.2f}" if amount == round(amount, 2) else f"{abs(amount):,}"
	sign = _MINUS if amount < 0 else ""
	symbol = _SYMBOLS.get(currency)
	if language == "fr":
		plain = plain.replace(",", _THIN).replace(".", ",")
		return f"{sign}{plain}{_HARD}{symbol or currency}"
	return f"{sign}{symbol}{plain}" if symbol else f"{sign}{plain}{_HARD}{currency}"


def number(amount: Decimal, language: str) -> str:
	"""An amount whose currency is told elsewhere."""
	return money(amount, "", language).rstrip(_HARD)


def day(value: date | None, language: str) -> str:
	"""`20 nov. 2026`: a month in letters leaves no doubt about which number is the day."""
	if value is None:
		return ""
	return f"{value.day}{_HARD}{_MONTHS[language][value.month - 1]}{_HARD}{value.year}"


def moment(value: datetime | None, language: str) -> str:
	"""An instant in the time zone of this machine, to the minute."""
	if value is None:
		return ""
	local = value.astimezone()
	return f"{day(local.date(), language)}{_HARD}{local:%H:%M}"


def count(number: int, language: str) -> str:
	return f"{number:,}".replace(",", _THIN if language == "fr" else ",")


def iban(text: str) -> str:
	"""In groups of four, as it is printed on paper."""
	return _HARD.join(text[place : place + 4] for place in range(0, len(text), 4))

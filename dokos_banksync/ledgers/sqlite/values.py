"""Between Python's values and SQLite's: exact money, days, aware instants."""

from __future__ import annotations

from datetime import date, datetime, timezone
from decimal import Decimal, DecimalException

from dokos_banksync.errors import InvalidData

SCALE = 10_000
"""Money is kept in ten-thousandths: no currency of ISO 4217 has more than four decimals."""

_LARGEST = 2**63 // SCALE // 1000
"""One amount, leaving room for sums of a thousand such ones in 64 bits."""


def money_in(amount: Decimal | None) -> int | None:
	"""Raises `InvalidData` for more than four decimals or an amount that no account holds."""
	if amount is None:
		return None
	try:
		scaled = amount * SCALE
		whole = int(scaled)
	except (DecimalException, ValueError, OverflowError) as error:
		raise InvalidData("{0} is no amount", amount) from error
	if whole != scaled or abs(amount) > _LARGEST:
		raise InvalidData("{0} is no amount of money that can be kept exactly", amount)
	return whole


def money_out(stored: int | None) -> Decimal | None:
	return None if stored is None else amount_out(stored)


def amount_out(stored: int) -> Decimal:
	"""At least two decimals, and no more zeros than that: 12.50, 0.0001."""
	amount = Decimal(stored) / SCALE
	return amount.quantize(Decimal("0.01")) if stored % 100 == 0 else amount.normalize()


def day_in(day: date | None) -> str | None:
	return day.isoformat() if day else None


def day_out(stored: str | None) -> date | None:
	return date.fromisoformat(stored) if stored else None


def instant_in(instant: datetime | None) -> str | None:
	return instant.astimezone(timezone.utc).isoformat() if instant else None


def instant_out(stored: str | None) -> datetime | None:
	return datetime.fromisoformat(stored) if stored else None

"""Between Python's values and SQLite's: exact money, days, aware instants."""

from __future__ import annotations

import json
import unicodedata
from datetime import date, datetime, timezone
from decimal import Decimal
from typing import Any

from dokos_banksync.core.errors import InvalidData

_DECIMALS = 4
SCALE = 10_000
"""Money is kept in ten-thousandths: no currency of ISO 4217 has more than four decimals."""

_LARGEST = 2**63 // SCALE // 1000
"""One amount, leaving room for sums of a thousand such ones in 64 bits."""


_MOST_DIGITS = 11
"""Of amounts that are below `_LARGEST` without a look at their value, a sign included."""


def money_in(amount: Decimal | None) -> int | None:
	"""Raises `InvalidData` for more than four decimals or an amount that no account holds."""
	if amount is None:
		return None
	if not amount.is_finite():
		raise InvalidData("{0} is not an amount", amount)
	whole = int(amount * SCALE) if abs(amount) <= _LARGEST else 0
	# Multiplying rounds beyond 28 digits, comparing does not.
	if Decimal(whole).scaleb(-_DECIMALS) != amount:
		raise InvalidData("{0} is not an amount of money that can be stored exactly", amount)
	return whole


def money_of_text(amount: str) -> int:
	"""Return the stored amount of a plain decimal number. Raises `InvalidData` as `money_in` does."""
	whole, _, part = amount.partition(".")
	if len(part) > _DECIMALS or len(whole) > _MOST_DIGITS:
		return money_in(Decimal(amount)) or 0
	return int(f"{whole}{part:0<4}")


def balance_in(balance: Decimal | None) -> int | None:
	"""Return a balance as `money_in` does, rounded first: providers add up balances in binary fractions, and give 12.340000000000002."""
	if balance is None or not balance.is_finite() or abs(balance) > _LARGEST:
		return money_in(balance)
	return money_in(round(balance, _DECIMALS))


def money_out(stored: int | None) -> Decimal | None:
	"""Return a stored amount; None where the column is empty."""
	return None if stored is None else amount_out(stored)


def amount_out(stored: int | str | None) -> Decimal:
	"""Return an amount with at least two decimals, and no more zeros than that: 12.50, 0.0001. None is zero.

	A sum may come as text.
	"""
	stored = int(stored or 0)
	amount = Decimal(stored) / SCALE
	return amount.quantize(Decimal("0.01")) if stored % 100 == 0 else amount.normalize()


def day_in(day: date | None) -> str | None:
	"""Return a day as it is stored: YYYY-MM-DD."""
	return day.isoformat() if day else None


def day_out(stored: str | None) -> date | None:
	"""Return a stored day."""
	return date.fromisoformat(stored) if stored else None


def instant_in(instant: datetime | None) -> str | None:
	"""Return an instant as it is stored: ISO 8601 in UTC."""
	if instant is None:
		return None
	in_utc = instant if instant.tzinfo is timezone.utc else instant.astimezone(timezone.utc)
	return in_utc.isoformat()


def instant_out(stored: str | None) -> datetime | None:
	"""Return a stored instant."""
	return datetime.fromisoformat(stored) if stored else None


def fold(words: str) -> str:
	"""Return words without case and accents, as users type them into a search."""
	if words.isascii():
		return words.lower()
	return "".join(c for c in unicodedata.normalize("NFKD", words.casefold()) if not unicodedata.combining(c))


def _same(text: str) -> str:
	return text


class SqliteCodec:
	"""`Codec` of the standalone site: texts are stored as they are, its pages escape them."""

	money_in = staticmethod(money_in)
	amount_out = staticmethod(amount_out)
	day_in = staticmethod(day_in)
	day_out = staticmethod(day_out)
	day = staticmethod(date.fromisoformat)
	instant_in = staticmethod(instant_in)
	instant_out = staticmethod(instant_out)
	instant = staticmethod(datetime.fromisoformat)
	utc_in = staticmethod(instant_in)
	utc_out = staticmethod(instant_out)
	text_in = staticmethod(_same)
	clip = staticmethod(_same)

	def rounded(self, balance: Decimal | None) -> Decimal | None:
		"""See `Codec.rounded`."""
		return money_out(balance_in(balance))

	def text_out(self, stored: Any) -> str:
		"""See `Codec.text_out`."""
		return str(stored or "")

	def message_in(self, text: str, length: int = 140) -> str:  # noqa: ARG002
		"""See `Codec.message_in`. A text has no length here."""
		return text

	def json_out(self, stored: Any) -> Any:
		"""See `Codec.json_out`."""
		return json.loads(stored) if stored else None

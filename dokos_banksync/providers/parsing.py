"""Values of providers' JSON.

A reader returns None (or an empty text) for what is missing, null or not what it should be; what that means for
the object is decided where it is read.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime, timezone
from decimal import Decimal
from functools import lru_cache
from typing import Any

Object = Mapping[str, Any]

_TOO_MUCH = 10**15
_TOO_LITTLE = Decimal("1e-9")
_YEARS = (1900, 2199)
_DECIMAL = re.compile(r"[+-]?(\d{1,15}(\.\d{1,12})?|\.\d{1,12})", re.ASCII)
_INSTANT = re.compile(
	r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d)?)(?:[.,](\d+))?\s*(Z|z|[+-]\d\d:?\d\d)?", re.ASCII
)


def text(value: object) -> str:
	"""Return a text; empty for anything else."""
	return value if isinstance(value, str) else ""


def identifier(value: object) -> str:
	"""Return an id (64-bit number, or text) as text; empty when it is none."""
	if isinstance(value, int) and not isinstance(value, bool):
		return str(value)
	return value.strip() if isinstance(value, str) else ""


def amount(value: object) -> Decimal | None:
	"""Return a number that can be money: finite, under 10^15, not below a billionth; None for anything else."""
	if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
		return None
	number = Decimal(value)
	# Unlike arithmetic, copy_abs and comparing raise for no exponent.
	return number if _TOO_LITTLE <= number.copy_abs() < _TOO_MUCH or not number else None


@lru_cache(maxsize=4096)
def _day(value: str) -> date | None:
	try:
		return date.fromisoformat(value[:10]) if value[4:5] == value[7:8] == "-" else None
	except ValueError:
		return None


def day(value: object) -> date | None:
	"""Return the day of `2026-10-26`, also with a time behind it; None for anything else."""
	return _day(value) if isinstance(value, str) else None


def instant(value: object) -> datetime | None:
	"""Return an ISO 8601 timestamp of any precision, as UTC; one without a zone is UTC already.

	None for a year that no bank means: arithmetic with the first and the last year of the calendar overflows.
	"""
	moment = _parsed(value) if isinstance(value, str) else None
	return moment if moment and _YEARS[0] <= moment.year <= _YEARS[1] else None


def _parsed(value: str) -> datetime | None:
	if len(value) == 24 and value[23] == "Z":
		try:
			return datetime.fromisoformat(value[:23] + "+00:00")
		except ValueError:
			return None
	return _instant(value.strip())


def _instant(value: str) -> datetime | None:
	match = _INSTANT.fullmatch(value)
	if not match:
		return None
	day_part, clock_part, fraction, zone = match.groups()
	zone = "+00:00" if zone in (None, "Z", "z") else f"{zone[:3]}:{zone[-2:]}"
	seconds = clock_part if len(clock_part) == 8 else f"{clock_part}:00"
	try:
		moment = datetime.fromisoformat(f"{day_part}T{seconds}.{(fraction or '')[:6]:0<6}{zone}")
		return moment.astimezone(timezone.utc)
	except (ValueError, OverflowError):
		return None


def instant_text(moment: datetime) -> str:
	"""Return `2026-10-27T18:44:09.523Z`; what is below a millisecond is cut off."""
	return moment.astimezone(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def decimal_text(value: object) -> Decimal | None:
	"""Return an amount that is written as text (`"12.50"`), under the same bounds as `amount`."""
	if not isinstance(value, str) or not _DECIMAL.fullmatch(value.strip()):
		return None
	return amount(Decimal(value.strip()))


def mapping(value: object) -> Object:
	"""Return an object inside another one; empty when it is missing."""
	return value if isinstance(value, Mapping) else {}


def texts(value: object) -> list[str]:
	"""Return the texts of a list; none for anything else."""
	return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def header(headers: Mapping[str, str], name: str) -> str:
	"""Return the value of an HTTP header, in whatever letter case it is written; empty where there is none."""
	return next((value for one, value in headers.items() if one.lower() == name.lower()), "")


def folded(words: str) -> str:
	"""Return words without accents and case, for a search."""
	plain = unicodedata.normalize("NFKD", words)
	return "".join(letter for letter in plain if not unicodedata.combining(letter)).casefold()

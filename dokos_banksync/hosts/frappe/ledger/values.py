"""Between Python's values and a Frappe site's: exact money, days, instants in the site's time zone."""

from __future__ import annotations

import json
import re
from datetime import date, datetime, timezone
from decimal import Decimal
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import frappe
from frappe.utils import getdate

from dokos_banksync.core.errors import InvalidData

_DECIMALS = 4
_UNIT = Decimal(1).scaleb(-_DECIMALS)
_CENT = Decimal("0.01")
_LARGEST = Decimal(10) ** 11
"""A site stores twelve digits before the point (decimal(21,9)); sums need room."""
_DAY = re.compile(r"(?!0000)\d{4}-(?!00)\d\d-(?!00)\d\d", re.ASCII)
_LIKE_MARKUP = re.compile(r"&(?=(?:amp;)*lt;)")
_AS_MARKUP = re.compile(r"&amp;(?=(?:amp;)*lt;)")


def money_in(amount: Decimal) -> Decimal:
	"""Return an amount as it is stored. Raises `InvalidData` for more than four decimals or an amount that is too large."""
	if not amount.is_finite():
		raise InvalidData("{0} is not an amount", amount)
	if abs(amount) >= _LARGEST or amount.quantize(_UNIT) != amount:
		raise InvalidData("{0} is not an amount of money that can be stored exactly", amount)
	return amount.quantize(_UNIT)


def balance_in(balance: Decimal | None) -> Decimal | None:
	"""Return a balance as `money_in` does, rounded first: providers add up balances in binary fractions."""
	if balance is None or not balance.is_finite() or abs(balance) >= _LARGEST:
		return None if balance is None else money_in(balance)
	return round(balance, _DECIMALS)


def amount_out(stored: Any) -> Decimal:
	"""Return an amount with at least two decimals, and no more zeros than that. Frappe gives money as binary fractions."""
	amount = Decimal(str(stored or 0)).quantize(_UNIT)
	cents = amount.quantize(_CENT)
	return cents if cents == amount else amount.normalize()


def money_out(stored: Any) -> Decimal | None:
	"""Return a stored amount; None where the column is empty."""
	return None if stored in (None, "") else amount_out(stored)


def day_out(stored: Any) -> date | None:
	"""Return a stored day; None where the column is empty. Frappe's own reading of a text takes a hundred times as long."""
	if isinstance(stored, str) and _DAY.fullmatch(stored):
		return date.fromisoformat(stored)
	return getdate(stored) if stored else None


def json_out(stored: Any) -> Any:
	"""Return the value of a JSON field, None when it is empty: some databases give its text, some the parsed value."""
	return json.loads(stored) if stored and isinstance(stored, str) else stored or None


def stamp(instant: datetime | None) -> str | None:
	"""Return an instant as Frappe stores it: in the site's time zone, without naming it."""
	return _plain(instant.astimezone(site_zone())) if instant else None


def instant_out(stored: Any) -> datetime | None:
	"""Return a stored instant of the site's time zone, in UTC."""
	if not stored:
		return None
	local: datetime = frappe.utils.get_datetime(stored)
	return local.replace(tzinfo=site_zone()).astimezone(timezone.utc)


@lru_cache(maxsize=1024)
def utc_stamp(instant: datetime | None) -> str | None:
	"""Return an instant in UTC, where every instant counts and no hour may come twice. A bank changes many rows at once."""
	return _plain(instant.astimezone(timezone.utc)) if instant else None


def utc_out(stored: Any) -> datetime | None:
	"""Return an instant that is stored in UTC."""
	return frappe.utils.get_datetime(stored).replace(tzinfo=timezone.utc) if stored else None


def _plain(instant: datetime) -> str:
	return instant.strftime("%Y-%m-%d %H:%M:%S.%f")


def site_zone() -> ZoneInfo:
	"""Return the site's time zone."""
	return _zone(_zone_name())


def _zone_name() -> str:
	found = getattr(frappe.utils, "get_system_timezone", None) or frappe.utils.get_time_zone
	return str(found())


@lru_cache(maxsize=8)
def _zone(name: str) -> ZoneInfo:
	return ZoneInfo(name)


def text_in(text: str) -> str:
	"""Return a text from outside with its markup escaped: the Desk shows values of a table as HTML, and only texts
	that come through a document are cleaned before. `text_out` gives exactly the same text again.
	"""
	return _LIKE_MARKUP.sub("&amp;", text).replace("<", "&lt;") if "<" in text or "&" in text else text


def text_out(stored: str | None) -> str:
	"""Return a text as it was before Frappe escaped it."""
	if not stored or "&" not in stored:
		return stored or ""
	return _AS_MARKUP.sub("&", stored.replace("&lt;", "<"))


def message_in(text: str, length: int = 140) -> str:
	"""Return a text that is only shown, without markup and at most so long."""
	readable = text.encode(errors="backslashreplace").decode()
	return clip(readable.replace("<", "‹"), length)


def title_in(title: str) -> str:
	"""Return the title of a category without the brackets of markup: it is a name on some hosts, the Desk's fields for
	links show names as HTML, and renaming does not go through Frappe's own cleaning.
	"""
	return title.replace("<", "‹").replace(">", "›")


def clip(text: str, length: int = 140) -> str:
	"""Return a text shortened to the length of a host's text field; the line stores all of it."""
	return text if len(text) <= length else text[: length - 1] + "…"


class FrappeCodec:
	"""`Codec` of a Frappe site: decimals, the site's time zone, escaped markup."""

	money_in = staticmethod(money_in)
	amount_out = staticmethod(amount_out)
	rounded = staticmethod(balance_in)
	day_out = staticmethod(day_out)
	instant_in = staticmethod(stamp)
	instant_out = staticmethod(instant_out)
	utc_in = staticmethod(utc_stamp)
	utc_out = staticmethod(utc_out)
	text_in = staticmethod(text_in)
	text_out = staticmethod(text_out)
	clip = staticmethod(clip)
	message_in = staticmethod(message_in)
	json_out = staticmethod(json_out)

	def day_in(self, day: date | None) -> date | None:
		"""Return a day as it is: drivers take it."""
		return day

	def day(self, stored: Any) -> date:
		"""See `Codec.day`."""
		found = day_out(stored)
		assert found is not None  # noqa: S101
		return found

	def instant(self, stored: Any) -> datetime:
		"""See `Codec.instant`."""
		found = instant_out(stored)
		assert found is not None  # noqa: S101
		return found

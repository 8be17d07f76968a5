"""Codes and symbols of currencies (ISO 4217), as they stand in titles and beside amounts."""

from __future__ import annotations

import re
from functools import cache, lru_cache

from babel.core import get_global

SYMBOLS = {
	"€": ("EUR",),
	"£": ("GBP", "GIP", "FKP", "SHP"),
	"US$": ("USD",),
	"A$": ("AUD",),
	"C$": ("CAD",),
	"CA$": ("CAD",),
	"R$": ("BRL",),
	"$": ("USD", "CAD", "AUD", "NZD", "SGD", "HKD", "MXN", "CLP", "COP", "ARS", "TWD"),
	"¥": ("JPY", "CNY"),
	"₹": ("INR",),
	"Rs": ("INR", "PKR", "LKR", "NPR", "MUR"),
	"Rs.": ("INR", "PKR", "LKR", "NPR", "MUR"),
	"zł": ("PLN",),
	"Kč": ("CZK",),
	"Ft": ("HUF",),
	"kr": ("SEK", "NOK", "DKK", "ISK"),
	"kr.": ("DKK", "SEK", "NOK", "ISK"),
	"Fr.": ("CHF",),
	"SFr.": ("CHF",),
	"₺": ("TRY",),
	"₽": ("RUB",),
	"₪": ("ILS",),
	"₴": ("UAH",),
	"₩": ("KRW",),
	"฿": ("THB",),
	"lei": ("RON",),
}
"""The currencies that a symbol may mean, the likeliest first."""

_WORDS = {"euro": "EUR", "euros": "EUR", "eur": "EUR", "sek": "SEK", "złoty": "PLN"}
_IN_TITLE = re.compile(
	r"[(\[]\s*(?:in |en |em |i |w )?([^()\[\]]{1,5})\s*[)\]]|\b(?:in|en|em|i|w)\s+([^\s()]{1,5})\s*$", re.I
)
_AT_END = re.compile(r"[\s_]([A-Z]{3}|€|\$|£)\s*$")


@cache
def codes() -> frozenset[str]:
	"""Return all codes of currencies, those of the past included."""
	return frozenset(get_global("all_currencies"))


@lru_cache(maxsize=256)
def code_of(text: str, expected: str = "") -> str:
	"""Return the code that a code, a symbol or a word stands for, else an empty string.

	A symbol that several currencies share means `expected` where that is one of them.
	"""
	text = text.strip()
	if text.upper() in codes():
		return text.upper()
	if text.lower() in _WORDS:
		return _WORDS[text.lower()]
	meant = SYMBOLS.get(text) or SYMBOLS.get(text.lower()) or SYMBOLS.get(text.capitalize()) or ()
	return expected if expected in meant else next(iter(meant), "")


def in_title(title: str, expected: str = "") -> str:
	"""Return the currency that a title names, `Amount (USD)` or `Betrag in EUR`, else an empty string."""
	for found in _IN_TITLE.finditer(title):
		if code := code_of(found[1] or found[2], expected):
			return code
	end = _AT_END.search(title)
	return code_of(end[1], expected) if end else ""

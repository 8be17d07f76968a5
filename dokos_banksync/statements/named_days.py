"""Days whose month is a word, in twelve languages: `fredag den 13. november 2026`, `Nov 3rd, 2026`, `1er déc. 26`.

The words come from the Unicode CLDR (through Babel), which knows the languages; python-dateutil knows how a day is
put together from them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any

from babel import Locale
from dateutil.parser import parser, parserinfo

LANGUAGES = ("de", "fr", "en", "nl", "es", "it", "pt", "pl", "sv", "da", "nb", "fi")

_SHORT_FORMS = dict(sept=9, mrz=3, maerz=3, janv=1, fevr=2, avr=4, juil=7, jan=1, feb=2, set=9, jul=7)  # noqa: C408
"""Short forms of months that the locale data of some version lacks."""
_WORD = re.compile(r"[^\W\d_]+")
_NUMBER = re.compile(r"\d+")
_TIME = re.compile(r"(?<=\d\d)(?:t|[ ,]+(?:a|at|um|kl\.?)?) *\d{1,2}[:.h]\d{2}(?!\d).*$")
_ORDINAL_SIGNS = str.maketrans("ºª", "  ")
_BETWEEN = ("den", "der", "de", "del", "di", "do", "le", "el", "the", "am", "vom", "d", "kl", "um", "at")
"""Words beside a day that say nothing about it."""
_ORDINALS = ("er", "ere", "st", "nd", "rd", "th", "o", "a", "e")
_CENTURY = 2000
_PROBES = (datetime(2004, 1, 1), datetime(2008, 2, 2))  # noqa: DTZ001 (days without a time zone)
"""Two leap years: what a text leaves out is read differently with each of them."""


@cache
def month_names() -> Mapping[str, int]:
	"""Return the months by name, of all languages, in small letters without accents."""
	names = dict(_SHORT_FORMS)
	for language in LANGUAGES:
		for words in _widths(Locale.parse(language).months):
			names.update({bare(name): number for number, name in words.items()})
	return {name: number for name, number in names.items() if len(name) > 2}


@cache
def _weekday_names() -> dict[str, int]:
	names: dict[str, int] = {}
	for language in LANGUAGES:
		for words in _widths(Locale.parse(language).days):
			names.update({bare(name): number for number, name in words.items()})
	return {name: number for name, number in names.items() if len(name) > 1}


@cache
def weekdays_of(word: str) -> frozenset[int]:
	"""Return the days of the week, Monday 0, that a word means in any of the languages; nothing for another word."""
	meant: set[int] = set()
	for language in LANGUAGES:
		for words in _widths(Locale.parse(language).days):
			meant.update(number for number, name in words.items() if bare(name).rstrip(".") == bare(word))
	return frozenset(meant)


def _widths(names: Mapping[str, Mapping[str, Mapping[int, str]]]) -> list[Mapping[int, str]]:
	return [
		names[context][width] for context in ("format", "stand-alone") for width in ("wide", "abbreviated")
	]


def bare(text: str) -> str:
	"""Return a word in small ASCII letters, without a point at its end: `Févr.` is `fevr`."""
	text = text.lower().rstrip(".")
	if text.isascii():
		return text
	text = text.replace("ł", "l")
	return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()


class _Words(parserinfo):
	"""The words of all languages, and years of two digits in this century."""

	def __init__(self) -> None:
		words: Any = self  # the stubs of the library take the English number of words for their type
		words.JUMP = [" ", ".", ",", ";", "-", "/", "'", *_BETWEEN, *_ORDINALS]
		words.AMPM = [("am",), ("pm",)]
		weekdays = {name: day for name, day in _weekday_names().items() if name not in month_names()}
		words.WEEKDAYS = [_names_of(number, weekdays) for number in range(7)]
		words.MONTHS = [_names_of(number, month_names()) for number in range(1, 13)]
		super().__init__(dayfirst=True)

	def convertyear(self, year: int, century_specified: bool = False) -> int:
		"""Return the year in full: statements are of this century."""
		return year if century_specified or year >= 100 else year + _CENTURY


def _names_of(number: int, names: Mapping[str, int]) -> tuple[str, ...]:
	return tuple(name for name, each in names.items() if each == number)


@cache
def _parser() -> parser:
	return parser(_Words())


def parse(text: str) -> tuple[str, str, str] | None:
	"""Return the day, the month and the year of a text, the year empty where it has none; None for what is not a day."""
	date_ = _date_alone(text)
	if not date_:
		return None
	try:
		first, second = (_parser().parse(date_, default=probe, ignoretz=True) for probe in _PROBES)
	except (ValueError, OverflowError):
		return None
	if (first.month, first.day) != (second.month, second.day):
		return None
	return str(first.day), str(first.month), str(first.year) if first.year == second.year else ""


def _date_alone(text: str) -> str:
	"""Return the text without its time and the weekday; empty where it holds other words, or no day and one month."""
	if not text.isprintable():
		return ""
	date_ = _TIME.sub("", bare(text.translate(_ORDINAL_SIGNS)))
	words = _WORD.findall(date_)
	if not _known_words().issuperset(words) or month_names().keys().isdisjoint(words):
		return ""
	if len(words) > 1 and date_.startswith(words[0]) and words[0] in {*_weekday_names(), *_BETWEEN}:
		return _date_alone(date_.removeprefix(words[0]).lstrip(" .,"))
	months = sum(word in month_names() for word in words)
	return date_ if months == 1 and len(_NUMBER.findall(date_)) in (1, 2) else ""


@cache
def _known_words() -> frozenset[str]:
	return frozenset({*month_names(), *_weekday_names(), *_BETWEEN, *_ORDINALS})

"""Amounts as banks write them: `1 234,56`, `(12.00)`, `3,20-`, `€ 1'000.00`, `1,200.00 Dr`, `1,23,456.78`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from dokos_banksync.core.errors import InvalidData
from dokos_banksync.statements.currencies import SYMBOLS, code_of, codes

MARKS = (",", ".")

_PLAIN = {mark: re.compile(rf"[-+]?\d+(?:\{mark}\d{{1,2}})?") for mark in MARKS}
"""Most amounts: no grouping, no currency."""
_CERTAIN = re.compile(r"[-+]?\d+([.,])\d{1,2}")
_LOOK = str.maketrans(
	{
		**dict.fromkeys("−–‐‑﹣－", "-"),
		**dict.fromkeys("\u00a0\u202f\u2009\u2007\u2008", " "),
		"’": "'",
		"´": "'",
		"`": "'",
		**dict.fromkeys("\u200b\u200e\u200f\u202a\u202c\u2060\ufeff", ""),
	}
)
_SYMBOLS = "|".join(re.escape(symbol) for symbol in sorted(SYMBOLS, key=len, reverse=True))
_CURRENCY = rf"(?:{_SYMBOLS}|(?<![A-Za-z])[A-Za-z]{{3}}(?![A-Za-z]))"
_SIDE = r"(?:CR|DR|DB|D|C|S|H)\.?"
_DRESSED = re.compile(
	rf"""
	(?P<open>\()? \s* (?P<side_before>{_SIDE}\s)? \s*
	(?P<sign>[-+])? \s* (?P<before>{_CURRENCY})? \s* (?P<sign2>[-+])? \s*
	(?P<digits>[\d.,'\s]*\d[\d.,']*) \s* (?P<mid>[-+])? \s* (?P<after>{_CURRENCY})? \s* (?P<tail>[-+])?
	\s* (?P<close>\))? \s* (?P<side>{_SIDE})?
	""",
	re.VERBOSE | re.IGNORECASE,
)
_GROUPED = {
	",": re.compile(r"(?:\d+|[1-9]\d{0,2}(?:\.\d{3})+|[1-9]\d{0,2}(?:[ ']\d{3})+)(?:,\d*)?|,\d+"),
	".": re.compile(
		r"(?:\d+|[1-9]\d{0,2}(?:,\d{3})+|[1-9]\d?(?:,\d{2})+,\d{3}|[1-9]\d{0,2}(?:[ ']\d{3})+)(?:\.\d*)?|\.\d+"
	),
}
"""Groups of three digits, apart by a blank, an apostrophe or the other mark; or the Indian ones of two."""
_NOTHING = frozenset(
	{
		"",
		"-",
		"--",
		"---",
		"–",
		"—",
		"−",
		"n/a",
		"n.a.",
		"na",
		"null",
		"none",
		"nil",
		"k.a.",
		"s/o",
		"-,--",
		"-.--",
	}
)
"""What banks write where there is no amount."""
_WORDY = re.compile(r"[^\W\d_]{6}")
"""More letters in a row than a currency and a side have: a cheap test that most labels fail."""
LONGEST = 64
"""Letters of an amount with all that stands around it. The time of the pattern grows faster than its text."""
_BLANKS = re.compile(r"(?<!\d)\s+|\s+(?!\d)")
"""Blanks that are not between two digits, where two of them make the text no amount."""
_NO_CENTS = re.compile(r"(?<=\d)([.,])-{1,2}(?![\d-])")
"""A dash for the cents, as in `20.-` and `1'000,--`: no minus."""
_LAST_MARK = re.compile(r"[.,](?=\d*$)")
_THOUSAND = 3


class Money(NamedTuple):
	"""A signed amount. `side` is 1 for money in, -1 for money out, 0 where no word beside the amount says it."""

	value: Decimal
	side: int = 0
	symbol: str = ""
	"""The currency as it is written beside the amount."""


class _Parts(NamedTuple):
	digits: str
	negative: bool
	side: int
	symbol: str


def money(text: str, mark: str) -> Money:
	"""Parse an amount; `mark` is the decimal mark. Raises `InvalidData` for anything that is not wholly an amount."""
	if plain := plain_money(text, mark):
		return plain
	parts = _parts(text)
	if parts is None or not _GROUPED[mark].fullmatch(parts.digits):
		raise InvalidData("{0} is not an amount", text.strip() or "–")
	other = MARKS[mark == ","]
	value = Decimal(parts.digits.translate(_SEPARATORS).replace(other, "").replace(mark, "."))
	return Money(-value if parts.negative else value, parts.side, parts.symbol)


def plain_money(text: str, mark: str) -> Money | None:
	"""Return an amount that is written without blanks, groups and a currency; None for any other text."""
	return Money(Decimal(text.replace(",", "."))) if _PLAIN[mark].fullmatch(text) else None


_SEPARATORS = str.maketrans("", "", " '")


def is_nothing(text: str) -> bool:
	"""Whether a text in a column of amounts says that there is none: empty, a dash, `n/a`."""
	return text.strip().lower() in _NOTHING


def amount(text: str, mark: str) -> Decimal:
	"""Return the signed value alone; see `money`."""
	return money(text, mark).value


def bare_amount(text: str, mark: str, currency: str) -> Decimal:
	"""Return the value of an amount in a format that gives amounts a sign, and no words for a side.

	Raises `InvalidData` for a side beside it, and for another currency than the one given, if that is known.
	"""
	found = money(text, mark)
	if found.side or (found.symbol and currency and code_of(found.symbol, currency) != currency):
		raise InvalidData("{0} is not an amount", text.strip())
	return found.value


def looks_like_amount(text: str) -> bool:
	"""Whether a text is an amount under one of the decimal marks."""
	if _PLAIN["."].fullmatch(text) or _PLAIN[","].fullmatch(text):
		return True
	parts = _parts(text)
	return parts is not None and any(shape.fullmatch(parts.digits) for shape in _GROUPED.values())


def _parts(text: str) -> _Parts | None:
	"""Return the digits with their separators, and what stands around them; None for what is not an amount."""
	if _WORDY.search(text):
		return None
	bare = _NO_CENTS.sub(r"\g<1>00", _BLANKS.sub(" ", text.translate(_LOOK).strip().lstrip("'")))
	found = _DRESSED.fullmatch(bare) if len(bare) <= LONGEST else None
	if not found or bool(found["open"]) != bool(found["close"]):
		return None
	symbol = (found["before"] or found["after"] or "").strip()
	signs = [found[name] for name in ("sign", "sign2", "mid", "tail") if found[name]]
	if len(signs) > 1 or (found["before"] and found["after"]) or not _is_currency(symbol):
		return None
	negative = bool(found["open"]) != ("-" in signs)
	return _Parts(found["digits"].strip(), negative, _side(found["side"] or found["side_before"]), symbol)


def _is_currency(symbol: str) -> bool:
	return (
		not symbol
		or len(symbol) != 3
		or not symbol.isalpha()
		or symbol.upper() in codes()
		or symbol in SYMBOLS
	)


def _side(text: str | None) -> int:
	if not text:
		return 0
	return 1 if text.strip().rstrip(".").upper() in ("CR", "C", "H") else -1


def possible_marks(texts: Iterable[str]) -> tuple[str, ...]:
	"""Return the decimal marks that a column does not rule out: one where an amount proves it, else both.

	A mark with three digits behind it may separate thousands: `1.234` proves nothing. Amounts without any mark read
	the same both ways: the point is returned for them. An empty tuple means that the column contradicts itself.
	"""
	votes = dict.fromkeys(MARKS, 0)
	unsure = False
	for text in texts:
		if plain := _CERTAIN.fullmatch(text):
			votes[plain[1]] += 1
			continue
		parts = _parts(text)
		proof = _proof(parts.digits) if parts else ""
		if proof:
			votes[proof] += 1
		elif parts:
			unsure = unsure or any(mark in parts.digits for mark in MARKS)
	proven = tuple(mark for mark in MARKS if votes[mark])
	if len(proven) > 1:
		return () if unsure else (max(MARKS, key=lambda mark: votes[mark]),)
	return proven or (MARKS if unsure else (".",))


def decimal_mark(texts: Iterable[str]) -> str:
	"""Return the one decimal mark that amounts allow, an empty string where both are possible."""
	marks = possible_marks(texts)
	return marks[0] if len(marks) == 1 else ""


def _proof(digits: str) -> str:
	"""Return the decimal mark that the digits prove, else an empty string."""
	fits = [mark for mark in MARKS if _GROUPED[mark].fullmatch(digits)]
	found = _LAST_MARK.search(digits)
	if not found or not fits:
		return ""
	if len(fits) == 1:
		return fits[0]
	return found.group() if len(digits) - found.end() != _THOUSAND else ""

"""JSON as providers send it: numbers with a fraction as `Decimal`, and the text of each row kept.

A number that no `Decimal` or `int` can hold is missing (None); the rest of the answer still counts.

Money never passes through a binary float. A row's own text is cut out of the answer while it is read, so that
it can be kept exactly as it came without writing it anew.
"""

from __future__ import annotations

import re
from decimal import Decimal
from json import JSONDecoder
from typing import Any

Row = tuple[Any, str]
"""A value and its text."""

_SPACE = re.compile(r"[ \t\n\r]*")
_AFTER_ELEMENT = re.compile(r"[ \t\n\r]*([,\]])[ \t\n\r]*")


def _no_number(_name: str) -> None:
	"""NaN and Infinity are no JSON: the value is missing, the rest of the answer still counts."""


_MOST_DIGITS = 400
"""Python converts up to 4,300 digits to an int, and raises beyond."""
_LARGEST_EXPONENT = 400
"""Arithmetic with a `Decimal` raises beyond the exponents of its context."""


def _integer(text: str) -> int | None:
	return int(text) if len(text) <= _MOST_DIGITS else None


def _fraction(text: str) -> Decimal | None:
	try:
		number = Decimal(text)
	except ArithmeticError:
		return None
	return number if abs(number.adjusted()) <= _LARGEST_EXPONENT else None


_DECODER = JSONDecoder(parse_float=_fraction, parse_int=_integer, parse_constant=_no_number)


def loads(text: str) -> Any:
	"""Read a whole answer. Raises `ValueError` when it is not JSON or stops short."""
	return _DECODER.decode(text)


def loads_rows(text: str, key: str | tuple[str, ...] = "resources") -> Any:
	"""Parse as `loads` does, but the lists under `key` (one, or several) of the outer object hold `Row`s.

	Where an object is under one of the keys, the lists under the keys in it hold `Row`s.
	"""
	keys = (key,) if isinstance(key, str) else key
	start = _skip(text, 0)
	if text[start : start + 1] != "{":
		return loads(text)
	found, end = _members(text, start + 1, keys)
	if _skip(text, end) != len(text):
		raise ValueError("data after the end")
	return found


def _members(text: str, at: int, keys: tuple[str, ...]) -> tuple[dict[str, Any], int]:
	found: dict[str, Any] = {}
	at = _skip(text, at)
	if text[at : at + 1] == "}":
		return found, at + 1
	while True:
		name, at = _DECODER.raw_decode(text, at)
		if not isinstance(name, str):
			raise ValueError("a member without a name")  # noqa: TRY004 (callers know ValueError as "no JSON")
		at = _skip(text, _expect(text, at, ":"))
		found[name], at = _under(text, at, keys) if name in keys else _value(text, at)
		at = _skip(text, at)
		if text[at : at + 1] == "}":
			return found, at + 1
		at = _skip(text, _expect(text, at, ","))


def _under(text: str, at: int, keys: tuple[str, ...]) -> tuple[Any, int]:
	mark = text[at : at + 1]
	if mark == "{":
		return _members(text, at + 1, keys)
	return _elements(text, at) if mark == "[" else _value(text, at)


def _value(text: str, at: int) -> tuple[Any, int]:
	return _DECODER.raw_decode(text, at)


def _elements(text: str, at: int) -> tuple[list[Row], int]:
	rows: list[Row] = []
	at = _skip(text, at + 1)
	if text[at : at + 1] == "]":
		return rows, at + 1
	while True:
		value, end = _DECODER.raw_decode(text, at)
		rows.append((value, text[at:end]))
		if text[end : end + 2] == ",{":  # most answers are written without spaces
			at = end + 1
			continue
		mark = _AFTER_ELEMENT.match(text, end)
		if mark is None:
			raise ValueError(f"the list is broken at character {end}")
		at = mark.end()
		if mark[1] == "]":
			return rows, at


def _expect(text: str, at: int, mark: str) -> int:
	at = _skip(text, at)
	if text[at : at + 1] != mark:
		raise ValueError(f"{mark} expected at character {at}")
	return at + 1


def _skip(text: str, at: int) -> int:
	match = _SPACE.match(text, at)
	return match.end() if match else at

"""JSON as providers send it: numbers with a fraction as `Decimal`, and the text of each row kept.

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


_DECODER = JSONDecoder(parse_float=Decimal, parse_constant=_no_number)


def loads(text: str) -> Any:
	"""Read a whole answer. Raises `ValueError` when it is no JSON or stops short."""
	return _DECODER.decode(text)


def loads_rows(text: str, key: str | tuple[str, ...] = "resources") -> Any:
	"""As `loads`, but the lists under `key` (one, or several) of the outer object hold `Row`s."""
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
		read = _elements if name in keys and text[at : at + 1] == "[" else _value
		found[name], at = read(text, at)
		at = _skip(text, at)
		if text[at : at + 1] == "}":
			return found, at + 1
		at = _skip(text, _expect(text, at, ","))


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

"""Texts from outside, made storable and printable."""

from __future__ import annotations

import json


def readable(text: str) -> str:
	"""Return text that UTF-8 and every database can hold.

	JSON may hold one half of a surrogate pair, written out here as `\\ud83d`, and NUL, which PostgreSQL refuses.
	"""
	return text.encode(errors="backslashreplace").decode().replace("\0", "\\x00")


def printable(text: str) -> str:
	"""Return text on one line, without what could move the cursor of a terminal or colour it."""
	return " ".join("".join(c if c.isprintable() or c.isspace() else "�" for c in text).split())


def row_as_text(raw: str) -> str:
	"""Return a row as a user reads it: the cells of a table, else the text as it came."""
	try:
		cells = json.loads(raw)["cells"]
	except (ValueError, TypeError, LookupError, RecursionError):
		return raw
	return " | ".join(str(cell) for cell in cells if cell) if isinstance(cells, list) else raw

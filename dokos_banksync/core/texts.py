"""Texts from outside, made storable and printable."""

from __future__ import annotations


def readable(text: str) -> str:
	"""Return text that UTF-8 and every database can hold.

	JSON may hold one half of a surrogate pair, written out here as `\\ud83d`, and NUL, which PostgreSQL refuses.
	"""
	return text.encode(errors="backslashreplace").decode().replace("\0", "\\x00")


def printable(text: str) -> str:
	"""Return text on one line, without what could move the cursor of a terminal or colour it."""
	return " ".join("".join(c if c.isprintable() or c.isspace() else "�" for c in text).split())

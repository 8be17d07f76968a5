"""The text of an OFX file as a stream of elements.

OFX 1 is SGML without end tags of values, OFX 2 is XML, and banks write a mixture. The scanner needs no end tags, takes
names in any case and with a namespace, CDATA sections, comments, and a `<` in a text. It reads every character once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum
from html import unescape
from typing import NamedTuple

_TOKEN = re.compile(
	r"<!--.*?(?:-->|\Z)|<!\[CDATA\[(?P<cdata>.*?)(?:\]\]>|\Z)|<[?!][^<>]*>"
	r"|<(?P<close>/?)(?P<name>[A-Za-z][\w.:-]{0,63})(?P<rest>(?:[\s/][^<>]*)?)>|(?P<text>[^<]+|<)",
	re.DOTALL,
)
_BREAKS = frozenset(("BR", "P"))


class What(Enum):
	"""Kinds of tokens."""

	OPEN = "open"
	CLOSE = "close"
	VALUE = "value"


class Token(NamedTuple):
	"""A tag, or a tag with the text that follows it (`VALUE`). Names are upper-case and without a namespace."""

	what: What
	name: str
	text: str = ""


def tokens(text: str) -> Iterator[Token]:
	"""Yield the tags in order. A tag is a value when text follows it, else it is open, whatever the bank meant."""
	name, pieces = "", list[str]()
	for found in _TOKEN.finditer(text):
		tag = found["name"]
		if tag is None:
			if name and (piece := _piece(found["cdata"], found["text"])):
				pieces.append(piece)
			continue
		tag = tag.rpartition(":")[2].upper()
		if name and tag in _BREAKS:
			pieces.append(" ")
			continue
		if name:
			yield _closed(name, pieces)
			name, pieces = "", []
		if found["close"]:
			yield Token(What.CLOSE, tag)
		elif found["rest"].endswith("/"):
			yield Token(What.VALUE, tag)
		else:
			name = tag
	if name:
		yield _closed(name, pieces)


def _piece(cdata: str | None, text: str | None) -> str:
	"""SGML leaves entities to the reader, and banks write a bare & beside them; CDATA has none."""
	if text is None:
		return cdata or ""
	return unescape(text) if "&" in text else text


def _closed(name: str, pieces: list[str]) -> Token:
	text = " ".join("".join(pieces).split())
	return Token(What.VALUE, name, text) if text else Token(What.OPEN, name)

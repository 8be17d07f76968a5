"""SWIFT MT940 (customer statement) and MT942 (interim transaction report).

Source: SWIFT Standards MT, category 9, field specifications of :20: :25: :28C: :34F: :60a: :61: :62a: :86: :90a:
(https://www2.swift.com/knowledgecentre). The sub-fields of :86: are agreed by each country's banks: see `details`.

The library mt-940 (BSD) was considered. It raises for a whole file at the first field that it cannot read, joins the
statements of a file into one, and lets a :61: without a transaction type be overwritten by the one that follows it.
Here every field is accounted for: it is a line, a refused row, or a control value.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from dokos_banksync.core.errors import InvalidData
from dokos_banksync.statements.contract import ReadingOptions, Statement
from dokos_banksync.statements.mt940.messages import TAGS, Field, read_messages
from dokos_banksync.statements.parts import join
from dokos_banksync.statements.text import decode

_HEAD = 8_192
"""Bytes in which a message must begin."""
_BEGINS = re.compile(r"^(?:\{4:\s*)?:20:", re.MULTILINE)
_ACCOUNT = re.compile(r"^:25P?:", re.MULTILINE)
_LINES_BEFORE = 6
"""Some banks put an envelope of a few lines before the first field."""
_TRANSMISSION = str.maketrans("", "", "\x01\x02\x03\x04\x1a")
"""Control characters around a message, of the line that it was sent on."""
_FIELD = re.compile(r"^(?:\{4:)?:(\d\d[A-Z]?|NS):", re.MULTILINE)
_END = re.compile(r"^-\}?[ \t]*(?:\{5:.*)?$|^\{1:.*$", re.MULTILINE)


def knows(content: bytes) -> bool:
	"""Whether lines near the start begin with the fields :20: and :25:, before any other field."""
	head = content[:_HEAD].decode("latin-1").replace("\r\n", "\n").replace("\r", "\n")
	begins = _BEGINS.search(head)
	if not begins or head.count("\n", 0, begins.start()) > _LINES_BEFORE:
		return False
	return bool(_ACCOUNT.search(head, begins.end()))


def read(content: bytes, options: ReadingOptions) -> Statement:
	"""Raises `InvalidData` for bytes that are no text, and for more rows than allowed."""
	text, _, remarks = decode(content)
	found = read_messages(_fields(text.translate(_TRANSMISSION)), options)
	joined = join(found.parts)
	return Statement(found.format, joined.accounts, (*remarks, *found.remarks, *joined.remarks))


class _Mark(NamedTuple):
	tag: str
	start: int
	end: int


def _fields(text: str) -> Iterator[Field]:
	"""Yield the fields of the file. What stands before the first one, or after the end of a message, is envelope."""
	text = text.replace("\r\n", "\n").replace("\r", "\n")
	marks = [
		_Mark(found[1], found.start(), found.end()) for found in _FIELD.finditer(text) if found[1] in TAGS
	]
	if not marks:
		raise InvalidData("The MT940 file is cut off: download it again")
	ends = [found.start() for found in _END.finditer(text)]
	ends.append(len(text))
	at = 0
	for mark, after in zip(marks, [*(mark.start for mark in marks[1:]), len(text)], strict=True):
		while ends[at] < mark.start:
			at += 1
		end = min(after, ends[at])
		yield Field(mark.tag, text[mark.end : end].strip("\n"), is_last=end == len(text))

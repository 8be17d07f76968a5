"""The lines of a text, without a copy of all of them."""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterator

from dokos_banksync.core.read_sequence import ReadSequence

LINE_BREAK = re.compile(r"\r\n|\n|\r")
_BLOCK = 1 << 18
"""Characters that are split at a time."""


def lines_of(text: str) -> Iterator[str]:
	"""Yield the lines of a text; no empty one behind the last line break."""
	first = 0
	while first < len(text):
		end = text.find("\n", first + _BLOCK) + 1 or len(text)
		lines = LINE_BREAK.split(text[first:end])
		if not lines[-1]:
			lines.pop()
		yield from lines
		first = end


class TextLines(ReadSequence[str]):
	"""The lines of a text by their number."""

	def __init__(self, text: str) -> None:
		self._text = text
		self._starts, self._ends = array("Q"), array("Q")
		first = 0
		for found in LINE_BREAK.finditer(text):
			self._starts.append(first)
			self._ends.append(found.start())
			first = found.end()
		if first < len(text):
			self._starts.append(first)
			self._ends.append(len(text))

	def __len__(self) -> int:
		return len(self._starts)

	def _read(self, place: int) -> str:
		return self._text[self._starts[place] : self._ends[place]]

"""Ids for rows that have none, or one that is not theirs alone."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from itertools import pairwise

_FEW = 2
_BYTES = 10
"""Of the digest of a row."""


class Ids:
	"""Makes an id of a row's text and of how many equal rows stand before it in the file.

	The id does not depend on the mapping: a file that is read again with another mapping has the same ids, so that
	wrong rows are corrected instead of doubled.
	"""

	def __init__(self) -> None:
		self._seen: dict[bytes, int] = {}

	def of(self, parts: Sequence[str]) -> str:
		"""Return the id of the next row with these cells."""
		return self.of_text("\x1f".join(map(str.strip, parts)))

	def of_text(self, text: str) -> str:
		"""Return the id of the next row with this text: its cells without blanks around them, joined by `\\x1f`."""
		key = sha256(text.encode("utf-8", "replace")).digest()[:_BYTES]
		count = self._seen[key] = self._seen.get(key, 0) + 1
		return f"{key.hex()}-{count}"


def are_row_numbers(texts: Sequence[str]) -> bool:
	"""Whether a column only counts the rows of its file, up or down: such numbers start again in the next file."""
	if not all(text.isascii() and text.isdecimal() for text in texts):
		return False
	numbers = [int(text) for text in texts]
	if len(numbers) < _FEW:
		return not numbers or len(texts[0]) <= _FEW
	steps = {after - before for before, after in pairwise(numbers)}
	return steps in ({1}, {-1}) and min(numbers) <= 1

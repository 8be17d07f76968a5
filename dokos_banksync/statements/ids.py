"""Ids for rows that have none, or one that is not theirs alone."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from hashlib import sha256
from itertools import pairwise

from dokos_banksync.core.repeated_keys import RepeatedKeys

_FEW = 2
_BYTES = 10
"""Of the digest of a row."""
_MADE = re.compile(rf"[0-9a-f]{{{2 * _BYTES}}}-\d+")


class Ids:
	"""Makes an id of a row's text and of how many equal rows stand before it in the file.

	All texts are added first; the ids are then asked for in the same order. Few bytes are kept for a row.

	The id does not depend on the mapping: a file that is read again with another mapping has the same ids, so that
	wrong rows are corrected instead of doubled.
	"""

	def __init__(self) -> None:
		self._digests = bytearray()
		self._keys = RepeatedKeys()
		self._repeated: frozenset[int] | None = None
		self._seen: Counter[bytes] = Counter()
		self._place = 0

	def add(self, text: str) -> None:
		"""Add the text of the next row."""
		digest = sha256(text.encode("utf-8", "replace")).digest()[:_BYTES]
		self._digests += digest
		self._keys.add(digest)

	def next(self) -> str:
		"""Return the id of the next row, beginning with the first one."""
		if self._repeated is None:
			self._repeated = self._keys.hashes()
		digest = bytes(self._digests[self._place : self._place + _BYTES])
		self._place += _BYTES
		if not self._repeated or hash(digest) not in self._repeated:
			return f"{digest.hex()}-1"
		self._seen[digest] += 1
		return f"{digest.hex()}-{self._seen[digest]}"


def is_made(text: str) -> bool:
	"""Return whether an id was made here, of the text of a row: it says nothing to a user."""
	return bool(_MADE.fullmatch(text))


def text_of_cells(cells: Sequence[str]) -> str:
	"""Return the text that stands for a row in its id: its cells, without blanks around them."""
	return "\x1f".join(cells)


def are_row_numbers(texts: Sequence[str]) -> bool:
	"""Whether a column only counts the rows of its file, up or down: such numbers start again in the next file."""
	if not all(text.isascii() and text.isdecimal() for text in texts):
		return False
	numbers = [int(text) for text in texts]
	if len(numbers) < _FEW:
		return not numbers or len(texts[0]) <= _FEW
	steps = {after - before for before, after in pairwise(numbers)}
	return steps in ({1}, {-1}) and min(numbers) <= 1

"""Ids for rows that have none, or one that is not theirs alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from hashlib import sha256


class Ids:
	"""Makes an id of what a row says and of how many rows before it in the file say the same.

	It is made of the row as it is written, not of how it is understood: a file that is read again with another
	mapping has the same ids, so that what was understood wrongly is put right instead of doubled.
	"""

	def __init__(self) -> None:
		self._seen: Counter[str] = Counter()

	def of(self, parts: Sequence[str]) -> str:
		key = sha256("\x1f".join(part.strip() for part in parts).encode("utf-8", "replace")).hexdigest()[:20]
		self._seen[key] += 1
		return f"{key}-{self._seen[key]}"

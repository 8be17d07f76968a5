"""Which of many keys repeat, in few bytes for each key."""

from __future__ import annotations

from array import array
from collections import Counter

_PARTS = 16
"""The keys of one part are compared at a time."""


class RepeatedKeys:
	"""Keeps a hash of 64 bits of each key that is added."""

	def __init__(self) -> None:
		self._parts = [array("q") for _ in range(_PARTS)]

	def add(self, key: str | bytes) -> None:
		"""Add a key."""
		number = hash(key)
		self._parts[number % _PARTS].append(number)

	def hashes(self) -> frozenset[int]:
		"""Return the hashes that several keys have. A key whose hash is not among them was added once."""
		found: set[int] = set()
		for part in self._parts:
			if len(set(part)) < len(part):
				found.update(number for number, count in Counter(part).items() if count > 1)
		return frozenset(found)

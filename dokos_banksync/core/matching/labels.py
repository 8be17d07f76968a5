"""What a label says, however a bank writes it: without case, accents, punctuation and spacing."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

_NOT_A_WORD = re.compile(r"[\W_]+")


class Label(NamedTuple):
	"""`CB Café 12/03` has the key `cb cafe 12 03`, and those four words."""

	key: str
	words: frozenset[str]

	def similarity(self, other: Label) -> float:
		"""Share of words that two labels have in common, from 0 to 1."""
		common = len(self.words & other.words)
		return common / max(len(self.words) + len(other.words) - common, 1)


@lru_cache(maxsize=65536)
def label_of(text: str) -> Label:
	plain = unicodedata.normalize("NFKD", text.casefold())
	key = _NOT_A_WORD.sub(" ", "".join(c for c in plain if not unicodedata.combining(c))).strip()
	return Label(key, frozenset(key.split()))


def label_key(text: str) -> str:
	return label_of(text).key


def alike(one: str, other: str) -> float:
	return label_of(one).similarity(label_of(other))

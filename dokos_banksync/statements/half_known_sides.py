"""Two short words for debit and credit of which one is known: `A` is money in on Italian statements (*avere*), out on Dutch ones (*af*)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from dokos_banksync.statements.vocabulary import key, side

_SHORT = 2
"""Letters of a word that may mean something else in a language that is not known."""
_ELSEWHERE = frozenset(("a",))
"""Known words that are the other side in another language."""


class Pair(NamedTuple):
	"""The two words as `vocabulary.key` writes them; the unknown one is empty where the column lacks it."""

	known: str
	unknown: str


def half_known(texts: Iterable[str]) -> Pair | None:
	"""Return the pair of words of a column; None where both sides are known, or a word is a long one."""
	words = {key(text) for text in texts if text.strip()}
	if not words or any(len(word) > _SHORT or not word.isalpha() for word in words):
		return None
	known = sorted(word for word in words if side(word))
	unknown = sorted(words - set(known))
	if len(known) != 1 or len(unknown) > 1 or not (unknown or known[0] in _ELSEWHERE):
		return None
	return Pair(known[0], unknown[0] if unknown else "")

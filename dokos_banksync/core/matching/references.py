"""References of transactions: two different ones of one kind make two transactions, however alike the labels."""

from __future__ import annotations

from collections.abc import Iterable

_SHORTEST = 6
"""Characters from which on a reference identifies a transaction."""
_SHAPE = str.maketrans("0123456789", "9" * 10)


def contradict(ours: Iterable[str], theirs: Iterable[str]) -> bool:
	"""Return whether some of our references and of theirs are of one kind, and in one of the two sets alone.

	References of two kinds are not compared; two of one kind have the same letters and as many digits.
	"""
	one, other = set(ours), set(theirs)
	return not _shapes(one - other).isdisjoint(_shapes(other - one))


def identifies(reference: str) -> bool:
	"""Return whether a reference identifies a transaction: it is long enough, and more than digits."""
	return len(reference) >= _SHORTEST and not reference.isdigit()


def _shapes(references: Iterable[str]) -> set[str]:
	return {text.translate(_SHAPE) for text in references if identifies(text)}

"""Which bank transactions a host makes as documents before it writes the others in bulk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TypeVar

Name = TypeVar("Name")


def samples(known: Sequence[Decimal], amounts: Mapping[Name, Decimal]) -> list[Name]:
	"""Return the rows to make as documents: two at least, one of each sign, and two different amounts where there are.

	`known` are the amounts of the documents that were made before. However many rows there are, and however many of
	them have the same amount, there are at most four samples of a bank account.
	"""
	seen = list(known)
	chosen: list[Name] = []
	for name, amount in amounts.items():
		if _are_enough(seen):
			break
		if _teaches(amount, seen):
			chosen.append(name)
			seen.append(amount)
	return chosen


def _are_enough(seen: Sequence[Decimal]) -> bool:
	return len({amount > 0 for amount in seen}) > 1 and len({abs(amount) for amount in seen}) > 1


def _teaches(amount: Decimal, seen: Sequence[Decimal]) -> bool:
	if len(seen) < 2 or all((amount > 0) != (one > 0) for one in seen):
		return True
	sizes = {abs(one) for one in seen}
	return len(sizes) == 1 and abs(amount) not in sizes

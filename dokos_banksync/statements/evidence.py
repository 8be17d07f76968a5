"""What in the file proves a reading: running balances, or an opening and a closing balance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal
from enum import Enum
from typing import NamedTuple

Pair = tuple[Decimal | None, Decimal | None]
"""The amount of a row (None where it could not be read) and the balance after it (None where there is none)."""

_ROWS = 3
"""Rows from which the balances prove the amounts in any order."""


class BalanceProof(str, Enum):
	"""What the balances say about the amounts."""

	PROVEN = "proven"
	CONTRADICTED = "contradicted"
	SILENT = "silent"
	"""There is no balance, or the same one on every row."""


class Chain(NamedTuple):
	"""The balances of the rows, one after the other. `agreed` of `links` balances follow from the one before."""

	proof: BalanceProof
	agreed: int = 0
	links: int = 0
	newest_first: bool = False
	opening: Decimal | None = None
	closing: Decimal | None = None
	breaks: tuple[int, ...] = ()
	"""Indexes of the rows whose balance does not follow."""
	both: Chain | None = None
	"""The same rows in the other order, where that is proven too."""

	@property
	def share(self) -> float:
		"""Return the share of the balances that follow."""
		return self.agreed / self.links if self.links else 0.0


def check(pairs: Sequence[Pair]) -> Chain:
	"""Return whether each balance is the one before plus the amount, oldest row first or newest row first."""
	known = [balance for _, balance in pairs if balance is not None]
	if len(known) < 2 or len(set(known)) == 1:
		return Chain(BalanceProof.SILENT)
	forward, backward = _follow(pairs, False), _follow(pairs, True)
	best = forward if forward.agreed >= backward.agreed else backward
	if not best.links:
		return Chain(BalanceProof.SILENT)
	if best.agreed == best.links:
		proven = best._replace(proof=BalanceProof.PROVEN)
		return (
			proven._replace(both=backward) if forward.agreed == backward.agreed == forward.links else proven
		)
	return _unordered(pairs) or best


def _follow(pairs: Sequence[Pair], newest_first: bool) -> Chain:
	indexes = range(len(pairs) - 1, -1, -1) if newest_first else range(len(pairs))
	before: Decimal | None = None
	opening: Decimal | None = None
	sum_, agreed, links = Decimal(0), 0, 0
	breaks = []
	for index in indexes:
		amount, balance = pairs[index]
		if amount is None:
			before, sum_ = None, Decimal(0)
			continue
		sum_ += amount
		if balance is None:
			continue
		if before is None:
			opening = balance - sum_ if opening is None and not links else opening
		else:
			links += 1
			agreed += before + sum_ == balance
			breaks += [index] if before + sum_ != balance else []
		before, sum_ = balance, Decimal(0)
	return Chain(
		proof=BalanceProof.CONTRADICTED,
		agreed=agreed,
		links=links,
		newest_first=newest_first,
		opening=opening,
		closing=before,
		breaks=tuple(breaks),
	)


def _unordered(pairs: Sequence[Pair]) -> Chain | None:
	"""Return the rows in some other order: each balance before a row is the balance after another one, but for the ends."""
	if len(pairs) < _ROWS or any(amount is None or balance is None for amount, balance in pairs):
		return None
	after = Counter(balance for _, balance in pairs)
	before: Counter[Decimal | None] = Counter(
		balance - amount for amount, balance in pairs if amount is not None and balance is not None
	)
	ends, starts = list((after - before).elements()), list((before - after).elements())
	if len(ends) != 1 or len(starts) != 1:
		return None
	return Chain(
		proof=BalanceProof.PROVEN,
		agreed=len(pairs) - 1,
		links=len(pairs) - 1,
		newest_first=False,
		opening=starts[0],
		closing=ends[0],
	)


def contradictions(
	chain: Chain, amounts: Sequence[Decimal | None], balances: Sequence[Decimal | None]
) -> Iterator[tuple[int, Decimal]]:
	"""Yield the index of each row whose balance does not follow, and what the balance before and the amount make."""
	step = 1 if chain.newest_first else -1
	for index in chain.breaks if chain.proof is BalanceProof.CONTRADICTED else ():
		before, amount = _before(balances, index, step), amounts[index]
		if before is not None and amount is not None:
			yield index, before + amount


def _before(balances: Sequence[Decimal | None], index: int, step: int) -> Decimal | None:
	index += step
	while 0 <= index < len(balances) and balances[index] is None:
		index += step
	return balances[index] if 0 <= index < len(balances) else None

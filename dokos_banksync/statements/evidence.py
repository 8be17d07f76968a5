"""What in the file proves a reading: running balances, or an opening and a closing balance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from enum import Enum
from typing import NamedTuple

from dokos_banksync.core.read_sequence import ReadSequence
from dokos_banksync.statements.amount_lists import AmountList, BalanceList

Pair = tuple[Decimal | None, Decimal | None]
"""The amount of a row (None where it could not be read) and the balance after it (None where there is none)."""


class Pairs(ReadSequence[Pair]):
	"""The amounts and balances of some rows of a table, by their places."""

	def __init__(self, amounts: AmountList, balances: BalanceList, places: Sequence[int]) -> None:
		self._amounts, self._balances, self._places = amounts, balances, places

	def __len__(self) -> int:
		return len(self._places)

	def _read(self, place: int) -> Pair:
		row = self._places[place]
		amount = self._amounts[row]
		return amount if isinstance(amount, Decimal) else None, self._balances[row]


MOST_BREAKS = 20
"""So many rows whose balance does not follow are named."""

_ROWS = 3
"""Rows from which the balances prove the amounts in any order."""


class BalanceProof(str, Enum):
	"""What the balances say about the amounts."""

	PROVEN = "proven"
	CONTRADICTED = "contradicted"
	SILENT = "silent"
	"""There is no balance, or the same one on every row."""


class Break(NamedTuple):
	"""A row whose balance does not follow: the index of the row, and what the balance before and the amounts since make."""

	row: int
	expected: Decimal


class Chain(NamedTuple):
	"""The balances of the rows, one after the other. `agreed` of `links` balances follow from the one before."""

	proof: BalanceProof
	agreed: int = 0
	links: int = 0
	newest_first: bool = False
	opening: Decimal | None = None
	closing: Decimal | None = None
	breaks: tuple[Break, ...] = ()
	"""The first of them, `MOST_BREAKS` at most."""
	reverse: Chain | None = None
	"""The same rows in the other order, of a chain that is proven in its own."""

	@property
	def share(self) -> float:
		"""Return the share of the balances that follow."""
		return self.agreed / self.links if self.links else 0.0

	def at_rows(self, indexes: Sequence[int]) -> Chain:
		"""Return the chain with the indexes of the rows that its pairs are taken from."""
		return self._replace(
			breaks=tuple(one._replace(row=indexes[one.row]) for one in self.breaks),
			reverse=self.reverse and self.reverse.at_rows(indexes),
		)


def check(pairs: Sequence[Pair]) -> Chain:
	"""Return whether each balance is the one before plus the amount, oldest row first or newest row first."""
	known = (balance for _, balance in pairs if balance is not None)
	first = next(known, None)
	if all(balance == first for balance in known):
		return Chain(BalanceProof.SILENT)
	forward, backward = _follow(pairs, newest_first=False), _follow(pairs, newest_first=True)
	best, other = (forward, backward) if forward.agreed >= backward.agreed else (backward, forward)
	if not best.links:
		return Chain(BalanceProof.SILENT)
	if best.proof is BalanceProof.PROVEN:
		return best._replace(reverse=other)
	return _unordered(pairs) or best


def _follow(pairs: Sequence[Pair], *, newest_first: bool) -> Chain:
	"""Return the balances in one order of the rows: proven where all follow, else contradicted."""
	indexes = range(len(pairs) - 1, -1, -1) if newest_first else range(len(pairs))
	before: Decimal | None = None
	opening: Decimal | None = None
	sum_, agreed, links = Decimal(0), 0, 0
	breaks: list[Break] = []
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
			if before + sum_ != balance and len(breaks) < MOST_BREAKS:
				breaks.append(Break(index, before + sum_))
		before, sum_ = balance, Decimal(0)
	return Chain(
		proof=BalanceProof.PROVEN if links and agreed == links else BalanceProof.CONTRADICTED,
		agreed=agreed,
		links=links,
		newest_first=newest_first,
		opening=opening,
		closing=before,
		breaks=tuple(breaks),
	)


def _unordered(pairs: Sequence[Pair]) -> Chain | None:
	"""Return the rows in some other order: each balance before a row is the balance after another one, but for the ends."""
	known = [(amount, balance) for amount, balance in pairs if amount is not None and balance is not None]
	if len(pairs) < _ROWS or len(known) < len(pairs):
		return None
	moves = [(balance - amount, balance) for amount, balance in known]
	after, before = Counter(end for _, end in moves), Counter(start for start, _ in moves)
	ends, starts = list((after - before).elements()), list((before - after).elements())
	if len(ends) != 1 or len(starts) != 1 or not _are_connected(moves):
		return None
	return Chain(
		proof=BalanceProof.PROVEN,
		agreed=len(pairs) - 1,
		links=len(pairs) - 1,
		opening=starts[0],
		closing=ends[0],
	)


def _are_connected(moves: Sequence[tuple[Decimal, Decimal]]) -> bool:
	"""Whether rows, from one balance to another, make one path: a row of 0.00 beside any balance follows from itself."""
	parents: dict[Decimal, Decimal] = {}
	for start, end in moves:
		parents[_root(parents, start)] = _root(parents, end)
	return len({_root(parents, start) for start, _ in moves}) == 1


def _root(parents: dict[Decimal, Decimal], balance: Decimal) -> Decimal:
	"""Return the representative of the balances that are connected with one (disjoint sets)."""
	while (parent := parents.setdefault(balance, balance)) != balance:
		parents[balance] = parents[parent]
		balance = parent
	return balance

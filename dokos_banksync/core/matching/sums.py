"""A transaction that one source gives as one sum (a batch of payments, a settlement of a day) and another one in its parts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import chain, combinations, permutations
from typing import NamedTuple, TypeVar

from dokos_banksync.core.matching.labels import label_key, label_of
from dokos_banksync.core.model import ExistingTransaction, Line

FEWEST_PARTS = 2
MOST_SEARCHED = 12
"""Rows of one side of which every selection is added up; of more of them, all rows or all of one label."""
_FEE, _FIXED_FEE = Decimal("0.1"), Decimal("0.5")
"""What a fee is at most: a part of the amount, or of a small amount the fixed part of the fee."""
_TAX = Decimal("0.4")
"""The part of interest or a dividend that a tax on it is at most."""
_TAXES = frozenset(
	[
		"steuer",
		"kapitalertragsteuer",
		"kapst",
		"kest",
		"quellensteuer",
		"solidaritatszuschlag",
		"solz",
		"zinsabschlagsteuer",
		"verrechnungssteuer",
		"tax",
		"withholding",
		"impot",
		"prelevements",
		"csg",
		"ritenuta",
		"imposta",
		"retencion",
		"irpf",
		"precompte",
		"mobilier",
		"voorheffing",
		"dividendbelasting",
		"bronbelasting",
		"retencao",
		"podatek",
		"kallskatt",
	]
)
"""Words of the label of such a tax, normalised, in the languages of the banks whose statements are read."""

Row = TypeVar("Row", Line, ExistingTransaction)

Finder = Callable[[Decimal], Sequence[Row]]
"""Returns the rows of which an amount consists, none where it does not."""


class Sum(NamedTuple):
	"""Rows of one source, and the bank transactions of others that have the same sum: one of the two sides is one row."""

	lines: Sequence[Line]
	transactions: Sequence[ExistingTransaction]


def equal_sums(
	lines: Iterable[Line], known: Iterable[ExistingTransaction], *, whole: bool = False
) -> Iterator[Sum]:
	"""Yield the sums of one day; no row is in two of them. The lines and the bank transactions are those that have no
	counterpart in the other source. A gross amount and its fee are the parts of the net amount.

	With `whole`, all rows of one sign are one sum, or none are: where each source may have a part of the day only, both have
	rows that the other lacks, and some of these have equal sums by accident.
	"""
	left = _Left(list(lines), list(known))
	for positive in (True, False):
		yield from left.of_sign(positive, whole=whole)
	if not whole or len(left.mine) + len(left.theirs) == 1 + FEWEST_PARTS:
		yield from left.of_fees()


class _Left:
	"""The rows that are in no sum yet."""

	def __init__(self, mine: list[Line], theirs: list[ExistingTransaction]) -> None:
		self.mine, self.theirs = mine, theirs

	def of_sign(self, positive: bool, *, whole: bool) -> Iterator[Sum]:
		"""Yield the sums of the rows that are all money in, or all money out."""
		mine, theirs = _of_sign(self.mine, positive), _of_sign(self.theirs, positive)
		if whole and (1 not in (len(mine), len(theirs)) or _total(mine) != _total(theirs)):
			return
		yield from self._found(mine, theirs, _parts_of, _parts_of)

	def of_fees(self) -> Iterator[Sum]:
		"""Yield the sums of an amount and its fee."""
		yield from self._found(list(self.mine), list(self.theirs), _with_fee, _with_fee)

	def _found(
		self,
		mine: list[Line],
		theirs: list[ExistingTransaction],
		parts: Callable[[Sequence[ExistingTransaction]], Finder[ExistingTransaction]],
		pieces: Callable[[Sequence[Line]], Finder[Line]],
	) -> Iterator[Sum]:
		find_parts = parts(theirs)
		for line in list(mine):
			if others := find_parts(line.amount):
				mine, theirs = _without(mine, [line]), _without(theirs, others)
				find_parts = parts(theirs)
				yield self._take([line], others)
		find_pieces = pieces(mine)
		for transaction in theirs:
			if own := find_pieces(transaction.amount):
				mine = _without(mine, own)
				find_pieces = pieces(mine)
				yield self._take(own, [transaction])

	def _take(self, lines: Sequence[Line], transactions: Sequence[ExistingTransaction]) -> Sum:
		self.mine, self.theirs = _without(self.mine, lines), _without(self.theirs, transactions)
		return Sum(lines, transactions)


def _of_sign(rows: Iterable[Row], positive: bool) -> list[Row]:
	return [one for one in rows if (one.amount > 0) is positive]


def _without(rows: Iterable[Row], taken: Iterable[Row]) -> list[Row]:
	ids = set(map(id, taken))
	return [one for one in rows if id(one) not in ids]


def _parts_of(rows: Sequence[Row]) -> Finder[Row]:
	"""Return what finds the rows that add up to an amount: all of them, all of one label, or the fewest; none where there are
	none. All is added up once, as there may be thousands of amounts.
	"""
	if len(rows) < FEWEST_PARTS:
		return _nothing
	found: dict[Decimal, Sequence[Row]] = {_total(rows): rows}
	for own in chain(_of_one_label(rows), _selections(rows)):
		found.setdefault(_total(own), own)
	return lambda amount: found.get(amount, ()) if amount else ()


def _nothing(_amount: Decimal) -> tuple[()]:
	return ()


def _of_one_label(rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
	"""Yield all rows of one label, or of one first word, where there are several: `VIR DUPONT` and `VIREMENT MARTIN`."""
	groups: dict[tuple[int, str], list[Row]] = {}
	for row in rows:
		groups.setdefault((0, label_key(row.original)), []).append(row)
		groups.setdefault((1, label_of(row.original).text.partition(" ")[0]), []).append(row)
	yield from (own for own in groups.values() if len(own) >= FEWEST_PARTS)


def _selections(rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
	"""Yield each selection of a few rows, the smallest first."""
	if len(rows) <= MOST_SEARCHED:
		for size in range(FEWEST_PARTS, len(rows)):
			yield from combinations(rows, size)


def _with_fee(rows: Sequence[Row]) -> Finder[Row]:
	"""Return what finds a gross amount and its fee, or the tax on it, which is money out, by the net amount."""
	found: dict[Decimal, Sequence[Row]] = {}
	for gross, fee in permutations(rows, FEWEST_PARTS) if len(rows) <= MOST_SEARCHED else ():
		if _is_fee(fee, gross):
			found.setdefault(gross.amount + fee.amount, (gross, fee))
	return lambda amount: found.get(amount, ())


def _is_fee(fee: Row, gross: Row) -> bool:
	is_tax = not _TAXES.isdisjoint(label_of(fee.original).words)
	most = max(_FEE * gross.amount, _FIXED_FEE, _TAX * gross.amount if is_tax else 0)
	return 0 < -fee.amount <= most and -fee.amount < gross.amount


def _total(rows: Iterable[Row]) -> Decimal:
	return sum((row.amount for row in rows), Decimal())

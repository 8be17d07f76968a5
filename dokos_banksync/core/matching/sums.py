"""A transaction that one source gives as one sum (a batch of payments, a settlement of a day) and another one in its parts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import combinations
from typing import NamedTuple, TypeVar

from dokos_banksync.core.matching.exact import label_key
from dokos_banksync.core.model import ExistingTransaction, Line

FEWEST_PARTS = 2
MOST_SEARCHED = 12
"""Rows of one side of which every selection is added up; of more of them, all rows or all of one label."""

Row = TypeVar("Row", Line, ExistingTransaction)


class Sum(NamedTuple):
	"""Rows of one source, and the bank transactions of others that have the same sum: one of the two sides is one row."""

	lines: Sequence[Line]
	transactions: Sequence[ExistingTransaction]


def equal_sums(
	lines: Iterable[Line], known: Iterable[ExistingTransaction], *, whole: bool = False
) -> Iterator[Sum]:
	"""Yield the sums of one day; no row is in two of them. The lines and the bank transactions are those that have no
	counterpart in the other source.

	With `whole`, all of either side are one sum, or none are: where each source may have a part of the day only, both have
	rows that the other lacks, and some of these have equal sums by accident.
	"""
	for positive in (True, False):
		mine = [one for one in lines if (one.amount > 0) is positive]
		theirs = [one for one in known if (one.amount > 0) is positive]
		if whole and (1 not in (len(mine), len(theirs)) or _total(mine) != _total(theirs)):
			continue
		for line in list(mine):
			if parts := _parts_of(line.amount, theirs):
				yield Sum([line], parts)
				mine.remove(line)
				theirs = [one for one in theirs if one not in parts]
		for transaction in theirs:
			if pieces := _parts_of(transaction.amount, mine):
				yield Sum(pieces, [transaction])
				mine = [one for one in mine if one not in pieces]


def _parts_of(amount: Decimal, rows: Sequence[Row]) -> Sequence[Row]:
	"""Return the rows that add up to an amount: all of them, all of one label, or the fewest; none where there are none."""
	if len(rows) < FEWEST_PARTS or amount == 0:
		return ()
	if _total(rows) == amount:
		return rows
	return _parts_of_label(amount, rows) or _selection(amount, rows)


def _parts_of_label(amount: Decimal, rows: Sequence[Row]) -> Sequence[Row]:
	groups: dict[str, list[Row]] = {}
	for row in rows:
		groups.setdefault(label_key(row.original), []).append(row)
	return next((own for own in groups.values() if len(own) >= FEWEST_PARTS and _total(own) == amount), ())


def _selection(amount: Decimal, rows: Sequence[Row]) -> Sequence[Row]:
	if len(rows) > MOST_SEARCHED:
		return ()
	sizes = range(FEWEST_PARTS, len(rows))
	return next((own for size in sizes for own in combinations(rows, size) if _total(own) == amount), ())


def _total(rows: Iterable[Row]) -> Decimal:
	return sum((row.amount for row in rows), Decimal())

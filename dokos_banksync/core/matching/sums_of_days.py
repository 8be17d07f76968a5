"""Sums of rows of several days: a payout of what was sold since the last one, an amount whose fee is booked later."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from itertools import product
from typing import TypeVar

from dokos_banksync.core.matching.fuzzy import NEAR_DAYS
from dokos_banksync.core.matching.sums import FEWEST_PARTS, Row, Sum
from dokos_banksync.core.model import ExistingTransaction, Line

_Other = TypeVar("_Other", Line, ExistingTransaction)


def sums_of_days(
	lines: Mapping[date, Sequence[Line]], known: Mapping[date, Sequence[ExistingTransaction]]
) -> Iterator[Sum]:
	"""Yield the sums of rows that no other sum has, by day. Equal sums by accident are many among so many rows: one row has
	to be the only one of its sign within a few days, and the sum of all those of the other side.
	"""
	for line, parts in _sums(lines, known):
		yield Sum([line], parts)
	for transaction, own in _sums(known, lines):
		yield Sum(own, [transaction])


def _sums(
	singles: Mapping[date, Sequence[Row]], others: Mapping[date, Sequence[_Other]]
) -> Iterator[tuple[Row, list[_Other]]]:
	for day, positive in product([day for day, rows in singles.items() if rows], (True, False)):
		alone = _near(singles, day, positive=positive)
		if len(alone) != 1 or alone[0].date != day:
			continue
		parts = _near(others, day, positive=positive)
		total = sum((part.amount for part in parts), Decimal())
		if total == alone[0].amount and len({part.date for part in parts}) >= FEWEST_PARTS:
			yield alone[0], parts


def _near(rows: Mapping[date, Sequence[Row]], day: date, *, positive: bool) -> list[Row]:
	days = range(day.toordinal() - NEAR_DAYS, day.toordinal() + NEAR_DAYS + 1)
	real = (date.fromordinal(number) for number in days if 1 <= number <= date.max.toordinal())
	near = (one for other in real for one in rows.get(other, ()))
	return [one for one in near if (one.amount > 0) is positive]

"""The balance of an account over time, and its money in and out by month."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from dokos_banksync.core.records import PastCheck

Turnover = Sequence[tuple[date, Decimal, Decimal, int]]
"""By day: money in, money out (negative), how many."""


class BalancePoint(NamedTuple):
	"""The balance at the end of a day; None where it is not known."""

	day: date
	balance: Decimal | None
	at_bank: Decimal | None


class MonthSum(NamedTuple):
	"""What a month moved; `money_out` is negative."""

	first: date
	money_in: Decimal
	money_out: Decimal
	transactions: int


def balances(
	before: Decimal | None,
	known_from: date | None,
	turnover: Turnover,
	at_bank: Mapping[date, Decimal],
	last: date,
) -> list[BalancePoint]:
	"""Return a point for each day with movements or with a balance of the bank, and for the last day.

	`before` is the balance before the first day of `turnover`, None where it is unknown. Days before `known_from`, the
	day of the opening balance, have no balance of ours.
	"""
	moved = {day: money_in + money_out for day, money_in, money_out, _ in turnover if day <= last}
	points, balance = [], before
	for day in sorted({*moved, *(day for day in at_bank if day <= last), last}):
		balance = None if balance is None else balance + moved.get(day, Decimal())
		known = known_from is None or day >= known_from
		points.append(BalancePoint(day, balance if known else None, at_bank.get(day)))
	return points


def bank_balances(checks: Sequence[PastCheck], first: date) -> dict[date, Decimal]:
	"""Return the balances that the bank gave from a day on, the last one of each day.

	A balance without a day counts for the day (UTC) on which it was compared.
	"""
	found = {one.check.day or one.at.date(): one.check.bank_balance for one in checks}
	return {day: balance for day, balance in found.items() if day >= first}


def months(turnover: Turnover, first: date, last: date) -> list[MonthSum]:
	"""Return the sums of each month from that of `first` to that of `last`, empty months too."""
	sums = {month: MonthSum(month, Decimal(), Decimal(), 0) for month in _months(first, last)}
	for day, money_in, money_out, count in turnover:
		month = day.replace(day=1)
		if month in sums:
			old = sums[month]
			sums[month] = MonthSum(
				month, old.money_in + money_in, old.money_out + money_out, old.transactions + count
			)
	return list(sums.values())


def _months(first: date, last: date) -> Iterator[date]:
	month = first.replace(day=1)
	while month <= last:
		yield month
		month = (month + timedelta(days=31)).replace(day=1)


def year_before(last: date) -> date:
	"""Return the first day of the eleventh month before that of `last`: twelve months in all."""
	return (last.replace(day=1) - timedelta(days=334)).replace(day=1)

"""The balance over time, and sums by month."""

from __future__ import annotations

from datetime import date, datetime, timezone
from decimal import Decimal

from dokos_banksync.core.records import BalanceCheck, PastCheck
from dokos_banksync.core.review.timeline import (
	BalancePoint,
	MonthSum,
	balances,
	bank_balances,
	months,
	year_before,
)

MAY, JUNE = date(2026, 5, 30), date(2026, 6, 2)
TURNOVER = [(MAY, Decimal(100), Decimal(-30), 2), (JUNE, Decimal(0), Decimal(-5), 1)]
LAST = date(2026, 6, 4)


def check(day: date | None, at: datetime, balance: int) -> PastCheck:
	zero = Decimal()
	return PastCheck(
		"run", at, BalanceCheck("A", "EUR", zero, zero, Decimal(balance), zero, complete=True, day=day)
	)


def test_the_balance_follows_the_movements_and_the_bank_stands_beside_it() -> None:
	found = balances(Decimal(10), None, TURNOVER, {date(2026, 6, 1): Decimal(81)}, LAST)
	assert found == [
		BalancePoint(MAY, Decimal(80), None),
		BalancePoint(date(2026, 6, 1), Decimal(80), Decimal(81)),
		BalancePoint(JUNE, Decimal(75), None),
		BalancePoint(LAST, Decimal(75), None),
	]


def test_without_an_opening_balance_none_is_invented() -> None:
	found = balances(None, None, TURNOVER, {JUNE: Decimal(7)}, LAST)
	assert [(one.balance, one.at_bank) for one in found] == [(None, None), (None, Decimal(7)), (None, None)]


def test_days_before_the_opening_balance_have_none() -> None:
	found = balances(Decimal(10), date(2026, 6, 1), TURNOVER, {}, LAST)
	assert [one.balance for one in found] == [None, Decimal(75), Decimal(75)]


def test_days_to_come_are_left_out() -> None:
	found = balances(Decimal(0), None, TURNOVER, {JUNE: Decimal(1)}, MAY)
	assert found == [BalancePoint(MAY, Decimal(70), None)]


def test_the_last_balance_of_a_day_counts_and_one_without_a_day_is_of_its_check() -> None:
	morning, evening = (datetime(2026, 6, 2, hour, tzinfo=timezone.utc) for hour in (8, 20))
	found = bank_balances([check(None, morning, 1), check(None, evening, 2), check(MAY, evening, 3)], MAY)
	assert found == {JUNE: Decimal(2), MAY: Decimal(3)}
	assert bank_balances([check(MAY, evening, 3)], JUNE) == {}


def test_months_without_movements_are_there_too() -> None:
	assert months(TURNOVER, date(2026, 4, 15), LAST) == [
		MonthSum(date(2026, 4, 1), Decimal(0), Decimal(0), 0),
		MonthSum(date(2026, 5, 1), Decimal(100), Decimal(-30), 2),
		MonthSum(date(2026, 6, 1), Decimal(0), Decimal(-5), 1),
	]


def test_twelve_months_with_the_present_one() -> None:
	assert year_before(date(2026, 11, 28)) == date(2025, 12, 1)
	assert year_before(date(2026, 1, 31)) == date(2025, 2, 1)
	assert year_before(date(2025, 2, 28)) == date(2024, 3, 1)
	assert year_before(date(2024, 12, 31)) == date(2024, 1, 1)

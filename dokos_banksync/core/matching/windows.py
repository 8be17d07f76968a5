"""Which days are fetched and imported."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from operator import attrgetter

from dokos_banksync.core.matching.fuzzy import NEAR_DAYS
from dokos_banksync.core.matching.labels import ALIKE
from dokos_banksync.core.model import ExistingTransaction, Line, Reason, Window

ONE_DAY = timedelta(days=1)

LISTED_DAYS = 6
"""How many days possible duplicates are apart at most: a purchase and its booking, over a weekend with a holiday."""


def may_be_listed(days: int, label: float) -> bool:
	"""Return whether two of one amount, so many days apart, are possible duplicates: under any label if they are near,
	else with labels of at least the similarity `ALIKE`.
	"""
	return days <= NEAR_DAYS or (days <= LISTED_DAYS and label >= ALIKE)


def around(lines: Iterable[Line], reach: timedelta) -> list[Window]:
	"""Return the days near each line, amount by amount. No two windows of an amount have a day in common."""
	found: list[Window] = []
	for line in sorted(lines, key=attrgetter("amount", "date")):
		first, last = line.date - reach, line.date + reach
		before = found[-1] if found else None
		if before and before.amount == line.amount and first <= before.last:
			found[-1] = before._replace(last=last)
		else:
			found.append(Window(line.amount, first, last))
	return found


def start_date(chosen: date | None, last_day: date | None, lock_date: date | None) -> date | None:
	"""Return the first day to import: the chosen one; else the day after the last bank transaction; else None
	(all there is). Never a day of a locked period.
	"""
	start = chosen or (last_day + ONE_DAY if last_day else None)
	if lock_date and (start is None or start <= lock_date):
		return lock_date + ONE_DAY
	return start


def is_closed(day: date, lock_date: date | None) -> bool:
	"""Return whether a day is in a closed period; `lock_date` is the last day of it, None without one."""
	return lock_date is not None and day <= lock_date


def reason_not_imported(line: Line, start: date | None, lock_date: date | None, currency: str) -> Reason:
	"""Return why a booked line may not become a bank transaction now, or `Reason.NONE`."""
	if line.currency != currency:
		return Reason.CURRENCY
	if start and line.date < start:
		return Reason.BEFORE_START
	if is_closed(line.date, lock_date):
		return Reason.LOCKED
	return Reason.NONE


def kept_when_removed(transaction: ExistingTransaction, lock_date: date | None) -> str:
	"""Return why a bank transaction stays although the bank removed its line; empty where it goes."""
	if transaction.reconciled:
		return "Its bank transaction is reconciled and was kept"
	if is_closed(transaction.date, lock_date):
		return "Its bank transaction is in a closed period and was kept"
	return ""

"""Which days of an account were asked for, and what came: fetched, empty, failed, never asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from enum import Enum
from typing import NamedTuple, Protocol

from dokos_banksync.core.records import Covered

_ONE_DAY = timedelta(days=1)


class DayState(str, Enum):
	"""What is known of one day of an account. Of several askings the best counts."""

	FETCHED = "Fetched"
	"""Asked for with success, and there are bank transactions."""
	EMPTY = "Nothing that day"
	"""Asked for with success, and there is none."""
	FAILED = "Failed so far"
	"""Asked for, and never with success."""
	NEVER = "Never asked"


class Stretch(NamedTuple):
	"""Days in a row of one state, and how many bank transactions there are on them."""

	first: date
	last: date
	state: DayState
	transactions: int

	@property
	def days(self) -> int:
		"""Return how many days the stretch has."""
		return (self.last - self.first).days + 1


class CoverageLedger(Protocol):
	"""The part of `core.ledger.Ledger` that is used here."""

	def cover(self, covered: Sequence[Covered]) -> None:
		"""Record days that a source was read for."""
		...

	def covered(self, bank_account: str) -> list[Covered]:
		"""Return the recorded days of a bank account."""
		...

	def first_day(self, bank_account: str) -> date | None:
		"""Return the day of the first transaction, or None."""
		...


def strip(covered: Sequence[Covered], counts: Mapping[date, int], first: date, last: date) -> list[Stretch]:
	"""Return the days from `first` to `last`, in periods of one state."""
	stretches: list[Stretch] = []
	for day in _days(first, last):
		state = _state(covered, counts, day)
		if stretches and stretches[-1].state is state:
			before = stretches.pop()
			stretches.append(Stretch(before.first, day, state, before.transactions + counts.get(day, 0)))
		else:
			stretches.append(Stretch(day, day, state, counts.get(day, 0)))
	return stretches


def _days(first: date, last: date) -> Iterator[date]:
	while first <= last:
		yield first
		first += _ONE_DAY


def _state(covered: Sequence[Covered], counts: Mapping[date, int], day: date) -> DayState:
	on_day = [one.complete for one in covered if one.first <= day <= one.last]
	if any(on_day):
		return DayState.FETCHED if counts.get(day) else DayState.EMPTY
	return DayState.FAILED if on_day else DayState.NEVER

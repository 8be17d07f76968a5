"""A movement: money that truly came or went on an account, as its bank booked it."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal


@dataclass(frozen=True)
class Movement:
	"""One booked movement. `cents` is signed: money in is positive.

	`key` names it for good within its account. `category` is a word of the world; each provider's face
	translates it. `announced` days before it books the bank already shows it as a coming one, with
	`announced_cents` when that amount differs; `rebooks` tells that the booked one is then a new row.
	"""

	key: str
	day: date
	cents: int
	label: str
	clean: str
	category: str
	operation: str = "unknown"
	bought: date | None = None
	announced: int = 0
	announced_cents: int | None = None
	rebooks: bool = False

	@property
	def amount(self) -> Decimal:
		"""Return the signed amount."""
		return Decimal(self.cents).scaleb(-2)


@dataclass(frozen=True)
class Draft:
	"""A movement before it has a day and a key."""

	cents: int
	label: str
	clean: str
	category: str
	operation: str = "unknown"
	bought_before: int = 0
	announced: int = 0
	announced_cents: int | None = None
	rebooks: bool = False

	def booked(self, key: str, day: date) -> Movement:
		"""Return the movement of this draft, booked on a day."""
		bought = day - timedelta(days=self.bought_before) if self.operation == "card" else None
		return Movement(
			key, day, cents=self.cents, label=self.label, clean=self.clean, category=self.category, operation=self.operation, bought=bought,
			announced=self.announced, announced_cents=self.announced_cents, rebooks=self.rebooks,
		)  # fmt: skip


@dataclass(frozen=True)
class Monthly:
	"""Something that falls due on a day of the month, or on the Monday after a weekend. Amounts in cents."""

	on: int
	label: str
	clean: str
	low: int
	high: int
	category: str
	operation: str = "direct_debit"
	announced: int = 0
	months: tuple[int, ...] = ()

	def drafts(self, day: date, rng: random.Random) -> Iterator[Draft]:
		"""Yield the movements that fall on a day."""
		if (self.months and day.month not in self.months) or not is_due(day, self.on):
			return
		cents = rng.randint(self.low, self.high)
		label = self.label.format(month=f"{day:%m%y}", ref=rng.randrange(10**6))
		yield Draft(
			cents,
			label,
			clean=self.clean,
			category=self.category,
			operation=self.operation,
			announced=self.announced,
		)


def is_due(day: date, on: int) -> bool:
	"""Is it the first working day from the given day of this month on?"""
	if day.weekday() > 4:
		return False
	nominal = [day - timedelta(days=back) for back in range(3 if day.weekday() == 0 else 1)]
	return any(one.day == on for one in nominal)


def is_last_working_day(day: date) -> bool:
	"""Is it the last Monday-to-Friday day of its month?"""
	following = day + timedelta(days=3 if day.weekday() == 4 else 1)
	return day.weekday() < 5 and following.month != day.month

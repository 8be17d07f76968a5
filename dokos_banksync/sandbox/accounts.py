"""Accounts as they truly are at their bank: every booked movement, a balance for every day.

An account is made forward from its first day, a day at a time, each day from a seed of its own: what a day
holds does not depend on when, or how often, one asks.
"""

from __future__ import annotations

import random
from bisect import bisect_right, insort
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from dokos_banksync.sandbox.movements import Draft, Movement

DayBook = Callable[[date, random.Random], Iterable[Draft]]


@dataclass(frozen=True)
class AccountFacts:
	"""What does not change about an account. `opening_cents` is the balance before its first day."""

	key: str
	institution_id: int
	holder: str
	kind: str
	name: str
	currency: str
	iban: str | None
	pro: bool
	since: date
	opening_cents: int


@dataclass(frozen=True)
class Change:
	"""Something a bank did to a movement after the fact.

	`what` is "added", "removed", "recategorised" or "rebooked" (`key` is then the one it replaces).
	"""

	what: str
	key: str
	movement: Movement | None = None


class RealAccount:
	"""One account at its bank. `changes` is the log of what was done to it after the fact."""

	def __init__(self, facts: AccountFacts, seed: str, day_book: DayBook) -> None:
		self.facts = facts
		self.changes: list[Change] = []
		self._seed = seed
		self._day_book = day_book
		self._made_until = facts.since - timedelta(days=1)
		self._movements: list[Movement] = []

	@property
	def key(self) -> str:
		"""Return the account's key in the world."""
		return self.facts.key

	def movements(self, until: date, after: date | None = None) -> Sequence[Movement]:
		"""Booked movements of the days after one (excluded) until another (included), oldest first."""
		self._make(until)
		first = 0 if after is None else bisect_right(self._movements, after, key=_day)
		return self._movements[first : bisect_right(self._movements, until, key=_day)]

	def coming(self, today: date, horizon: int = 7) -> list[Movement]:
		"""Return movements that the bank already announces today and will book on a later day."""
		ahead = self.movements(today + timedelta(days=horizon), after=today)
		return [one for one in ahead if one.day - timedelta(days=one.announced) <= today]

	def count(self, until: date) -> int:
		"""Return the number of movements up to a day."""
		self._make(until)
		return bisect_right(self._movements, until, key=_day)

	def balance_cents(self, day: date) -> int:
		"""Return the booked balance at the end of a day, in cents."""
		return self.facts.opening_cents + sum(one.cents for one in self.movements(day))

	def balance(self, day: date) -> Decimal:
		"""Return the balance at the end of a day, signed."""
		return Decimal(self.balance_cents(day)).scaleb(-2)

	def find(self, key: str) -> Movement:
		"""KeyError when no movement of that key was made."""
		return self._movements[self._place(key)]

	def add(self, movement: Movement) -> Movement:
		"""Book one more movement, possibly on a day long gone."""
		self._make(movement.day)
		insort(self._movements, movement, key=_day)
		self.changes.append(Change("added", movement.key, movement))
		return movement

	def add_late(self, day: date, cents: int, label: str) -> Movement:
		"""Book a card payment on a past day, as a bank that received it late does."""
		movement = Movement(
			f"late.{len(self.changes)}",
			day,
			cents=cents,
			label=label,
			clean=label.title(),
			category="work_other",
			operation="card",
			bought=day,
		)
		return self.add(movement)

	def remove(self, key: str) -> Movement:
		"""Remove a movement, as a bank does that booked it by mistake."""
		removed = self._movements.pop(self._place(key))
		self.changes.append(Change("removed", key))
		return removed

	def recategorise(self, key: str, category: str) -> Movement:
		"""Give a movement another category, and record the change."""
		place = self._place(key)
		self._movements[place] = replace(self._movements[place], category=category)
		self.changes.append(Change("recategorised", key, self._movements[place]))
		return self._movements[place]

	def rebook(self, key: str, cents: int) -> Movement:
		"""Book a movement anew, with another amount and under another key."""
		place = self._place(key)
		booked = replace(self._movements[place], cents=cents, key=f"{key}'")
		self._movements[place] = booked
		self.changes.append(Change("rebooked", key, booked))
		return booked

	def _place(self, key: str) -> int:
		for place, movement in enumerate(self._movements):
			if movement.key == key:
				return place
		raise KeyError(key)

	def _make(self, until: date) -> None:
		while self._made_until < until:
			day = self._made_until + timedelta(days=1)
			rng = random.Random(f"{self._seed}|{self.key}|{day}")
			drafts = enumerate(self._day_book(day, rng))
			self._movements += [draft.booked(f"{day}.{number}", day) for number, draft in drafts]
			self._made_until = day


class BulkAccount(RealAccount):
	"""An account with as many movements as one wishes, each worked out from its number when it is asked for.

	They spread evenly from the first day to the last; nothing more is booked by itself afterwards.
	"""

	def __init__(self, facts: AccountFacts, seed: str, total: int, last_day: date) -> None:
		super().__init__(facts, seed, lambda _day, _rng: ())
		self.total = total
		self._days = (last_day - facts.since).days + 1
		rng = random.Random(f"{seed}|{facts.key}")
		self._cents = [rng.randint(-90000, 92000) for _ in range(97)]
		self._shops = [f"CLIENT {rng.randrange(10**4):04d}" for _ in range(89)]
		self._cleans = [shop.title() for shop in self._shops]
		self._sums = [sum(self._cents[:length]) for length in range(98)]

	def day_at(self, number: int) -> date:
		"""Return the day of a movement by its number."""
		return self.facts.since + timedelta(days=number * self._days // self.total)

	def number_until(self, day: date) -> int:
		"""Return how many of the numbered movements are booked up to a day, that day included."""
		return bisect_right(range(self.total), day, key=self.day_at)

	def cents_at(self, number: int) -> int:
		"""Return the signed amount in cents of a movement by its number."""
		return self._cents[number % 97]

	def label_at(self, number: int) -> str:
		"""Return the bank's label of a movement by its number."""
		return f"VIR SEPA {self._shops[number % 89]} REF {number:08d}"

	def clean_at(self, number: int) -> str:
		"""Return the short label of a movement by its number."""
		return f"{self._cleans[number % 89]} Ref {number:08d}"

	def category_at(self, number: int) -> str:
		"""Return the category of a movement by its number."""
		return "sales" if self.cents_at(number) > 0 else "work_other"

	def movement_at(self, number: int) -> Movement:
		"""Return a movement by its number."""
		return Movement(
			f"#{number}",
			self.day_at(number),
			cents=self.cents_at(number),
			label=self.label_at(number),
			clean=self.clean_at(number),
			category=self.category_at(number),
			operation="transfer",
		)

	def movements(self, until: date, after: date | None = None) -> Sequence[Movement]:
		"""Return the movements up to a day, and after another one."""
		first = 0 if after is None else self.number_until(after)
		numbered = [self.movement_at(number) for number in range(first, self.number_until(until))]
		more = super().movements(until, after)
		return sorted([*numbered, *more], key=_day) if more else numbered

	def coming(self, today: date, horizon: int = 7) -> list[Movement]:  # noqa: ARG002
		"""Return nothing: this account announces no movements."""
		return []

	def count(self, until: date) -> int:
		"""Return the number of movements up to a day."""
		return self.number_until(until) + super().count(until)

	def balance_cents(self, day: date) -> int:
		"""Return the balance at the end of a day, in signed cents."""
		rounds, rest = divmod(self.number_until(day), 97)
		numbered = rounds * self._sums[97] + self._sums[rest]
		return self.facts.opening_cents + numbered + sum(one.cents for one in super().movements(day))

	def find(self, key: str) -> Movement:
		"""Return a movement by its key."""
		return self.movement_at(int(key[1:])) if key.startswith("#") else super().find(key)

	def unnumbered(self, until: date, after: date | None = None) -> Sequence[Movement]:
		"""Return the movements beside the numbered ones."""
		return super().movements(until, after)

	def _place(self, key: str) -> int:
		if key.startswith("#"):
			raise KeyError(f"{key} is a numbered movement of a bulk account and cannot be changed")
		return super()._place(key)


def _day(movement: Movement) -> date:
	return movement.day

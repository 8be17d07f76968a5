"""Transactions as Bridge holds and writes them: https://docs.bridgeapi.io/docs/manage-your-transactions"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from dokos_banksync.sandbox.bridge.categories import IDS
from dokos_banksync.sandbox.clock import from_ms, iso
from dokos_banksync.sandbox.movements import Movement

Key = tuple[int, int]
"""Where a row stands in the order of reading: (updated_at in milliseconds, id)."""


@dataclass(frozen=True)
class Window:
	"""What a transactions call asks for. Instants in milliseconds; `after` excluded, days included."""

	after: Key = (0, 0)
	until_ms: int | None = None
	min_date: date | None = None
	max_date: date | None = None
	tombstones: bool = True

	def holds(self, row: Row) -> bool:
		"""Return whether a row belongs to the window."""
		if self.until_ms is not None and row.updated_ms >= self.until_ms:
			return False
		if row.deleted and not self.tombstones:
			return False
		after_first = self.min_date is None or row.date >= self.min_date
		return after_first and (self.max_date is None or row.date <= self.max_date)


@dataclass
class Row:
	"""One transaction row. It is never changed in place once given out: a change makes a new Row."""

	id: int
	account_id: int
	updated_ms: int
	movement: Movement
	currency: str
	dates: str
	cents: int
	category_id: int
	future: bool = False
	deleted: bool = False
	extra: dict[str, Any] = field(default_factory=dict)

	@property
	def key(self) -> Key:
		"""Return the key by which rows are ordered: change time and id."""
		return self.updated_ms, self.id

	@property
	def date(self) -> date:
		"""Return the day that Bridge gives: of booking, or of the purchase."""
		bought = self.movement.bought
		return bought if self.dates == "transaction" and bought else self.movement.day

	def as_json(self) -> dict[str, Any]:
		"""Return every documented field; what is unknown is None."""
		has_dates = self.dates != "none"
		booked = self.movement.day if has_dates and not self.future else None
		bought = self.movement.bought if has_dates else None
		return {
			"id": self.id,
			"account_id": self.account_id,
			"clean_description": self.movement.clean,
			"provider_description": self.movement.label,
			"amount": number(self.cents),
			"currency_code": self.currency,
			"date": self.date.isoformat(),
			"booking_date": booked and booked.isoformat(),
			"value_date": booked and (booked + timedelta(days=self.cents > 0)).isoformat(),
			"transaction_date": bought and bought.isoformat(),
			"updated_at": iso(from_ms(self.updated_ms)),
			"category_id": self.category_id,
			"operation_type": self.movement.operation,
			"deleted": self.deleted,
			"future": self.future,
			"bridge_payment_information": None,
			**self.extra,
		}

	@cached_property
	def encoded(self) -> str:
		"""Return the row as JSON text without nulls."""
		return json.dumps(
			{name: value for name, value in self.as_json().items() if value is not None}, ensure_ascii=False
		)


def number(cents: int) -> int | float:
	"""Return an amount as Bridge writes it: an integer when it is whole."""
	return cents // 100 if cents % 100 == 0 else cents / 100


def category_id(movement: Movement) -> int:
	"""Return the id of a movement's category."""
	return IDS[movement.category]

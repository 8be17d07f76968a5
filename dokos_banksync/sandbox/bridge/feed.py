"""The rows of one account in the order of their last change, so that no page costs a walk through them all."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from functools import lru_cache
from typing import Any, Protocol

from dokos_banksync.sandbox.accounts import BulkAccount
from dokos_banksync.sandbox.bridge.categories import IDS
from dokos_banksync.sandbox.bridge.rows import Key, Row, Window, category_id
from dokos_banksync.sandbox.bridge.rows import number as amount
from dokos_banksync.sandbox.clock import from_ms


class Feed:
	"""Rows that were written one by one. `live` finds the row that stands for a movement."""

	def __init__(self) -> None:
		self.rows: dict[int, Row] = {}
		self.live: dict[str, int] = {}
		self._keys: list[Key] = []

	def put(self, row: Row) -> Row:
		"""Write a row, or its new state."""
		old = self.rows.get(row.id)
		if old is not None:
			del self._keys[bisect_left(self._keys, old.key)]
		insort(self._keys, row.key)
		self.rows[row.id] = row
		if row.deleted:
			self.live.pop(row.movement.key, None)
		else:
			self.live[row.movement.key] = row.id
		return row

	def drop(self, row_id: int) -> Row:
		"""Forget a row without a trace."""
		row = self.rows.pop(row_id)
		del self._keys[bisect_left(self._keys, row.key)]
		self.live.pop(row.movement.key, None)
		return row

	def of(self, movement_key: str) -> Row | None:
		"""Return the present row of a movement, or None."""
		row_id = self.live.get(movement_key)
		return None if row_id is None else self.rows[row_id]

	def scan(self, window: Window) -> Iterator[tuple[Key, WrittenRow]]:
		"""Yield the rows a window asks for, in order, found as they are taken."""
		for place in range(bisect_right(self._keys, window.after), len(self._keys)):
			row = self.rows[self._keys[place][1]]
			if window.holds(row):
				yield row.key, row

	@property
	def last_ms(self) -> int:
		"""Return when the latest row changed, in milliseconds."""
		return self._keys[-1][0] if self._keys else 0


class WrittenRow(Protocol):
	"""What a page needs of a row."""

	@property
	def encoded(self) -> str:
		"""Return the row as JSON text without nulls."""

	def as_json(self) -> dict[str, Any]:
		"""Return every documented field; what is unknown is None."""


class NumberedRow:
	"""A row of a bulk account, written as text without the way through a Row: benchmarks read millions."""

	__slots__ = ("feed", "number")

	def __init__(self, feed: BulkFeed, number: int) -> None:
		self.feed, self.number = feed, number

	def as_json(self) -> dict[str, Any]:
		"""Return the row as Bridge writes it."""
		return self.feed.row(self.number).as_json()

	@property
	def encoded(self) -> str:
		"""Return the same text that the full row gives."""
		feed, place = self.feed, self.number
		account, stamp = feed.account, feed.first_ms + place
		cents, label = account.cents_at(place), account.label_at(place)
		return (
			f'{{"id": {feed.first_id + place}, "account_id": {feed.account_id}, "clean_description": '
			f'"{account.clean_at(place)}", "provider_description": "{label}", "amount": {amount(cents)}, '
			f'"currency_code": "{account.facts.currency}", {_dates(account.day_at(place), feed.dates, cents > 0)}, '
			f'"updated_at": "{_second(stamp // 1000)}.{stamp % 1000:03d}Z", "category_id": '
			f'{IDS[account.category_at(place)]}, "operation_type": "transfer", "deleted": false, "future": false}}'
		)


class BulkFeed:
	"""The rows of an account with very many movements, made from their numbers when they are read.

	Row n has the id `first_id + n` and was written n milliseconds after the first. A row that changes later
	moves to the account's ordinary feed and is hidden here.
	"""

	def __init__(
		self, account: BulkAccount, account_id: int, first_id: int, dates: str, written_ms: int
	) -> None:
		self.account, self.account_id, self.first_id, self.dates = account, account_id, first_id, dates
		self.first_ms = written_ms - account.total
		self.moved: set[int] = set()

	def row(self, number: int) -> Row:
		"""Return a row by its number."""
		movement = self.account.movement_at(number)
		return Row(
			self.first_id + number, self.account_id, updated_ms=self.first_ms + number, movement=movement,
			currency=self.account.facts.currency, dates=self.dates, cents=movement.cents, category_id=category_id(movement),
		)  # fmt: skip

	def find(self, row_id: int) -> Row | None:
		"""Return the row of an id, None if it is not here or has moved."""
		row_number = row_id - self.first_id
		held = 0 <= row_number < self.account.total and row_number not in self.moved
		return self.row(row_number) if held else None

	def scan(self, window: Window) -> Iterator[tuple[Key, WrittenRow]]:
		"""Yield the rows of a window, by change time and id."""
		for row_number in range(self._first(window), self._end(window)):
			if row_number not in self.moved:
				yield self._key_at(row_number), NumberedRow(self, row_number)

	def take(self, row_id: int, updated_ms: int) -> Row | None:
		"""Hide a row here and give its new state, to be put elsewhere."""
		row = self.find(row_id)
		if row is None:
			return None
		self.moved.add(row_id - self.first_id)
		return replace(row, updated_ms=updated_ms)

	def _first(self, window: Window) -> int:
		first = bisect_right(range(self.account.total), window.after, key=self._key_at)
		if window.min_date is None:
			return first
		return max(first, bisect_left(range(self.account.total), window.min_date, key=self.account.day_at))

	def _end(self, window: Window) -> int:
		end = self.account.total
		if window.until_ms is not None:
			end = min(end, window.until_ms - self.first_ms)
		return end if window.max_date is None else min(end, self.account.number_until(window.max_date))

	def _key_at(self, number: int) -> Key:
		return self.first_ms + number, self.first_id + number


@lru_cache(maxsize=4096)
def _dates(day: date, kinds_of_dates: str, money_in: bool) -> str:
	if kinds_of_dates == "none":
		return f'"date": "{day}"'
	return f'"date": "{day}", "booking_date": "{day}", "value_date": "{day + timedelta(days=money_in)}"'


@lru_cache(maxsize=4096)
def _second(second: int) -> str:
	return from_ms(second * 1000).strftime("%Y-%m-%dT%H:%M:%S")

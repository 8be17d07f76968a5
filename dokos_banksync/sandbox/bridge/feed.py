"""The rows of one account in the order of their last change, so that no page costs a walk through them all."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from dataclasses import replace

from dokos_banksync.sandbox.accounts import BulkAccount
from dokos_banksync.sandbox.bridge.rows import Key, Row, Scan, Window, category_id


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
		row_id = self.live.get(movement_key)
		return None if row_id is None else self.rows[row_id]

	def scan(self, window: Window) -> Scan:
		"""The rows a window asks for, in order, found as they are taken."""
		for place in range(bisect_right(self._keys, window.after), len(self._keys)):
			row = self.rows[self._keys[place][1]]
			if window.holds(row):
				yield row.key, row

	@property
	def last_ms(self) -> int:
		return self._keys[-1][0] if self._keys else 0


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
		movement = self.account.movement_at(number)
		return Row(
			self.first_id + number, self.account_id, self.first_ms + number, movement,
			self.account.facts.currency, self.dates, movement.cents, category_id(movement),
		)  # fmt: skip

	def find(self, row_id: int) -> Row | None:
		"""The row of an id, None if it is not here or has moved."""
		row_number = row_id - self.first_id
		held = 0 <= row_number < self.account.total and row_number not in self.moved
		return self.row(row_number) if held else None

	def scan(self, window: Window) -> Scan:
		for row_number in range(self._first(window), self._end(window)):
			if row_number not in self.moved:
				row = self.row(row_number)
				yield row.key, row

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

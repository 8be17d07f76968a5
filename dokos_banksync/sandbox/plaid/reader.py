"""Plaid's fetches at the banks: they bring an item's transactions up to what the bank shows."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta

from dokos_banksync.sandbox.accounts import Change
from dokos_banksync.sandbox.clock import Clock
from dokos_banksync.sandbox.movements import Movement
from dokos_banksync.sandbox.plaid.model import Account, Item, Row, Settings

INITIAL = "INITIAL_UPDATE_COMPLETE"
HISTORICAL = "HISTORICAL_UPDATE_COMPLETE"
_STAGES = ("NOT_READY", INITIAL, HISTORICAL)
_INITIAL_DAYS = 30


class Reader:
	"""Reads items. `new_id` makes the ids of transactions."""

	def __init__(self, clock: Clock, new_id: Callable[[], str]) -> None:
		self.clock = clock
		self.new_id = new_id

	def read(self, item: Item, settings: Settings) -> bool:
		"""Bring the item up to date. Return whether anything changed."""
		before = item.head, item.stage
		stage = stage_at(item, settings, self.clock.now())
		if stage != "NOT_READY":
			for account in list(item.visible()):
				_AccountReading(self, item, account, settings).read(whole=stage == HISTORICAL)
			item.last_update = self.clock.now()
		item.stage = stage
		return before != (item.head, item.stage)

	def write(self, item: Item, row: Row) -> Row:
		"""Store a row as changed last."""
		item.head += 1
		row.changed = item.head
		if row.id not in item.rows:
			row.added = item.head
		item.rows[row.id] = row
		if row.removed:
			row.account.rows.pop(row.movement.key, None)
		else:
			row.account.rows[row.movement.key] = row
		return row

	def remove(self, item: Item, row: Row) -> Row:
		"""Store a row as removed."""
		row.removed = True
		return self.write(item, row)


def stage_at(item: Item, settings: Settings, now: datetime) -> str:
	"""Return how far the first fetches are; a stage once reached stays."""
	age = now - item.created_at
	reached = 2 if age >= settings.historical_after else 1 if age >= settings.initial_after else 0
	return _STAGES[max(reached, _STAGES.index(item.stage))]


class _AccountReading:
	def __init__(self, reader: Reader, item: Item, account: Account, settings: Settings) -> None:
		self.reader, self.item, self.account, self.settings = reader, item, account, settings
		self.today = reader.clock.today()
		oldest = item.created_at.date() - timedelta(days=item.days_requested)
		self.oldest = max(oldest, account.real.facts.since)

	def read(self, *, whole: bool) -> None:
		"""Bring the account's rows up to what its bank shows."""
		account = self.account
		since = self.oldest if whole else max(self.oldest, self.today - timedelta(days=_INITIAL_DAYS))
		if account.read_until is None:
			account.changes_read = len(account.real.changes)
		self._follow_changes()
		for movement in self._movements(since):
			self._book(movement)
		account.read_until = self.today
		self._hold()

	def _movements(self, since: date) -> Sequence[Movement]:
		"""Unread movements; all since the oldest day when the history has just become available."""
		account, first = self.account, since - timedelta(days=1)
		if account.read_until is not None and self.item.stage == HISTORICAL:
			first = account.read_until
		return account.real.movements(self.today, after=first)

	def _book(self, movement: Movement) -> None:
		row = self.account.rows.get(movement.key)
		if row is None:
			self._add(movement)
		elif row.pending:
			pending_id = None if self._loses_pending(movement) else row.id
			self.reader.remove(self.item, row)
			self._add(movement, pending_id)

	def _hold(self) -> None:
		"""Card purchases that the bank announces are pending from the day they were made."""
		for movement in self.account.real.coming(self.today):
			day = movement.bought
			waiting = movement.operation == "card" and day is not None and self.oldest <= day <= self.today
			if waiting and day is not None and movement.key not in self.account.rows:
				cents = movement.cents if movement.announced_cents is None else movement.announced_cents
				row = Row(
					self.reader.new_id(), self.account, movement=movement, cents=cents, day=day, pending=True
				)
				self.reader.write(self.item, row)

	def _follow_changes(self) -> None:
		changes = self.account.real.changes
		for change in changes[self.account.changes_read :]:
			self._follow(change)
		self.account.changes_read = len(changes)

	def _follow(self, change: Change) -> None:
		row, movement = self.account.rows.get(change.key), change.movement
		if change.what == "added" and row is None and movement is not None:
			self._add(movement)
		elif change.what == "recategorised" and row is not None and movement is not None:
			row.movement = movement
			self.reader.write(self.item, row)
		elif change.what == "removed" and row is not None:
			self.reader.remove(self.item, row)
		elif change.what == "rebooked" and row is not None and movement is not None:
			self.reader.remove(self.item, row)
			self._add(movement)

	def _add(self, movement: Movement, pending_id: str | None = None) -> None:
		if movement.day < self.oldest:
			return
		row = Row(
			self.reader.new_id(),
			self.account,
			movement=movement,
			cents=movement.cents,
			day=movement.day,
			pending_id=pending_id,
		)
		self.reader.write(self.item, row)

	def _loses_pending(self, movement: Movement) -> bool:
		seed = f"plaid|{self.account.real.key}|{movement.key}"
		return random.Random(seed).random() < self.settings.lost_pending

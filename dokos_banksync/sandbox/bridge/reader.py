"""Brings the rows of an account up to what its bank shows."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from dokos_banksync.sandbox.accounts import BulkAccount, Change
from dokos_banksync.sandbox.bridge.categories import UNCATEGORISED
from dokos_banksync.sandbox.bridge.feed import BulkFeed
from dokos_banksync.sandbox.bridge.model import Account
from dokos_banksync.sandbox.bridge.rows import Row, category_id
from dokos_banksync.sandbox.clock import Clock, to_ms
from dokos_banksync.sandbox.institutions import Institution
from dokos_banksync.sandbox.movements import Movement

FIRST_DAYS = 30
"""What a slow bank gives right after the consent; Bridge promises seven days."""
_SETTLE = timedelta(days=3)
_UNCATEGORISED_SHARE = 0.08
_ROWS_PER_MS = 7


@dataclass
class Counts:
	"""What a reading did to the rows of an account."""

	new: int = 0
	updated: int = 0
	deleted: int = 0


class RowIds:
	"""Ids of rows, beyond 32 bits, in rising order with gaps."""

	def __init__(self, seed: int) -> None:
		self._rng = random.Random(f"rows|{seed}")
		self._next = 33_000_900_000_000

	def take(self, count: int = 1) -> int:
		"""Return the first of so many ids in a row."""
		first = self._next + self._rng.randint(1, 9)
		self._next = first + count - 1
		return first


class Reading:
	"""One look at one account. Its rows get rising `updated_at`, some of them sharing an instant."""

	def __init__(self, account: Account, institution: Institution, clock: Clock, ids: RowIds) -> None:
		self.account, self.institution, self.ids = account, institution, ids
		self.today = clock.today()
		self.counts = Counts()
		self._clock = clock
		self._base = max(to_ms(clock.now()), account.feed.last_ms + 1)
		self._written = 0

	def read(self, *, whole: bool = True) -> Counts:
		"""Add what is new, book what was announced, follow the bank's corrections. Not `whole`: a first
		look gives the latest days only.
		"""
		account = self.account
		if account.enabled:
			first = account.read_until is None
			if first:
				self._open(whole)
			self._follow_changes()
			if whole:
				self._read_history()
			self._book(first)
			self._announce()
			self._settle()
			account.updated_at = self._clock.now()
		return self.counts

	def touch(self, row: Row) -> Row:
		"""Write a row as changed now."""
		stamp = self._base + self._written // _ROWS_PER_MS
		self._written += 1
		if self.account.bulk is not None:
			self.account.bulk.take(row.id, stamp)
		return self.account.feed.put(replace(row, updated_ms=stamp))

	def renumber(self, *, tombstones: bool = True) -> int:
		"""Give every row another id; the old ones are deleted, or just vanish. How many there were."""
		account = self.account
		if account.bulk is not None:
			account.bulk.first_id = self.ids.take(account.bulk.account.total)
			account.bulk.first_ms = self._base
		live = [account.feed.rows[row_id] for row_id in account.feed.live.values()]
		for row in live:
			if tombstones:
				self._delete(row)
			else:
				account.feed.drop(row.id)
			self.touch(replace(row, id=self.ids.take()))
		return len(live)

	def _open(self, whole: bool) -> None:
		account, since = self.account, self.account.real.facts.since
		start = since if whole else max(since, self.today - timedelta(days=FIRST_DAYS))
		account.read_from, account.read_until = start, start - timedelta(days=1)
		account.changes_read = len(account.real.changes)
		if isinstance(account.real, BulkAccount):
			first_id, dates = self.ids.take(account.real.total), self.institution.dates
			account.bulk = BulkFeed(
				account.real, account.id, first_id=first_id, dates=dates, written_ms=self._base
			)

	def _follow_changes(self) -> None:
		changes = self.account.real.changes
		for change in changes[self.account.changes_read :]:
			self._follow(change)
		self.account.changes_read = len(changes)

	def _follow(self, change: Change) -> None:
		row, movement = self.account.feed.of(change.key), change.movement
		if change.what == "added" and row is None and movement is not None:
			self._add(movement)
		elif change.what == "recategorised" and row is not None and movement is not None:
			self._update(replace(row, movement=movement, category_id=category_id(movement)))
		elif change.what in ("removed", "rebooked") and row is not None:
			self._delete(row)
			if movement is not None:
				self._add(movement)

	def _read_history(self) -> None:
		account = self.account
		before = account.read_from
		if before is None or before <= account.real.facts.since:
			return
		account.read_from = account.real.facts.since
		for movement in self._ordinary(before - timedelta(days=1)):
			if account.feed.of(movement.key) is None:
				self._add(movement)

	def _book(self, first: bool) -> None:
		for movement in self._ordinary(self.today, self.account.read_until):
			row = self.account.feed.of(movement.key)
			if row is None:
				self._add(movement, uncategorised=not first and self._is_unclear(movement))
			elif row.future and movement.rebooks:
				self._delete(row)
				self._add(movement)
			elif row.future:
				self._update(replace(row, future=False, cents=movement.cents))
		self.account.read_until = self.today

	def _announce(self) -> None:
		for movement in self.account.real.coming(self.today):
			if self.account.feed.of(movement.key) is None:
				self._add(movement, future=True)

	def _settle(self) -> None:
		waiting = self.account.unsettled
		self.account.unsettled = [pair for pair in waiting if pair[0] > self.today]
		for due, key in waiting:
			row = self.account.feed.of(key)
			if due <= self.today and row is not None and row.category_id == UNCATEGORISED:
				self._update(replace(row, category_id=category_id(row.movement)))

	def _ordinary(self, until: date, after: date | None = None) -> Sequence[Movement]:
		real = self.account.real
		return (
			real.unnumbered(until, after) if isinstance(real, BulkAccount) else real.movements(until, after)
		)

	def _is_unclear(self, movement: Movement) -> bool:
		"""Bridge puts some rows under "to categorise" and knows better a few days later."""
		seed = f"{self.account.real.key}|{movement.key}"
		return random.Random(seed).random() < _UNCATEGORISED_SHARE

	def _add(self, movement: Movement, *, future: bool = False, uncategorised: bool = False) -> None:
		announced = movement.announced_cents if future else None
		if uncategorised:
			self.account.unsettled.append((self.today + _SETTLE, movement.key))
		self.touch(
			Row(
				self.ids.take(), self.account.id, updated_ms=0, movement=movement, currency=self.account.real.facts.currency,
				dates=self.institution.dates, cents=movement.cents if announced is None else announced,
				category_id=UNCATEGORISED if uncategorised else category_id(movement), future=future,
			)
		)  # fmt: skip
		self.counts.new += 1

	def _update(self, row: Row) -> None:
		self.touch(row)
		self.counts.updated += 1

	def _delete(self, row: Row) -> None:
		self.touch(replace(row, deleted=True))
		self.counts.deleted += 1

"""Fetches at the banks: what each stage of an attempt brings."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

from dokos_banksync.sandbox.accounts import Change, RealAccount
from dokos_banksync.sandbox.clock import Clock
from dokos_banksync.sandbox.movements import Movement
from dokos_banksync.sandbox.salt_edge.model import Account, Connection, Row
from dokos_banksync.sandbox.world import World

RECENT_DAYS = 30
_DEFAULT_DAYS = 90


class Reader:
	"""`new_id` gives rising ids."""

	def __init__(self, world: World, new_id: Callable[[], int]) -> None:
		self.world = world
		self.clock: Clock = world.clock
		self.new_id = new_id

	def fetch_accounts(self, connection: Connection) -> None:
		"""Import the accounts that the user chose, with their balances of now."""
		now, today = self.clock.now(), self.clock.today()
		known = {one.real.key: one for one in connection.accounts.values()}
		for real in self.world.accounts(connection.institution.id, connection.login):
			if connection.chosen and real.key not in connection.chosen:
				continue
			account = known.get(real.key) or self._open(connection, real, now)
			account.balance_cents, account.updated_at = real.balance_cents(today), now
		connection.updated_at = now

	def fetch_transactions(self, connection: Connection, *, recent: bool) -> None:
		"""Bring the transactions up to date. A first `recent` fetch gives the latest days only."""
		for account in connection.accounts.values():
			_AccountReading(self, connection, account).read(recent=recent)
		connection.updated_at = self.clock.now()

	def _open(self, connection: Connection, real: RealAccount, now: datetime) -> Account:
		account = Account(str(self.new_id()), real, now, now)
		connection.accounts[account.id] = account
		return account


class _AccountReading:
	def __init__(self, reader: Reader, connection: Connection, account: Account) -> None:
		self.reader, self.connection, self.account = reader, connection, account
		self.today, self.now = reader.clock.today(), reader.clock.now()
		asked = connection.attempt.from_date or connection.consent.from_date
		oldest = asked or self.today - timedelta(days=_DEFAULT_DAYS)
		self.oldest = max(oldest, account.real.facts.since)

	def read(self, *, recent: bool) -> None:
		"""Bring the account's rows up to what its bank shows."""
		account = self.account
		since = max(self.oldest, self.today - timedelta(days=RECENT_DAYS)) if recent else self.oldest
		if account.read_until is None:
			account.changes_read, account.read_from = (
				len(account.real.changes),
				self.today + timedelta(days=1),
			)
		self._follow_changes()
		for movement in account.real.movements(self.today, after=self._after(since)):
			if movement.key not in account.rows:
				self._post(movement)
		account.read_until = self.today
		self._hold()

	def _after(self, since: date) -> date:
		"""Return the day after which movements are not imported yet."""
		account = self.account
		if account.read_from is not None and since < account.read_from:
			account.read_from = since
			return since - timedelta(days=1)
		return account.read_until or since - timedelta(days=1)

	def _hold(self) -> None:
		"""Pending transactions are dropped and read again at each fetch, under other ids."""
		account = self.account
		account.held = [
			Row(
				self.reader.new_id(), account, movement=one,
				cents=one.cents if one.announced_cents is None else one.announced_cents, created_at=self.now, pending=True,
			)
			for one in account.real.coming(self.today)
		]  # fmt: skip

	def _follow_changes(self) -> None:
		changes = self.account.real.changes
		for change in changes[self.account.changes_read :]:
			self._follow(change)
		self.account.changes_read = len(changes)

	def _follow(self, change: Change) -> None:
		rows, movement = self.account.rows, change.movement
		if change.what == "added" and movement is not None:
			self._post(movement)
		elif change.what == "recategorised" and change.key in rows and movement is not None:
			rows[change.key].movement = movement
		elif change.what in ("removed", "rebooked") and change.key in rows:
			del rows[change.key]
			if movement is not None:
				self._post(movement)

	def _post(self, movement: Movement) -> None:
		if movement.day >= self.oldest:
			row = Row(
				self.reader.new_id(),
				self.account,
				movement=movement,
				cents=movement.cents,
				created_at=self.now,
			)
			self.account.rows[movement.key] = row

"""The sandbox world: banks, their customers, their accounts, and the time that passes over them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import chain

from dokos_banksync.sandbox import customers
from dokos_banksync.sandbox.accounts import BulkAccount, RealAccount
from dokos_banksync.sandbox.clock import Clock
from dokos_banksync.sandbox.institutions import ABROAD, ALL, DEMO_BANK, Institution
from dokos_banksync.sandbox.movements import Movement

_STEP = timedelta(hours=24)
_SCHEDULER = timedelta(hours=12)


class World:
	"""Everything follows from `seed` and the first day: two worlds made alike are alike, whatever is asked
	of them in which order. `years` is the length of every account's history at the start.

	What providers show of it hangs on `refresh()`, their daily fetch, which moving the clock calls.
	"""

	def __init__(
		self,
		seed: int = 1,
		clock: Clock | None = None,
		years: float = 2,
		institutions: Iterable[Institution] = ALL,
	) -> None:
		self.seed = seed
		self.clock = clock or Clock()
		self.since = self.clock.today() - timedelta(days=round(365 * years))
		self.institutions = {one.id: one for one in institutions}
		self.abroad = {one.id: one for one in ABROAD}
		self._accounts: dict[tuple[int, str], list[RealAccount]] = {}
		self._bulk: dict[int, list[BulkAccount]] = {}
		self._listeners: list[Callable[[], None]] = []
		self._refreshed_at = self.clock.now()

	def accounts(self, institution_id: int = DEMO_BANK, login: str = "success") -> list[RealAccount]:
		"""Return the accounts that a login sees at an institution. KeyError for an unknown institution."""
		user = customers.customer_of(login)
		institution = self.abroad.get(institution_id) or self.institutions[institution_id]
		place = (institution_id, user.key)
		if place not in self._accounts:
			made = customers.accounts_of(
				user, institution, seed=self.seed, since=self.since, today=self.clock.today()
			)
			self._accounts[place] = list(made)
		more = self._bulk.get(institution_id, []) if user is customers.ALEX else []
		return [*self._accounts[place], *more]

	def account(self, key: str) -> RealAccount:
		"""Return an account by its key, such as "574:alex:checking". KeyError if nobody has it."""
		institution_id, _, rest = key.partition(":")
		login = rest.partition(":")[0]
		for account in self.accounts(int(institution_id), login):
			if account.key == key:
				return account
		raise KeyError(key)

	def add_bulk_account(self, transactions: int, institution_id: int = DEMO_BANK) -> BulkAccount:
		"""Give the usual customer of a bank one more account, with that many transactions."""
		account = customers.bulk_account(
			self.institutions[institution_id],
			self.seed,
			since=self.since,
			today=self.clock.today(),
			total=transactions,
		)
		self._bulk.setdefault(institution_id, []).append(account)
		return account

	def truth(self, account: RealAccount | str) -> Sequence[Movement]:
		"""Return the movements that the bank has booked on an account until today, oldest first."""
		return self._real(account).movements(self.clock.today())

	def balance(self, account: RealAccount | str, day: date | None = None) -> Decimal:
		"""Return the booked balance at the end of a day, today by default."""
		return self._real(account).balance(day or self.clock.today())

	def opening(self, account: RealAccount | str) -> tuple[date, Decimal]:
		"""Return the first day of an account's history and its balance before it."""
		facts = self._real(account).facts
		return facts.since, Decimal(facts.opening_cents).scaleb(-2)

	def known_accounts(self) -> list[RealAccount]:
		"""Return the accounts that were looked at so far."""
		return list(chain(*self._accounts.values(), *self._bulk.values()))

	def on_refresh(self, listener: Callable[[], None]) -> None:
		"""Notify a provider's face when its scheduler should fetch."""
		self._listeners.append(listener)

	def refresh(self) -> None:
		"""Read the banks again, as the providers' schedulers do once or twice a day."""
		self._refreshed_at = self.clock.now()
		for listener in self._listeners:
			listener()

	def refresh_when_due(self) -> None:
		"""For a clock that runs by itself: catch up with the schedulers."""
		if self.clock.now() - self._refreshed_at >= _SCHEDULER:
			self.refresh()

	def advance(self, step: timedelta | None = None, *, days: float = 0) -> None:
		"""Let time pass, with a refresh on each day of it and at its end."""
		self.set_time(self.clock.now() + (step or timedelta(0)) + timedelta(days=days))

	def set_time(self, instant: datetime) -> None:
		"""Let time pass until an instant. ValueError if it is past."""
		while instant - self.clock.now() > _STEP:
			self.clock.advance(_STEP)
			self.refresh()
		self.clock.set(instant)
		self.refresh()

	def _real(self, account: RealAccount | str) -> RealAccount:
		return self.account(account) if isinstance(account, str) else account

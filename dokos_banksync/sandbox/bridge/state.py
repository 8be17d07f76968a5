"""The sandbox Bridge itself: what it knows, and what can be done to it from Python."""

from __future__ import annotations

import random
import threading
import uuid
from collections.abc import Iterator
from datetime import datetime

from dokos_banksync.sandbox.accounts import RealAccount
from dokos_banksync.sandbox.bridge.events import Events
from dokos_banksync.sandbox.bridge.limits import Limits
from dokos_banksync.sandbox.bridge.model import (
	PAYMENT_KINDS,
	Account,
	Application,
	ConnectSession,
	Item,
	Settings,
	Token,
	User,
)
from dokos_banksync.sandbox.bridge.reader import RowIds
from dokos_banksync.sandbox.bridge.scheduler import Scheduler
from dokos_banksync.sandbox.institutions import Institution
from dokos_banksync.sandbox.world import World


class Bridge:
	"""Bridge over a world. `lock` is held by whoever reads or changes it.

	Ids and tokens follow from the world's seed and the order of calls.
	"""

	def __init__(
		self,
		world: World,
		applications: tuple[Application, ...] | None = None,
		settings: Settings | None = None,
		limits: Limits | None = None,
	) -> None:
		self.world = world
		self.lock = threading.RLock()
		self.settings = settings or Settings()
		self.limits = limits or Limits()
		self.applications = {one.client_id: one for one in applications or (Application(),)}
		self.events = Events(world.clock)
		self.tokens: dict[str, Token] = {}
		self.sessions: dict[str, ConnectSession] = {}
		self._rng = random.Random(f"bridge|{world.seed}")
		self._last_item, self._last_account = 700_000, 48_000_000_000
		self.scheduler = Scheduler(world.clock, RowIds(world.seed), self.events)
		world.on_refresh(self.refresh)

	def now(self) -> datetime:
		"""Return the world's time."""
		return self.world.clock.now()

	def refresh(self) -> None:
		"""Refresh all items that are due, as the scheduler does."""
		with self.lock:
			for user in self._users():
				for item in user.items.values():
					self.scheduler.refresh(user, item)

	def new_uuid(self) -> str:
		"""Return a new id, repeatable by the seed."""
		return str(uuid.UUID(int=self._rng.getrandbits(128), version=4))

	def new_token(self, application: Application, user: User) -> tuple[str, Token]:
		"""Create an access token of a user."""
		text = f"{self._rng.getrandbits(160):040x}-{user.uuid}"
		token = Token(application, user, self.now() + self.settings.token_life)
		self.tokens[text] = token
		return text, token

	def delete_user(self, application: Application, user: User) -> None:
		"""Delete a user, and send the webhook."""
		del application.users[user.uuid]
		self.tokens = {text: token for text, token in self.tokens.items() if token.user is not user}
		self.events.send("user.deleted", {"user_uuid": user.uuid})

	def open_item(self, user: User, institution: Institution, login: str, account_types: str) -> Item:
		"""Create what follows credentials: the item exists, before any data."""
		self._last_item += self._rng.randint(1, 4)
		item = Item(
			self._last_item, institution, login=login, account_types=account_types, created_at=self.now()
		)
		user.items[item.id] = item
		self.events.send("item.created", {"item_id": item.id, "user_uuid": user.uuid})
		return item

	def delete_item(self, user: User, item: Item) -> None:
		"""Delete an item, and send the webhook."""
		del user.items[item.id]
		self.events.send("item.deleted", {"item_id": item.id, "user_uuid": user.uuid})

	def discover(self, item: Item) -> list[Account]:
		"""Return the accounts that the item's login sees now, known ones under the ids they have. Nothing is shared yet."""
		known = {account.real.key: account for account in item.accounts.values()}
		found = []
		for real in self.world.accounts(item.institution.id, item.login):
			if item.account_types == "all" or real.facts.kind in PAYMENT_KINDS:
				account = known.get(real.key)
				if account is None:
					self._last_account += self._rng.randint(1, 6)
					account = Account(
						self._last_account, item.id, real=real, data_access="disabled", updated_at=self.now()
					)
					item.accounts[account.id] = account
				found.append(account)
		return found

	def find_item(self, item_id: int) -> tuple[User, Item]:
		"""KeyError when no application has it."""
		for user in self._users():
			if item_id in user.items:
				return user, user.items[item_id]
		raise KeyError(f"item {item_id}")

	def find_account(self, account_id: int) -> tuple[Item, Account]:
		"""KeyError when no item has it."""
		for user in self._users():
			for item in user.items.values():
				if account_id in item.accounts:
					return item, item.accounts[account_id]
		raise KeyError(f"account {account_id}")

	def forget(self) -> None:
		"""Drop every user, token, session, event, and the webhook."""
		with self.lock:
			for application in self.applications.values():
				application.users.clear()
			self.tokens.clear()
			self.sessions.clear()
			self.events.forget()

	def accounts_showing(self, real: RealAccount) -> list[int]:
		"""Return the ids under which items that are up to date show a real account."""
		items = [item for user in self._users() for item in user.items.values() if item.status in (0, 1009)]
		return [one.id for item in items for one in item.accounts.values() if one.real is real]

	def _users(self) -> Iterator[User]:
		for application in self.applications.values():
			yield from list(application.users.values())

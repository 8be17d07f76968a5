"""The sandbox Plaid itself: what it knows, and its fetches at the banks."""

from __future__ import annotations

import json
import random
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from dokos_banksync.sandbox.institutions import Institution
from dokos_banksync.sandbox.outbox import Outbox, WebhookCall
from dokos_banksync.sandbox.plaid.errors import PlaidError
from dokos_banksync.sandbox.plaid.keys import Key
from dokos_banksync.sandbox.plaid.limits import Limits
from dokos_banksync.sandbox.plaid.model import (
	COUNTRIES,
	Account,
	Client,
	Item,
	LinkSession,
	PublicToken,
	Settings,
)
from dokos_banksync.sandbox.plaid.reader import HISTORICAL, Reader
from dokos_banksync.sandbox.plaid.rows import stamp
from dokos_banksync.sandbox.world import World

_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz123456789"
_WARNING = timedelta(days=7)


class Plaid:
	"""Plaid over a world. `lock` is held by whoever reads or changes it. Ids follow from the world's seed."""

	def __init__(
		self,
		world: World,
		clients: tuple[Client, ...] | None = None,
		settings: Settings | None = None,
		limits: Limits | None = None,
	) -> None:
		self.world = world
		self.lock = threading.RLock()
		self.settings = settings or Settings()
		self.limits = limits or Limits()
		self.clients = {one.client_id: one for one in clients or (Client(),)}
		self.outbox = Outbox()
		self.consent_sessions: dict[str, LinkSession] = {}
		self.public_tokens: dict[str, PublicToken] = {}
		self._rng = random.Random(f"plaid|{world.seed}")
		self.keys = [Key.make(self._rng, self.now())]
		self.reader = Reader(world.clock, self.new_id)
		world.on_refresh(self.refresh)

	def now(self) -> datetime:
		"""Return the world's instant."""
		return self.world.clock.now()

	def new_id(self, length: int = 37) -> str:
		"""Return a new id of letters and digits."""
		return "".join(self._rng.choices(_LETTERS, k=length))

	def new_token(self, kind: str) -> str:
		"""Return a new token of a kind, with the environment in it."""
		return f"{kind}-{self.settings.environment}-{self._rng.getrandbits(128):032x}"

	def institutions(self) -> list[Institution]:
		"""Return the institutions of the countries that Plaid serves, that can be read."""
		everything = [*self.world.institutions.values(), *self.world.abroad.values()]
		return [one for one in everything if one.country in COUNTRIES and "aggregation" in one.capabilities]

	def items(self) -> Iterator[Item]:
		"""Yield the items of all clients."""
		for client in self.clients.values():
			yield from list(client.items.values())

	def find_item(self, item_id: str) -> Item:
		"""KeyError when no client has it."""
		return next((one for one in self.items() if one.id == item_id), None) or _missing(f"item {item_id}")

	def find_account(self, account_id: str) -> tuple[Item, Account]:
		"""KeyError when no item has it."""
		for item in self.items():
			if account_id in item.accounts:
				return item, item.accounts[account_id]
		raise KeyError(f"account {account_id}")

	def discover(self, item: Item) -> list[Account]:
		"""Return the accounts that the item's login sees now, known ones under the ids they have."""
		known = {one.real.key: one for one in item.accounts.values() if not one.gone}
		for real in self.world.accounts(item.institution.id, item.login):
			if real.key not in known:
				account = Account(self.new_id(), real, shared=False)
				item.accounts[account.id] = known[real.key] = account
		return list(known.values())

	def refresh(self) -> None:
		"""Plaid's own round over all items, as one to four times a day."""
		with self.lock:
			for item in self.items():
				self._refresh_one(item)

	def update(self, item: Item) -> None:
		"""Fetch now, and send the webhooks of what changed."""
		stage = item.stage
		if self.reader.read(item, self.settings) and item.synced:
			self.send_updates(item)
		if item.stage != stage and item.stage != "NOT_READY":
			code = "HISTORICAL_UPDATE" if item.stage == HISTORICAL else "INITIAL_UPDATE"
			self.send(item, "TRANSACTIONS", code, error=None, new_transactions=len(item.rows))

	def fail(self, item: Item, error: PlaidError) -> None:
		"""Put an item in error and say so."""
		item.error = error
		self.send(item, "ITEM", "ERROR", error=error.as_json(status=True))

	def send_updates(self, item: Item) -> None:
		"""Announce that a sync would give something new."""
		self.send(
			item,
			"TRANSACTIONS",
			"SYNC_UPDATES_AVAILABLE",
			initial_update_complete=item.stage != "NOT_READY",
			historical_update_complete=item.stage == HISTORICAL,
		)

	def send(self, item: Item, kind: str, code: str, **values: Any) -> None:
		"""Queue a webhook to the item's address, if it has one."""
		if item.webhook:
			self.post(item.webhook, kind, code, item_id=item.id, **values)

	def post(self, url: str, kind: str, code: str, **values: Any) -> None:
		"""Queue a webhook. The body is indented by two spaces, and signed as it is."""
		content = {
			"webhook_type": kind,
			"webhook_code": code,
			**values,
			"environment": self.settings.environment,
		}
		body = json.dumps(content, indent=2).encode()
		self.outbox.send(WebhookCall(url, f"{kind} {code}", content=content, body=body, sign=self._sign))

	def rotate_key(self) -> None:
		"""Sign with a new key from now on; the old one stays retrievable, marked as expired."""
		self.keys[-1].expired_at = self.now()
		self.keys.append(Key.make(self._rng, self.now()))

	def forget(self) -> None:
		"""Drop every item, session, token and webhook."""
		with self.lock:
			for client in self.clients.values():
				client.items.clear()
			self.consent_sessions.clear()
			self.public_tokens.clear()
			self.outbox.forget()

	def _sign(self, body: bytes) -> dict[str, str]:
		return {"Plaid-Verification": self.keys[-1].token(body, self.now())}

	def _refresh_one(self, item: Item) -> None:
		expires_at = item.consent_expires_at
		if item.error is not None:
			return
		if expires_at is not None and expires_at <= self.now():
			self.fail(item, PlaidError("ITEM_LOGIN_REQUIRED", reason="OAUTH_CONSENT_EXPIRED"))
		elif item.institution.down:
			self.fail(item, PlaidError("INSTITUTION_DOWN"))
		else:
			self._warn(item)
			self.update(item)
			self._notice_accounts(item)

	def _warn(self, item: Item) -> None:
		"""Seven days before a European consent ends, once."""
		expires_at = item.consent_expires_at
		if expires_at is not None and not item.warned and expires_at - self.now() <= _WARNING:
			item.warned = True
			self.send(item, "ITEM", "PENDING_EXPIRATION", consent_expiration_time=stamp(expires_at))

	def _notice_accounts(self, item: Item) -> None:
		keys = {one.key for one in self.world.accounts(item.institution.id, item.login)}
		if keys - item.known:
			self.send(item, "ITEM", "NEW_ACCOUNTS_AVAILABLE", error=None)
		item.known |= keys


def _missing(what: str) -> Any:
	raise KeyError(what)

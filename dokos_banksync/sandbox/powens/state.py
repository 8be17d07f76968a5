"""The sandbox Powens itself: users, connections and their synchronizations."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import random
import threading
from collections.abc import Mapping
from datetime import datetime, timedelta

from dokos_banksync.sandbox.accounts import RealAccount
from dokos_banksync.sandbox.clock import iso
from dokos_banksync.sandbox.institutions import Institution
from dokos_banksync.sandbox.outbox import Outbox, WebhookCall
from dokos_banksync.sandbox.powens import rows
from dokos_banksync.sandbox.powens.errors import missing
from dokos_banksync.sandbox.powens.model import (
	WEBHOOK_SECRET,
	Account,
	Connection,
	Row,
	Settings,
	Transaction,
	User,
	WebviewSession,
)
from dokos_banksync.sandbox.world import World

MAIN = "Compte courant pro"
"""The account that deferred cards are debited from."""

_SLOW_DAYS = timedelta(days=30)


class Powens:
	"""Powens over a world. `lock` is held by whoever reads or changes it."""

	def __init__(self, world: World) -> None:
		self.world, self.settings, self.outbox = world, Settings(), Outbox()
		self.lock = threading.RLock()
		self._rng, self._last_id = random.Random(f"powens|{world.seed}"), 100
		self.users: dict[int, User] = {}
		self.codes: dict[str, User] = {}
		self.consent_sessions: dict[str, WebviewSession] = {}
		world.on_refresh(self._refresh)

	def now(self) -> datetime:
		"""Return the world's present instant."""
		return self.world.clock.now()

	def new_id(self) -> int:
		"""Return the next id."""
		self._last_id += 1
		return self._last_id

	def new_text(self) -> str:
		"""Return a token or a code; they follow from the seed."""
		return f"{self._rng.getrandbits(160):040x}"

	def institutions(self) -> dict[str, Institution]:
		"""Return the banks by the uuids of their connectors."""
		return {rows.connector_uuid(one): one for one in self.world.institutions.values()}

	def user_of(self, token: str) -> User | None:
		"""Return the user of a token."""
		return next((one for one in self.users.values() if one.token == token), None)

	def connections(self) -> list[Connection]:
		"""Return all connections."""
		return [one for user in self.users.values() for one in user.connections.values()]

	def connection(self, connection_id: int) -> Connection:
		"""Return a connection of any user. ApiError (404)."""
		found = next((one for one in self.connections() if one.id == connection_id), None)
		if found is None:
			raise missing("connection")
		return found

	def account(self, account_id: int) -> Account:
		"""Return an account of any user. ApiError (404)."""
		found = [one.accounts[account_id] for one in self.connections() if account_id in one.accounts]
		if not found:
			raise missing("account")
		return found[0]

	def connect(self, user: User, institution: Institution, login: str) -> Connection:
		"""Create a connection whose accounts are all disabled."""
		made = Connection(
			self.new_id(),
			user.id,
			institution=institution,
			login=login,
			created=self.now(),
			access_ends=self.now() + self.settings.consent,
		)
		user.connections[made.id] = made
		return made

	def share(self, owner: Connection, chosen: set[str]) -> None:
		"""Enable the chosen accounts, disable the others, and synchronize."""
		for real in self.offered(owner.institution, owner.login):
			known = next((one for one in owner.accounts.values() if one.real is real), None)
			if known is None:
				known = Account(self.new_id(), real, self.now())
				owner.accounts[known.id] = known
			known.disabled = None if real.key in chosen else known.disabled or self.now()
			if known.disabled:
				known.rows.clear()
		owner.state, owner.message = None, None
		if self.settings.first_sync_seconds <= 0 or owner.last_update:
			self.sync(owner, first=owner.last_update is None)

	def offered(self, institution: Institution, login: str) -> list[RealAccount]:
		"""Return the accounts that a login sees."""
		found = self.world.accounts(institution.id, login)
		return [one for one in found if not (self.settings.merged_cards and one.facts.kind == "card")]

	def sync(self, owner: Connection, *, first: bool = False) -> None:
		"""Read the bank: rows are added, changed and marked as deleted."""
		if owner.access_ends and owner.access_ends <= self.now():
			owner.state = "SCARequired"
		elif owner.institution.down:
			owner.state = "websiteUnavailable"
		elif owner.state in (None, "websiteUnavailable", "rateLimiting", "bug"):
			owner.state = None
			for account in owner.accounts.values():
				if account.disabled is None:
					self._read(owner, account, first=first)
			owner.last_update = self.now()
		self._send_webhooks(owner)

	def forget(self) -> None:
		"""Drop what clients created."""
		with self.lock:
			for collection in (self.users, self.codes, self.consent_sessions):
				collection.clear()
			self.outbox.forget()

	def _read(self, owner: Connection, account: Account, *, first: bool) -> None:
		now, today = self.now(), self.world.clock.today()
		since = today - _SLOW_DAYS if first and owner.institution.slow_history else account.real.facts.since
		shown = dict(rows.contents(account.real, since, today))
		if self.settings.merged_cards and account.real.facts.name == MAIN:
			shown |= self._purchases(owner)
		for key, values in shown.items():
			known = account.rows.get(key)
			if known is None:
				account.rows[key] = Transaction(self.new_id(), values, now)
			elif known.values != values or known.deleted:
				account.rows[key] = known.changed(values, now)
		for key in account.rows.keys() - shown.keys():
			if not account.rows[key].deleted:
				account.rows[key] = account.rows[key].gone(now)
		account.read_at = now

	def _purchases(self, owner: Connection) -> dict[str, Row]:
		"""Return the rows of the deferred cards, as rows of the current account."""
		today, found = self.world.clock.today(), self.world.accounts(owner.institution.id, owner.login)
		return {
			f"{card.key}|{key}": values
			for card in found
			if card.facts.kind == "card"
			for key, values in rows.contents(card, card.facts.since, today)
			if values["type"] == "deferred_card"
		}

	def _refresh(self) -> None:
		with self.lock:
			for owner in self.connections():
				self.sync(owner)

	def _send_webhooks(self, owner: Connection) -> None:
		if not self.settings.webhook_url:
			return
		content = {
			"user": {"id": owner.user_id}, "connection": rows.connection(owner, self.now() + timedelta(days=1)),
			"id_webhook_data": self.new_id(),
		}  # fmt: skip
		body = json.dumps(content, separators=(",", ":")).encode()
		self.outbox.send(
			WebhookCall(
				self.settings.webhook_url, "CONNECTION_SYNCED", content=content, body=body, sign=self.sign
			)
		)

	def sign(self, body: bytes) -> Mapping[str, str]:
		"""Return the headers of the HMAC authentication for a body."""
		path = "/" + self.settings.webhook_url.split("/", 3)[3]
		date = iso(self.now())
		signed = f"POST.{path.partition('?')[0]}.{date}.".encode() + body
		code = base64.b64encode(hmac.new(WEBHOOK_SECRET.encode(), signed, hashlib.sha256).digest())
		return {"BI-Signature-Date": date, "BI-Signature": code.decode()}

"""The sandbox Salt Edge itself: what it knows, and how its attempts go from stage to stage."""

from __future__ import annotations

import json
import random
import threading
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from dokos_banksync.sandbox.institutions import Institution
from dokos_banksync.sandbox.outbox import Outbox, WebhookCall
from dokos_banksync.sandbox.salt_edge.keys import KEY_VERSION, service_key, sign
from dokos_banksync.sandbox.salt_edge.model import (
	STAGES,
	SUCCESS_STAGES,
	Attempt,
	Client,
	Connection,
	Consent,
	Customer,
	Settings,
	WidgetSession,
)
from dokos_banksync.sandbox.salt_edge.reader import Reader
from dokos_banksync.sandbox.salt_edge.rows import stamp
from dokos_banksync.sandbox.windows import Windows
from dokos_banksync.sandbox.world import World

_DAY = timedelta(days=1)


class SaltEdge:
	"""Salt Edge over a world. `lock` is held by whoever reads or changes it. Ids follow from the world's seed.

	`rate`: calls a minute for a client, None for as many as one likes.
	"""

	def __init__(
		self,
		world: World,
		clients: tuple[Client, ...] | None = None,
		settings: Settings | None = None,
		rate: int | None = None,
		windows: Windows | None = None,
	) -> None:
		self.world = world
		self.lock = threading.RLock()
		self.settings = settings or Settings()
		self.rate, self.windows = rate, windows or Windows()
		self.clients = {one.app_id: one for one in clients or (Client(),)}
		self.outbox = Outbox()
		self.consent_sessions: dict[str, WidgetSession] = {}
		self._rng = random.Random(f"salt edge|{world.seed}")
		self._last_id = 1_688_015_000_000_000_000
		self.reader = Reader(world, self.new_id)
		world.on_refresh(self.refresh)

	def now(self) -> datetime:
		"""Return the world's instant."""
		return self.world.clock.now()

	def new_id(self) -> int:
		"""Return a number of 19 digits, higher than all before."""
		self._last_id += self._rng.randint(1, 999)
		return self._last_id

	def new_secret(self) -> str:
		"""Return a new secret of 64 hexadecimal digits."""
		return f"{self._rng.getrandbits(256):064x}"

	def institutions(self) -> list[Institution]:
		"""Return the institutions that can be read."""
		return [one for one in self.world.institutions.values() if "aggregation" in one.capabilities]

	def connections(self) -> Iterator[Connection]:
		"""Yield the connections of all clients."""
		for client in self.clients.values():
			for customer in client.customers.values():
				yield from list(customer.connections.values())

	def find(self, connection_id: str) -> Connection:
		"""KeyError when no client has it."""
		for connection in self.connections():
			if connection.id == connection_id:
				return connection
		raise KeyError(f"connection {connection_id}")

	def new_connection(
		self, consent_session: WidgetSession, customer: Customer, institution: Institution
	) -> Connection:
		"""Create a connection of a customer, without a consent yet."""
		asked, now = consent_session.request, self.now()
		connection = Connection(
			id=str(self.new_id()),
			client=consent_session.client,
			customer=customer,
			institution=institution,
			login=consent_session.login,
			created_at=now,
			updated_at=now,
			categorization=asked.get("categorization", "personal"),
			automatic_refresh=bool(asked.get("automatic_refresh", False)),
		)
		customer.connections[connection.id] = connection
		return connection

	def consent(self, connection: Connection, asked: Mapping[str, Any]) -> Consent:
		"""Give a new consent; it replaces the one before."""
		days = asked.get("period_days") or self.settings.consent_days
		since = asked.get("from_date")
		given = Consent(
			str(self.new_id()),
			tuple(asked["scopes"]),
			from_date=date.fromisoformat(since) if since else None,
			period_days=days,
			expires_at=self.now() + timedelta(days=days),
			created_at=self.now(),
		)
		connection.consents.append(given)
		connection.status = "active"
		return given

	def attempt(self, connection: Connection, asked: Mapping[str, Any], *, user_present: bool) -> Attempt:
		"""Begin a fetch; it goes on with the clock."""
		since = asked.get("fetch_from_date")
		strategy = asked.get("unduplication_strategy")
		connection.unduplication = strategy or connection.unduplication
		begun = Attempt(
			str(self.new_id()),
			self.now(),
			user_present=user_present,
			scopes=tuple(asked.get("fetch_scopes") or connection.consent.scopes),
			from_date=date.fromisoformat(since) if since else None,
			custom_fields=asked.get("custom_fields") or {},
			interactive=connection.institution.sms_code,
		)
		connection.attempts.append(begun)
		self.proceed(connection)
		return begun

	def proceed(self, connection: Connection) -> None:
		"""Go through the stages that are due by now."""
		attempt = connection.attempt if connection.attempts else None
		while attempt is not None and not attempt.finished:
			stage = STAGES[len(attempt.stages)]
			due = attempt.created_at + self.settings.stage_time * len(attempt.stages)
			if due > self.now():
				return
			self._enter(connection, attempt, stage)

	def fail(self, connection: Connection, name: str, message: str = "") -> None:
		"""End the attempt under way, or a new one, in an error."""
		attempt = connection.attempt
		if attempt.finished:
			attempt = Attempt(
				str(self.new_id()),
				self.now(),
				user_present=False,
				scopes=attempt.scopes,
				from_date=None,
				custom_fields=attempt.custom_fields,
			)
			connection.attempts.append(attempt)
		attempt.fail_at, attempt.fail_class = self.now(), name
		attempt.fail_message = message or f"{name} occurred."
		attempt.stages.append(("finish", self.now()))
		values = {"error_class": name, "error_message": attempt.fail_message}
		self.call_back(connection, "failure", stage="finish", **values)

	def next_refresh(self, connection: Connection) -> datetime | None:
		"""When the connection may be refreshed in the background; None for never, or while it is fetched."""
		if connection.interactive or not connection.attempt.finished or connection.status != "active":
			return None
		ended = connection.attempt.success_at or connection.attempt.fail_at or self.now()
		return max(self.now(), ended + self.settings.refresh_timeout)

	def refresh(self) -> None:
		"""Salt Edge's daily round: consents end, connections with automatic refresh are fetched."""
		with self.lock:
			for connection in self.connections():
				self.proceed(connection)
				self.expire_if_due(connection)
				if (
					connection.automatic_refresh
					and connection.status == "active"
					and not connection.interactive
				):
					self._fetch_by_itself(connection)

	def expire_if_due(self, connection: Connection) -> None:
		"""End the consent of a connection whose time is over."""
		consent = connection.consent
		if not consent.ended and consent.expires_at <= self.now():
			consent.ended, consent.ended_at, consent.reason = "expired", self.now(), "expired"
			connection.status = "inactive"

	def call_back(self, connection: Connection, kind: str, **values: Any) -> None:
		"""Queue a callback to the client's address for its kind, if there is one."""
		url = connection.client.callbacks.get(kind)
		if not url:
			return
		data = {
			"connection_id": connection.id,
			"customer_id": connection.customer.id,
			"custom_fields": dict(connection.attempt.custom_fields) if connection.attempts else {},
			**values,
		}
		content = {"data": data, "meta": {"version": "6", "time": stamp(self.now())}}
		body = json.dumps(content, separators=(",", ":")).encode()
		self.outbox.send(WebhookCall(url, kind, content=content, body=body, sign=lambda raw: _sign(url, raw)))

	def forget(self) -> None:
		"""Drop every customer, consent session and callback."""
		with self.lock:
			for client in self.clients.values():
				client.customers.clear()
			self.consent_sessions.clear()
			self.outbox.forget()

	def _fetch_by_itself(self, connection: Connection) -> None:
		if connection.institution.down:
			self.fail(connection, "ProviderUnavailable")
		elif connection.attempt.finished:
			self.attempt(connection, {"custom_fields": connection.attempt.custom_fields}, user_present=False)

	def _enter(self, connection: Connection, attempt: Attempt, stage: str) -> None:
		attempt.stages.append((stage, self.now()))
		self.call_back(connection, "notify", stage=stage)
		if stage == "fetch_accounts":
			self.reader.fetch_accounts(connection)
		elif stage in ("fetch_recent", "fetch_full") and "transactions" in attempt.scopes:
			self.reader.fetch_transactions(connection, recent=stage == "fetch_recent")
		elif stage == "finish":
			attempt.success_at = connection.last_success_at = self.now()
		if stage in SUCCESS_STAGES:
			self.call_back(connection, "success", stage=stage)


def _sign(url: str, body: bytes) -> dict[str, str]:
	signature = sign(service_key(), url.encode() + b"|" + body)
	return {"Signature": signature, "Signature-key-version": KEY_VERSION}

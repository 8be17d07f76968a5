"""Providers, their keys, and what is stored for them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from dokos_banksync.core.errors import ConfigurationError, InvalidData, NotFound
from dokos_banksync.core.provider import Secret, Subscription
from dokos_banksync.core.provider_stores import Usage
from dokos_banksync.core.subscription import PRODUCTION
from dokos_banksync.hosts.standalone.ledger.base import Base
from dokos_banksync.hosts.standalone.ledger.secret_store import (
	SqliteGrantStore,
	SqliteRateLimitStore,
	SqliteSecretStore,
)
from dokos_banksync.hosts.standalone.ledger.values import instant_in
from dokos_banksync.hosts.storage.subscriptions import NO_PROVIDER, Subscriptions

_SUBSCRIPTION = """
	SELECT p.*, v.field, v.value FROM sync_provider p LEFT JOIN vault v ON v.owner = p.name
"""


class Providers(Subscriptions, Base):
	"""Sync Providers: their keys, and what is stored for them."""

	def add_provider(
		self, provider_type: str, subscription: Subscription, environment: str = PRODUCTION
	) -> None:
		"""Store a subscription. Raises `InvalidData` when its name is taken."""
		name, stamp = subscription.name, instant_in(self.clock())
		with self.db.write():
			if self.db.row("SELECT 1 FROM sync_provider WHERE name = ?", (name,)):
				raise InvalidData("There is a provider {0} already: choose another name", name, field="name")
			self.db.run(
				"""
				INSERT INTO sync_provider
				(name, provider_name, provider_type, base_url, environment, creation, modified)
				VALUES (?, ?, ?, ?, ?, ?, ?)
				""",
				(name, name, provider_type, subscription.base_url, environment, stamp, stamp),
			)
			self._put_credentials(subscription)

	def update_provider(self, subscription: Subscription, *, preserve_address: bool = False) -> None:
		"""Replace credentials and address of a subscription; credentials that are not given stay.

		What the old credentials gave access to is forgotten; the grants of connections stay.
		"""
		with self.db.write():
			stored = self.provider(subscription.name)
			address = stored["base_url"] if preserve_address else subscription.base_url
			self.db.run(
				"UPDATE sync_provider SET base_url = ?, modified = ? WHERE name = ?",
				(address, instant_in(self.clock()), subscription.name),
			)
			self._put_credentials(subscription)
			self.db.run("DELETE FROM provider_secret WHERE provider = ?", (subscription.name,))

	def _put_credentials(self, subscription: Subscription) -> None:
		texts = {**self._texts(self.provider(subscription.name)), **subscription.texts}
		self.db.run(
			"UPDATE sync_provider SET client_id = ?, credentials = ? WHERE name = ?",
			(texts.get("client_id", ""), json.dumps(texts), subscription.name),
		)
		for field, secret in subscription.secrets.items():
			self._lock_secret(subscription.name, secret.reveal(), field)

	@staticmethod
	def _texts(record: Mapping[str, Any]) -> dict[str, str]:
		"""A record of an older version has its client id alone."""
		return {"client_id": record["client_id"], **json.loads(record["credentials"] or "{}")}

	def _webhook_secrets(self, locked: bytes | None) -> list[Secret]:
		"""Those that another key has locked are none: calls are then refused, and fetching goes on."""
		if not locked:
			return []
		try:
			secrets = self.vault.open(locked).reveal()
		except ConfigurationError:
			return []
		return [Secret(one) for one in secrets.split()]

	def set_webhook_secret(self, name: str, secret: str) -> None:
		"""Store what the provider signs its calls with; several, with a space between them, while one replaces the other."""
		self.provider(name)
		with self.db.write():
			self._lock_secret(name, secret, "webhook_secret")

	def _lock_secret(self, provider: str, secret: str, field: str = "client_secret") -> None:
		locked = self.vault.lock(Secret(secret))
		self.db.run("INSERT OR REPLACE INTO vault VALUES (?, ?, ?)", (provider, field, locked))

	def remove_provider(self, name: str) -> None:
		"""Raises `InvalidData` while a connection needs it."""
		with self.db.write():
			self.check_provider_removable(name)
			for table, column in (
				("vault", "owner"),
				("provider_secret", "provider"),
				("provider_call", "provider"),
				("provider_limit", "provider"),
			):
				self.db.run(f"DELETE FROM {table} WHERE {column} = ?", (name,))
			self.db.run("DELETE FROM sync_provider WHERE name = ?", (name,))

	def check_provider_removable(self, name: str) -> None:
		"""Raise `InvalidData` while a connection needs the provider."""
		self.provider(name)
		if self.db.row("SELECT 1 FROM sync_connection WHERE provider = ?", (name,)):
			raise InvalidData("{0} has connections: they need its keys, so it stays", name)

	def providers(self) -> list[dict[str, Any]]:
		"""Sync Providers without any secret."""
		return [dict(row) for row in self.db.rows("SELECT * FROM sync_provider ORDER BY name")]

	def provider(self, name: str) -> dict[str, Any]:
		"""Return the fields of a provider, without secrets. Raise `NotFound`."""
		row = self.db.row("SELECT * FROM sync_provider WHERE name = ?", (name,))
		if row is None:
			raise NotFound(NO_PROVIDER, name)
		return dict(row)

	def stored_secrets(self, provider: str) -> set[str]:
		"""Return the names of the secrets that are stored for a provider."""
		return {row["field"] for row in self.db.rows("SELECT field FROM vault WHERE owner = ?", (provider,))}

	def _subscription(self, where: str, name: str) -> tuple[str, Subscription]:
		rows = self.db.rows(f"{_SUBSCRIPTION} WHERE {where}", (name,))
		if not rows:
			raise NotFound(NO_PROVIDER, name)
		record = dict(rows[0])
		locked = {row["field"]: row["value"] for row in rows if row["field"]}
		webhook_secrets = locked.pop("webhook_secret", None)
		return record["provider_type"], Subscription(
			name=record["name"],
			texts=self._texts(record),
			secrets={field: self.vault.open(value) for field, value in locked.items()},
			base_url=record["base_url"],
			webhook_secrets=self._webhook_secrets(webhook_secrets),
			language=self.language,
		)

	def secret_store(self, provider: str) -> SqliteSecretStore:
		"""Return the encrypted store of the provider's tokens."""
		return SqliteSecretStore(self.db, self.vault, provider, self.clock)

	def rate_limits(self, provider: str) -> SqliteRateLimitStore:
		"""Return the store of the provider's calls, shared by all processes."""
		return SqliteRateLimitStore(self.db, provider)

	def usage(self, provider: str) -> list[Usage]:
		"""Return the calls that count against the limits of a provider at present."""
		return self.rate_limits(provider).usage(self.clock())

	def grant(self, connection: str) -> SqliteGrantStore:
		"""Return what the provider granted for a connection."""
		return SqliteGrantStore(self.db, self.vault, connection)

	def forget_grant(self, connection: str) -> None:
		"""Delete the grant of a connection; harmless when there is none."""
		self.grant(connection).forget()

"""Providers, their keys, and what is kept for their connectors."""

from __future__ import annotations

from typing import Any

from dokos_banksync.core.errors import ConfigurationError, InvalidData, NotFound
from dokos_banksync.core.provider import Secret, Subscription
from dokos_banksync.hosts.standalone.ledger.base import Base
from dokos_banksync.hosts.standalone.ledger.secret_store import SqliteRateLimitStore, SqliteSecretStore
from dokos_banksync.hosts.standalone.ledger.values import instant_in


class Providers(Base):
	"""Sync Providers: their keys, and what their connectors remember."""

	def add_provider(
		self,
		name: str,
		provider_type: str,
		client_id: str,
		client_secret: str,
		base_url: str = "",
		environment: str = "Production",
	) -> None:
		"""Raises `InvalidData` when the name is taken."""
		stamp = instant_in(self.clock())
		with self.db.write():
			if self.db.row("SELECT 1 FROM sync_provider WHERE name = ?", (name,)):
				raise InvalidData("There is a provider {0} already: choose another name", name)
			self.db.run(
				"""
				INSERT INTO sync_provider
				(name, provider_name, provider_type, client_id, base_url, environment, creation, modified)
				VALUES (?, ?, ?, ?, ?, ?, ?, ?)
				""",
				(name, name, provider_type, client_id, base_url, environment, stamp, stamp),
			)
			self._lock_secret(name, client_secret)

	def update_provider(
		self, name: str, *, client_id: str = "", client_secret: str = "", base_url: str | None = None
	) -> None:
		"""Other keys or another address for the same subscription; what is not given stays.

		Access that the old keys gave is forgotten.
		"""
		with self.db.write():
			kept = self.provider(name)
			address = kept["base_url"] if base_url is None else base_url
			self.db.run(
				"UPDATE sync_provider SET client_id = ?, base_url = ?, modified = ? WHERE name = ?",
				(client_id or kept["client_id"], address, instant_in(self.clock()), name),
			)
			if client_secret:
				self._lock_secret(name, client_secret)
			self.db.run("DELETE FROM memory WHERE provider = ?", (name,))

	def _webhook_secrets(self, provider: str) -> list[Secret]:
		"""Those that another key has locked are none: calls are then refused, and fetching goes on."""
		try:
			told = self._open_secret(provider, "webhook_secret").reveal()
		except ConfigurationError:
			return []
		return [Secret(one) for one in told.split()]

	def set_webhook_secret(self, name: str, secret: str) -> None:
		"""What the provider signs its calls with; several, with a space between them, while one replaces the other."""
		self.provider(name)
		with self.db.write():
			self._lock_secret(name, secret, "webhook_secret")

	def _lock_secret(self, provider: str, secret: str, field: str = "client_secret") -> None:
		locked = self.vault.lock(Secret(secret))
		self.db.run("INSERT OR REPLACE INTO vault VALUES (?, ?, ?)", (provider, field, locked))

	def _open_secret(self, provider: str, field: str) -> Secret:
		sql = "SELECT value FROM vault WHERE owner = ? AND field = ?"
		stored = self.db.value(sql, (provider, field))
		return self.vault.open(stored) if stored else Secret("")

	def remove_provider(self, name: str) -> None:
		"""Raises `InvalidData` while a connection needs it."""
		with self.db.write():
			self.provider(name)
			if self.db.row("SELECT 1 FROM sync_connection WHERE provider = ?", (name,)):
				raise InvalidData("{0} has connections: they need its keys, so it stays", name)
			for table, column in (("vault", "owner"), ("memory", "provider"), ("tally", "provider")):
				self.db.run(f"DELETE FROM {table} WHERE {column} = ?", (name,))
			self.db.run("DELETE FROM sync_provider WHERE name = ?", (name,))

	def providers(self) -> list[dict[str, Any]]:
		"""Sync Providers without any secret."""
		return [dict(row) for row in self.db.rows("SELECT * FROM sync_provider ORDER BY name")]

	def provider(self, name: str) -> dict[str, Any]:
		row = self.db.row("SELECT * FROM sync_provider WHERE name = ?", (name,))
		if row is None:
			raise NotFound("There is no provider {0}: see the list of providers", name)
		return dict(row)

	def subscription(self, provider: str) -> tuple[str, Subscription]:
		record = self.provider(provider)
		keys = Subscription(
			*(provider, record["client_id"], self._open_secret(provider, "client_secret")),
			*(record["base_url"], self._webhook_secrets(provider), self.language),
		)
		return record["provider_type"], keys

	def memory(self, provider: str) -> SqliteSecretStore:
		return SqliteSecretStore(self.db, self.vault, provider, self.clock)

	def tally(self, provider: str) -> SqliteRateLimitStore:
		return SqliteRateLimitStore(self.db, provider)

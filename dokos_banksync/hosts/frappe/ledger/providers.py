"""Sync Providers: their keys, and what their connectors remember."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import frappe
from frappe.utils.password import get_decrypted_password

from dokos_banksync.core.errors import ConfigurationError, InvalidData, NotFound
from dokos_banksync.core.provider import Secret, Subscription
from dokos_banksync.hosts.frappe.ledger import sql
from dokos_banksync.hosts.frappe.ledger.base import insert
from dokos_banksync.hosts.frappe.ledger.secret_store import FrappeRateLimitStore, FrappeSecretStore
from dokos_banksync.hosts.storage.base import Base
from dokos_banksync.hosts.storage.sql import CONNECTION, PROVIDER

_SHOWN = ("name", "provider_name", "provider_type", "environment", "enabled", "client_id", "base_url")


class Providers(Base):
	"""A provider's secrets are Password fields, kept encrypted by the site."""

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
		if frappe.db.exists(PROVIDER, name):
			raise InvalidData("There is a provider {0} already: choose another name", name)
		given = {"provider_name": name, "provider_type": provider_type, "environment": environment}
		keys = {"client_id": client_id, "client_secret": client_secret, "base_url": base_url}
		insert({"doctype": PROVIDER, **given, **keys})

	def remove_provider(self, name: str) -> None:
		"""Raises `InvalidData` while a connection needs it."""
		self.provider(name)
		if frappe.db.exists(CONNECTION, {"provider": name}):
			raise InvalidData("{0} has connections: they need its keys, so it stays", name)
		frappe.delete_doc(PROVIDER, name, ignore_permissions=True)
		sql.commit()

	def providers(self) -> list[dict[str, Any]]:
		"""Sync Providers that are enabled, without any secret."""
		found = frappe.get_all(PROVIDER, fields=list(_SHOWN), filters={"enabled": 1}, order_by="name")
		return [dict(row) for row in found]

	def provider(self, name: str) -> dict[str, Any]:
		row = frappe.db.get_value(PROVIDER, name, list(_SHOWN), as_dict=True)
		if row is None:
			raise NotFound("There is no provider {0}: see the list of providers", name)
		return dict(row)

	def subscription(self, provider: str) -> tuple[str, Subscription]:
		record = self.provider(provider)
		return record["provider_type"], Subscription(
			provider,
			record["client_id"] or "",
			_secret(provider, "client_secret"),
			record["base_url"] or "",
			_secrets(provider),
			self.language,
		)

	def memory(self, provider: str) -> FrappeSecretStore:
		return FrappeSecretStore(provider, self.clock)

	def tally(self, provider: str) -> FrappeRateLimitStore:
		return FrappeRateLimitStore(provider)


def _secret(provider: str, field: str) -> Secret:
	"""Raises `ConfigurationError` on a site whose key is not the one that locked the secret."""
	try:
		return Secret(get_decrypted_password(PROVIDER, provider, field) or "")
	except frappe.AuthenticationError:  # there is none
		frappe.clear_last_message()
		return Secret("")
	except frappe.ValidationError:
		frappe.clear_last_message()
		raise ConfigurationError(
			"The keys of {0} cannot be opened with this site's encryption key: enter them again", provider
		) from None


def _secrets(provider: str) -> Sequence[Secret]:
	"""One to a line: two while a rotation lasts. Those that another key has locked are none: calls are then
	refused, and fetching goes on.
	"""
	try:
		told = _secret(provider, "webhook_secret").reveal()
	except ConfigurationError:
		return []
	return [Secret(one) for one in told.split()]

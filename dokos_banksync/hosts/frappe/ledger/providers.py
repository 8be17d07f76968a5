"""Sync Providers: their keys, and what is stored for them."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import frappe
from frappe.utils.password import decrypt, set_encrypted_password

from dokos_banksync.core.errors import ConfigurationError, InvalidData, NotFound
from dokos_banksync.core.provider import Secret, Subscription
from dokos_banksync.core.provider_stores import Usage
from dokos_banksync.core.subscription import PRODUCTION
from dokos_banksync.hosts.frappe.ledger import sql
from dokos_banksync.hosts.frappe.ledger.base import insert
from dokos_banksync.hosts.frappe.ledger.fields import has
from dokos_banksync.hosts.frappe.ledger.secret_store import (
	CREDENTIAL_PREFIX,
	STORE_PREFIX,
	FrappeGrantStore,
	FrappeRateLimitStore,
	FrappeSecretStore,
	forget_all,
)
from dokos_banksync.hosts.storage.sql import CONNECTION, PROVIDER
from dokos_banksync.hosts.storage.subscriptions import NO_PROVIDER, Subscriptions

_SHOWN = (
	"name",
	"provider_name",
	"provider_type",
	"environment",
	"enabled",
	"client_id",
	"credentials",
	"base_url",
)


_NOT_CREDENTIALS = f"{STORE_PREFIX}%"
"""Tokens and the like are stored beside the credentials, many for each connection."""
_SUBSCRIPTION = """
	SELECT p.name, p.provider_type, p.client_id, p.credentials, p.base_url, a.fieldname, a.password
	FROM `tabSync Provider` p LEFT JOIN `__Auth` a ON a.doctype = %s AND a.name = p.name AND a.encrypted = 1
		AND a.password <> '' AND a.fieldname NOT LIKE %s
"""

_MASK = "*" * 8
"""What a form holds for a secret that is stored: saving a form whose field is empty would delete the secret."""


class Providers(Subscriptions):
	"""Stores providers; their secrets are Password fields, which the site encrypts."""

	def add_provider(
		self, provider_type: str, subscription: Subscription, environment: str = PRODUCTION
	) -> None:
		"""Store a subscription. Raises `InvalidData` when its name is taken."""
		name = subscription.name
		if frappe.db.exists(PROVIDER, name):
			raise InvalidData("There is a provider {0} already: choose another name", name)
		given = {"provider_name": name, "provider_type": provider_type, "environment": environment}
		insert({"doctype": PROVIDER, **given, "base_url": subscription.base_url})
		self.update_provider(subscription, preserve_address=True)

	def update_provider(self, subscription: Subscription, *, preserve_address: bool = False) -> None:
		"""Replace credentials and address of a subscription; credentials that are not given stay.

		What the old credentials gave access to is forgotten; the grants of connections stay.
		"""
		name = subscription.name
		texts = {**_texts(self.provider(name)), **subscription.texts}
		values = {"client_id": texts.get("client_id", ""), "credentials": json.dumps(texts)}
		if not preserve_address:
			values["base_url"] = subscription.base_url
		if "client_secret" in subscription.secrets:
			values["client_secret"] = _MASK
		frappe.db.set_value(PROVIDER, name, values)
		for field, secret in subscription.secrets.items():
			set_encrypted_password(PROVIDER, name, secret.reveal(), password_field(field))
			if has(PROVIDER, password_field(field)):
				# An empty column would have Frappe delete the secret with the next save of the form.
				frappe.db.set_value(PROVIDER, name, password_field(field), "*" * 8)
		forget_all(name)
		sql.commit()

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
		"""Return the fields of a Sync Provider, without secrets. Raise `NotFound`."""
		row = frappe.db.get_value(PROVIDER, name, list(_SHOWN), as_dict=True)
		if row is None:
			raise NotFound(NO_PROVIDER, name)
		return dict(row)

	def _subscription(self, where: str, name: str) -> tuple[str, Subscription]:
		rows = sql.rows(f"{_SUBSCRIPTION} WHERE {where}", (PROVIDER, _NOT_CREDENTIALS, name))
		if not rows:
			raise NotFound(NO_PROVIDER, name)
		record, provider = rows[0], rows[0]["name"]
		locked = {row["fieldname"]: row["password"] for row in rows if row["fieldname"]}
		return record["provider_type"], Subscription(
			name=provider,
			texts=_texts(record),
			secrets={
				name: _opened(locked[password_field(name)], provider) for name in _credentials_among(locked)
			},
			base_url=record["base_url"] or "",
			webhook_secrets=_webhook_secrets(locked.get("webhook_secret"), provider),
			language=self.language,
		)

	def grant(self, connection: str) -> FrappeGrantStore:
		"""Return what the provider granted for a connection."""
		return FrappeGrantStore(connection)

	def forget_grant(self, connection: str) -> None:
		"""Delete the grant of a connection; harmless when there is none."""
		self.grant(connection).forget()

	def secret_store(self, provider: str) -> FrappeSecretStore:
		"""Return the encrypted store of the provider's tokens."""
		return FrappeSecretStore(provider, self.clock)

	def rate_limits(self, provider: str) -> FrappeRateLimitStore:
		"""Return the store of the provider's calls, shared by all workers."""
		return FrappeRateLimitStore(provider)

	def usage(self, provider: str) -> list[Usage]:
		"""Return the calls that count against the limits of a provider at present."""
		return self.rate_limits(provider).usage(self.clock())


def stored_secrets(provider: str) -> set[str]:
	"""Return the names of the credentials that are stored encrypted for a Sync Provider."""
	query = """
		SELECT fieldname FROM `__Auth` WHERE doctype = %s AND name = %s AND encrypted = 1 AND password <> ''
			AND fieldname NOT LIKE %s
	"""
	rows = sql.rows(query, (PROVIDER, provider, _NOT_CREDENTIALS))
	return _credentials_among({row["fieldname"] for row in rows})


def _credentials_among(found: Collection[str]) -> set[str]:
	declared = {name.removeprefix(CREDENTIAL_PREFIX) for name in found if name.startswith(CREDENTIAL_PREFIX)}
	return declared | ({"client_secret"} & set(found))


def password_field(field: str) -> str:
	"""Return the field under which the site stores a secret credential.

	`client_secret` is a field of the form; any other that a provider declares has no column.
	"""
	return field if field == "client_secret" else f"{CREDENTIAL_PREFIX}{field}"


def _texts(record: Mapping[str, Any]) -> dict[str, str]:
	"""What the form's own field holds counts: a user may have changed it there."""
	stored: dict[str, str] = json.loads(record["credentials"] or "{}")
	return {**stored, "client_id": record["client_id"]} if record["client_id"] else stored


def _opened(locked: str, provider: str) -> Secret:
	"""Return a secret of a Sync Provider as the site stores it, decrypted.

	Raises `ConfigurationError` on a site whose key is not the one that locked the secret.
	"""
	try:
		return Secret(decrypt(locked) or "")
	except frappe.ValidationError:
		frappe.clear_last_message()
		raise ConfigurationError(
			"The keys of {0} cannot be opened with this site's encryption key: enter them again", provider
		) from None


def _webhook_secrets(locked: str | None, provider: str) -> Sequence[Secret]:
	"""Return the webhook secrets, one to a line: two while a rotation lasts. Those that another key has locked are none: calls are then
	refused, and fetching goes on.
	"""
	try:
		secrets = _opened(locked, provider).reveal() if locked else ""
	except ConfigurationError:
		return []
	return [Secret(one) for one in secrets.split()]

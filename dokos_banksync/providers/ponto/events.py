"""Webhook calls as events. The keys of their signatures are fetched once a day, or when a new one is named."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta

import jwt

from dokos_banksync.core.errors import ConfigurationError
from dokos_banksync.core.provider import Event, Secret, SecretStore, WebhookRequest
from dokos_banksync.providers.parsing import mapping, text
from dokos_banksync.providers.ponto import webhooks
from dokos_banksync.providers.ponto.client import Client

KEYS_LIFE = timedelta(days=1)
ASKED_AGAIN = timedelta(minutes=5)
"""How long a key that was not found is not asked for again: anybody may name one."""

_KEYS, _ASKED = "ponto-webhook-keys", "ponto-webhook-keys-asked"


def events(
	client: Client, secret_store: SecretStore, application_id: str, request: WebhookRequest
) -> list[Event]:
	"""Return the event of a call; none for a type that is not known.

	Raise `ConfigurationError` when Ponto did not sign it for this application, `ProviderBug` when a signed body is no
	event.
	"""
	if not application_id:
		raise ConfigurationError("Webhooks of Ponto need the application ID of the provider. Enter it.")
	key = _key(client, secret_store, webhooks.key_id(request.headers))
	webhooks.verify(request.headers, request.body, key, application_id=application_id, now=client.now())
	data = webhooks.content(request.body)
	kind = webhooks.KINDS.get(text(data.get("type")))
	if kind is None:
		return []
	account = webhooks.related(data, "account")
	return [
		Event(
			kind,
			remote_user=webhooks.related(data, "organization"),
			remote_account=account,
			at=webhooks.moment(data),
			details=_details(data.get("attributes")),
		)
	]


def _key(client: Client, secret_store: SecretStore, kid: str) -> jwt.PyJWK:
	"""Return the key of a signature, from the store or from Ponto."""
	stored = secret_store.get(_KEYS)
	found = webhooks.find_key(json.loads(stored.reveal()), kid) if stored else None
	if found is None and not secret_store.get(_ASKED):
		secret_store.put(_ASKED, Secret("yes"), client.now() + ASKED_AGAIN)
		keys = client.webhook_keys()
		secret_store.put(_KEYS, Secret(json.dumps(keys)), client.now() + KEYS_LIFE)
		found = webhooks.find_key(keys, kid)
	if found is None:
		raise ConfigurationError("A webhook call names a key that Ponto does not have.")
	return found


def _details(attributes: object) -> Mapping[str, str]:
	names = ("count", "synchronizationSubtype")
	return {name: str(mapping(attributes)[name]) for name in names if name in mapping(attributes)}

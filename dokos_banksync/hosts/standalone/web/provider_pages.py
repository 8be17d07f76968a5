"""Providers and their credentials: what each page shows."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from werkzeug.wrappers import Response

from dokos_banksync.actions.providers import choice_label
from dokos_banksync.core.subscription import ENVIRONMENTS, PRODUCTION
from dokos_banksync.hosts.standalone.web import webhook
from dokos_banksync.hosts.standalone.web.request_context import Call, PageScripts
from dokos_banksync.providers.registry import provider_class, provider_types


def providers(call: Call) -> Response:
	"""Show the providers."""
	return call.page(
		"providers.html",
		call.translations("Providers"),
		"/sync-provider",
		providers=call.site.ledger.providers(),
	)


def provider(call: Call, name: str) -> Response:
	"""Show a provider."""
	record = call.site.ledger.provider(name)
	return call.page(
		"provider.html",
		name,
		"/sync-provider",
		PageScripts("form", "Sync Provider", doc={"name": name}),
		parent=("/sync-provider", call.translations("Providers")),
		provider=record,
		stored=call.site.ledger.stored_secrets(name),
		webhook_address=_webhook_address(call, record),
		signs_webhooks=_signs_webhooks(record["provider_type"]),
		given={"client_id": record["client_id"], **json.loads(record["credentials"] or "{}")},
		**_credentials(call, record["provider_type"]),
	)


def _webhook_address(call: Call, record: Mapping[str, Any]) -> str:
	"""Return where the provider may send its webhooks; empty for one that has none."""
	if not provider_class(record["provider_type"]).capabilities.webhooks:
		return ""
	return f"{call.request.host_url.rstrip('/')}{webhook.PATH}{quote(record['name'], safe='')}"


def _signs_webhooks(provider_type: str) -> bool:
	"""Return whether webhooks are signed with a secret that the administrator copies from the provider."""
	return provider_class(provider_type).capabilities.webhook_secret


def _credentials(call: Call, provider_type: str) -> dict[str, Any]:
	"""Return the fields that a type declares, and the choices of those that have some, for the forms."""
	fields = provider_class(provider_type).credential_fields
	pairs = {
		field.name: [(one, choice_label(one, call.translations)) for one in field.choices] for field in fields
	}
	return {"fields": fields, "choice_pairs": pairs}


def change_provider(call: Call, name: str) -> Response:
	"""Change the keys, the address or the webhook secret of a subscription, or remove it."""
	form = call.request.form
	if form.get("action") == "remove":
		call.site.remove_provider(name)
		return call.go("/sync-provider")
	provider_type = call.site.ledger.provider(name)["provider_type"]
	fields = provider_class(provider_type).credential_fields
	given = {field.name: form.get(field.name, "").strip() for field in fields}
	entered = {field: value for field, value in given.items() if value}
	call.site.update_provider(name, entered, form.get("base_url", "").strip())
	webhook_secret = form.get("webhook_secret", "").strip()
	if webhook_secret and _signs_webhooks(provider_type):
		call.site.ledger.set_webhook_secret(name, webhook_secret)
	return call.go(f"/sync-provider/{quote(name, safe='')}")


_NOTHING = {
	"provider_name": "",
	"provider_type": "",
	"environment": PRODUCTION,
	"base_url": "",
}


def new_provider(call: Call) -> Response:
	"""Show the form for the provider type of the address; the fields are those that the type declares."""
	types = provider_types()
	wanted = call.request.form.get("provider_type") or call.request.args.get("type", "")
	chosen = wanted if wanted in types else types[0]
	return call.page(
		"provider_new.html",
		call.translations("Add a provider"),
		"/sync-provider",
		parent=("/sync-provider", call.translations("Providers")),
		given={**_NOTHING, "provider_type": chosen},
		**_credentials(call, chosen),
		provider_types=types,
		environments=[(one, call.translations(one)) for one in ENVIRONMENTS],
	)


def add_provider(call: Call) -> Response:
	"""Store the subscription of the form."""
	form = call.request.form
	given = {name: form.get(name, "").strip() for name in (*_NOTHING, *form)}
	names = [field.name for field in provider_class(given["provider_type"]).credential_fields]
	call.site.add_provider(
		given["provider_name"],
		given["provider_type"],
		{name: given.get(name, "") for name in names},
		base_url=given["base_url"],
		environment=given["environment"],
	)
	return call.go(f"/sync-provider/{quote(given['provider_name'], safe='')}")

"""Powens's webhooks, with their HMAC signature.

https://docs.powens.com/documentation/integration-guides/webhooks ("Authentication with a HMAC signature header"):
`BI-Signature` is base64(HMAC-SHA256(secret, "POST" + "." + endpoint + "." + date + "." + payload)). The endpoint is the
path that was called (the documentation's example is `/v1/webhook-listener`), the date the text of `BI-Signature-Date`, an
ISO 8601 instant in UTC, and the payload the exact bytes.

A webhook's body does not name its event: what it is about follows from its ids. An event is a hint to fetch, never data.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from dokos_banksync.core.errors import ConfigurationError
from dokos_banksync.core.provider import Event, EventKind, Secret, WebhookRequest
from dokos_banksync.providers.parsing import Object, header, identifier, instant, mapping
from dokos_banksync.providers.webhooks import read_body

SIGNATURE, DATE = "bi-signature", "bi-signature-date"
LONGEST = timedelta(days=1)
"""How old a call may be: Powens repeats calls that were not accepted."""


def verify(request: WebhookRequest, secrets: Sequence[Secret], now: datetime) -> datetime:
	"""Check a call's signature and age; return when it was sent (UTC). Raises `ConfigurationError`."""
	if not any(secrets):
		raise ConfigurationError(
			"Webhooks of Powens cannot be checked. Enter the secret key of the HMAC authentication in the provider."
		)
	date, given = header(request.headers, DATE), header(request.headers, SIGNATURE).strip().encode()
	made = [
		_signature(secret, request, path, date) for secret in secrets if secret for path in _paths(request)
	]
	if not given or not date or not any(hmac.compare_digest(given, one) for one in made):
		raise ConfigurationError(
			"A webhook of Powens has no signature made with the secret key for this address. Check the secret key, and "
			"that the webhook uses the HMAC authentication."
		)
	sent = instant(date)
	if sent is None or abs(now - sent) > LONGEST:
		raise ConfigurationError("A webhook of Powens is too old. Check the clock of this server.")
	return sent


def events(content: bytes, sent: datetime) -> list[Event]:
	"""Return the event in the body of a verified call; none for one that is about no bank data."""
	event = _event(read_body(content, "Powens"), sent)
	return [event] if event else []


def _event(body: Object, sent: datetime) -> Event | None:
	user, connection = mapping(body.get("user")), mapping(body.get("connection"))
	if connection:
		remote_user = identifier(connection.get("id_user")) or identifier(user.get("id"))
		return Event(
			EventKind.CONNECTION_REFRESHED,
			remote_user,
			identifier(connection.get("id")),
			at=sent,
		)
	if "id_connection" in body:
		return Event(
			EventKind.ACCOUNT_UPDATED,
			identifier(body.get("id_user")),
			identifier(body.get("id_connection")),
			identifier(body.get("id")),
			at=sent,
		)
	if "id_connector" in body or "connector_uuid" in body:
		# The one event about a bare connection is its end: its state is read again.
		return Event(
			EventKind.CONNECTION_REMOVED, identifier(body.get("id_user")), identifier(body.get("id")), at=sent
		)
	return None


def _signature(secret: Secret, request: WebhookRequest, path: str, date: str) -> bytes:
	head = f"{request.method.upper()}.{path}.{date}.".encode()
	return base64.b64encode(hmac.new(secret.reveal().encode(), head + request.body, hashlib.sha256).digest())


def _paths(request: WebhookRequest) -> Mapping[str, None]:
	"""Return the path that was called, and the path with the query of an address that has one."""
	parts = urlsplit(request.url)
	return dict.fromkeys([parts.path, f"{parts.path}?{parts.query}" if parts.query else parts.path])

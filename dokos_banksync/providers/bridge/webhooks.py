"""Bridge's webhooks.

https://docs.bridgeapi.io/docs/webhooks-events, https://docs.bridgeapi.io/docs/secure-your-webhooks

The signature covers the body and no time, so a call can be replayed: an event is a hint to fetch and nothing
more. Events may come twice, late, in any order, and for connections that are gone.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone

from dokos_banksync.core.errors import ConfigurationError
from dokos_banksync.core.provider import Event, EventKind, Secret
from dokos_banksync.providers.parsing import amount, header, identifier, mapping, text
from dokos_banksync.providers.webhooks import read_body

HEADER = "BridgeApi-Signature"

KINDS: Mapping[str, EventKind] = {
	"item.created": EventKind.CONNECTION_CREATED,
	"item.refreshed": EventKind.CONNECTION_REFRESHED,
	"item.deleted": EventKind.CONNECTION_REMOVED,
	"item.account.created": EventKind.ACCOUNT_CREATED,
	"item.account.updated": EventKind.ACCOUNT_UPDATED,
	"item.account.deleted": EventKind.ACCOUNT_REMOVED,
	"user.deleted": EventKind.USER_REMOVED,
	"TEST_EVENT": EventKind.TEST,
}
"""Bridge's types of event, and ours (`Event.kind`)."""

_NAMES = frozenset(["user_uuid", "item_id", "account_id", "balance"])
_MILLISECONDS_FROM = 10**11


def events(headers: Mapping[str, str], body: bytes, secrets: Sequence[Secret]) -> list[Event]:
	"""Return the event of a call; none for a type that is not known.

	Raises `ConfigurationError` when none of the secrets made the signature, `ProviderBug` when a signed body
	is not an event.
	"""
	if not _signed(headers, body, secrets):
		raise ConfigurationError(
			"A webhook call has no signature made with the webhook secret. Check the secret of the provider."
		)
	data = read_body(body, "Bridge")
	kind = KINDS.get(text(data.get("type")))
	return [_event(kind, data)] if kind else []


def _signed(headers: Mapping[str, str], body: bytes, secrets: Sequence[Secret]) -> bool:
	parts = (part.strip().partition("=") for part in header(headers, HEADER).split(","))
	given = [value.strip().lower().encode() for scheme, _sign, value in parts if scheme.strip() == "v1"]
	made = [
		hmac.new(secret.reveal().encode(), body, hashlib.sha256).hexdigest().encode()
		for secret in secrets
		if secret
	]
	return any(hmac.compare_digest(one, other) for one in given for other in made)


def _event(kind: EventKind, data: Mapping[str, object]) -> Event:
	content = mapping(data.get("content"))
	return Event(
		kind,
		remote_user=text(content.get("user_uuid")),
		remote_id=identifier(content.get("item_id")),
		remote_account=identifier(content.get("account_id")),
		at=_moment(data.get("timestamp")),
		details={name: _plain(value) for name, value in content.items() if name not in _NAMES},
	)


def _plain(value: object) -> str:
	return str(value).lower() if isinstance(value, bool) else str(value)


def _moment(value: object) -> datetime | None:
	"""Milliseconds since 1970, or seconds: a number that would lie beyond the year 5000 is milliseconds."""
	number = amount(value)
	if number is None:
		return None
	seconds = float(number) / 1000 if number >= _MILLISECONDS_FROM else float(number)
	try:
		return datetime.fromtimestamp(seconds, timezone.utc)
	except (ValueError, OverflowError, OSError):
		return None

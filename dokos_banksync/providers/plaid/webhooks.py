"""Plaid's webhooks and their verification.

https://plaid.com/docs/api/webhooks/webhook-verification/: the header `Plaid-Verification` is a JSON Web Token
(RFC 7519) signed with ES256. Its claims hold the time of issue and the SHA-256 of the raw body. Webhooks may come
twice, late and in any order: an event is a hint to fetch.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, timezone
from typing import Any

import jwt

from dokos_banksync.core.errors import ConfigurationError
from dokos_banksync.core.provider import Event, EventKind
from dokos_banksync.providers.parsing import header, identifier, mapping, text
from dokos_banksync.providers.webhooks import read_body

HEADER = "Plaid-Verification"
OLDEST = timedelta(minutes=5)
_SKEW = timedelta(seconds=60)
"""How far Plaid's clock may be ahead of ours."""

_REFRESHED = (
	("TRANSACTIONS", "SYNC_UPDATES_AVAILABLE"),
	("TRANSACTIONS", "INITIAL_UPDATE"),
	("TRANSACTIONS", "HISTORICAL_UPDATE"),
	("TRANSACTIONS", "DEFAULT_UPDATE"),
	("TRANSACTIONS", "TRANSACTIONS_REMOVED"),
	("ITEM", "ERROR"),
	("ITEM", "LOGIN_REPAIRED"),
	("ITEM", "PENDING_EXPIRATION"),
	("ITEM", "PENDING_DISCONNECT"),
	("ITEM", "USER_PERMISSION_REVOKED"),
)
"""Types and codes after which the state or the transactions of the item are read again."""

KINDS: Mapping[tuple[str, str], EventKind] = {
	**dict.fromkeys(_REFRESHED, EventKind.CONNECTION_REFRESHED),
	("ITEM", "USER_ACCOUNT_REVOKED"): EventKind.ACCOUNT_REMOVED,
	("ITEM", "NEW_ACCOUNTS_AVAILABLE"): EventKind.ACCOUNT_CREATED,
	("ITEM", "WEBHOOK_UPDATE_ACKNOWLEDGED"): EventKind.TEST,
}
"""Plaid's types and codes, and ours (`Event.kind`). Others are left out."""

_NAMES = frozenset({"webhook_type", "webhook_code", "item_id", "account_id", "error", "environment"})

KeySource = Callable[[str], Mapping[str, Any]]
"""Returns the JSON Web Key of a key id. Raises the errors of a call."""


def verify(headers: Mapping[str, str], body: bytes, keys: KeySource, now: datetime) -> datetime:
	"""Return when Plaid signed a call.

	Raises `ConfigurationError` when the signature is missing, wrong, too old or over another body.
	"""
	token = header(headers, HEADER)
	claims, expired_at = _claims(token, keys)
	issued = claims.get("iat")
	if isinstance(issued, bool) or not isinstance(issued, (int, float)):
		raise ConfigurationError("A webhook call was refused: its signature has no time.")
	if isinstance(expired_at, int) and issued > expired_at:
		raise ConfigurationError(
			"A webhook call was refused: it is signed with a key that Plaid has replaced."
		)
	at = datetime.fromtimestamp(issued, timezone.utc)
	if not now - OLDEST <= at <= now + _SKEW:
		raise ConfigurationError(
			"A webhook call was refused: it was signed too long ago, or the clock of this server is wrong. Check the clock."
		)
	digest = hashlib.sha256(body).hexdigest()
	if not hmac.compare_digest(digest.encode(), text(claims.get("request_body_sha256")).encode()):
		raise ConfigurationError("A webhook call was refused: its signature belongs to another content.")
	return at


def events(body: bytes, at: datetime) -> list[Event]:
	"""Return the event of a verified call; none for a type that is not known."""
	data = read_body(body, "Plaid")
	kind = KINDS.get((text(data.get("webhook_type")), text(data.get("webhook_code"))))
	if kind is None:
		return []
	details = {name: text(value) for name, value in data.items() if name not in _NAMES and text(value)}
	error_code = text(mapping(data.get("error")).get("error_code"))
	known = {"code": text(data.get("webhook_code")), "error_code": error_code}
	return [
		Event(
			kind,
			remote_id=identifier(data.get("item_id")),
			remote_account=identifier(data.get("account_id")),
			at=at,
			details={**{name: value for name, value in known.items() if value}, **details},
		)
	]


def _claims(token: str, keys: KeySource) -> tuple[Mapping[str, Any], object]:
	"""Return the claims of a token, and when its key expired (seconds since 1970, or None)."""
	try:
		head = jwt.get_unverified_header(token)
		if head.get("alg") != "ES256" or not isinstance(head.get("kid"), str):
			raise ConfigurationError("A webhook call was refused: it is not signed as Plaid signs.")
		jwk = dict(keys(head["kid"]))
		claims: Mapping[str, Any] = jwt.decode(
			token,
			jwt.PyJWK(jwk, algorithm="ES256").key,
			algorithms=["ES256"],
			options={"verify_iat": False, "verify_exp": False},
		)
	except jwt.PyJWTError:
		raise ConfigurationError("A webhook call was refused: its signature is missing or wrong.") from None
	return claims, jwk.get("expired_at")

"""Ponto Connect's webhooks.

https://documentation.ibanity.com/webhooks: the header `Signature` is a JWT (RS512) by one of the keys at
`/webhooks/keys`. It names its reader (`aud`, the application's id), its maker (`iss`) and its minute (`iat`, `exp`), and
holds the SHA-512 of the body in base64 (`digest`). An event is a hint to fetch and nothing more.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import jwt

from dokos_banksync.core.errors import ConfigurationError, ProviderBug
from dokos_banksync.core.provider import EventKind
from dokos_banksync.providers.parsing import Object, header, identifier, instant, mapping, text
from dokos_banksync.providers.webhooks import read_body

HEADER = "Signature"
ISSUER = "https://api.ibanity.com"
SKEW = timedelta(seconds=30)

KINDS: Mapping[str, EventKind] = {
	"pontoConnect.synchronization.succeededWithoutChange": EventKind.ACCOUNT_REFRESHED,
	"pontoConnect.synchronization.failed": EventKind.ACCOUNT_REFRESHED,
	"pontoConnect.account.detailsUpdated": EventKind.ACCOUNT_UPDATED,
	"pontoConnect.account.reauthorized": EventKind.ACCOUNT_UPDATED,
	"pontoConnect.account.transactionsCreated": EventKind.ACCOUNT_UPDATED,
	"pontoConnect.account.transactionsUpdated": EventKind.ACCOUNT_UPDATED,
	"pontoConnect.account.pendingTransactionsCreated": EventKind.ACCOUNT_UPDATED,
	"pontoConnect.account.pendingTransactionsUpdated": EventKind.ACCOUNT_UPDATED,
	"pontoConnect.integration.created": EventKind.CONNECTION_CREATED,
	"pontoConnect.integration.revoked": EventKind.CONNECTION_REMOVED,
	"pontoConnect.integration.accountAdded": EventKind.ACCOUNT_CREATED,
	"pontoConnect.integration.accountRevoked": EventKind.ACCOUNT_REMOVED,
	"pontoConnect.organization.blocked": EventKind.CONNECTION_REFRESHED,
	"pontoConnect.organization.unblocked": EventKind.CONNECTION_REFRESHED,
}
"""Ponto's types of event, and ours."""

_REFUSED = (
	"A webhook call is not signed by Ponto for this application. Check the application ID of the provider."
)


def key_id(headers: Mapping[str, str]) -> str:
	"""Return the id of the key that a call claims to be signed with. Raise `ConfigurationError` for no such call."""
	try:
		header = jwt.get_unverified_header(_token(headers))
	except jwt.InvalidTokenError:
		raise ConfigurationError(_REFUSED) from None
	return text(header.get("kid"))


def find_key(keys: object, kid: str) -> jwt.PyJWK | None:
	"""Return the active signature key of that id in a JWKS; None when it holds none."""
	rows = mapping(keys).get("keys")
	for row in rows if isinstance(rows, list) else []:
		usable = mapping(row).get("use") == "sig" and mapping(row).get("status", "ACTIVE") == "ACTIVE"
		if usable and mapping(row).get("kid") == kid and mapping(row).get("kty") == "RSA":
			try:
				return jwt.PyJWK(dict(row), algorithm="RS512")
			except jwt.PyJWTError:
				return None
	return None


def verify(
	headers: Mapping[str, str], body: bytes, key: jwt.PyJWK, application_id: str, now: datetime
) -> None:
	"""Check a call: signature, reader, maker, minute and body. Raise `ConfigurationError` when one is wrong."""
	try:
		claims: dict[str, Any] = jwt.decode(
			_token(headers),
			key=key.key,
			algorithms=["RS512"],
			audience=application_id,
			issuer=ISSUER,
			options={
				"require": ["exp", "iat", "aud", "iss"],
				"verify_exp": False,
				"verify_iat": False,
				"verify_nbf": False,
			},
		)
	except jwt.InvalidTokenError:
		raise ConfigurationError(_REFUSED) from None
	_check_minute(claims, now)
	digest = base64.b64encode(hashlib.sha512(body).digest())
	if not hmac.compare_digest(digest, text(claims.get("digest")).encode()):
		raise ConfigurationError(_REFUSED)


def _check_minute(claims: Mapping[str, Any], now: datetime) -> None:
	"""By our own clock, which tests can move."""
	issued, expires = claims["iat"], claims["exp"]
	numbers = all(isinstance(one, (int, float)) for one in (issued, expires))
	moment, skew = now.timestamp(), SKEW.total_seconds()
	if not numbers or issued > moment + skew or expires < moment - skew:
		raise ConfigurationError(
			"A webhook call of Ponto is too old or from the future. Check the clock of this server."
		)


def content(body: bytes) -> Object:
	"""Return the resource of a verified call. Raise `ProviderBug` when it is none."""
	data = read_body(body, "Ponto").get("data")
	if not isinstance(data, dict):
		raise ProviderBug("{0} sends a webhook call that cannot be read.", "Ponto")
	return data


def related(data: Object, name: str) -> str:
	"""Return the id of a related resource, "" for none."""
	return identifier(mapping(mapping(mapping(data.get("relationships")).get(name)).get("data")).get("id"))


def moment(data: Object) -> datetime | None:
	"""Return when an event was created (UTC); None where it does not say."""
	return instant(mapping(data.get("attributes")).get("createdAt"))


def _token(headers: Mapping[str, str]) -> str:
	return header(headers, HEADER)

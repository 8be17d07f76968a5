"""Calls to Plaid: keys, limits and errors. https://plaid.com/docs/api/

Every call is a POST with a JSON body. The keys travel in headers, access tokens in the body.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from dokos_banksync.core.errors import ConfigurationError
from dokos_banksync.core.provider import Clock, Secret
from dokos_banksync.providers import rawjson
from dokos_banksync.providers.failures import malformed
from dokos_banksync.providers.http import Headers, Http, Parse
from dokos_banksync.providers.limits import Limit, Limiter
from dokos_banksync.providers.plaid import errors

VERSION = "2020-09-14"
URLS = {"sandbox": "https://sandbox.plaid.com", "production": "https://production.plaid.com"}

_MINUTE = 61.0
"""Seconds: Plaid's minute, and one for the uneven delay of calls."""
_PER_ITEM = {
	"/accounts/get": 15,
	"/accounts/balance/get": 5,
	"/item/get": 15,
	"/item/remove": 30,
	"/transactions/sync": 50,
}
_PER_CLIENT = {
	"/accounts/get": 15_000,
	"/accounts/balance/get": 1_200,
	"/item/get": 5_000,
	"/transactions/sync": 2_500,
	"/institutions/get": 50,
	"/institutions/get_by_id": 400,
}
"""Calls a minute in production: https://plaid.com/docs/errors/rate-limit-exceeded/"""


def headers(name: str, client_id: str, secret: Secret) -> Headers:
	"""Return what every call has. Raises `ConfigurationError` for keys that cannot be any."""
	for key in (client_id, secret.reveal()):
		if not key or not key.isascii() or not key.isprintable():
			raise ConfigurationError(
				"The client ID or the secret of the provider {0} is empty or not a key.", name
			)
	return {"PLAID-CLIENT-ID": client_id, "PLAID-SECRET": secret, "Plaid-Version": VERSION}


class Client:
	"""Plaid's API for one client."""

	def __init__(self, http: Http, limiter: Limiter, clock: Clock, secret: Secret) -> None:
		self._http = http
		self._limiter = limiter
		self._clock = clock
		self._secret = secret

	def close(self) -> None:
		"""Close the network connections."""
		self._http.close()

	def post(
		self,
		path: str,
		body: Mapping[str, object] | None = None,
		token: Secret | None = None,
		*,
		repeatable: bool = True,
		parse: Parse = rawjson.loads,
	) -> Mapping[str, Any]:
		"""Return the object that a call answers. `token` is the access token of an item.

		`repeatable` False for calls that create something. Raises the errors of `dokos_banksync.core.errors`.
		"""
		sent = {**(body or {}), **({"access_token": token} if token else {})}
		limits = _limits(path, token)
		answer = self._http.request(
			"POST",
			path,
			body=sent,
			repeatable=repeatable,
			parse=parse,
			before=lambda: self._limiter.wait(*limits),
		)
		if answer.status >= 300:
			secrets = [one for one in (self._secret, token) if one]
			raise errors.error(errors.read(answer.data), self._clock(), secrets)
		if not isinstance(answer.data, Mapping):
			raise malformed("Plaid", "request_id")
		return answer.data


def _limits(path: str, token: Secret | None) -> list[Limit]:
	found = []
	if token and path in _PER_ITEM:
		item = hashlib.sha256(token.reveal().encode()).hexdigest()[:16]
		found.append(Limit(f"plaid:{path}:{item}", _PER_ITEM[path], _MINUTE))
	if path in _PER_CLIENT:
		found.append(Limit(f"plaid:{path}", _PER_CLIENT[path], _MINUTE))
	return found

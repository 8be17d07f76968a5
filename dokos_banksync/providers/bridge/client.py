"""Calls to Bridge: keys, users' tokens, limits, errors and paging.

https://docs.bridgeapi.io/docs/basics, https://docs.bridgeapi.io/docs/user-creation-authentication
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from dokos_banksync.core.errors import (
	ConfigurationError,
	ConsentRevoked,
	NotFound,
	TemporaryError,
)
from dokos_banksync.core.provider import Clock, Secret, SecretStore, Subscription
from dokos_banksync.providers import rawjson
from dokos_banksync.providers.address import LoopGuard
from dokos_banksync.providers.bridge import errors
from dokos_banksync.providers.failures import malformed
from dokos_banksync.providers.http import Answer, Headers, Http, Parse, Query
from dokos_banksync.providers.limits import Limit, Limiter
from dokos_banksync.providers.parsing import instant, mapping, text

VERSION = "2025-01-15"
PAGE_SIZE = 500

TOKEN_PATH = "/v3/aggregation/authorization/token"  # noqa: S105 (a path)
TOKEN_LIFE = timedelta(hours=2)
RENEW_EARLY = timedelta(seconds=60)

_SLACK = 1
"""Seconds added to each limit's window, for calls travel with uneven delay."""


def headers(subscription: Subscription) -> Headers:
	"""Return what every call has. Raises `ConfigurationError` for keys that cannot be any."""
	client_id, client_secret = subscription.text("client_id"), subscription.secret("client_secret")
	if not (_is_key(Secret(client_id)) and _is_key(client_secret)):
		raise ConfigurationError(
			"The client ID or the client secret of the provider {0} is empty or not a valid key.",
			subscription.name,
		)
	return {
		"Client-Id": client_id,
		"Client-Secret": client_secret,
		"Bridge-Version": VERSION,
		"Accept-Language": subscription.language,
	}


def _is_key(key: Secret) -> bool:
	return bool(key) and key.reveal().isascii() and key.reveal().isprintable()


class Client:
	"""Bridge's API for one application. `user` is the uuid of the Bridge user whose data is asked for."""

	def __init__(
		self, http: Http, limiter: Limiter, secret_store: SecretStore, clock: Clock, secret: Secret
	) -> None:
		self._http = http
		self._limiter = limiter
		self._secret_store = secret_store
		self._clock = clock
		self._secret = secret

	@property
	def host(self) -> str:
		"""Return the host name of the API."""
		return self._http.address.host

	def close(self) -> None:
		"""Close the connections that are kept open."""
		self._http.close()

	def get(self, path: str, query: Query | None = None, user: str = "", parse: Parse = rawjson.loads) -> Any:
		"""Return the body of a GET."""
		return self._call("GET", path, user, query=query, parse=parse).data

	def post(self, path: str, body: Mapping[str, object], user: str = "", repeatable: bool = True) -> Any:
		"""Return the body of a POST. `repeatable` False tries again only where surely nothing was done."""
		return self._call("POST", path, user, body=body, repeatable=repeatable).data

	def delete(self, path: str, user: str = "") -> None:
		"""Delete a resource; one that is gone already is no error."""
		try:
			self._call("DELETE", path, user)
		except NotFound:
			return

	def pages(
		self, path: str, query: Query | None = None, user: str = "", parse: Parse = rawjson.loads
	) -> Iterator[list[Any]]:
		"""Yield the `resources` of each page of a list, until no `next_uri` comes.

		`next_uri` is a path with its query, complete: nothing is added to it.
		"""
		guard = LoopGuard(self.host)
		data = mapping(self.get(path, {"limit": PAGE_SIZE, **(query or {})}, user, parse))
		while True:
			rows = data.get("resources")
			if not isinstance(rows, list):
				raise malformed("Bridge", "resources")
			following = text(mapping(data.get("pagination")).get("next_uri"))
			del data  # a page is released before the next one is read
			yield rows
			del rows
			if not following:
				return
			data = mapping(self.get(guard.follow(following), None, user, parse))

	def rows(self, path: str, query: Query | None = None, user: str = "") -> Iterator[Any]:
		"""Yield all `resources` of a list."""
		for page in self.pages(path, query, user):
			yield from page

	def _call(self, method: str, path: str, user: str, **order: Any) -> Answer:
		if not user:
			return self._good(self._send(method, path, {}, (), **order), ())
		limits = (Limit(f"user:{user}", 60, 60 + _SLACK),)
		token = self._token(user)
		answer = self._send(method, path, _bearer(token), limits, **order)
		if answer.status == 401:
			self.forget(user)
			token = self._token(user)
			answer = self._send(method, path, _bearer(token), limits, **order)
		if answer.status == 401:
			raise TemporaryError(
				"Bridge refuses a token that it has just given. We try again later.",
				reference=errors.reference(answer, (self._secret, token)),
			)
		return self._good(answer, (token,))

	def _send(
		self, method: str, path: str, bearer: Headers, limits: tuple[Limit, ...], **order: Any
	) -> Answer:
		limits = (*limits, Limit("application", 2000, 300 + _SLACK))
		return self._http.request(
			method, path, headers=bearer, before=lambda: self._limiter.wait(*limits), **order
		)

	def _good(self, answer: Answer, secrets: tuple[Secret, ...]) -> Answer:
		if answer.status >= 300:
			raise errors.error(answer, (self._secret, *secrets))
		return answer

	# -- tokens: they live two hours, cannot be refreshed, and may be asked for ten times a minute ------
	def forget(self, user: str) -> None:
		"""Drop the user's token."""
		self._secret_store.forget(_key(user))

	def _token(self, user: str) -> Secret:
		return self._secret_store.get(_key(user)) or self._new_token(user)

	def _new_token(self, user: str) -> Secret:
		limit = Limit(f"token:{user}", 10, 60 + _SLACK)
		answer = self._send("POST", TOKEN_PATH, {}, (limit,), body={"user_uuid": user}, parse=_parse_token)
		if answer.status == 404:
			raise ConsentRevoked(
				"Bridge no longer knows this user. Connect the bank again.",
				reference=errors.reference(answer, (self._secret,)),
			)
		data = mapping(self._good(answer, ()).data)
		token = data.get("access_token")
		if not isinstance(token, Secret) or not token:
			raise malformed("Bridge", "access_token")
		self._secret_store.put(_key(user), token, self._token_end(instant(data.get("expires_at"))))
		return token

	def _token_end(self, expires_at: datetime | None) -> datetime:
		# An end that lies in the past or beyond the documented life means that Bridge's clock and ours are
		# apart. Then the life counts from now; should that be too long, a 401 says so.
		now = self._clock()
		if expires_at is None or not now < expires_at <= now + TOKEN_LIFE:
			expires_at = now + TOKEN_LIFE
		return expires_at - RENEW_EARLY


def _key(user: str) -> str:
	return f"bridge-token:{user}"


def _bearer(token: Secret) -> Headers:
	return {"Authorization": lambda: f"Bearer {token.reveal()}"}


def _parse_token(answer: str) -> Any:
	"""Parse an answer as `rawjson.loads`, the access token as a `Secret`: no variable of a caller shows it."""
	data = rawjson.loads(answer)
	if not isinstance(data, dict) or "access_token" not in data:
		return data
	return {**data, "access_token": Secret(text(data["access_token"]))}

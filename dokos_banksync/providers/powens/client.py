"""Calls to Powens: the user's token, limits, errors and paging. https://docs.powens.com/api-reference/overview/api-design"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import urlencode

from dokos_banksync.core.errors import NotFound
from dokos_banksync.core.provider import Clock, Secret
from dokos_banksync.providers import rawjson
from dokos_banksync.providers.address import LoopGuard
from dokos_banksync.providers.failures import malformed
from dokos_banksync.providers.http import Answer, Http, Parse
from dokos_banksync.providers.limits import Limit, Limiter
from dokos_banksync.providers.parsing import Object, identifier, mapping, text
from dokos_banksync.providers.powens import errors

PAGE_SIZE = 1000
"""The most rows that one call gives; a list of transactions without `limit` is refused."""

_parse_rows = partial(rawjson.loads_rows, key="transactions")


class Client:
	"""Powens's API for one client application. `limits` are counted before each call."""

	def __init__(
		self,
		http: Http,
		client_id: str,
		client_secret: Secret,
		clock: Clock,
		limiter: Limiter,
		limits: list[Limit],
	) -> None:
		self._http, self._clock = http, clock
		self.client_id, self._client_secret = client_id, client_secret
		self._limiter, self._limits = limiter, limits

	def close(self) -> None:
		"""Close the network connections."""
		self._http.close()

	def now(self) -> datetime:
		"""Return the present instant (UTC)."""
		return self._clock()

	def new_user(self) -> tuple[str, Secret]:
		"""Create a user. Return its id and its permanent token. Raises `ConfigurationError` for wrong keys."""
		body = {"client_id": self.client_id, "client_secret": self._client_secret}
		answer = self._request("POST", "/auth/init", body=body, repeatable=False)
		if 400 <= answer.status < 500:
			raise errors.keys_error(answer, (self._client_secret,))
		made = mapping(answer.data)
		token, user = text(made.get("auth_token")), identifier(made.get("id_user"))
		if not token or not user:
			raise malformed("Powens", "auth_token")
		return user, Secret(token)

	def connectors(self, country: str = "") -> list[Object]:
		"""Return the banks and other institutions of the domain. This needs no token."""
		query = {"expand": "countries", **({"country_codes": country.lower()} if country else {})}
		return _objects(self._read("GET", f"/connectors?{urlencode(query)}"), "connectors")

	def get(self, token: Secret, path: str) -> Object:
		"""Return the object at a path of the token's user."""
		return self._read("GET", path, token)

	def objects(self, token: Secret, path: str, key: str) -> list[Object]:
		"""Return the objects of a list of the token's user."""
		return _objects(self._read("GET", path, token), key)

	def put(self, token: Secret, path: str) -> Object:
		"""Start something; it is not repeated after an unclear failure."""
		return self._read("PUT", path, token, body={}, repeatable=False)

	def delete(self, token: Secret, path: str) -> None:
		"""Delete something."""
		self._read("DELETE", path, token)

	def transactions(
		self, token: Secret, account: str, query: Mapping[str, str]
	) -> Iterator[list[rawjson.Row]]:
		"""Yield the pages of an account's transactions, deleted ones included.

		The link to the next page is followed as it is; a domain that gives no links is read by `offset`.
		"""
		given = {"limit": str(PAGE_SIZE), **query}
		first = f"/users/me/accounts/{number(account)}/transactions?all&{urlencode(given)}"
		address, guard, offset = first, LoopGuard(self._http.address.host), 0
		while address:
			answer = self._read("GET", guard.follow(address), token, parse=_parse_rows)
			rows = answer.get("transactions")
			if not isinstance(rows, list):
				raise malformed("Powens", "transactions")
			yield rows
			offset += len(rows)
			if "_links" in answer:
				address = text(mapping(mapping(answer["_links"]).get("next")).get("href"))
			else:
				address = f"{first}&offset={offset}" if len(rows) >= PAGE_SIZE else ""

	def _read(
		self,
		method: str,
		path: str,
		token: Secret | None = None,
		*,
		body: Mapping[str, object] | None = None,
		repeatable: bool = True,
		parse: Parse = rawjson.loads,
	) -> Object:
		headers = {"Authorization": Secret(f"Bearer {token.reveal()}")} if token else {}
		answer = self._request(method, path, headers=headers, body=body, repeatable=repeatable, parse=parse)
		if answer.status >= 300:
			secrets = [self._client_secret, *([token] if token else [])]
			raise errors.error(answer, self._clock(), secrets)
		return mapping(answer.data)

	def _request(self, method: str, path: str, **order: Any) -> Answer:
		return self._http.request(method, path, before=lambda: self._limiter.wait(*self._limits), **order)


def number(value: str) -> str:
	"""Return an id that can be part of a path. Raises `NotFound` for what is none."""
	if not (value.isascii() and value.isdecimal() and len(value) <= 20):
		raise NotFound("Powens has nothing under the id {0}.", value)
	return value


def _objects(answer: Object, key: str) -> list[Object]:
	rows = answer.get(key)
	if not isinstance(rows, list):
		raise malformed("Powens", key)
	return [row for row in rows if isinstance(row, Mapping)]

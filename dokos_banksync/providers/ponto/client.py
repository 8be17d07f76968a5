"""Calls to Ponto: access tokens, limits, errors and paging. Both kinds of integration share their resources.

A custom integration of myPonto reads the accounts of its own organization with client credentials. Ponto Connect reads
those of organizations that gave an authorization; its refresh tokens are used up by their use.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from dokos_banksync.core.provider import NO_SECRET, Access, Clock, Secret
from dokos_banksync.providers import rawjson
from dokos_banksync.providers.address import LoopGuard
from dokos_banksync.providers.failures import malformed
from dokos_banksync.providers.http import Answer, Headers, Http
from dokos_banksync.providers.parsing import Object, identifier, mapping, text
from dokos_banksync.providers.ponto import errors
from dokos_banksync.providers.ponto.tokens import Tokens

PAGE_SIZE = 100
MEDIA_TYPE = "application/vnd.api+json"

_parse_rows = partial(rawjson.loads_rows, key="data")


@dataclass(frozen=True)
class Integration:
	"""A kind of integration. `prefix` starts the path of every resource; `own` needs no authorization of a user."""

	own: bool
	prefix: str = ""


CUSTOM_INTEGRATION = Integration(own=True)
PONTO_CONNECT = Integration(own=False, prefix="/ponto-connect")


TokenSource = Callable[[Secret], Secret]
"""Returns an access token, another one than the one given, which was refused (false for none)."""


class Client:
	"""Ponto's API for one integration."""

	def __init__(self, http: Http, tokens: Tokens, integration: Integration, clock: Clock) -> None:
		self._http, self.tokens, self.integration, self._clock = http, tokens, integration, clock

	def close(self) -> None:
		"""Close open network connections."""
		self._http.close()

	def now(self) -> datetime:
		"""Return the present instant (UTC)."""
		return self._clock()

	def body(self, path: str, access: Access) -> Object:
		"""Return an answer that is not a JSON:API resource."""
		return mapping(self._call("GET", path, self._of(access)).data)

	def get(self, path: str, access: Access) -> Object:
		"""Return a resource."""
		return mapping(self.body(path, access).get("data"))

	def post(self, path: str, kind: str, attributes: Mapping[str, object], access: Access) -> Object:
		"""Create a resource and return it."""
		return self._created(path, kind, attributes, self._of(access))

	def onboarding(self, attributes: Mapping[str, object]) -> str:
		"""Send what a user need not enter again; return the id to send the user with."""
		made = self._created("/onboarding-details", "onboardingDetails", attributes, self.tokens.own)
		return identifier(made.get("id"))

	def delete(self, path: str, access: Access) -> None:
		"""Delete a resource."""
		self._call("DELETE", path, self._of(access))

	def webhook_keys(self) -> Any:
		"""Return the keys that webhooks are signed with, as a JWKS."""
		answer = self._http.request("GET", "/webhooks/keys")
		if answer.status >= 300:
			raise errors.error(answer)
		return answer.data

	def institutions(self) -> Iterator[Object]:
		"""Yield all financial institutions."""
		for page in self._pages("/financial-institutions", self.tokens.own):
			yield from (mapping(row) for row, _raw in page)

	def rows(self, path: str, access: Access) -> Iterator[list[rawjson.Row]]:
		"""Yield the rows of a list with their own text, page by page."""
		return self._pages(path, self._of(access))

	def resources(self, path: str, access: Access) -> list[Object]:
		"""Return all resources of a short list."""
		return [mapping(row) for page in self.rows(path, access) for row, _raw in page]

	def _of(self, access: Access) -> TokenSource:
		return partial(self.tokens.of, access)

	def _created(self, path: str, kind: str, attributes: Mapping[str, object], tokens: TokenSource) -> Object:
		"""Create a resource; tried again only where nothing can have been done."""
		body = {"data": {"type": kind, "attributes": dict(attributes)}}
		answer = self._call("POST", path, tokens, body=body, repeatable=False)
		return mapping(mapping(answer.data).get("data"))

	def _pages(self, path: str, tokens: TokenSource) -> Iterator[list[rawjson.Row]]:
		"""Yield pages; the address of the next one is complete, with the host."""
		guard = LoopGuard(self._http.address.host)
		answer = self._call("GET", path, tokens, query={"page[limit]": PAGE_SIZE}, parse=_parse_rows)
		while True:
			rows = mapping(answer.data).get("data")
			if not isinstance(rows, list):
				raise malformed("Ponto", "data")
			yield rows
			following = text(mapping(mapping(answer.data).get("links")).get("next"))
			if not following:
				return
			answer = self._call("GET", guard.follow(following), tokens, parse=_parse_rows)

	def _call(self, method: str, path: str, tokens: TokenSource, **order: Any) -> Answer:
		"""Make a call; a token that is refused is replaced once. `path` is a resource's, or a full address."""
		place = path if path.startswith("http") else self.integration.prefix + path
		token = tokens(NO_SECRET)
		answer = self._send(method, place, token, **order)
		if answer.status == 401:
			token = tokens(token)
			answer = self._send(method, place, token, **order)
			if answer.status == 401 and tokens == self.tokens.own:
				raise errors.of_keys(answer, (token,))
		if answer.status >= 300:
			raise errors.error(answer, (token,))
		return answer

	def _send(self, method: str, path: str, token: Secret, **order: Any) -> Answer:
		headers: Headers = {"Authorization": Secret(f"Bearer {token.reveal()}"), "Accept": MEDIA_TYPE}
		return self._http.request(method, path, headers=headers, **order)

"""Calls to Salt Edge: keys, signatures, errors and paging. https://docs.saltedge.com/v6/"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa

from dokos_banksync.core.errors import ConfigurationError, TemporaryError
from dokos_banksync.core.provider import Clock, Secret
from dokos_banksync.providers import rawjson
from dokos_banksync.providers.failures import malformed
from dokos_banksync.providers.http import Headers, Http, Parse, Query, Sign, Signable
from dokos_banksync.providers.parsing import identifier, mapping
from dokos_banksync.providers.salt_edge import errors, signing

URL = "https://www.saltedge.com/api/v6"
PAGE_SIZE = 1000


def headers(name: str, app_id: str, secret: Secret) -> Headers:
	"""Return what every call has. Raises `ConfigurationError` for keys that cannot be any."""
	for key in (app_id, secret.reveal()):
		if not key or not key.isascii() or not key.isprintable():
			raise ConfigurationError(
				"The App-id or the secret of the provider {0} is empty or not a key.", name
			)
	return {"App-id": app_id, "Secret": secret}


def signer(key: rsa.RSAPrivateKey | None, clock: Clock) -> Sign | None:
	"""Return the function that signs each request, or None without a key."""
	if key is None:
		return None

	def sign(request: Signable) -> Mapping[str, str]:
		"""Return the headers that sign one request."""
		return signing.request_headers(key, clock(), request.method, url=request.url, body=request.body)

	return sign


class Client:
	"""Salt Edge's API for one pair of keys. Bodies and answers are wrapped in `data`."""

	def __init__(self, http: Http, clock: Clock, secret: Secret) -> None:
		self._http = http
		self._clock = clock
		self._secret = secret

	def close(self) -> None:
		"""Close the network connections."""
		self._http.close()

	def get(self, path: str, query: Query | None = None) -> Mapping[str, Any]:
		"""Return the object under `data`."""
		return mapping(self._call("GET", path, query=query).get("data"))

	def post(self, path: str, data: Mapping[str, object]) -> Mapping[str, Any]:
		"""Create something; return the object under `data`. Not repeated after an unclear failure."""
		return mapping(self._call("POST", path, body={"data": data}, repeatable=False).get("data"))

	def delete(self, path: str) -> None:
		"""Remove something."""
		self._call("DELETE", path)

	def rows(self, path: str, query: Query | None = None) -> Iterator[Any]:
		"""Yield all rows of a list."""
		for page in self.pages(path, query):
			yield from page

	def pages(
		self, path: str, query: Query | None = None, parse: Parse = rawjson.loads
	) -> Iterator[list[Any]]:
		"""Yield the rows of each page of a list, in the order of their ids.

		`meta.next_id` names where the next page begins. Raises `TemporaryError` when it does not rise.
		"""
		asked: dict[str, str | int] = {"per_page": PAGE_SIZE, **(query or {})}
		seen: set[str] = set()
		while True:
			answer = self._call("GET", path, query=asked, parse=parse)
			rows = answer.get("data")
			if not isinstance(rows, list):
				raise malformed("Salt Edge", "data")
			yield rows
			following = identifier(mapping(answer.get("meta")).get("next_id"))
			if not following:
				return
			if following in seen:
				raise TemporaryError(
					"Salt Edge gives the same page of a list again and again. Nothing is lost; the next attempt is automatic."
				)
			seen.add(following)
			asked["from_id"] = following

	def _call(self, method: str, path: str, **order: Any) -> Mapping[str, Any]:
		answer = self._http.request(method, path, **order)
		if answer.status >= 300:
			raise errors.error(errors.read(answer.data, answer.status), self._clock(), [self._secret])
		return mapping(answer.data)

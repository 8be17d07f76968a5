"""Calls to GoCardless: the access token, the banks' daily limits, errors."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from dokos_banksync.core.errors import NotFound
from dokos_banksync.core.provider import Clock, Secret, SecretStore
from dokos_banksync.providers import rawjson
from dokos_banksync.providers.failures import malformed
from dokos_banksync.providers.gocardless import errors
from dokos_banksync.providers.gocardless.quotas import Quotas, Remaining
from dokos_banksync.providers.http import Answer, Http, Parse, Query
from dokos_banksync.providers.parsing import Object, mapping, text

RENEW_EARLY = timedelta(minutes=5)

_TOKEN = "gocardless-token"  # noqa: S105 - the name of what is stored
_ID = re.compile(r"[0-9A-Za-z_-]{1,64}", re.ASCII)


class Client:
	"""GoCardless's API for one pair of keys."""

	def __init__(
		self,
		http: Http,
		secret_id: str,
		secret_key: Secret,
		secret_store: SecretStore,
		quotas: Quotas,
		clock: Clock,
	) -> None:
		self._http, self._secret_id, self._secret_key = http, secret_id, secret_key
		self._secret_store, self._quotas, self._clock = secret_store, quotas, clock

	def close(self) -> None:
		"""Close open network connections."""
		self._http.close()

	def now(self) -> datetime:
		"""Return the present instant (UTC)."""
		return self._clock()

	def list(self, path: str, query: Query | None = None) -> list[Object]:
		"""Return the objects of a list."""
		rows = self._call("GET", path, query=query).data
		if not isinstance(rows, list):
			raise malformed("GoCardless", "id")
		return [row for row in rows if isinstance(row, Mapping)]

	def get(self, path: str) -> Object:
		"""Return the body of an answer."""
		return mapping(self._call("GET", path).data)

	def post(self, path: str, body: Mapping[str, object]) -> Object:
		"""Create something: tried again only where nothing can have been done."""
		return mapping(self._call("POST", path, body=body, repeatable=False).data)

	def delete(self, path: str) -> None:
		"""Delete a resource."""
		self._call("DELETE", path)

	def read(
		self, account: str, scope: str, query: Query | None = None, parse: Parse = rawjson.loads
	) -> Object:
		"""Return data of an account, counted against the bank's daily limit of this scope.

		Raise `RateLimited` where none is left, before a call is made.
		"""
		path = f"/accounts/{identifier(account)}/{scope}/"
		before = partial(self._count, account, scope)
		try:
			answer = self._call("GET", path, query=query, parse=parse, before=before)
		except errors.DailyLimit as reached:
			self._quotas.keep(account, scope, Remaining(0, reached.until, reached.limit))
			raise
		self._quotas.note(account, scope, answer.headers, self._clock())
		return mapping(answer.data)

	def _count(self, account: str, scope: str) -> None:
		used_up = self._quotas.take(account, scope, self._clock())
		if used_up:
			raise errors.used_up(used_up)

	def _call(self, method: str, path: str, **order: Any) -> Answer:
		"""Make a call; an access token that is refused is replaced once."""
		answer = self._send(method, path, self._token(), **order)
		if errors.refuses_token(answer):
			self._secret_store.forget(_TOKEN)
			answer = self._send(method, path, self._token(), **order)
		if answer.status >= 300:
			raise errors.error(answer, (self._secret_key,))
		return answer

	def _send(self, method: str, path: str, token: Secret, **order: Any) -> Answer:
		headers = {"Authorization": Secret(f"Bearer {token.reveal()}")}
		return self._http.request(method, path, headers=headers, **order)

	def _token(self) -> Secret:
		"""Return an access token that is valid for some minutes more; it lives a day."""
		stored = self._secret_store.get(_TOKEN)
		if stored is not None:
			data = json.loads(stored.reveal())
			if datetime.fromisoformat(data["until"]) > self._clock():
				return Secret(data["access"])
		body = {"secret_id": self._secret_id, "secret_key": self._secret_key}
		answer = self._http.request("POST", "/token/new/", body=body)
		if answer.status >= 300:
			raise errors.error(answer, (self._secret_key,))
		return self._store_token(mapping(answer.data))

	def _store_token(self, answer: Object) -> Secret:
		access, seconds = text(answer.get("access")), answer.get("access_expires")
		if not access or not isinstance(seconds, int):
			raise malformed("GoCardless", "access")
		until = self._clock() + timedelta(seconds=seconds) - RENEW_EARLY
		value = json.dumps({"access": access, "until": until.isoformat()})
		self._secret_store.put(_TOKEN, Secret(value), until)
		return Secret(access)


def identifier(value: str) -> str:
	"""Return an id that can be part of a path. Raise `NotFound` for what is none."""
	if not _ID.fullmatch(value):
		raise NotFound("GoCardless has nothing under the id {0}.", value)
	return value

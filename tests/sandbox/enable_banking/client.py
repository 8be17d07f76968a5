"""A client of Enable Banking's API written from its documents, as thin as can be: no retry, no help."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import requests

from dokos_banksync.sandbox import jose
from dokos_banksync.sandbox.clock import iso
from dokos_banksync.sandbox.enable_banking.model import APPLICATION_ID
from dokos_banksync.sandbox.server import SandboxServer
from dokos_banksync.sandbox.user import Customer
from tests.sandbox.client import query

CALLBACK = "http://127.0.0.1:9/back"
DEMO = {"name": "Demo Bank", "country": "FR"}


class Client:
	def __init__(self, server: SandboxServer) -> None:
		self.server, self.url = server, server.enable_banking_url
		self.key = jose.key_pair("enable banking")
		self.http = requests.Session()
		self.http.trust_env = False

	def __enter__(self) -> Client:
		return self

	def __exit__(self, *_: object) -> None:
		self.http.close()

	def token(self, kid: str = APPLICATION_ID, **claims: Any) -> str:
		now = int(self.server.world.clock.now().timestamp())
		usual = {"iss": "enablebanking.com", "aud": "api.enablebanking.com", "iat": now, "exp": now + 3600}
		return jose.sign({"typ": "JWT", "alg": "RS256", "kid": kid}, {**usual, **claims}, self.key)

	def call(self, method: str, path: str, token: str | None = None, **options: Any) -> requests.Response:
		headers = {"Authorization": f"Bearer {token or self.token()}", **options.pop("headers", {})}
		return self.http.request(method, self.url + path, headers=headers, timeout=60, **options)

	def get(self, path: str, headers: dict[str, str] | None = None, **params: Any) -> Any:
		answer = self.call("GET", path, params=params, headers=headers or {})
		assert answer.status_code == 200, answer.text
		return answer.json()

	def error_of(self, method: str, path: str, **options: Any) -> tuple[int, str]:
		"""The status and the code of an error."""
		answer = self.call(method, path, **options)
		body = answer.json()
		assert body["code"] == answer.status_code
		return answer.status_code, body["error"]

	def order(self, aspsp: dict[str, str] = DEMO, days: float = 89, **changes: Any) -> dict[str, Any]:
		until = iso(self.server.world.clock.now() + timedelta(days=days))
		return {
			"access": {"valid_until": until},
			"aspsp": aspsp,
			"state": "a-state",
			"redirect_url": CALLBACK,
			**changes,
		}

	def authorize(self, aspsp: dict[str, str] = DEMO, **changes: Any) -> str:
		"""The address of the bank's page."""
		answer = self.call("POST", "/auth", json=self.order(aspsp, **changes))
		assert answer.status_code == 200, answer.text
		return str(answer.json()["url"])

	def connect(
		self, aspsp: dict[str, str] = DEMO, person: Customer | None = None, **changes: Any
	) -> dict[str, Any]:
		"""Have a user consent; the answer of `POST /sessions`."""
		back = query((person or Customer()).consent(self.authorize(aspsp, **changes)))
		answer = self.call("POST", "/sessions", json={"code": back["code"]})
		assert answer.status_code == 200, answer.text
		return dict(answer.json())

	def pages(self, uid: str, **params: Any) -> Iterator[list[dict[str, Any]]]:
		answer = self.get(f"/accounts/{uid}/transactions", **params)
		yield answer["transactions"]
		while answer["continuation_key"]:
			params["continuation_key"] = answer["continuation_key"]
			answer = self.get(f"/accounts/{uid}/transactions", **params)
			yield answer["transactions"]

	def rows(self, uid: str, **params: Any) -> list[dict[str, Any]]:
		return [row for page in self.pages(uid, **params) for row in page]


def account(session: dict[str, Any], **wanted: str) -> dict[str, Any]:
	"""The first account of a session with these values."""
	for one in session["accounts"]:
		if all(one[name] == value for name, value in wanted.items()):
			return dict(one)
	raise LookupError(wanted)

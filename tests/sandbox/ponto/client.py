"""A client of Ponto's API written from its documents, as thin as can be: no retry, no help."""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import requests

from dokos_banksync.sandbox.jose import b64url
from dokos_banksync.sandbox.ponto.model import CLIENT_ID, CLIENT_SECRET, OWN_CLIENT_ID, OWN_CLIENT_SECRET
from dokos_banksync.sandbox.server import SandboxServer
from dokos_banksync.sandbox.user import Customer
from tests.sandbox.client import query

CALLBACK = "http://127.0.0.1:9/back"


class Client:
	"""Speaks to Ponto Connect, or with `own` as the custom integration of one organization."""

	def __init__(self, server: SandboxServer, *, own: bool = False) -> None:
		self.server = server
		self.home = f"{server.ponto_url}/{'my' if own else 'ponto-connect'}"
		self.basic = (OWN_CLIENT_ID, OWN_CLIENT_SECRET) if own else (CLIENT_ID, CLIENT_SECRET)
		self.http = requests.Session()
		self.http.trust_env = False
		self.verifier = secrets.token_urlsafe(48)
		self.access_token, self.refresh_token = "", ""

	def __enter__(self) -> Client:
		return self

	def __exit__(self, *_: object) -> None:
		self.http.close()

	def address(self, **changes: str) -> str:
		"""Where a user is sent to give the authorization."""
		challenge = b64url(hashlib.sha256(self.verifier.encode()).digest())
		asked = {
			"client_id": CLIENT_ID, "redirect_uri": CALLBACK, "response_type": "code", "scope": "offline_access ai",
			"state": "state-0001", "code_challenge": challenge, "code_challenge_method": "S256", **changes,
		}  # fmt: skip
		return f"{self.server.ponto_url}/oauth2/auth?{urlencode(asked)}"

	def token(self, basic: tuple[str, str] | None = None, **form: str) -> requests.Response:
		pair = ":".join(basic or self.basic).encode()
		headers = {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}
		return self.http.post(f"{self.home}/oauth2/token", data=form, headers=headers, timeout=60)

	def exchange(self, code: str, **changes: str) -> requests.Response:
		form = {"code": code, "redirect_uri": CALLBACK, "code_verifier": self.verifier, **changes}
		return self.token(grant_type="authorization_code", **form)

	def connect(self, person: Customer | None = None) -> dict[str, Any]:
		"""Have a user give the authorization and keep its tokens."""
		back = query((person or Customer()).consent(self.address()))
		answer = self.exchange(back["code"])
		assert answer.status_code == 200, answer.text
		return self.keep(answer.json())

	def keep(self, tokens: dict[str, Any]) -> dict[str, Any]:
		self.access_token, self.refresh_token = tokens["access_token"], tokens.get("refresh_token", "")
		return tokens

	def call(self, method: str, path: str, **options: Any) -> requests.Response:
		url = path if path.startswith("http") else self.home + path
		headers = {"Authorization": f"Bearer {self.access_token}", "Accept": "application/vnd.api+json"}
		return self.http.request(method, url, headers=headers, timeout=60, **options)

	def get(self, path: str, **params: Any) -> Any:
		answer = self.call("GET", path, params=params)
		assert answer.status_code == 200, answer.text
		return answer.json()

	def error_of(self, method: str, path: str, **options: Any) -> tuple[int, str]:
		answer = self.call(method, path, **options)
		return answer.status_code, answer.json()["errors"][0]["code"]

	def post(self, path: str, kind: str, **attributes: Any) -> requests.Response:
		return self.call("POST", path, json={"data": {"type": kind, "attributes": attributes}})

	def pages(self, path: str, limit: int = 100) -> Iterator[list[dict[str, Any]]]:
		answer = self.get(path, **{"page[limit]": limit})
		yield answer["data"]
		while answer["links"].get("next"):
			answer = self.get(answer["links"]["next"])
			yield answer["data"]

	def rows(self, path: str, limit: int = 100) -> list[dict[str, Any]]:
		return [row for page in self.pages(path, limit) for row in page]

	def synchronize(
		self, account_id: str, subtype: str = "accountTransactionsWithUnsettled"
	) -> dict[str, Any]:
		"""A synchronization, followed to its end."""
		answer = self.post(
			"/synchronizations", "synchronization", resourceType="account", resourceId=account_id, subtype=subtype,
			customerIpAddress="192.0.2.7",
		)  # fmt: skip
		assert answer.status_code == 201, answer.text
		found: dict[str, Any] = answer.json()["data"]
		while found["attributes"]["status"] not in ("success", "error"):
			found = self.get(f"/synchronizations/{found['id']}")["data"]
		return found

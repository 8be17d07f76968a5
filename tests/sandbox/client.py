"""A client of Bridge's API written from its documents, as thin as can be: no retry, no help."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests

from dokos_banksync.sandbox.server import CLIENT_ID, CLIENT_SECRET
from dokos_banksync.sandbox.user import Customer

CALLBACK = "http://127.0.0.1:9/back"
HEADERS = {"Client-Id": CLIENT_ID, "Client-Secret": CLIENT_SECRET, "Bridge-Version": "2025-01-15"}


class Client:
	def __init__(self, url: str) -> None:
		self.url = url
		self.http = requests.Session()
		self.http.trust_env = False
		self.http.headers.update(HEADERS)

	def __enter__(self) -> Client:
		return self

	def __exit__(self, *_: object) -> None:
		self.http.close()

	def call(self, method: str, path: str, **options: Any) -> requests.Response:
		place = path if path.startswith("/") else f"/v3/aggregation/{path}"
		return self.http.request(method, self.url + place, timeout=60, **options)

	def get(self, path: str, **params: Any) -> Any:
		answer = self.call("GET", path, params=params)
		assert answer.status_code == 200, answer.text
		return answer.json()

	def control(self, method: str, path: str, body: Any = None, **params: Any) -> requests.Response:
		return requests.request(method, f"{self.url}/_sandbox/{path}", json=body, params=params, timeout=60)

	def register(self, external_id: str) -> str:
		user = self.call("POST", "users", json={"external_user_id": external_id}).json()
		self.authorise(user["uuid"])
		return str(user["uuid"])

	def authorise(self, user_uuid: str) -> None:
		answer = self.call("POST", "authorization/token", json={"user_uuid": user_uuid})
		self.http.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"

	def session(self, **values: Any) -> str:
		"""The address of a new Connect session."""
		body = {"callback_url": CALLBACK, **values}
		if "item_id" not in values:
			body.setdefault("user_email", "person@example.org")
		answer = self.call("POST", "connect-sessions", json=body)
		assert answer.status_code == 201, answer.text
		return str(answer.json()["url"])

	def connect(self, person: Customer | None = None, **values: Any) -> dict[str, str]:
		"""Have a user go the whole way; the parameters of the callback."""
		return query((person or Customer()).consent(self.session(**values)))

	def pages(self, path: str = "transactions", **params: Any) -> Iterator[list[dict[str, Any]]]:
		"""Every page, following `next_uri` as it is."""
		answer = self.get(path, **params)
		yield answer["resources"]
		while answer.get("pagination", {}).get("next_uri"):
			answer = self.get(answer["pagination"]["next_uri"])
			yield answer["resources"]

	def rows(self, path: str = "transactions", **params: Any) -> list[dict[str, Any]]:
		return [row for page in self.pages(path, **params) for row in page]


def query(address: str) -> dict[str, str]:
	return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}

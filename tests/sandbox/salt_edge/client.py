"""A client of Salt Edge's API v6 written from its documents, as thin as can be: no retry, no help."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlsplit

import requests

from dokos_banksync.sandbox.salt_edge.model import APP_ID, SECRET
from dokos_banksync.sandbox.user import Customer

BACK = "http://127.0.0.1:9/back"
AGENT = {"User-Agent": "books/1.0"}


class SaltClient:
	def __init__(self, url: str, secret: str = SECRET) -> None:
		self.url, self.headers = url, {"App-id": APP_ID, "Secret": secret, **AGENT}

	def send(self, method: str, path: str, data: Any = None, **query: Any) -> requests.Response:
		body = None if data is None else {"data": data}
		return requests.request(
			method, self.url + path, json=body, params=query, headers=self.headers, timeout=60
		)

	def get(self, path: str, **query: Any) -> Any:
		answer = self.send("GET", path, **query)
		assert answer.status_code == 200, answer.text
		return answer.json()

	def post(self, path: str, data: Any = None) -> Any:
		answer = self.send("POST", path, data or {})
		assert answer.status_code == 200, answer.text
		return answer.json()["data"]

	def refused(self, method: str, path: str, data: Any = None, **query: Any) -> tuple[int, str]:
		answer = self.send(method, path, data, **query)
		return answer.status_code, answer.json()["error"]["class"]

	def customer(self, identifier: str = "u1") -> str:
		return str(self.post("/customers", {"identifier": identifier})["customer_id"])

	def asked(self, customer_id: str, **values: Any) -> dict[str, Any]:
		"""A request to connect with all that a careful client sends."""
		return {
			"customer_id": customer_id,
			"consent": {
				"scopes": ["accounts", "transactions"],
				"from_date": "2024-11-16",
				"period_days": 180,
			},
			"attempt": {
				"return_to": BACK,
				"fetch_scopes": ["accounts", "transactions"],
				"custom_fields": {"c": "42"},
			},
			"provider": {"include_sandboxes": True},
			"return_connection_id": True,
			"return_error_class": True,
			**values,
		}

	def give_consent(self, path: str, data: Any, user: Customer | None = None) -> dict[str, str]:
		"""Have a user go through the widget; the parameters of the return address."""
		address = (user or Customer(login="username")).consent(self.post(path, data)["connect_url"])
		return dict(parse_qsl(urlsplit(address).query))

	def connect(self, customer_id: str, user: Customer | None = None, **values: Any) -> str:
		return self.give_consent("/connections/connect", self.asked(customer_id, **values), user)[
			"connection_id"
		]

	def rows(self, path: str, **query: Any) -> list[dict[str, Any]]:
		"""Every page, by `meta.next_id`."""
		found: list[dict[str, Any]] = []
		while True:
			page = self.get(path, **query)
			found += page["data"]
			if page["meta"]["next_id"] is None:
				return found
			query["from_id"] = page["meta"]["next_id"]

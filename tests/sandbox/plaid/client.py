"""A client of Plaid's API written from its documents, as thin as can be: no retry, no help."""

from __future__ import annotations

from typing import Any

import requests

from dokos_banksync.sandbox.plaid.model import CLIENT_ID, SECRET
from dokos_banksync.sandbox.user import Customer

BACK = "http://127.0.0.1:9/back"
PLATYPUS, HOUNDSTOOTH, TARTAN = 109508, 109512, 109511


class PlaidClient:
	def __init__(self, url: str, secret: str = SECRET) -> None:
		self.url, self.secret = url, secret

	def post(self, path: str, **body: Any) -> requests.Response:
		body = {"client_id": CLIENT_ID, "secret": self.secret, **body}
		return requests.post(self.url + path, json=body, timeout=60)

	def call(self, path: str, **body: Any) -> Any:
		answer = self.post(path, **body)
		assert answer.status_code == 200, answer.text
		return answer.json()

	def refused(self, path: str, **body: Any) -> tuple[int, str, str]:
		answer = self.post(path, **body)
		error = answer.json()
		assert set(error) >= {"error_type", "error_code", "error_message", "display_message", "request_id"}
		return answer.status_code, error["error_type"], error["error_code"]

	def link(self, **values: Any) -> dict[str, Any]:
		"""A link token for a new item with Hosted Link, unless `access_token` is given."""
		body: dict[str, Any] = {
			"client_name": "My Books",
			"language": "en",
			"country_codes": ["US", "FR"],
			"user": {"client_user_id": "u1"},
			"hosted_link": {"completion_redirect_uri": BACK},
			**values,
		}
		if "access_token" not in values:
			body = {"products": ["transactions"], "transactions": {"days_requested": 730}, **body}
		answer: dict[str, Any] = self.call("/link/token/create", **body)
		return answer

	def results(self, link_token: str) -> list[dict[str, Any]]:
		sessions = self.call("/link/token/get", link_token=link_token)["link_sessions"]
		return [one for session in sessions for one in session.get("results", {}).get("item_add_results", [])]

	def connect(self, institution: int = PLATYPUS, login: str = "user_good", **values: Any) -> str:
		"""Have a user link an item; its access token."""
		opened = self.link(**values)
		Customer(login=login, institution=institution).consent(opened["hosted_link_url"])
		public_token = self.results(opened["link_token"])[0]["public_token"]
		exchanged = self.call("/item/public_token/exchange", public_token=public_token)
		return str(exchanged["access_token"])

	def sync(self, access_token: str, cursor: str = "", **values: Any) -> tuple[dict[str, list[Any]], str]:
		"""A whole loop: everything added, modified and removed, and the next cursor."""
		found: dict[str, list[Any]] = {"added": [], "modified": [], "removed": []}
		while True:
			page = self.call("/transactions/sync", access_token=access_token, cursor=cursor, **values)
			for name, rows in found.items():
				rows += page[name]
			cursor = page["next_cursor"]
			if not page["has_more"]:
				return found, cursor

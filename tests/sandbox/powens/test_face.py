"""Powens's face, called as its documents say: no retry, no help."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
import requests

from dokos_banksync.sandbox.powens.model import CLIENT_ID, CLIENT_SECRET, DOMAIN
from dokos_banksync.sandbox.server import SandboxServer
from dokos_banksync.sandbox.user import Customer
from dokos_banksync.sandbox.world import World
from tests.sandbox.client import query

MAIN = "574:alex:checking"
BACK = "http://127.0.0.1:9/back"


class Client:
	"""One user of the client application."""

	def __init__(self, server: SandboxServer) -> None:
		self.server, self.http = server, requests.Session()
		self.http.trust_env = False
		keys = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
		made = self.call("POST", "auth/init", json=keys).json()
		assert (made["type"], made["expires_in"]) == ("permanent", None)
		self.http.headers["Authorization"] = f"Bearer {made['auth_token']}"

	def call(self, method: str, path: str, **options: Any) -> requests.Response:
		url = f"{self.server.powens_url}/{path}"
		return self.http.request(method, url, timeout=60, allow_redirects=False, **options)

	def get(self, path: str) -> Any:
		answer = self.call("GET", path)
		assert answer.status_code == 200, answer.text
		return answer.json()

	def webview(self, flow: str = "connect", **more: str) -> str:
		code = self.get("auth/token/code?type=singleAccess")["code"]
		given = {
			"domain": f"{DOMAIN}.biapi.pro",
			"client_id": CLIENT_ID,
			"redirect_uri": BACK,
			"code": code,
			**more,
		}
		return f"{self.server.powens_url}/auth/webview/fr/{flow}?{urlencode(given)}"

	def connect(self, user: Customer | None = None) -> int:
		return int(query((user or Customer()).consent(self.webview()))["connection_id"])

	def accounts(self, connection: int) -> list[dict[str, Any]]:
		found: list[dict[str, Any]] = self.get(f"users/me/connections/{connection}/accounts?all")["accounts"]
		return found

	def main(self) -> str:
		iban = self.server.world.account(MAIN).facts.iban
		return str(next(one["id"] for one in self.accounts(self.connect()) if one["iban"] == iban))


@pytest.fixture
def client() -> Iterator[Client]:
	with SandboxServer(World(seed=3, years=0.3)) as server:
		made = Client(server)
		yield made
		made.http.close()


@pytest.mark.parametrize(
	("method", "path", "status", "code"),
	[
		("GET", "users/me/connections/999", 404, "notFound"),
		("GET", "users/me/accounts/999/transactions?limit=5", 404, "notFound"),
		("GET", "nowhere", 404, "notFound"),
		("GET", "auth/webview/fr/connect?code=used", 400, "invalidValue"),
	],
)
def test_errors(client: Client, method: str, path: str, status: int, code: str) -> None:
	answer = client.call(method, path)
	assert (answer.status_code, answer.json()["code"]) == (status, code)
	assert set(answer.json()) == {"code", "description", "message", "request_id"}


def test_without_a_token(client: Client) -> None:
	client.http.headers["Authorization"] = "Bearer nobody"
	assert client.call("GET", "users/me/connections").status_code == 401
	assert client.get("connectors")["connectors"]


def test_a_limit_is_required_and_has_a_maximum(client: Client) -> None:
	path = f"users/me/accounts/{client.main()}/transactions"
	assert client.call("GET", path).json()["code"] == "missingParameter"
	assert client.call("GET", f"{path}?limit=1001").json()["code"] == "invalidValue"


def test_links_lead_through_the_whole_list_without_overlap(client: Client) -> None:
	account, found = client.main(), []
	address = f"users/me/accounts/{account}/transactions?limit=40"
	while address:
		body = client.get(address)
		found += [row["id"] for row in body["transactions"]]
		following = body["_links"]["next"]
		address = following["href"].removeprefix(f"{client.server.powens_url}/") if following else ""
	assert len(found) == len(set(found)) > 80


def test_a_code_works_once(client: Client) -> None:
	address = client.webview()
	Customer().consent(address)
	with requests.Session() as browser:
		browser.trust_env = False
		assert browser.get(address, timeout=60, allow_redirects=False).status_code == 400


def test_an_address_that_is_not_registered_is_refused(client: Client) -> None:
	client.server.powens.simulations["settings"](redirects=["https://other.example/back"])
	assert (
		client.call("GET", client.webview().removeprefix(f"{client.server.powens_url}/")).status_code == 400
	)


def test_deleted_rows_are_given_with_all_only(client: Client) -> None:
	account, real = client.main(), client.server.world.account(MAIN)
	gone = real.remove(real.movements(client.server.world.clock.today())[-1].key)
	client.server.world.refresh()
	path = f"users/me/accounts/{account}/transactions?limit=1000"
	assert not [row for row in client.get(path)["transactions"] if row["deleted"]]
	(row,) = [row for row in client.get(f"{path}&all")["transactions"] if row["deleted"]]
	assert (row["date"], row["value"]) == (str(gone.day), float(gone.amount))


def test_last_update_gives_later_rows_only(client: Client) -> None:
	account = client.main()
	path = f"users/me/accounts/{account}/transactions?limit=1000"
	newest = max(row["last_update"] for row in client.get(path)["transactions"])
	after = f"{path}&{urlencode({'last_update': newest})}"
	assert client.get(after)["transactions"] == []
	client.server.world.advance(days=2)
	assert client.get(after)["transactions"]


def test_accounts_that_are_not_chosen_stay_disabled(client: Client) -> None:
	connection = client.connect(Customer(accounts=["Compte courant pro"]))
	shown = {one["name"]: one for one in client.accounts(connection)}
	assert shown["Compte courant pro"]["disabled"] is None
	assert shown["Livret entreprise"]["disabled"]
	assert len(client.get(f"users/me/connections/{connection}/accounts")["accounts"]) == 1


def test_a_strong_authentication_runs_out(client: Client) -> None:
	connection = client.connect()
	client.server.world.advance(days=181)
	row = client.get(f"users/me/connections/{connection}")
	assert (row["state"], row["sources"][0]["state"]) == ("SCARequired", "SCARequired")
	Customer().consent(client.webview("reconnect", connection_id=str(connection)))
	assert client.get(f"users/me/connections/{connection}")["state"] is None


def test_a_connection_is_erased(client: Client) -> None:
	connection = client.connect()
	assert client.call("DELETE", f"users/me/connections/{connection}").status_code == 204
	assert client.get("users/me/connections") == {"connections": []}
	assert client.call("DELETE", "users/me").status_code == 204
	assert client.call("GET", "users/me/connections").status_code == 401

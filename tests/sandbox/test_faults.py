"""What goes wrong on demand, seen from a client."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
import requests

from dokos_banksync.sandbox.app import garbled
from dokos_banksync.sandbox.faults import Fault, Faults
from dokos_banksync.sandbox.server import SandboxServer
from tests.sandbox.client import Client

PROVIDERS = "/v3/providers"


def test_a_fault_strikes_as_often_as_asked(server: SandboxServer, client: Client) -> None:
	server.faults.add(Fault("status", count=2, status=503))
	statuses = [client.call("GET", PROVIDERS).status_code for _ in range(4)]
	assert statuses == [503, 503, 200, 200]


def test_a_fault_may_wait_for_its_turn(server: SandboxServer, client: Client) -> None:
	server.faults.add(Fault("status", after=2, count=1))
	statuses = [client.call("GET", PROVIDERS).status_code for _ in range(4)]
	assert statuses == [200, 200, 500, 200]


def test_a_fault_may_last(server: SandboxServer, client: Client) -> None:
	server.faults.add(Fault("status", count=None, status=500))
	assert {client.call("GET", PROVIDERS).status_code for _ in range(5)} == {500}
	server.faults.clear()
	assert client.call("GET", PROVIDERS).status_code == 200


def test_a_fault_strikes_where_it_should(server: SandboxServer, client: Client) -> None:
	server.faults.add(Fault("status", path="/v3/aggregation/users", method="POST", count=None))
	assert client.call("GET", PROVIDERS).status_code == 200
	assert client.call("GET", "users").status_code == 200
	assert client.call("POST", "users").status_code == 500


@pytest.mark.parametrize("seconds", [None, 17])
def test_429_with_and_without_retry_after(server: SandboxServer, client: Client, seconds: int | None) -> None:
	server.faults.add(Fault("status", status=429, retry_after=seconds))
	answer = client.call("GET", PROVIDERS)
	assert (answer.status_code, answer.json()["code"]) == (429, "too_many_requests")
	assert answer.headers.get("Retry-After") == (None if seconds is None else "17")


def test_a_struck_call_changes_nothing(server: SandboxServer, client: Client) -> None:
	server.faults.add(Fault("status", method="POST"), Fault("drop", method="POST", after=1))
	assert client.call("POST", "users").status_code == 500
	with pytest.raises(requests.ConnectionError):
		client.call("POST", "users")
	assert client.rows("users") == []


def test_a_dropped_connection(server: SandboxServer, client: Client) -> None:
	server.faults.add(Fault("drop"))
	with pytest.raises(requests.ConnectionError):
		client.call("GET", PROVIDERS)
	assert client.call("GET", PROVIDERS).status_code == 200


def test_a_connection_that_breaks_in_the_body(server: SandboxServer, client: Client) -> None:
	server.faults.add(Fault("half"))
	with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
		client.call("GET", PROVIDERS)


def test_a_time_out(server: SandboxServer, client: Client) -> None:
	server.faults.add(Fault("timeout", seconds=30))
	with pytest.raises(requests.ReadTimeout):
		client.http.get(client.url + PROVIDERS, timeout=0.05)


def test_latency_waits_and_answers(server: SandboxServer, client: Client) -> None:
	waits: list[float] = []
	server.app.closing.wait = lambda seconds=0.0: bool(waits.append(seconds))  # type: ignore[assignment]
	server.faults.add(Fault("latency", seconds=2.5))
	assert client.call("GET", PROVIDERS).status_code == 200
	assert waits == [2.5]


def test_json_that_stops_in_the_middle(server: SandboxServer, client: Client) -> None:
	server.faults.add(Fault("truncated"))
	answer = client.call("GET", PROVIDERS)
	assert answer.status_code == 200
	with pytest.raises(requests.JSONDecodeError):
		answer.json()


def test_html_instead_of_json(server: SandboxServer, client: Client) -> None:
	server.faults.add(Fault("html"))
	answer = client.call("GET", PROVIDERS)
	assert answer.status_code == 200
	assert answer.headers["Content-Type"].startswith("text/html")
	assert answer.text.startswith("<!doctype html>")


def test_a_page_that_comes_back_for_ever(server: SandboxServer, client: Client) -> None:
	server.faults.add(Fault("repeat_page", path=PROVIDERS, count=None))
	pages = list(itertools.islice(client.pages(PROVIDERS, limit=5), 4))
	assert all(page == pages[0] for page in pages)


def test_a_row_that_changes_while_one_pages(server: SandboxServer, user: Client) -> None:
	user.connect()
	before = user.rows(limit=500)
	server.faults.add(Fault("touch", path="/v3/aggregation/transactions", count=1))
	rows = user.rows(limit=500)
	twice = [row for row in rows if row["id"] == before[0]["id"]]
	assert len(rows) == len(before) + 1
	assert len(twice) == 2
	assert twice[0]["updated_at"] < twice[1]["updated_at"]
	assert rows[-1] == twice[1]


def test_an_answer_without_transactions_is_not_touched(server: SandboxServer, user: Client) -> None:
	user.connect()
	server.faults.add(Fault("touch", path="/v3/aggregation/items", count=1))
	assert user.rows("items") == user.rows("items") != []


def test_faults_reach_the_pages_too(server: SandboxServer, user: Client) -> None:
	address = user.session()
	server.faults.add(Fault("status", path="/connect/", status=502))
	assert requests.get(address, timeout=60).status_code == 502
	assert requests.get(address, timeout=60).status_code == 200


@pytest.mark.parametrize("values", [{}, {"kind": "nothing"}, {"kind": "drop", "colour": 1}, {"path": "/v3"}])
def test_what_is_no_fault(values: dict[str, Any]) -> None:
	with pytest.raises(ValueError, match="fault"):
		Fault.from_json(values)


def test_two_faults_may_strike_one_call() -> None:
	faults = Faults()
	faults.add(Fault("latency"), Fault("html"), Fault("drop", method="POST"))
	assert [fault.kind for fault in faults.hit("GET", "/v3/x")] == ["latency", "html"]


def test_json_of_another_shape(server: SandboxServer, client: Client) -> None:
	server.faults.add(Fault("nonsense"))
	assert client.call("GET", PROVIDERS).json() == {"surprise": [True]}


def test_amounts_that_are_no_numbers(server: SandboxServer) -> None:
	path = "/plaid/institutions/get"
	server.faults.add(Fault("garbled", path))
	body = {"client_id": "plaid-sandbox-client", "secret": "plaid-sandbox-secret", "count": 1, "offset": 0}
	found = requests.post(server.url + path, json={**body, "country_codes": ["FR"]}, timeout=5)
	assert found.json()["total"] > 0
	assert garbled({"amount": 1, "rows": [{"value": {"amount": "2"}}]}) == {
		"amount": "n/a",
		"rows": [{"value": {"amount": "n/a"}}],
	}

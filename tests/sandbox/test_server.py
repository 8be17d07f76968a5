"""The server itself, the control of the world, and the pretend user."""

from __future__ import annotations

import socket
import threading
from decimal import Decimal

import pytest
import requests

from dokos_banksync.sandbox.loopback import is_loopback, require_loopback
from dokos_banksync.sandbox.server import SandboxServer
from dokos_banksync.sandbox.user import Customer, Page
from dokos_banksync.sandbox.world import World
from tests.sandbox.client import HEADERS, Client


@pytest.mark.parametrize("host", ["0.0.0.0", "example.org", "192.168.1.2", "::", ""])
def test_only_this_machine_is_served(host: str) -> None:
	with pytest.raises(ValueError, match="this machine"):
		SandboxServer(World(years=0.05), host)
	assert not is_loopback(host)


@pytest.mark.parametrize(
	"host", ["127.0.0.1", "127.9.9.9", "localhost", "site.localhost", "[::1]", "LOCALHOST."]
)
def test_this_machine(host: str) -> None:
	assert is_loopback(host)
	require_loopback(f"http://{host}/x")


def test_a_taken_port_is_an_os_error(server: SandboxServer) -> None:
	with pytest.raises(OSError, match="in use"):
		SandboxServer(World(years=0.05), port=int(server.url.rpartition(":")[2]))


def test_a_connection_serves_many_calls(server: SandboxServer) -> None:
	port = int(server.url.rpartition(":")[2])
	head = "".join(f"{name}: {value}\r\n" for name, value in HEADERS.items())
	request = f"GET /v3/providers/574 HTTP/1.1\r\nHost: localhost\r\n{head}\r\n".encode()
	with (
		socket.create_connection(("127.0.0.1", port), timeout=60) as connection,
		connection.makefile("rb") as stream,
	):
		for _ in range(3):
			connection.sendall(request)
			assert stream.readline() == b"HTTP/1.1 200 OK\r\n"
			length = 0
			while (line := stream.readline()) != b"\r\n":
				if line.lower().startswith(b"content-length:"):
					length = int(line.split(b":")[1])
			assert b"Demo Bank" in stream.read(length)


def test_closing_lets_go_of_idle_connections_and_of_the_port() -> None:
	with SandboxServer(World(years=0.05)) as running, Client(running.url) as client:
		client.get("/v3/providers")
		running.close()
		with pytest.raises(requests.ConnectionError):
			client.get("/v3/providers")
		port = int(running.url.rpartition(":")[2])
		with SandboxServer(World(years=0.05), port=port):
			assert client.get("/v3/providers/574")["id"] == 574


def test_a_server_that_never_started_may_be_closed() -> None:
	SandboxServer(World(years=0.05)).close()


def test_closing_ends_what_hangs_on_purpose() -> None:
	caught: list[Exception] = []

	def hang(url: str) -> None:
		try:
			requests.get(f"{url}/v3/providers", timeout=30)
		except requests.ConnectionError as error:
			caught.append(error)

	with SandboxServer(World(years=0.05)) as running:
		fault = {"kind": "timeout", "seconds": 600}
		requests.post(f"{running.url}/_sandbox/faults", json=[fault], timeout=60)
		thread = threading.Thread(target=hang, args=(running.url,))
		thread.start()
		while not any(one.seen for one in running.faults._faults):
			threading.Event().wait(0.005)
	thread.join(timeout=60)
	assert len(caught) == 1


def test_calls_at_the_same_time(server: SandboxServer, user: Client) -> None:
	user.connect()
	expected, found = user.rows(limit=500), []

	def read() -> None:
		with Client(server.url) as other:
			other.http.headers.update(user.http.headers)
			found.append(other.rows(limit=100))

	threads = [threading.Thread(target=read) for _ in range(6)]
	for thread in threads:
		thread.start()
	for thread in threads:
		thread.join()
	assert found == [expected] * 6


def test_the_clock_over_http(client: Client, world: World) -> None:
	assert client.control("GET", "clock").json() == {"now": "2026-11-16T08:00:00.000Z", "running": False}
	assert client.control("POST", "clock", {"advance_days": 2}).json()["now"] == "2026-11-18T08:00:00.000Z"
	moved = client.control("POST", "clock", {"set": "2026-11-20T00:00:00Z"}).json()
	assert moved["now"] == "2026-11-20T00:00:00.000Z"
	assert world.clock.today().day == 20
	for body in (
		{"set": "2020-01-01T00:00:00Z"},
		{"set": "soon"},
		{"advance_days": -1},
		[],
		{"advance_days": "x"},
	):
		assert client.control("POST", "clock", body).status_code == 400


def test_the_truth_over_http(client: Client, world: World) -> None:
	answer = client.control("GET", "truth", account="574:alex:checking").json()
	total = sum(Decimal(one["amount"]) for one in answer["movements"])
	assert Decimal(answer["opening"]) + total == Decimal(answer["balance"])
	day = world.since.isoformat()
	earlier = client.control("GET", "truth", account="574:alex:checking", day=day).json()
	assert Decimal(earlier["balance"]) == world.balance("574:alex:checking", world.since)
	assert client.control("GET", "truth", account="574:alex:none").status_code == 404
	assert client.control("GET", "truth", account="17").status_code == 404
	assert client.control("GET", "truth").status_code in (400, 404)
	assert len(client.control("GET", "accounts").json()) == 12


def test_calls_are_logged_and_forgotten(server: SandboxServer, client: Client) -> None:
	client.get("/v3/providers", limit=2)
	client.call("GET", "items")
	logged = client.control("GET", "calls").json()
	assert [(one["method"], one["path"], one["query"], one["status"]) for one in logged] == [
		("GET", "/v3/providers", "limit=2", 200),
		("GET", "/v3/aggregation/items", "", 401),
	]
	client.control("DELETE", "calls")
	assert server.calls == []


def test_faults_and_simulations_over_http(user: Client) -> None:
	assert user.control("POST", "faults", [{"kind": "status", "status": 503}]).json() == {"added": 1}
	assert user.call("GET", "items").status_code == 503
	assert user.control("POST", "faults", {"kind": "no such fault"}).status_code == 400
	user.connect()
	account = user.rows("accounts")[0]["id"]
	late = user.control(
		"POST", "simulate", {"what": "late_row", "account_id": account, "cents": -1234}
	).json()
	assert late["movement"]["amount"] == "-12.34"
	assert user.rows(limit=500)[-1]["amount"] == -12.34
	assert user.control("POST", "simulate", {"what": "nothing"}).status_code == 404
	assert user.control("POST", "simulate", {"what": "delete"}).status_code == 400
	assert user.control("POST", "item/1/expire").status_code == 404
	user.control("POST", "faults", {"kind": "drop"})
	user.control("DELETE", "faults")
	assert user.call("GET", "items").status_code == 200


def test_settings_that_do_not_exist(client: Client) -> None:
	assert client.control("POST", "settings", {"colour": 1}).status_code == 400
	assert client.control("POST", "limits", {"colour": 1}).status_code == 400
	assert client.control("GET", "colour").status_code == 404


def test_the_life_of_a_token_may_be_set(user: Client, world: World) -> None:
	user.control("POST", "settings", {"token_life": 60})
	user.authorise(user.rows("users")[0]["uuid"])
	user.control("POST", "clock", {"advance_seconds": 61})
	assert user.call("GET", "items").status_code == 401


def test_reset_forgets_all_but_the_world(server: SandboxServer, user: Client) -> None:
	user.connect()
	user.control("POST", "faults", {"kind": "drop", "count": 9})
	user.control("POST", "reset")
	assert user.rows("users") == []
	assert server.bridge.events.log == []
	assert user.call("GET", "items").status_code == 401


def test_a_refresh_over_http(user: Client, server: SandboxServer) -> None:
	user.connect()
	before = len(server.bridge.events.log)
	user.control("POST", "refresh")
	assert len(server.bridge.events.log) > before


def test_the_user_reads_pages_by_their_marks() -> None:
	page = Page("http://x/", '<a id="cancel" href="/c">No</a><form action="/f" method="post">'
		'<label for="a">One <b>two</b></label><input name="a" id="a"><input type="checkbox" name="b" value="1">'
		'<button id="continue">Go</button></form>')  # fmt: skip
	assert page.links == {"cancel": "/c"}
	assert page.labels == {"a": "One two"}
	form = page.form(button="continue")
	assert form is not None
	assert form.fields == [("a", "", True), ("b", "1", False)]
	assert page.form(name="zzz") is None


def test_the_user_may_be_camille(user: Client) -> None:
	user.connect(Customer(login="camille", institution=601))
	(holder,) = user.rows("accounts-information")
	assert holder["first_name"] == "Camille"

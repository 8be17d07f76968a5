"""Clients and providers that keep the site waiting: everybody else is served meanwhile."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest

from dokos_banksync.hosts.standalone.site import Site
from dokos_banksync.hosts.standalone.web import WebServer, connections
from tests.hosts.standalone.web.conftest import PROVIDER, Visitor, enter

AT_ONCE = 12
"""More than the site has workers."""


def unfinished(server: WebServer, path: str = f"/banksync/webhook/{PROVIDER}") -> socket.socket:
	"""Open a connection whose POST announces 100 bytes and brings three."""
	host, port = server.url.removeprefix("http://").split(":")
	client = socket.create_connection((host, int(port)), timeout=60)
	client.sendall(f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n\r\n{{}}\n".encode())
	return client


def is_closed(client: socket.socket, within: float) -> bool:
	client.settimeout(within)
	try:
		return client.recv(1) == b""
	except ConnectionResetError:
		return True
	except TimeoutError:
		return False


@pytest.mark.parametrize("path", [f"/banksync/webhook/{PROVIDER}", "/bank", "/api/method/x"])
def test_unfinished_requests_hold_no_worker(
	server: WebServer, visitor: Visitor, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
	monkeypatch.setattr(connections, "REQUEST_SECONDS", 600)
	with ExitStack() as opened:
		waiting = [opened.enter_context(unfinished(server, path)) for _ in range(AT_ONCE)]
		assert visitor.get("/bank").ok
		assert not any(is_closed(client, within=0.01) for client in waiting)


def test_a_request_that_does_not_end_is_closed(server: WebServer, monkeypatch: pytest.MonkeyPatch) -> None:
	monkeypatch.setattr(connections, "REQUEST_SECONDS", 0.5)
	with unfinished(server) as client:
		assert is_closed(client, within=5)


def test_a_byte_now_and_then_does_not_extend_the_deadline(
	server: WebServer, monkeypatch: pytest.MonkeyPatch
) -> None:
	monkeypatch.setattr(connections, "REQUEST_SECONDS", 1.0)
	with unfinished(server) as client:
		for _ in range(90):  # the 97 bytes that are missing would end the request
			if is_closed(client, within=0.2):
				return
			client.sendall(b"x")
	pytest.fail("each byte extended the deadline")


def test_where_all_connections_are_taken_the_slowest_makes_room(
	server: WebServer, monkeypatch: pytest.MonkeyPatch
) -> None:
	monkeypatch.setattr(connections, "CONNECTIONS", 4)
	with ExitStack() as opened:
		clients = []
		for _ in range(4):
			clients.append(opened.enter_context(unfinished(server)))
			time.sleep(0.05)
		assert enter(server).get("/bank").ok
		assert is_closed(clients[0], within=2)


def test_a_body_beyond_all_limits_is_refused_before_it_is_received(server: WebServer) -> None:
	host, port = server.url.removeprefix("http://").split(":")
	with socket.create_connection((host, int(port)), timeout=5) as client:
		client.sendall(b"POST /bank HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9000000000\r\n\r\n")
		assert client.recv(100).startswith(b"HTTP/1.1 413 ")


@pytest.fixture
def silent() -> Iterator[str]:
	"""A provider that takes calls and never answers."""
	with socket.socket() as listening:
		listening.bind(("127.0.0.1", 0))
		listening.listen(64)
		yield f"http://127.0.0.1:{listening.getsockname()[1]}"


@pytest.mark.parametrize("method", ["check_provider", "institutions"])
def test_calls_to_a_provider_that_does_not_answer_neither_stop_the_site_nor_wait_for_ever(
	site: Site, server: WebServer, silent: str, method: str
) -> None:
	keys = {"client_id": "id", "client_secret": "secret"}
	site.add_provider("Silent", "Bridge", keys, silent, "Sandbox")
	server.app.providers.seconds = 8.0
	visitors = [enter(server) for _ in range(AT_ONCE)]
	with ThreadPoolExecutor(AT_ONCE) as pool:
		searches = [pool.submit(visitor.call, method, provider="Silent") for visitor in visitors]
		time.sleep(1.2)
		assert enter(server).get("/bank").ok
		assert not all(search.done() for search in searches)
		answers = [search.result() for search in searches]
	message = {answer.json()["code"] for answer in answers}
	assert message == {"BS-602", "BS-400"}
	assert all(answer.status_code in (409, 503) for answer in answers)

"""Events: their order, their signature, and how they are handed over."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from dokos_banksync.sandbox.bridge.events import Delivery, Events, Target, signature
from dokos_banksync.sandbox.clock import Clock
from dokos_banksync.sandbox.server import SandboxServer
from dokos_banksync.sandbox.user import Customer
from dokos_banksync.sandbox.world import World
from tests.sandbox.client import Client


class Receiver(ThreadingHTTPServer):
	"""Takes what is posted and answers the next of `statuses`, then 200."""

	daemon_threads = True

	def __init__(self) -> None:
		super().__init__(("127.0.0.1", 0), _Take)
		self.taken: list[tuple[str, bytes]] = []
		self.statuses: list[int] = []
		self.url = f"http://127.0.0.1:{self.server_port}/hook"


class _Take(BaseHTTPRequestHandler):
	server: Receiver

	def do_POST(self) -> None:
		body = self.rfile.read(int(self.headers["Content-Length"]))
		self.server.taken.append((self.headers["BridgeApi-Signature"], body))
		self.send_response(self.server.statuses.pop(0) if self.server.statuses else 200)
		self.send_header("Content-Length", "0")
		self.end_headers()

	def log_message(self, *_: object) -> None:
		"""Nothing."""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
	with Receiver() as server:
		thread = threading.Thread(target=server.serve_forever, args=(0.02,))
		thread.start()
		yield server
		server.shutdown()
		thread.join()


def types(receiver: Receiver) -> list[str]:
	return [json.loads(body)["type"] for _, body in receiver.taken]


def test_the_signature_of_a_known_body() -> None:
	body = (
		b'{"content":{"item_id":700001,"status":0,"user_uuid":"1f0e8a52-6c0f-4e0a-9a55-0d6f2c1b7a10"},'
		b'"timestamp":1760000000,"type":"TEST_EVENT"}'
	)
	expected = "v1=8002EFA65A532F464D9F1522CEBE377F3EE6B88EA74D747E98849F26F3EF98B8"
	assert signature(body, ["whsec-local-sandbox"]) == expected
	both = signature(body, ["another", "whsec-local-sandbox"]).split(",")
	assert len(both) == 2
	assert both[1] == expected
	assert all(part.startswith("v1=") and part[3:] == part[3:].upper() for part in both)


def test_a_consent_is_reported_in_the_documented_order(user: Client, server: SandboxServer) -> None:
	user.connect()
	received = [event["type"] for event in server.bridge.events.log]
	assert received[0] == "item.created"
	assert received[1:7] == ["item.account.created"] * 6
	assert received[7] == "item.refreshed"
	assert received[8:14] == ["item.account.updated"] * 6
	assert received[14:] == ["item.refreshed"]
	refreshed = [event["content"] for event in server.bridge.events.log if event["type"] == "item.refreshed"]
	assert [content["full_refresh"] for content in refreshed] == [False, True]
	assert {content["refresh_trigger"] for content in refreshed} == {"connect"}
	assert refreshed[0]["status_code"] == 0


def test_account_events_count_rows_and_hide_what_is_not_shared(user: Client, server: SandboxServer) -> None:
	user.connect(Customer(accounts=["Caisse"]))
	updated = [e["content"] for e in server.bridge.events.log if e["type"] == "item.account.updated"]
	shared = [content for content in updated if content["data_access"] == "enabled"]
	assert len(shared) == 1
	assert shared[0]["nb_new_transactions"] == len(user.rows(limit=500))
	hidden = next(content for content in updated if content["data_access"] == "disabled")
	assert not {"balance", "nb_new_transactions"} & set(hidden)


def test_the_scheduler_and_the_end_are_reported(user: Client, server: SandboxServer, world: World) -> None:
	item_id = int(user.connect()["item_id"])
	world.advance(days=1)
	last = server.bridge.events.log[-1]
	assert (last["type"], last["content"]["refresh_trigger"]) == ("item.refreshed", "scheduler")
	assert last["timestamp"] == int(world.clock.now().timestamp() * 1000)
	user.authorise(user.rows("users")[0]["uuid"])
	user.call("DELETE", f"items/{item_id}")
	user.call("DELETE", f"users/{user.rows('users')[0]['uuid']}")
	assert [event["type"] for event in server.bridge.events.log[-2:]] == ["item.deleted", "user.deleted"]


def test_events_arrive_signed(user: Client, server: SandboxServer, receiver: Receiver) -> None:
	user.control("POST", "webhooks", {"url": receiver.url, "secrets": ["new", "old"]})
	user.connect()
	assert server.wait_for_webhooks()
	assert types(receiver) == [event["type"] for event in server.bridge.events.log]
	for header, body in receiver.taken:
		assert header == signature(body, ["new", "old"])
	shown = user.control("GET", "webhooks").json()
	assert shown["waiting"] == 0
	assert {one["status"] for one in shown["deliveries"]} == {200}
	user.control("DELETE", "webhooks")
	user.connect()
	assert len(receiver.taken) == len(shown["deliveries"])


def handed_over(target: Target) -> tuple[list[Delivery], list[float]]:
	events, pauses = Events(Clock(), target), []
	for number in range(3):
		events.send("TEST_EVENT", {"item_id": number})
	events.deliver(pauses.append)
	return events.deliveries, pauses


def test_what_is_not_answered_200_is_tried_again(receiver: Receiver) -> None:
	receiver.statuses = [500, 204]
	deliveries, pauses = handed_over(Target(receiver.url, retry_seconds=0.5))
	assert [(one.attempt, one.status) for one in deliveries[:3]] == [(1, 500), (2, 204), (3, 200)]
	assert pauses == [0.5, 1.0]
	assert len(deliveries) == 5


def test_nobody_answers() -> None:
	deliveries, _ = handed_over(Target("http://127.0.0.1:9/hook", attempts=2))
	assert [one.status for one in deliveries] == [None] * 6


def test_twice_and_backwards(receiver: Receiver) -> None:
	handed_over(Target(receiver.url, twice=True, backwards=True))
	numbers = [json.loads(body)["content"]["item_id"] for _, body in receiver.taken]
	assert numbers == [2, 2, 1, 1, 0, 0]


@pytest.mark.parametrize("url", ["https://example.org/hook", "ftp://127.0.0.1/", "http://10.0.0.1/", "hook"])
def test_events_stay_on_this_machine(client: Client, url: str) -> None:
	with pytest.raises(ValueError, match="this machine"):
		Target(url)
	assert client.control("POST", "webhooks", {"url": url}).status_code == 400


def test_no_more_than_two_secrets() -> None:
	for secrets in ((), ("a", "b", "c")):
		with pytest.raises(ValueError, match="secret"):
			Target("http://127.0.0.1:9/", secrets)

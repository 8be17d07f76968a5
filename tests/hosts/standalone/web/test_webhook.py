"""Providers call the embedded site: signed by the pretend bank, forged, late, twice, too large."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests

from dokos_banksync.core.connection import webhooks
from dokos_banksync.core.connection.connect import Choice
from dokos_banksync.core.connection.webhooks import DEBOUNCE
from dokos_banksync.core.model import ConnectionStatus
from dokos_banksync.core.provider import Access
from dokos_banksync.hosts.standalone.ledger.webhook_calls import SqliteCallStore
from dokos_banksync.hosts.standalone.site import Site
from dokos_banksync.hosts.standalone.web import WebServer, webhook
from dokos_banksync.sandbox.bridge.simulations import simulate
from dokos_banksync.sandbox.server import SandboxServer
from dokos_banksync.sandbox.user import Customer
from tests.hosts.standalone.web.conftest import BANK, PROVIDER, Visitor

KEY = "whsec-tests"


@pytest.fixture
def connection(site: Site) -> str:
	link = site.begin_connect(BANK, PROVIDER, "574", "http://127.0.0.1:9/back", "Anne", "a@example.org")
	query = dict(parse_qsl(urlsplit(Customer().consent(link.url)).query))
	site.finish(link.state, query, "Anne")
	source = next(p.source for p in site.proposals(link.connection) if p.remote.enabled)
	site.link(link.connection, [Choice(source, "Current")])
	site.ledger.set_webhook_secret(PROVIDER, KEY)
	return link.connection


@pytest.fixture
def address(server: WebServer) -> str:
	return f"{server.url}{webhook.PATH}{PROVIDER}"


def settled(server: WebServer) -> None:
	"""Wait until no job is left."""
	done = threading.Event()
	while server.app.jobs.running():
		done.wait(0.05)


def signed(site: Site, connection: str, key: str = KEY, kind: str = "item.refreshed", age: int = 0):
	record = site.ledger.connection(connection)
	content = {"item_id": int(record.remote_id), "user_uuid": record.remote_user}
	at = int((site.clock() - timedelta(days=age)).timestamp() * 1000)
	body = json.dumps({"content": content, "timestamp": at, "type": kind}).encode()
	mac = hmac.new(key.encode(), body, hashlib.sha256).hexdigest()
	return {"data": body, "headers": {"BridgeApi-Signature": f"v1={mac}"}, "timeout": 10}


@pytest.fixture
def pointed(sandbox: SandboxServer, connection: str, address: str) -> str:
	"""The pretend bank tells this site what happens."""
	target = {"url": address, "secrets": [KEY]}
	requests.post(f"{sandbox.url}/_sandbox/webhooks", json=target, timeout=60).raise_for_status()
	return connection


def test_what_happens_at_the_bank_is_fetched_after_its_webhook(site, sandbox, server, pointed):
	with sandbox.bridge.lock:
		sandbox.world.advance(timedelta(days=1))
	assert sandbox.wait_for_webhooks()
	settled(server)
	assert {run.trigger for run in site.ledger.runs(pointed)} == {"webhook"}
	assert site.ledger.runs(pointed)[0].status == "Success"
	assert site.ledger.transactions(bank_account="Current", limit=1)


def test_a_connection_that_ended_elsewhere_shows_it(site, sandbox, server, pointed):
	record = site.ledger.connection(pointed)
	site.provider_of(PROVIDER).revoke(Access(record.remote_user, record.remote_id))
	assert sandbox.wait_for_webhooks()
	settled(server)
	assert site.ledger.connection(pointed).status is ConnectionStatus.DISCONNECTED


def test_an_event_brings_no_data_of_its_own(site, server, connection, address):
	"""What the call says of a balance or a state counts for nothing: the provider is asked."""
	call = signed(site, connection)
	assert requests.post(address, **call).text == "accepted"
	settled(server)
	assert site.ledger.connection(connection).status is ConnectionStatus.ACTIVE
	assert [run.trigger for run in site.ledger.runs(connection)] == ["webhook"]


@pytest.mark.parametrize(
	("change", "status", "word"),
	[
		({"key": "other"}, 401, "not accepted"),
		({"age": 5}, 200, "old"),
		({"kind": "TEST_EVENT"}, 200, "test"),
		({"kind": "payment.created"}, 200, "unknown event"),
	],
)
def test_calls_that_lead_nowhere(site, server, connection, address, change, status, word):
	answer = requests.post(address, **signed(site, connection, **change))
	assert (answer.status_code, answer.text) == (status, word)
	assert not server.app.jobs.running()
	assert site.ledger.runs(connection) == []


def test_the_same_call_again(site, server, connection, address):
	call = signed(site, connection)
	assert [requests.post(address, **call).text for _ in range(2)] == ["accepted", "repeated"]
	settled(server)
	assert len(site.ledger.runs(connection)) == 1


def test_a_burst_is_one_run_and_one_later(site, server, connection, address):
	"""One refresh of a bank is reported in several calls."""
	for kind in ("item.refreshed", "item.account.updated", "item.account.created"):
		assert requests.post(address, **signed(site, connection, kind=kind)).text == "accepted"
		settled(server)
	assert len(site.ledger.runs(connection)) == 1
	assert site.schedule_store.read(connection).next_run_at == site.clock() + DEBOUNCE


def test_a_repeated_call_is_recognised_by_the_next_server(site):
	"""And of many at once, one counts."""
	stores = [SqliteCallStore(site.ledger.db, site.clock) for _ in range(4)]
	with ThreadPoolExecutor(4) as pool:
		new = list(pool.map(lambda one: one.claim("call|x", timedelta(days=3)), stores))
	assert sorted(new) == [False, False, False, True]
	later = SqliteCallStore(site.ledger.db, lambda: site.clock() + timedelta(days=3))
	assert later.claim("call|x", timedelta(days=3))
	stores[0].release("call|x")
	assert [one.claim("call|x", timedelta(days=3)) for one in stores] == [True, False, False, False]


def test_two_secrets_while_one_replaces_the_other(site, server, connection, address):
	site.ledger.set_webhook_secret(PROVIDER, f"new\n{KEY}")
	assert requests.post(address, **signed(site, connection)).text == "accepted"
	assert requests.post(address, **signed(site, connection, "new", "item.deleted")).text == "accepted"
	settled(server)


def test_without_a_secret_nothing_is_believed(site, connection, address):
	site.ledger.set_webhook_secret(PROVIDER, "")
	assert requests.post(address, **signed(site, connection, key="")).status_code == 401


def test_what_is_reported_during_a_run_is_fetched_soon(site, server, connection, address):
	go = threading.Event()
	server.app.jobs.start(connection, lambda notify: {"waited": go.wait(10)}, {})
	assert requests.post(address, **signed(site, connection)).text == "accepted"
	go.set()
	settled(server)
	assert site.schedule_store.read(connection).next_run_at == site.clock() + DEBOUNCE


def test_strangers_get_short_answers(outsider: Visitor, connection: str) -> None:
	path = webhook.PATH + PROVIDER
	assert outsider.get(path).status_code == 405
	assert outsider.post(path, data=b" " * 300_000).status_code == 413
	for address in (path, webhook.PATH + "nobody", webhook.PATH):
		answer = outsider.post(address, data=b"{}")
		assert (answer.status_code, answer.text) == (401, "not accepted"), address
	assert "Set-Cookie" not in outsider.post(path, data=b"{}").headers


def test_too_many_calls(outsider: Visitor, connection: str, monkeypatch: pytest.MonkeyPatch) -> None:
	monkeypatch.setattr(webhooks, "CALLS_A_MINUTE", 3)
	path = webhook.PATH + PROVIDER
	assert [outsider.post(path, data=b"{}").status_code for _ in range(5)] == [401, 401, 401, 429, 429]


def test_keys_that_cannot_be_opened_look_like_an_unknown_provider(site, connection, address):
	"""A provider tries again after any answer but 200."""
	site.ledger.db.run("UPDATE vault SET value = x'00'")
	assert requests.post(address, **signed(site, connection)).status_code == 401


def test_the_state_of_a_manual_connection_is_looked_at_only(site, sandbox, server, connection, address):
	site.schedule(connection, "")
	item = int(site.ledger.connection(connection).remote_id)
	simulate(sandbox.bridge, "set_status", item_id=item, status=402)
	assert requests.post(address, **signed(site, connection)).text == "accepted"
	settled(server)
	assert site.ledger.runs(connection) == []
	assert site.ledger.connection(connection).status is ConnectionStatus.ACTION_REQUIRED

"""From consent to bank transactions with Salt Edge, on a standalone site."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest

from dokos_banksync.core.model import ConnectionStatus
from dokos_banksync.core.trigger import Trigger
from dokos_banksync.hosts.standalone.site import Site
from dokos_banksync.sandbox.salt_edge.keys import public_pem
from dokos_banksync.sandbox.salt_edge.model import APP_ID, SECRET, Client
from dokos_banksync.sandbox.server import SandboxServer
from dokos_banksync.sandbox.user import Customer
from tests.providers.on_a_site import BACK, EMAIL, USER, booked, come_back, connect, feed, truth
from tests.providers.salt_edge.stage import at_once, serve
from tests.providers.salt_edge.test_contract import KEY, PEM


@pytest.fixture
def bank() -> Iterator[SandboxServer]:
	with serve(at_once(), Client(public_key=public_pem(KEY)), years=0.4) as server:
		yield server


@pytest.fixture
def site(bank: SandboxServer, tmp_path: Path) -> Iterator[Site]:
	with Site(tmp_path / "home", clock=bank.world.clock.now) as site:
		keys = {"app_id": APP_ID, "client_secret": SECRET, "private_key": PEM, "sandboxes": "yes"}
		site.add_provider("Salt", "Salt Edge", keys, bank.salt_edge_url)
		yield site


def account(bank: SandboxServer, key: str) -> str:
	(connection,) = bank.salt_edge.connections()
	return next(one.id for one in connection.accounts.values() if one.real.key == key)


def test_the_life_of_a_connection(bank: SandboxServer, site: Site) -> None:
	connection = connect(site, "Salt", Customer(login="username"), "fakebank_simple_xf").connection.name
	feed(site, connection, Current="Compte courant pro", Card="Carte à débit différé")
	assert site.sync(connection).status == "Success"
	keys = {"Current": "574:alex:checking", "Card": "574:alex:card"}
	for bank_account, key in keys.items():
		assert booked(site, bank_account) == truth(bank.world, key)
	for _ in range(12):
		bank.world.advance(days=1)
		site.sync(connection)
	simulate, current = bank.app.faces["salt-edge"].simulations, account(bank, keys["Current"])
	simulate["delete"](account_id=current)
	simulate["late_row"](account_id=current)
	simulate["rebook"](account_id=current, number=3)
	simulate["duplicate"](account_id=current, number=5)
	run = site.sync(connection)
	assert [check.difference for check in run.checks] == [0, 0]
	for bank_account, key in keys.items():
		assert booked(site, bank_account) == truth(bank.world, key)


def test_a_consent_ends_is_renewed_and_goes_on(bank: SandboxServer, site: Site) -> None:
	connection = connect(site, "Salt", Customer(login="username"), "fakebank_simple_xf").connection.name
	feed(site, connection, Current="Compte courant pro")
	site.sync(connection)
	(remote,) = bank.salt_edge.connections()
	bank.app.faces["salt-edge"].simulations["expire_consent"](connection_id=remote.id)
	run = site.sync(connection)
	assert (run.status, run.error_code) == ("Partial", "BS-201")
	link = site.begin_reconnect(connection, BACK, USER, EMAIL)
	assert come_back(site, link.url, Customer(login="username")).connection.status is ConnectionStatus.ACTIVE
	bank.world.advance(days=5)
	site.sync(connection)
	assert booked(site, "Current") == truth(bank.world, "574:alex:checking")


def test_disconnecting_removes_connection_and_customer(bank: SandboxServer, site: Site) -> None:
	connection = connect(site, "Salt", Customer(login="username"), "fakebank_simple_xf").connection.name
	site.disconnect(connection)
	assert "only you can end it there" in site.what_remains(connection)
	assert not bank.salt_edge.clients[APP_ID].customers
	assert site.ledger.connection(connection).status is ConnectionStatus.DISCONNECTED


def test_no_key_is_stored_in_the_clear(bank: SandboxServer, site: Site) -> None:
	stored = b"".join(path.read_bytes() for path in site.home.iterdir() if path.is_file())
	assert SECRET.encode() not in stored
	assert PEM[40:90].encode() not in stored


def test_two_banks_that_are_connected_at_once_never_exchange_their_connections(
	bank: SandboxServer, site: Site
) -> None:
	"""Each Bank has a customer of its own: not even a return that names the other one's connection is taken."""
	links, named = {}, {}
	for name, login in (("One", "alex"), ("Two", "camille")):
		site.ledger.add_bank(name)
		links[name] = site.begin_connect(name, "Salt", "fakebank_simple_xf", BACK, USER, EMAIL)
		named[name] = dict(parse_qsl(urlsplit(Customer(login=login).consent(links[name].url)).query))
	crossed = site.finish(links["One"].state, {"connection_id": named["Two"]["connection_id"]}, USER)
	assert not crossed.accounts
	assert "another session" in crossed.message
	found = site.finish(links["Two"].state, {}, USER)
	assert found.connection.bank == "Two"
	assert found.connection.remote_id == named["Two"]["connection_id"]
	again = site.begin_connect("One", "Salt", "fakebank_simple_xf", BACK, USER, EMAIL)
	url = Customer(login="beatrice").consent(again.url)
	third = site.finish(again.state, dict(parse_qsl(urlsplit(url).query)), USER)
	assert third.connection.bank == "One"
	assert third.connection.remote_id not in {one["connection_id"] for one in named.values()}


def test_old_data_are_not_taken_for_the_newest(bank: SandboxServer, site: Site) -> None:
	"""Nothing refreshes the connection, and what Salt Edge has is served with success."""
	connection = connect(site, "Salt", Customer(login="username"), "fakebank_simple_xf").connection.name
	feed(site, connection, Current="Compte courant pro")
	site.sync(connection, Trigger.SCHEDULED)
	assert site.ledger.connection(connection).status_message == ""
	for one in bank.salt_edge.connections():
		one.automatic_refresh = False
	bank.world.advance(days=6)
	site.sync(connection, Trigger.SCHEDULED)
	record = site.ledger.connection(connection)
	assert record.status is ConnectionStatus.ACTIVE
	assert "last read the bank on 2026-11-16" in record.status_message
	site.sync(connection)
	assert site.ledger.connection(connection).status_message == ""

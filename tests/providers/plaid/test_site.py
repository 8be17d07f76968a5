"""From consent to bank transactions with Plaid, on a standalone site."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from dokos_banksync.core.errors import ConsentExpired
from dokos_banksync.core.model import ConnectionStatus
from dokos_banksync.hosts.standalone.site import Site
from dokos_banksync.sandbox.plaid.model import CLIENT_ID, SECRET
from dokos_banksync.sandbox.server import SandboxServer
from dokos_banksync.sandbox.user import Customer
from tests.providers.on_a_site import BACK, EMAIL, USER, booked, come_back, connect, feed, truth
from tests.providers.plaid.stage import serve


@pytest.fixture
def bank() -> Iterator[SandboxServer]:
	with serve() as server:
		yield server


@pytest.fixture
def site(bank: SandboxServer, tmp_path: Path) -> Iterator[Site]:
	with Site(tmp_path / "home", clock=bank.world.clock.now) as site:
		keys = {
			"client_id": CLIENT_ID,
			"client_secret": SECRET,
			"environment": "sandbox",
			"countries": "US,FR",
		}
		site.add_provider("Plaid", "Plaid", keys, bank.plaid_url)
		yield site


def test_the_life_of_a_connection(bank: SandboxServer, site: Site) -> None:
	connection = connect(site, "Plaid", Customer(), "ins_574").connection.name
	feed(site, connection, Current="Compte courant pro", Card="Carte à débit différé")
	assert site.sync(connection).status == "Success"
	keys = {"Current": "574:alex:checking", "Card": "574:alex:card"}
	for bank_account, key in keys.items():
		assert booked(site, bank_account) == truth(bank.world, key)
	simulate = bank.app.faces["plaid"].simulations
	current = next(
		one.id for one in next(bank.plaid.items()).accounts.values() if one.real.key == keys["Current"]
	)
	for _ in range(12):
		bank.world.advance(days=1)
		site.sync(connection)
	simulate["delete"](account_id=current)
	simulate["late_row"](account_id=current)
	simulate["rebook"](account_id=current, number=3)
	run = site.sync(connection)
	assert [check.difference for check in run.checks] == [0, 0]
	for bank_account, key in keys.items():
		assert booked(site, bank_account) == truth(bank.world, key)
	categories = {row.category for row in site.ledger.transactions(bank_account="Current", limit=-1)}
	assert "Restaurant" in categories


def test_a_consent_ends_is_renewed_and_goes_on(bank: SandboxServer, site: Site) -> None:
	connection = connect(site, "Plaid", Customer(), "ins_574").connection.name
	feed(site, connection, Current="Compte courant pro")
	site.sync(connection)
	item = next(bank.plaid.items())
	bank.app.faces["plaid"].simulations["expire_consent"](item_id=item.id)
	with pytest.raises(ConsentExpired):
		site.sync(connection)
	link = site.begin_reconnect(connection, BACK, USER, EMAIL)
	assert come_back(site, link.url, Customer()).connection.status is ConnectionStatus.ACTIVE
	bank.world.advance(days=5)
	site.sync(connection)
	assert booked(site, "Current") == truth(bank.world, "574:alex:checking")


def test_the_account_gets_another_id_and_nothing_is_lost(bank: SandboxServer, site: Site) -> None:
	connection = connect(site, "Plaid", Customer(), "ins_574").connection.name
	feed(site, connection, Current="Compte courant pro", Cash="Caisse")
	site.sync(connection)
	before = booked(site, "Current")
	current = next(
		one.id for one in next(bank.plaid.items()).accounts.values() if one.real.key == "574:alex:checking"
	)
	bank.app.faces["plaid"].simulations["change_account_id"](account_id=current)
	site.sync(connection)
	assert booked(site, "Current") == before
	fresh = next(
		one
		for one in site.proposals(connection)
		if one.remote.account_name.startswith("Compte courant pro") and one.remote.remote_id != current
	)
	assert fresh.bank_account in ("", "Current")
	if not fresh.bank_account:
		old = next(one for one in site.ledger.accounts(connection) if one.remote.remote_id == current)
		site.ledger.link(old.source, "", None)
		from dokos_banksync.core.connection.connect import Choice

		site.link(connection, [Choice(fresh.source, "Current")])
	bank.world.advance(days=3)
	site.sync(connection)
	assert booked(site, "Current") == truth(bank.world, "574:alex:checking")


def test_disconnecting_ends_the_item(bank: SandboxServer, site: Site) -> None:
	connection = connect(site, "Plaid", Customer(), "ins_574").connection.name
	site.disconnect(connection)
	assert list(bank.plaid.items()) == []
	assert site.ledger.connection(connection).status is ConnectionStatus.DISCONNECTED


def test_no_token_is_stored_in_the_clear(bank: SandboxServer, site: Site) -> None:
	connect(site, "Plaid", Customer(), "ins_574")
	token = next(bank.plaid.items()).access_token
	stored = b"".join(path.read_bytes() for path in site.home.iterdir() if path.is_file())
	assert token.encode() not in stored
	assert SECRET.encode() not in stored

"""Several logins in one session of Plaid's page: each becomes a connection of its own bank."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest

from dokos_banksync.actions.callback import message
from dokos_banksync.actions.i18n import Translations
from dokos_banksync.core.connection.completing import ConnectResult
from dokos_banksync.core.errors import TemporaryError
from dokos_banksync.core.model import ConnectionStatus
from dokos_banksync.hosts.standalone.site import Site
from dokos_banksync.sandbox.faults import Fault
from dokos_banksync.sandbox.plaid.model import CLIENT_ID, SECRET, Settings
from dokos_banksync.sandbox.server import SandboxServer
from dokos_banksync.sandbox.user import Customer
from tests.providers.on_a_site import BACK, EMAIL, USER, booked, come_back, feed, truth
from tests.providers.plaid.stage import at_once, serve

AURORE, DEMO = "ins_601", "ins_574"
"""Banque Aurore and Demo Bank."""


@pytest.fixture(params=[False, True], ids=["user id", "user token"])
def settings(request: pytest.FixtureRequest) -> Settings:
	made = at_once()
	made.user_tokens = request.param
	return made


@pytest.fixture
def bank(settings: Settings) -> Iterator[SandboxServer]:
	with serve(settings) as server:
		yield server


@pytest.fixture
def site(bank: SandboxServer, tmp_path: Path) -> Iterator[Site]:
	with Site(tmp_path / "home", clock=bank.world.clock.now) as made:
		keys = {"client_id": CLIENT_ID, "client_secret": SECRET, "environment": "sandbox", "countries": "FR"}
		made.add_provider("Plaid", "Plaid", keys, bank.plaid_url)
		made.sleep = lambda _seconds: None
		yield made


def begin(site: Site, name: str = "Demo Bank", institution_id: str = DEMO) -> str:
	return site.begin_connect(name, "Plaid", institution_id, BACK, USER, EMAIL).url


def connect(
	site: Site, *users: Customer, name: str = "Demo Bank", institution_id: str = DEMO
) -> ConnectResult:
	first, *others = users
	first.then = others
	return come_back(site, begin(site, name, institution_id), first)


def banks(site: Site) -> list[tuple[str, str]]:
	"""Return the bank and the institution of each connection."""
	return [(one.bank, one.institution_id) for one in site.ledger.connections()]


def test_two_banks_in_one_session(bank: SandboxServer, site: Site) -> None:
	result = connect(site, Customer(), Customer(institution=601))
	[other] = result.others
	assert banks(site) == [("Demo Bank", DEMO), ("Banque Aurore", AURORE)]
	assert "Banque Aurore" in site.ledger.banks()
	for one, key in ((result, "574:alex:checking"), (other, "601:alex:checking")):
		name = one.connection.bank
		feed(site, one.connection.name, **{name: "Compte courant"})
		assert site.sync(one.connection.name).status == "Success"
		assert booked(site, name) == truth(bank.world, key)
	shown = message(Translations("en"), result)
	assert shown["message"] == (
		"The bank is connected. Choose what to import. You also logged in to Banque Aurore: choose what to import from the "
		f"connection {other.connection.name} of the bank Banque Aurore."
	)
	assert shown["choose_accounts"]
	assert "Vous vous êtes aussi connecté" in message(Translations("fr"), result)["message"]
	site.disconnect(other.connection.name)
	assert site.sync(result.connection.name).status == "Success"


def test_two_logins_at_one_bank_in_one_session(site: Site) -> None:
	result = connect(site, Customer(), Customer(login="camille"))
	assert banks(site) == [("Demo Bank", DEMO)] * 2
	mine, others = (
		{one.remote.remote_id for one in site.ledger.accounts(record.name)}
		for record in site.ledger.connections()
	)
	assert mine
	assert others
	assert not mine & others
	assert result.others[0].connection.name != result.connection.name


def test_the_same_login_twice_is_named_and_connected_once(bank: SandboxServer, site: Site) -> None:
	result = connect(site, Customer(), Customer())
	assert banks(site) == [("Demo Bank", DEMO)]
	[remark] = result.remarks
	assert remark == (
		"You also logged in to Demo Bank, which was not connected: This login is connected already. Reconnect the existing "
		"connection, or disconnect it first."
	)


def test_another_bank_than_was_asked_for_becomes_a_bank_of_its_own(site: Site) -> None:
	result = connect(site, Customer(institution=601), name="Ma banque", institution_id="")
	assert banks(site) == [("Ma banque", AURORE)], "the bank was chosen on Plaid's page"
	went_back = begin(site)
	result = come_back(site, _chosen_anew(went_back), Customer(login="camille", institution=601))
	assert banks(site) == [("Ma banque", AURORE)] * 2
	assert result.message == (
		"You logged in to Banque Aurore, and not to Demo Bank: the connection SYNC-CONN-00003 belongs to the bank Ma banque. "
		"Choose there what to import."
	)


def _chosen_anew(url: str) -> str:
	"""A user goes back to the list of banks on Plaid's page, and chooses another one."""
	return f"{url}/bank/601"


def test_a_bank_that_has_the_name_is_taken(site: Site) -> None:
	site.ledger.add_bank("BANQUE AURORE")
	connect(site, Customer(), Customer(institution=601))
	assert banks(site) == [("Demo Bank", DEMO), ("BANQUE AURORE", AURORE)]


def test_accounts_that_cannot_be_read_now_lose_no_login(bank: SandboxServer, site: Site) -> None:
	bank.faults.add(Fault("status", "/plaid/accounts/get", count=4))
	user = Customer(then=[Customer(institution=601)])
	result = come_back(site, begin(site), user)
	assert banks(site) == [("Demo Bank", DEMO), ("Banque Aurore", AURORE)]
	assert any("could not be read yet" in one for one in result.remarks)
	other = result.others[0].connection.name
	site.refresh_accounts(other)
	assert site.ledger.accounts(other)


def test_a_return_that_fails_is_repeated_and_doubles_nothing(bank: SandboxServer, site: Site) -> None:
	url = begin(site)
	user = Customer(then=[Customer(institution=601)])
	address = user.consent(url)
	query = dict(parse_qsl(urlsplit(address).query))
	bank.faults.add(Fault("status", "/plaid/accounts/get", count=8))
	with pytest.raises(TemporaryError):
		site.finish(query["state"], query, USER)
	result = site.finish(query["state"], query, USER)
	assert banks(site) == [("Demo Bank", DEMO), ("Banque Aurore", AURORE)]
	assert result.accounts
	assert [len(list(bank.plaid.items()))] == [2]
	assert {one.status for one in site.ledger.connections()} == {ConnectionStatus.ACTIVE}


def test_without_users_at_plaid_a_session_connects_one_bank(bank: SandboxServer, site: Site) -> None:
	"""A client that may make no users, or a copy of Plaid's API that has none."""
	bank.faults.add(Fault("status", "/plaid/user/create", count=1, code="INVALID_PRODUCT"))
	result = connect(site, Customer(), Customer(institution=601))
	assert banks(site) == [("Demo Bank", DEMO)]
	assert not result.others

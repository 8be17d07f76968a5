"""From the webview to the books."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from dokos_banksync.core.model import ConnectionStatus
from dokos_banksync.sandbox.movements import Movement
from dokos_banksync.sandbox.powens.model import CLIENT_ID, CLIENT_SECRET, DOMAIN
from dokos_banksync.sandbox.powens.rows import connector_uuid
from dokos_banksync.sandbox.server import SandboxServer
from dokos_banksync.sandbox.world import World
from tests.providers.whole_way import Way

MAIN = "601:alex:checking"


@pytest.fixture(params=[False, True])
def way(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Way]:
	"""With cards as accounts of their own, and with cards in the current account."""
	with SandboxServer(World(seed=5, years=0.3)) as server:
		server.powens.state.settings.merged_cards = request.param
		made = Way(tmp_path / "home", server, MAIN)
		keys = {"domain": DOMAIN, "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
		made.add_provider("Powens", keys, server.powens_url)
		made.connect(connector_uuid(server.world.institutions[601]))
		yield made
		made.close()


def test_the_life_of_a_connection(way: Way) -> None:
	run = way.sync()
	assert way.held() == way.truth()
	assert [one.difference for one in run.checks] == [0]
	for _ in range(3):
		way.server.world.advance(days=1)
		way.sync()
		assert way.held() == way.truth()
	real, today = way.server.world.account(MAIN), way.server.world.clock.today()
	real.add(Movement("late", today - timedelta(days=50), -4250, "CB TARD", "Tard", "work_other", "card"))
	recent = [one for one in real.movements(today) if one.day > today - timedelta(days=15)]
	real.remove(recent[-3].key)
	real.rebook(recent[-5].key, -1234)
	way.server.world.advance(days=1)
	assert [one.difference for one in way.sync().checks] == [0]
	assert way.held() == way.truth()


def test_a_consent_ends_is_renewed_and_goes_on(way: Way) -> None:
	way.sync()
	way.server.world.advance(days=181)
	run = way.sync()
	assert run.error_code == "BS-201"
	assert way.site.ledger.connection(way.connection).status is ConnectionStatus.CONSENT_EXPIRED
	way.renew()
	way.sync()
	assert way.site.ledger.connection(way.connection).status is ConnectionStatus.ACTIVE
	assert way.held() == way.truth()


def test_an_account_that_is_shared_again_under_new_row_ids_doubles_nothing(way: Way) -> None:
	way.sync()
	(owner,) = way.server.powens.state.connections()
	account = next(one for one in owner.accounts.values() if one.real.key == MAIN)
	way.server.powens.simulations["disable"](account_id=account.id)
	way.sync()
	way.renew()
	way.sync()
	assert way.held() == way.truth()


def test_disconnecting_deletes_the_connection_and_its_user(way: Way) -> None:
	way.site.disconnect(way.connection)
	assert way.server.powens.state.users == {}


def test_no_key_and_no_token_is_stored_in_the_clear(way: Way) -> None:
	(user,) = way.server.powens.state.users.values()
	stored = b"".join(path.read_bytes() for path in way.site.home.rglob("*") if path.is_file())
	for secret in (CLIENT_SECRET, user.token):
		assert secret.encode() not in stored

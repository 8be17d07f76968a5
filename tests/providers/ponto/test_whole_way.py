"""From Ponto's page to the books, for both ways in."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from dokos_banksync.core.errors import ConsentRevoked
from dokos_banksync.core.model import ConnectionStatus
from dokos_banksync.sandbox.movements import Movement
from dokos_banksync.sandbox.ponto.model import (
	APPLICATION_ID,
	CLIENT_ID,
	CLIENT_SECRET,
	OWN_CLIENT_ID,
	OWN_CLIENT_SECRET,
)
from dokos_banksync.sandbox.ponto.resources import institution_id
from dokos_banksync.sandbox.server import SandboxServer
from dokos_banksync.sandbox.world import World
from tests.providers.whole_way import Way

MAIN = "601:alex:checking"


@pytest.fixture(params=["ponto-connect", "custom-integration"])
def way(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Way]:
	with SandboxServer(World(seed=5, years=0.3)) as server:
		server.ponto.state.settings.polls = 1  # a synchronization ends at the first look: nobody sleeps
		made = Way(tmp_path / "home", server, MAIN)
		bank = institution_id(server.world.institutions[601])
		own = request.param == "custom-integration"
		keys = {
			"client_id": OWN_CLIENT_ID if own else CLIENT_ID,
			"client_secret": OWN_CLIENT_SECRET if own else CLIENT_SECRET,
			"integration": request.param,
			"application_id": APPLICATION_ID,
		}
		if own:
			server.ponto.state.link(601)
		made.add_provider("Ponto", keys, f"{server.ponto_url}{'/my' if own else ''}")
		made.connect(bank)
		yield made
		made.close()


def test_nothing_is_doubled_and_nothing_lost(way: Way) -> None:
	way.sync()
	assert way.held() == way.truth()
	for _ in range(3):
		way.server.world.advance(days=1)
		way.sync()
		assert way.held() == way.truth()
	real, today = way.server.world.account(MAIN), way.server.world.clock.today()
	real.add(Movement("late", today - timedelta(days=80), -4250, "CB TARD", "Tard", "work_other", "card"))
	recent = [one for one in real.movements(today) if one.day > today - timedelta(days=25)]
	real.remove(recent[-3].key)
	way.server.world.advance(days=1)
	way.sync()
	assert way.held() == way.truth()


def test_the_balance_is_proved(way: Way) -> None:
	run = way.sync()
	assert [check.difference for check in run.checks] == [0]


def test_an_authorization_that_ends(way: Way) -> None:
	way.sync()
	for account_id in way.server.ponto.state.organization_of("success").accounts:
		way.server.ponto.simulations["expire"](account_id=account_id)
	way.sync()
	assert way.site.ledger.connection(way.connection).status is ConnectionStatus.CONSENT_EXPIRED


def test_accounts_that_are_taken_back_end_the_connection(way: Way) -> None:
	way.sync()
	state = way.server.ponto.state
	for account in list(state.organization_of("success").accounts.values()):
		state.revoke_account(account)
	with pytest.raises(ConsentRevoked):
		way.sync()
	assert way.held() == way.truth()

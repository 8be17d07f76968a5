"""From the bank's page to the books."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from dokos_banksync.core.errors import ConsentExpired, RateLimited
from dokos_banksync.core.model import ConnectionStatus
from dokos_banksync.sandbox.gocardless.model import SECRET_ID, SECRET_KEY, Ids
from dokos_banksync.sandbox.gocardless.state import institution_id
from dokos_banksync.sandbox.movements import Movement
from dokos_banksync.sandbox.server import SandboxServer
from dokos_banksync.sandbox.world import World
from tests.providers.whole_way import Way

MAIN = "601:alex:checking"


@pytest.fixture(params=[Ids.ABSENT, Ids.VOLATILE])
def way(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Way]:
	with SandboxServer(World(seed=5, years=0.3)) as server:
		server.gocardless.state.settings.ids = request.param
		made = Way(tmp_path / "home", server, MAIN)
		keys = {"secret_id": SECRET_ID, "secret_key": SECRET_KEY}
		made.add_provider("GoCardless", keys, server.gocardless_url)
		made.connect(institution_id(server.world.institutions[601]))
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
	real.add(Movement("late", today - timedelta(days=20), -4250, "CB TARD", "Tard", "work_other", "card"))
	recent = [one for one in real.movements(today) if one.day > today - timedelta(days=15)]
	real.remove(recent[-3].key)
	way.server.world.advance(days=1)
	way.sync()
	assert way.held() == way.truth()


def test_a_renewal_with_new_ids_links_nothing_anew(way: Way) -> None:
	way.sync()
	known = {one.name for one in way.site.ledger.lines(limit=-1)}
	way.renew()
	run = way.sync()
	assert (run.created, run.linked, run.updated, run.removed) == (0, 0, 0, 0)
	assert run.unchanged > 0
	assert {one.name for one in way.site.ledger.lines(limit=-1)} == known


def test_what_the_bank_removes_before_a_renewal_is_removed_here(way: Way) -> None:
	way.sync()
	real, today = way.server.world.account(MAIN), way.server.world.clock.today()
	recent = [one for one in real.movements(today) if one.day > today - timedelta(days=15)]
	real.remove(recent[-3].key)
	way.renew()
	assert way.sync().removed == 1
	assert way.held() == way.truth()


def test_a_renewal_with_new_ids_doubles_nothing(way: Way) -> None:
	way.sync()
	way.server.world.advance(days=181)
	with pytest.raises(ConsentExpired):
		way.sync()
	assert way.site.ledger.connection(way.connection).status is ConnectionStatus.CONSENT_EXPIRED
	way.renew()
	way.sync()
	assert way.held() == way.truth()


def test_the_daily_limit_ends_a_run_and_breaks_no_connection(way: Way) -> None:
	for _ in range(4):
		way.sync()
	with pytest.raises(RateLimited):
		way.sync()
	assert way.site.ledger.connection(way.connection).status is ConnectionStatus.ACTIVE
	assert way.held() == way.truth()
	way.server.world.advance(days=1)
	way.sync()
	assert way.held() == way.truth()


def test_only_balances_that_are_compared_are_read(way: Way) -> None:
	"""The other accounts of the bank feed nothing, and their readings are few."""
	way.server.calls.clear()
	assert all(check.complete for check in way.sync().checks)
	read = {call.path for call in way.server.calls if call.path.endswith("/balances/")}
	assert len(read) == 1
	assert len(way.site.proposals(way.connection)) > 1

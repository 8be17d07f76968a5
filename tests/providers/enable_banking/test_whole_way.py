"""From the bank's page to the books: each bank's oddity, the core, and a site, with nothing doubled or lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from dokos_banksync.actions.i18n import Translations
from dokos_banksync.core.connection.connect import Choice
from dokos_banksync.core.errors import RateLimited, SyncError
from dokos_banksync.sandbox.enable_banking.model import APPLICATION_ID
from dokos_banksync.sandbox.faults import Fault
from dokos_banksync.sandbox.movements import Movement
from dokos_banksync.sandbox.server import SandboxServer
from dokos_banksync.sandbox.world import World
from tests.providers.whole_way import Way

BANKS = {
	574: "FR:Demo Bank",
	601: "FR:Banque Aurore",
	602: "FR:Caisse du Ponant",
	605: "FR:Papillon Néobanque",
	606: "FR:Comptoir Méridional",
	607: "FR:Union Bocagère",
	608: "FR:Société de Banque du Vexin",
}


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Callable[[int], Way]]:
	"""Connects a bank, by the number of its institution."""
	made: list[Way] = []
	with SandboxServer(World(seed=5, years=0.2)) as server:

		def connected(institution: int) -> Way:
			way = Way(tmp_path / "home", server, f"{institution}:alex:checking")
			made.append(way)
			state = server.enable_banking.state
			keys = {"application_id": APPLICATION_ID, "private_key": state.private_key}
			way.add_provider("Enable Banking", keys, server.enable_banking_url)
			way.connect(BANKS[institution])
			return way

		yield connected
		for way in made:
			way.close()


@pytest.mark.parametrize("institution", BANKS)
def test_nothing_is_doubled_and_nothing_lost(make: Callable[[int], Way], institution: int) -> None:
	"""Whatever the bank does with ids: absent, positional, new at every call."""
	way = make(institution)
	way.sync()
	for _ in range(4):
		way.server.world.advance(days=1)
		way.sync()
		assert way.held() == way.truth()
	way.server.world.advance(days=8)
	real, today = way.server.world.account(way.real), way.server.world.clock.today()
	real.add(Movement("late", today - timedelta(days=20), -4250, "CB TARD", "Tard", "work_other", "card"))
	recent = [one for one in real.movements(today) if one.day > today - timedelta(days=25)]
	real.remove(recent[-3].key)
	way.sync()
	assert way.held() == way.truth()


def test_equal_rows_of_one_day_stay_as_many_as_they_are(make: Callable[[int], Way]) -> None:
	way = make(605)
	real, day = way.server.world.account(way.real), way.server.world.clock.today() - timedelta(days=2)
	for number in range(3):
		real.add(Movement(f"c{number}", day, -260, "CB CAFE", "Cafe", "restaurant", "card"))
	way.sync()
	assert way.held() == way.truth()
	real.remove("c1")
	way.server.world.advance(days=1)
	way.sync()
	assert way.held() == way.truth()


def test_a_renewed_consent_continues_the_same_accounts(make: Callable[[int], Way]) -> None:
	way = make(602)
	way.sync()
	before = {row.name for row in way.site.ledger.transactions(bank_account="Current", limit=-1)}
	way.server.world.advance(days=80)
	way.renew()
	way.sync()
	assert way.held() == way.truth()
	assert before <= {row.name for row in way.site.ledger.transactions(bank_account="Current", limit=-1)}


def test_a_first_fetch_that_fails_and_is_repeated_a_day_later_says_that_older_rows_are_missing(
	tmp_path: Path,
) -> None:
	"""The bank gives its whole history in the first hours after a consent, and 90 days later on."""
	with SandboxServer(World(seed=5, years=0.5)) as server:
		way = Way(tmp_path / "home", server, "601:alex:checking")
		try:
			state = server.enable_banking.state
			keys = {"application_id": APPLICATION_ID, "private_key": state.private_key}
			way.add_provider("Enable Banking", keys, server.enable_banking_url)
			way.connect(BANKS[601])
			server.faults.add(Fault("status", "/enable_banking/accounts", count=99, status=500))
			with pytest.raises(SyncError):
				way.sync()
			server.faults.clear()
			server.world.advance(days=1)
			run = way.sync()
			first = min(day for day, _ in way.held())
			assert first >= server.world.clock.today() - timedelta(days=90)
			record = way.site.ledger.connection(way.connection)
			french = Translations("fr").message(record.status_message)
			assert french.startswith(
				"La banque ne donne les opérations de Compte courant pro qu’à partir du "
			)
			assert "Reconnectez" in french
			assert run.error_message == record.status_message
			way.renew()
			way.sync()
			assert way.held() == way.truth()
			assert way.site.ledger.connection(way.connection).status_message == ""
		finally:
			way.close()


def test_a_quota_that_is_used_up_fails_the_run_and_changes_nothing(make: Callable[[int], Way]) -> None:
	way = make(601)
	for _ in range(4):
		way.sync()
	held = way.held()
	with pytest.raises(RateLimited):
		way.sync()
	assert way.held() == held
	way.server.world.advance(days=1)
	way.sync()
	assert way.held() == way.truth()


def test_a_bank_that_suddenly_lists_nothing_removes_nothing(make: Callable[[int], Way]) -> None:
	way = make(601)
	way.sync()
	held = way.held()
	real = way.server.world.account(way.real)
	kept = list(real._movements)
	real._movements.clear()
	way.server.world.clock.advance(timedelta(hours=7))
	way.sync()
	assert way.held() == held
	real._movements.extend(kept)


def test_an_account_without_data_is_named_with_what_to_do(make: Callable[[int], Way]) -> None:
	"""The others are imported; the run names the account in English and in French."""
	way = make(574)
	[blocked] = [one for one in way.site.proposals(way.connection) if one.remote.failed]
	way.site.link(
		way.connection, [Choice(blocked.source, "Loan", start_date=way.server.world.opening(way.real)[0])]
	)
	run = way.sync()
	name = blocked.remote.account_name
	assert (run.status, run.error_code, way.held() == way.truth()) == ("Partial", "BS-500", True)
	assert f"shows {name}, but" in run.error_message
	french = Translations("fr")(run.error_message)
	assert f"montre {name} sans" in french
	assert "déliez-le dans Mettre à jour les comptes bancaires" in french


def test_only_balances_that_are_compared_are_read(make: Callable[[int], Way]) -> None:
	"""The other accounts of the bank feed nothing, and their readings are few."""
	way = make(601)
	way.server.calls.clear()
	assert all(check.complete for check in way.sync().checks)
	read = {call.path for call in way.server.calls if call.path.endswith("/balances")}
	assert len(read) == 1
	assert len(way.site.proposals(way.connection)) > 1

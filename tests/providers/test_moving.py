"""Moves: from other tools to a provider, and from one provider to another. Nothing doubles; each is shown and undone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from dokos_banksync.core.connection.connect import Choice
from dokos_banksync.core.model import Action, Decision
from dokos_banksync.core.records import RunRecord
from dokos_banksync.sandbox.server import SandboxServer
from dokos_banksync.sandbox.user import Customer
from tests.chaos.providers import ProviderWay
from tests.providers.every_provider import (
	EVERY_PROVIDER,
	MAIN,
	Given,
	Provider,
	enable_banking,
	gocardless,
	plaid,
	register_return,
	serving,
)
from tests.providers.on_a_site import come_back
from tests.providers.whole_way import ACCOUNT, BANK, CALLBACK, LINKED


class Move:
	"""A site with one Bank Account, fed by what `connect` connects."""

	def __init__(self, home: Path, server: SandboxServer) -> None:
		self.way = ProviderWay(home, server, MAIN)
		self.site, self.server = self.way.site, server
		self.site.ledger.add_bank(BANK)
		self.opened = server.world.opening(MAIN)[0]

	def connect(self, given: Given, since: date | None = None) -> str:
		"""Connect the bank with a provider of its own, and link the main account, from the beginning or from a day on."""
		self.site.add_provider(given.kind, given.kind, given.keys, given.url, "Sandbox")
		visit = self.site.begin_connect(
			BANK, given.kind, given.institution, CALLBACK, "anne", "a@example.org"
		)
		name = come_back(self.site, visit.url, Customer(login=given.login)).connection.name
		[source] = [p.source for p in self.site.proposals(name) if p.remote.account_name.startswith(LINKED)]
		self.site.link(name, [Choice(source, ACCOUNT, start_date=since or self.opened)])
		return name

	def preview(self, connection: str) -> Counter[Action]:
		seen: list[Decision] = []
		self.site.sync(connection, preview=seen.append)
		return Counter(one.action for one in seen if one.action is not Action.HOLD)

	def sync(self, connection: str) -> RunRecord:
		return self.site.sync(connection)

	def agrees(self) -> bool:
		return self.way.held() == self.way.truth()

	def insert(self, rows: list[tuple[str, date, int, str]]) -> None:
		"""Store rows as another app does: transaction_id, day, cents, description."""
		for remote_id, day, cents, label in rows:
			amount = cents * 100
			values = (
				f"OLD-{remote_id}",
				day.isoformat(),
				ACCOUNT,
				"EUR",
				max(amount, 0),
				max(-amount, 0),
				label,
				remote_id,
			)
			self.site.ledger.db.run(
				"""INSERT INTO bank_transaction (name, date, bank_account, currency, deposit, withdrawal, description,
				transaction_id, status) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'Unreconciled')""",
				values,
			)

	def rows(self) -> list[tuple[object, ...]]:
		found = self.site.ledger.db.rows("SELECT * FROM bank_transaction ORDER BY name")
		return [tuple(value for name, value in dict(row).items() if name != "modified") for row in found]


@pytest.fixture
def move(tmp_path: Path) -> Iterator[Move]:
	with serving(years=0.2) as server:
		register_return(server, CALLBACK)
		made = Move(tmp_path / "home", server)
		yield made
		made.way.close()


PAIRS = list(zip(EVERY_PROVIDER, (*EVERY_PROVIDER[1:], EVERY_PROVIDER[0]), strict=True))
"""Each provider is left once, and moved to once."""


@pytest.fixture(
	params=[*PAIRS, (plaid, enable_banking)], ids=lambda pair: f"{pair[0].__name__}-{pair[1].__name__}"
)
def pair(request: pytest.FixtureRequest) -> tuple[Provider, Provider]:
	return request.param


def test_to_another_provider_shown_done_and_undone(move: Move, pair: tuple[Provider, Provider]) -> None:
	before, after = pair
	first = move.connect(before(move.server))
	created = move.sync(first).created
	assert move.agrees()
	second = move.connect(after(move.server))
	stored = move.rows()
	shown = move.preview(second)
	assert move.rows() == stored
	run = move.sync(second)
	assert (run.created, run.linked) == (shown[Action.NEW], shown[Action.LINK])
	assert run.created + run.linked == created
	assert run.created == 0
	assert move.agrees()
	move.site.ledger.undo(run.name, again=True)
	assert move.rows() == stored
	move.server.world.advance(days=3)
	move.sync(first)
	assert move.agrees()


def test_the_old_connection_is_disconnected_and_the_new_one_goes_on(
	move: Move, pair: tuple[Provider, Provider]
) -> None:
	before, after = pair
	first = move.connect(before(move.server))
	move.sync(first)
	second = move.connect(after(move.server))
	move.sync(second)
	stored = len(move.rows())
	move.site.disconnect(first)
	assert len(move.rows()) == stored
	for _ in range(2):
		move.server.world.advance(days=3)
		move.sync(second)
	assert move.agrees()
	assert move.site.ledger.questions(ACCOUNT) == []


def test_the_new_connection_is_undone_and_disconnected_and_the_old_one_goes_on(move: Move) -> None:
	first = move.connect(plaid(move.server))
	move.sync(first)
	stored = move.rows()
	second = move.connect(enable_banking(move.server))
	move.site.ledger.undo(move.sync(second).name, again=True)
	move.site.disconnect(second)
	assert move.rows() == stored
	move.server.world.advance(days=3)
	move.sync(first)
	assert move.agrees()
	assert move.site.ledger.questions(ACCOUNT) == []


@pytest.mark.parametrize("provider", EVERY_PROVIDER)
def test_nothing_older_is_imported_from_a_start_date_after_the_last_row_of_the_old_tool(
	move: Move, provider: Provider
) -> None:
	move.site.ledger.add_bank_account(ACCOUNT, BANK, "EUR")
	move.insert(kosma(move))
	stored, last = len(move.rows()), max(row[1] for row in kosma(move))
	connection = move.connect(provider(move.server), last + timedelta(days=1))
	assert move.sync(connection).created == 0
	move.server.world.advance(days=5)
	run = move.sync(connection)
	assert run.created == len(move.rows()) - stored > 0
	assert move.agrees()


def kosma(move: Move) -> list[tuple[str, date, int, str]]:
	"""ALYF Banking: the id of its service, the value date, and the reference as description."""
	truth = move.server.world.truth(MAIN)
	return [
		(f"kosma-{sha256(one.key.encode()).hexdigest()[:24]}", one.day, int(one.amount * 100), one.label)
		for one in truth
	]


def gocardless_app(move: Move) -> list[tuple[str, date, int, str]]:
	"""The GoCardless app: the bank's id, or a hash of the row where it gave none."""
	truth = move.server.world.truth(MAIN)
	return [
		(sha256(repr(one).encode()).hexdigest()[::2], one.day, int(one.amount * 100), one.label)
		for one in truth
	]


def gocardless_ids(move: Move) -> list[tuple[str, date, int, str]]:
	"""The GoCardless app where the bank gives ids: `transactionId`, and the first of several texts as the label."""
	truth = move.server.world.truth(MAIN)
	return [
		(
			sha256(f"{MAIN}|{one.key}".encode()).hexdigest()[:16],
			one.day,
			int(one.amount * 100),
			f"Document {number}",
		)
		for number, one in enumerate(truth)
	]


def test_rows_of_the_gocardless_app_are_linked_by_their_ids_and_undone(move: Move) -> None:
	move.site.ledger.add_bank_account(ACCOUNT, BANK, "EUR")
	move.insert(gocardless_ids(move)[:-3])
	stored = move.rows()
	connection = move.connect(gocardless(move.server))
	assert move.preview(connection) == {Action.LINK: len(stored), Action.NEW: 3}
	run = move.sync(connection)
	assert (run.created, run.linked) == (3, len(stored))
	assert move.agrees()
	move.site.ledger.undo(run.name, again=True)
	assert move.rows() == stored
	assert move.sync(connection).created == 3
	assert move.sync(connection).created == 0


@pytest.mark.parametrize("provider", [enable_banking, gocardless])
@pytest.mark.parametrize("rows", [kosma, gocardless_app])
def test_rows_of_another_app_are_linked_and_undone(move: Move, provider, rows) -> None:
	move.site.ledger.add_bank_account(ACCOUNT, BANK, "EUR")
	move.insert(rows(move)[:-3])
	stored = move.rows()
	connection = move.connect(provider(move.server))
	shown = move.preview(connection)
	assert shown == {Action.LINK: len(stored), Action.NEW: 3}
	run = move.sync(connection)
	assert (run.created, run.linked) == (3, len(stored))
	assert move.agrees()
	move.site.ledger.undo(run.name, again=True)
	assert move.rows() == stored

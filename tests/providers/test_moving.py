"""Moves: from other tools to a provider, and from one provider to another. Nothing doubles; each is shown and undone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import pytest

from dokos_banksync.core.connection.connect import Choice
from dokos_banksync.core.model import Action, Decision
from dokos_banksync.core.records import RunRecord
from dokos_banksync.sandbox.enable_banking.model import APPLICATION_ID
from dokos_banksync.sandbox.gocardless.model import SECRET_ID, SECRET_KEY
from dokos_banksync.sandbox.gocardless.state import institution_id
from dokos_banksync.sandbox.plaid.model import CLIENT_ID, SECRET
from dokos_banksync.sandbox.plaid.state import Plaid
from dokos_banksync.sandbox.server import SandboxServer
from dokos_banksync.sandbox.user import Customer
from dokos_banksync.sandbox.world import World
from tests.providers.on_a_site import come_back
from tests.providers.plaid.stage import at_once
from tests.providers.whole_way import ACCOUNT, BANK, CALLBACK, LINKED, Way

MAIN = "574:alex:checking"


class Given(NamedTuple):
	"""A provider as it is configured, and its name of the bank."""

	kind: str
	keys: Mapping[str, str]
	url: str
	institution: str


def enable_banking(server: SandboxServer) -> Given:
	keys = {"application_id": APPLICATION_ID, "private_key": server.enable_banking.state.private_key}
	return Given("Enable Banking", keys, server.enable_banking_url, "FR:Demo Bank")


def gocardless(server: SandboxServer) -> Given:
	keys = {"secret_id": SECRET_ID, "secret_key": SECRET_KEY}
	institution = institution_id(server.world.institutions[574])
	return Given("GoCardless", keys, server.gocardless_url, institution)


def plaid(server: SandboxServer) -> Given:
	keys = {"client_id": CLIENT_ID, "client_secret": SECRET, "environment": "sandbox", "countries": "FR"}
	return Given("Plaid", keys, server.plaid_url, "ins_574")


class Move:
	"""A site with one Bank Account, fed by what `connect` connects."""

	def __init__(self, home: Path, server: SandboxServer) -> None:
		self.way = Way(home, server, MAIN)
		self.site, self.server = self.way.site, server
		self.site.ledger.add_bank(BANK)
		self.opened = server.world.opening(MAIN)[0]

	def connect(self, given: Given) -> str:
		"""Connect the bank with a provider of its own, and link the main account from the beginning."""
		self.site.add_provider(given.kind, given.kind, given.keys, given.url, "Sandbox")
		visit = self.site.begin_connect(
			BANK, given.kind, given.institution, CALLBACK, "anne", "a@example.org"
		)
		name = come_back(self.site, visit.url, Customer()).connection.name
		[source] = [p.source for p in self.site.proposals(name) if p.remote.account_name.startswith(LINKED)]
		self.site.link(name, [Choice(source, ACCOUNT, start_date=self.opened)])
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
	world = World(seed=5, years=0.2)
	with SandboxServer(world, plaid=lambda known: Plaid(known, None, at_once(), None)) as server:
		made = Move(tmp_path / "home", server)
		yield made
		made.way.close()


@pytest.mark.parametrize("before", [plaid, gocardless])
def test_to_enable_banking_shown_done_and_undone(move: Move, before) -> None:
	first = move.connect(before(move.server))
	created = move.sync(first).created
	assert move.agrees()
	second = move.connect(enable_banking(move.server))
	stored = move.rows()
	shown = move.preview(second)
	assert move.rows() == stored
	run = move.sync(second)
	assert (run.created, run.adopted) == (shown[Action.NEW], shown[Action.LINK])
	assert run.created + run.adopted == created
	assert run.created == 0
	assert move.agrees()
	move.site.ledger.undo(run.name, again=True)
	assert move.rows() == stored
	move.server.world.advance(days=3)
	move.sync(first)
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
	assert (run.created, run.adopted) == (3, len(stored))
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
	assert (run.created, run.adopted) == (3, len(stored))
	assert move.agrees()
	move.site.ledger.undo(run.name, again=True)
	assert move.rows() == stored

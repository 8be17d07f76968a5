"""A Plaid item of another tool is taken over: nothing doubles, it is shown before, and it can be given back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from dokos_banksync.core.connection.connect import Choice
from dokos_banksync.core.connection.takeover import (
	EarlierAccount,
	EarlierConnection,
	Forecast,
	forecast,
	give_back,
	take_over,
)
from dokos_banksync.core.errors import (
	ConfirmationRequired,
	ConsentRevoked,
	DuplicateConnection,
	InvalidData,
	PlanChanged,
)
from dokos_banksync.core.model import ConnectionStatus, FetchRequest, Line, LineState
from dokos_banksync.core.provider import NO_SECRET, Access, ConnectRequest, Secret
from dokos_banksync.core.review.reversed_signs import correct, correctable_key, reversed_rows
from dokos_banksync.hosts.standalone.site import Site
from dokos_banksync.providers.process_stores import ProcessGrantStore
from dokos_banksync.sandbox.faults import Fault
from dokos_banksync.sandbox.plaid.model import CLIENT_ID, SECRET
from dokos_banksync.sandbox.user import Customer
from tests.providers.on_a_site import BACK, booked, come_back, truth
from tests.providers.plaid.stage import PlaidStage, serve

CURRENT, CARD = "574:alex:checking", "574:alex:card"


class Host:
	"""A site whose own tool has imported two accounts from an item that it holds the token of."""

	def __init__(self, home: Path, stage: PlaidStage) -> None:
		self.stage, self.world = stage, stage.server.world
		self.site = Site(home, clock=self.world.clock.now)
		keys = {
			"client_id": CLIENT_ID,
			"client_secret": SECRET,
			"environment": "sandbox",
			"countries": "US,FR",
		}
		self.site.add_provider("Plaid", "Plaid", keys, stage.server.plaid_url)
		self.ledger, self.provider = self.site.ledger, self.site.provider_of("Plaid")
		access = stage.connect(ConnectRequest(BACK, "s", "u", "", Access(), "ins_574"))
		grant = access.grant.read() or NO_SECRET
		remote = {one.account_name.split(" (")[0]: one for one in stage.provider.accounts(access)}
		self.ids = {
			"Current": remote["Compte courant pro"].remote_id,
			"Card": remote["Carte à débit différé"].remote_id,
		}
		for name in self.ids:
			self.ledger.add_bank_account(name, "My bank", "EUR")
		accounts = [EarlierAccount(name, one, "") for name, one in self.ids.items()]
		self.earlier = EarlierConnection("My bank", grant, accounts)
		self.lines = [
			line
			for page in stage.provider.changes(access, [FetchRequest(one) for one in self.ids.values()])
			for line in page.lines
			if line.state is LineState.BOOKED
		]

	def insert(self, lines: list[Line], sign: int = 1, label: str = "", prefix: str = "") -> None:
		"""Store rows as the other tool did."""
		names = {one: name for name, one in self.ids.items()}
		for line in lines:
			amount = int(line.amount * sign * 10000)
			values = (
				*(f"OLD-{prefix}{line.remote_id}", line.date.isoformat(), names[line.remote_account], "EUR"),
				*(
					max(amount, 0),
					max(-amount, 0),
					label or line.description,
					prefix + line.remote_id,
					"Unreconciled",
				),
			)
			self.ledger.db.run(
				"""INSERT INTO bank_transaction (name, date, bank_account, currency, deposit, withdrawal, description,
				transaction_id, status) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)""",
				values,
			)

	def restore(self) -> None:
		"""Note the connections that hold an access at this moment."""
		names = [one.name for one in self.ledger.connections()]
		self.restored = [name for name in names if self.ledger.grant(name).read()]

	def of(self, account: str) -> list[Line]:
		return [line for line in self.lines if line.remote_account == self.ids[account]]

	def forecast(self) -> Forecast:
		return forecast(self.ledger, self.provider, "Plaid", self.earlier, clock=self.site.clock)

	def counts(self) -> dict[str, dict[str, int]]:
		return {one.pairing.earlier.bank_account: dict(one.counts) for one in self.forecast().accounts}

	def take_over(self) -> str:
		return take_over(self.ledger, self.provider, "Plaid", self.earlier).name

	def rows(self) -> list[tuple[object, ...]]:
		found = self.ledger.db.rows("SELECT * FROM bank_transaction ORDER BY name")
		return [tuple(value for name, value in dict(row).items() if name != "modified") for row in found]


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Host]:
	with serve() as server:
		stage = PlaidStage(server)
		made = Host(tmp_path / "home", stage)
		yield made
		made.site.close()
		stage.close()


def test_rows_are_linked_by_their_ids_and_not_duplicated(host: Host) -> None:
	host.insert(host.of("Current")[:-2], label="Another label")
	host.insert(host.of("Card"))
	current, card = len(host.of("Current")), len(host.of("Card"))
	shown = host.counts()
	assert shown["Current"]["linked_by_id"] == current - 2
	assert shown["Current"]["new"] == 2
	assert shown["Card"]["linked_by_id"] == card
	assert host.ledger.connections() == []
	connection = host.take_over()
	run = host.site.sync(connection)
	assert (run.created, run.linked) == (2, current + card - 2)
	for name, key in {"Current": CURRENT, "Card": CARD}.items():
		assert booked(host.site, name) == truth(host.world, key)


def test_it_is_given_back_exactly(host: Host) -> None:
	host.insert(host.of("Current")[3:], label="Another label")
	before = host.rows()
	connection = host.take_over()
	run = host.site.sync(connection)
	assert host.rows() != before
	assert give_back(host.ledger, host.provider, connection, [run.name], host.restore) == []
	assert host.restored == [connection]
	assert host.rows() == before
	token = host.earlier.grant
	assert host.provider.connection_of(token).remote_id, "the access is not ended at the provider"
	assert host.ledger.grant(connection).read() is None
	with pytest.raises(InvalidData, match="not taken over"):
		give_back(host.ledger, host.provider, connection, [], host.restore)
	assert host.counts()["Current"]["linked_by_id"] == len(host.of("Current")) - 3


def test_reversed_rows_are_shown_held_and_corrected_only_when_asked(host: Host) -> None:
	lines = host.of("Current")
	host.insert(lines, sign=-1)
	host.insert(host.of("Card"))
	reconciled = f"OLD-{lines[0].remote_id}"
	host.ledger.db.run("UPDATE bank_transaction SET status = 'Reconciled' WHERE name = ?", (reconciled,))
	shown = {one.pairing.earlier.bank_account: one for one in host.forecast().accounts}
	assert shown["Current"].counts == {"sign_reversed": len(lines)}
	assert len(shown["Current"].reversed_rows) == len(lines)
	assert [one.known.name for one in shown["Current"].reversed_rows if one.known.reconciled] == [reconciled]
	before = host.rows()
	connection = host.take_over()
	first = host.site.sync(connection)
	assert (first.created, first.held) == (0, len(lines))
	assert host.site.sync(connection).created == 0, "the next run does not import them either"
	assert [one.why_not_reversed for one in reversed_rows(host.ledger, "Current")].count("") == len(lines) - 1
	approved = correctable_key(reversed_rows(host.ledger, "Current"))
	host.ledger.db.run("UPDATE bank_transaction SET status = 'Reconciled' WHERE name LIKE 'OLD-%'")
	with pytest.raises(InvalidData, match="can be corrected"):
		correct(host.ledger, "Current", host.site.clock, approved)
	open_again = (
		"UPDATE bank_transaction SET status = 'Unreconciled' WHERE name LIKE 'OLD-%' AND name NOT IN (?, ?)"
	)
	host.ledger.db.run(open_again, (reconciled, f"OLD-{lines[1].remote_id}"))
	with pytest.raises(PlanChanged, match="Other rows"):
		correct(host.ledger, "Current", host.site.clock, approved)
	host.ledger.db.run(open_again, (reconciled, ""))
	done = correct(host.ledger, "Current", host.site.clock, approved)
	assert done.run.linked == len(lines) - 1
	assert [one.transaction.name for one in done.not_reversed] == [reconciled]
	wrong = Counter({(lines[0].date, -lines[0].amount): 1})
	right = Counter((line.date, line.amount) for line in lines[1:])
	assert booked(host.site, "Current") == wrong + right
	runs = [done.run.name, *(run.name for run in host.ledger.runs(connection))]
	give_back(host.ledger, host.provider, connection, runs, host.restore)
	assert host.rows() == before


def test_reversed_rows_whose_ids_changed_are_not_doubled(host: Host) -> None:
	host.insert(host.of("Current"), sign=-1, prefix="old-")
	assert host.counts()["Current"] == {"sign_reversed": len(host.of("Current"))}
	connection = host.take_over()
	assert host.site.sync(connection).created == len(host.of("Card"))
	assert host.site.sync(connection).created == 0


def test_rows_whose_ids_changed_are_matched_by_content(host: Host) -> None:
	host.insert(host.of("Current"), prefix="old-")
	shown = host.counts()["Current"]
	assert shown == {"linked_by_content": len(host.of("Current"))}


def test_rows_that_the_provider_does_not_list_are_shown(host: Host) -> None:
	host.insert(host.of("Current"))
	[line, *_] = host.of("Current")
	host.insert([line._replace(description="Pending once", amount=line.amount + 1)], prefix="pending-")
	shown = {one.pairing.earlier.bank_account: one for one in host.forecast().accounts}
	assert [item.name for item in shown["Current"].unmatched] == [f"OLD-pending-{line.remote_id}"]


def test_what_is_connected_already_or_revoked_is_refused(host: Host) -> None:
	connection = host.take_over()
	with pytest.raises(DuplicateConnection, match=connection):
		host.forecast()
	with pytest.raises(ConsentRevoked):
		host.provider.connection_of(Secret("access-sandbox-00000000-0000-0000-0000-000000000000"))


def test_an_account_with_another_id_is_found_by_its_last_digits(host: Host) -> None:
	access = Access(
		"", host.provider.connection_of(host.earlier.grant).remote_id, ProcessGrantStore(host.earlier.grant)
	)
	remote = {one.remote_id: one for one in host.provider.accounts(access)}
	mask = remote[host.ids["Current"]].details["mask"]
	accounts = [EarlierAccount("Current", "an id of before", mask), EarlierAccount("Card", "unknown", "")]
	host.earlier = EarlierConnection("My bank", host.earlier.grant, accounts)
	current, card = [one.pairing for one in host.forecast().accounts]
	assert current.remote is not None
	assert (current.remote.remote_id, current.by_mask) == (host.ids["Current"], True)
	assert card.remote is None


# -- connected anew ------------------------------------------------------------------------------------------
HERE, BEFORE = "http://127.0.0.1:9/here", "http://127.0.0.1:9/before"


def connect_anew(host: Host) -> str:
	"""The user connects the same login once more: Plaid makes another item, in which all ids are other ones."""
	visit = host.site.begin_connect("My bank", "Plaid", "ins_574", BACK, "anne", "")
	return come_back(host.site, visit.url, Customer(login="user_good")).connection.name


def imported(host: Host) -> str:
	host.insert(host.of("Current")[:-2])
	host.insert(host.of("Card"))
	connection = host.take_over()
	host.site.sync(connection)
	return connection


def same_accounts(host: Host, connection: str) -> list[Choice]:
	return [
		Choice(one.source, one.bank_account, host.world.opening(CURRENT)[0])
		for one in host.site.proposals(connection)
		if one.bank_account
	]


def test_the_same_login_connected_anew_is_offered_the_same_bank_accounts(host: Host) -> None:
	old = imported(host)
	new = connect_anew(host)
	found = {one.remote.account_name.split(" (")[0]: one for one in host.site.proposals(new)}
	current, card = found["Compte courant pro"], found["Carte à débit différé"]
	assert (current.bank_account, card.bank_account) == ("Current", "Card")
	assert current.remote.remote_id not in host.ids.values()
	assert f"This connection then replaces {old}, which was taken over" in current.candidates[0].evidence
	others = [one for name, one in found.items() if one not in (current, card)]
	assert {one.bank_account for one in others} == {""}


def test_it_supersedes_the_one_that_was_taken_over_and_nothing_doubles(host: Host) -> None:
	old = imported(host)
	stored = len(host.rows())
	new = connect_anew(host)
	host.site.link(new, same_accounts(host, new))
	assert host.ledger.connection(old).status is ConnectionStatus.DISCONNECTED
	with pytest.raises(ConsentRevoked):
		host.provider.connection_of(host.earlier.grant)
	run = host.site.sync(new)
	assert (run.created, len(host.rows())) == (0, stored)
	for name, key in {"Current": CURRENT, "Card": CARD}.items():
		assert booked(host.site, name) == truth(host.world, key)


def test_of_two_accounts_one_may_stay_with_the_older_connection(host: Host) -> None:
	old = imported(host)
	new = connect_anew(host)
	[choice] = [one for one in same_accounts(host, new) if one.bank_account == "Current"]
	host.site.link(new, [choice])
	assert host.ledger.connection(old).status is ConnectionStatus.ACTIVE
	assert [one.bank_account for one in host.ledger.accounts(old) if one.bank_account] == ["Card"]
	with pytest.raises(InvalidData, match=f"Current is fed by {new} by now"):
		give_back(host.ledger, host.provider, old, [], host.restore)
	host.world.advance(days=3)
	for connection in (old, new):
		host.site.sync(connection)
	for name, key in {"Current": CURRENT, "Card": CARD}.items():
		assert booked(host.site, name) == truth(host.world, key)


def test_a_new_bank_account_beside_it_is_asked_about_first(host: Host) -> None:
	imported(host)
	new = connect_anew(host)
	[choice] = [one for one in same_accounts(host, new) if one.bank_account == "Current"]
	with pytest.raises(ConfirmationRequired, match="may belong to Current"):
		host.site.link(new, [choice._replace(bank_account="Another", confirmed=False)])


# -- webhooks ------------------------------------------------------------------------------------------------
def webhook_of(host: Host) -> str | None:
	[item] = [one for client in host.stage.server.plaid.clients.values() for one in client.items.values()]
	return item.webhook


def with_webhooks(host: Host, here: str, before: str) -> None:
	"""This site has a webhook address, and the item was made with another one."""
	host.provider = host.stage.provider_with(SECRET, webhook_url=here)
	access = Access("", "item", ProcessGrantStore(host.earlier.grant))
	host.provider.move_webhooks(access, before)


@pytest.mark.parametrize("before", [BEFORE, ""])
def test_webhooks_come_here_and_go_back_with_the_item(host: Host, before: str) -> None:
	with_webhooks(host, HERE, before)
	connection = host.take_over()
	assert webhook_of(host) == HERE
	give_back(host.ledger, host.provider, connection, [], host.restore)
	assert webhook_of(host) == (before or None)


def test_a_site_without_a_webhook_address_leaves_them_alone(host: Host) -> None:
	with_webhooks(host, "", BEFORE)
	connection = host.take_over()
	assert webhook_of(host) == BEFORE
	assert "webhook" not in host.ledger.connection(connection).takeover
	give_back(host.ledger, host.provider, connection, [], host.restore)
	assert webhook_of(host) == BEFORE


def test_webhooks_that_cannot_be_moved_do_not_stop_the_takeover(host: Host) -> None:
	with_webhooks(host, HERE, BEFORE)
	host.stage.server.faults.add(Fault("status", "/plaid/item/webhook/update", count=None, status=500))
	record = host.ledger.connection(host.take_over())
	assert webhook_of(host) == BEFORE
	assert "still sends its webhooks to the other tool" in record.status_message
	assert host.site.sync(record.name).created > 0

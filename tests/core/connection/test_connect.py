from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from dokos_banksync.core.connection import connect
from dokos_banksync.core.connection.completing import complete_connect
from dokos_banksync.core.connection.connect import Choice
from dokos_banksync.core.connection.start_of_import import proposed_start
from dokos_banksync.core.errors import ConfirmationRequired, InvalidData, NotFound, ProviderBug
from dokos_banksync.core.model import (
	Action,
	ConnectionStatus,
	Decision,
	Line,
	RemoteAccount,
	RemoteConnection,
)
from dokos_banksync.core.provider import Capabilities, Completed, Started
from dokos_banksync.core.trigger import Trigger
from tests.core.pretend import IBAN, START
from tests.hosts.standalone.ledger.build import connected_ledger

DAY = date(2026, 3, 31)


def account(remote_id, currency="EUR", iban=IBAN, name="Courant", **more):
	return RemoteAccount(remote_id, name, "checking", currency, iban, balance=Decimal(100), **more)


class Provider:
	"""Says what a test tells it to, and keeps what it was asked."""

	capabilities = Capabilities()

	def __init__(self, *accounts):
		self.listed = list(accounts)
		self.returns = Completed(RemoteConnection("item-1", "574", ConnectionStatus.ACTIVE))
		self.asked = []

	def start(self, request):
		self.asked.append(request)
		return Started("https://connect.example/1", request.access.remote_user or "user-9")

	def complete(self, query, access, session=None):
		return self.returns

	def status(self, access):
		return self.returns.connection

	def connections(self, access):
		return [self.returns.connection] if self.returns.connection else []

	def accounts(self, access, context=None):
		self.linked = access.linked
		return self.listed

	def revoke(self, access):
		self.asked.append(access)


@pytest.fixture
def held(tmp_path):
	ledger, connection = connected_ledger(tmp_path)
	with ledger:
		yield ledger, connection


def arrived(held, *accounts):
	ledger, connection = held
	complete_connect(ledger, Provider(*accounts), connection, {})
	return {a.remote.remote_id: a for a in ledger.accounts(connection)}


def book(ledger, connection, source, day):
	run = ledger.begin_run(connection, Trigger.MANUAL, START)
	line = Line("acc", f"{day}", day, Decimal(-5), "EUR", "Tea", "TEA")
	with ledger.batch() as batch:
		batch.apply(run.name, [Decision(Action.NEW, line, source, "Current")], START)


# -- leaving and coming back ---------------------------------------------------------------------------
def test_a_first_visit_keeps_the_providers_user(held):
	ledger, _ = held
	record = ledger.add_connection("Banque du Port", "bridge", "574")
	provider = Provider()
	started = connect.start(
		ledger, provider, record, callback_url="http://127.0.0.1/", state="s", email="a@example.org"
	)
	[asked] = provider.asked
	assert started.url == "https://connect.example/1"
	assert (asked.institution_id, asked.state, asked.access.remote_id) == ("574", "s", "")
	assert ledger.connection(record.name).remote_user == "user-9"


@pytest.mark.parametrize("url", ["", "nowhere", "javascript:alert(1)", "file:///etc/passwd"])
def test_a_user_is_sent_to_no_address_that_is_no_page(held, url):
	ledger, connection = held
	provider = Provider()
	provider.start = lambda request: Started(url, "user-9")
	with pytest.raises(ProviderBug, match="names no page"):
		connect.start(ledger, provider, ledger.connection(connection), callback_url="", state="s", email="")


def test_two_connections_never_share_a_user_key(held):
	ledger, _ = held
	provider = Provider()
	for _ in range(2):
		record = ledger.add_connection("Banque du Port", "bridge")
		connect.start(ledger, provider, record, callback_url="", state="s", email="")
	assert len({asked.user_key for asked in provider.asked}) == 2


def test_a_cancelled_visit_changes_nothing(held):
	ledger, connection = held
	before = ledger.connection(connection)
	provider = Provider(account("1"))
	provider.returns = Completed(None, cancelled=True)
	result = complete_connect(ledger, provider, connection, {})
	assert (result.cancelled, result.connection) == (True, before)
	assert ledger.accounts(connection) == []


def test_a_return_stores_state_and_accounts(held):
	ledger, connection = held
	provider = Provider(account("1"))
	waiting = RemoteConnection("item-1", "574", ConnectionStatus.WAITING, "BS-410", "Wait", "ref")
	provider.returns = Completed(waiting)
	result = complete_connect(ledger, provider, connection, {})
	assert result.connection == ledger.connection(connection)
	assert (result.connection.status, result.connection.status_code) == (ConnectionStatus.WAITING, "BS-410")
	assert [a.remote.remote_id for a in result.accounts] == ["1"]


# -- ids that all changed ------------------------------------------------------------------------------
def test_after_a_reconnect_the_account_of_the_same_iban_takes_the_link_over(held):
	ledger, connection = held
	old = arrived(held, account("1"))["1"]
	connect.link(ledger, connection, [Choice(old.source, "Current", DAY)])
	now = arrived(held, account("2", name="Renamed"))
	assert (now["2"].bank_account, now["2"].start_date, now["1"].bank_account) == ("Current", DAY, "")


@pytest.mark.parametrize(
	"successors",
	[
		[account("2", currency="USD")],
		[account("2", iban="")],
		[account("2"), account("3")],
	],
)
def test_where_it_is_not_plain_the_user_is_asked(held, successors):
	ledger, connection = held
	old = arrived(held, account("1"))["1"]
	connect.link(ledger, connection, [Choice(old.source, "Current")])
	now = arrived(held, *successors)
	assert now["1"].bank_account == "Current"
	assert not any(now[successor.remote_id].bank_account for successor in successors)


# -- update bank accounts ------------------------------------------------------------------------------
def test_a_new_account_is_proposed_with_all_its_history(held):
	arrived(held, account("1"))
	[proposal] = connect.proposals(*held)
	assert (proposal.bank_account, proposal.start_date) == ("", None)


def test_the_bank_account_of_the_same_iban_is_proposed_from_the_day_after_its_last(held):
	ledger, connection = held
	accounts = arrived(held, account("1"), account("2"))
	connect.link(ledger, connection, [Choice(accounts["1"].source, "Current")])
	book(ledger, connection, accounts["1"].source, DAY)
	connect.link(ledger, connection, [Choice(accounts["1"].source, "")])
	proposal = connect.proposals(ledger, connection)[1]
	assert (proposal.bank_account, proposal.start_date) == ("Current", date(2026, 4, 1))
	assert proposal.note == "The day after the last bank transaction"


def test_an_account_under_another_number_is_proposed_from_where_the_first_one_began(held):
	ledger, connection = held
	source = arrived(held, account("1", iban=""))["1"].source
	connect.link(ledger, connection, [Choice(source, "Current", date(2026, 3, 2))])
	book(ledger, connection, source, DAY)
	ledger.save_accounts(connection, [account("2", iban="")])
	start, note = proposed_start(ledger, connection, "Current")
	assert start == date(2026, 3, 2), "what was booked late before the number changed would be lost"
	assert note == "As before: the bank shows this account under another number"
	ledger.set_lock_date("Current", DAY)
	assert proposed_start(ledger, connection, "Current") == (
		date(2026, 4, 1),
		"The day after the books were closed",
	)


def test_an_account_that_is_not_shared_says_so(held):
	arrived(held, account("1", enabled=False))
	[proposal] = connect.proposals(*held)
	assert "Not shared" in proposal.note


def test_linking_makes_the_bank_account_in_the_accounts_currency(held):
	ledger, connection = held
	source = arrived(held, account("1", currency="USD"))["1"].source
	connect.link(ledger, connection, [Choice(source, "Dollars")])
	made = ledger.bank_account("Dollars")
	assert (made.currency, made.iban, made.bank) == ("USD", IBAN, "Banque du Port")


def test_the_start_is_never_in_a_locked_period(held):
	ledger, connection = held
	source = arrived(held, account("1"))["1"].source
	ledger.add_bank_account("Current", "Banque du Port", "EUR", IBAN)
	ledger.set_lock_date("Current", DAY)
	assert connect.proposals(ledger, connection)[0].note == "The day after the books were closed"
	connect.link(ledger, connection, [Choice(source, "Current", date(2026, 1, 1))])
	assert ledger.accounts(connection)[0].start_date == date(2026, 4, 1)


def test_another_currency_is_refused_and_nothing_is_linked(held):
	ledger, connection = held
	accounts = arrived(held, account("1"), account("2", currency="USD"))
	ledger.add_bank_account("Current", "Banque du Port", "EUR")
	choices = [Choice(accounts["1"].source, "New one"), Choice(accounts["2"].source, "Current")]
	with pytest.raises(InvalidData, match="same currency"):
		connect.link(ledger, connection, choices)
	assert not any(a.bank_account for a in ledger.accounts(connection))
	assert [a.name for a in ledger.bank_accounts()] == ["Current"]


def test_two_accounts_of_a_connection_cannot_feed_one_bank_account(held):
	ledger, connection = held
	accounts = arrived(held, account("1"), account("2"))
	connect.link(ledger, connection, [Choice(accounts["1"].source, "Current")])
	with pytest.raises(InvalidData, match="both feed"):
		connect.link(ledger, connection, [Choice(accounts["2"].source, "Current")])


def test_an_account_of_another_connection_is_not_found(held):
	ledger, connection = held
	with pytest.raises(NotFound):
		connect.link(ledger, connection, [Choice("SYNC-ACC-999999", "Current")])


def test_linking_the_same_again_keeps_the_cursor(held):
	ledger, connection = held
	source = arrived(held, account("1"))["1"].source
	connect.link(ledger, connection, [Choice(source, "Current", DAY)])
	with ledger.batch() as batch:
		batch.move_cursors({source: "far"})
	connect.link(ledger, connection, [Choice(source, "Current", DAY)])
	assert ledger.accounts(connection)[0].cursor == "far"


# -- the end -------------------------------------------------------------------------------------------
def test_disconnecting_ends_it_there_and_here_and_keeps_the_history(held):
	ledger, connection = held
	source = arrived(held, account("1"))["1"].source
	connect.link(ledger, connection, [Choice(source, "Current")])
	book(ledger, connection, source, DAY)
	provider = Provider()
	connect.disconnect(ledger, provider, connection)
	assert [access[:2] for access in provider.asked] == [("user-1", "item-1")]
	record = ledger.connection(connection)
	assert (record.status, record.remote_user, record.remote_id) == (ConnectionStatus.DISCONNECTED, "", "")
	assert len(ledger.transactions()) == 1


def test_a_connection_that_was_never_made_needs_no_provider_to_end(held):
	ledger, _ = held
	record = ledger.add_connection("Banque du Port", "bridge")
	connect.disconnect(ledger, None, record.name)
	assert ledger.connection(record.name).status is ConnectionStatus.DISCONNECTED


def test_a_user_who_never_came_back_is_found_connected(held):
	ledger, connection = held
	ledger.save_connection(replace(ledger.connection(connection), remote_id=""))
	provider = Provider(account("1"))
	assert [a.remote.remote_id for a in connect.refresh(ledger, provider, connection)] == ["1"]
	assert ledger.connection(connection).remote_id == "item-1"


def test_a_provider_that_lists_no_connections_is_not_asked_for_them(held):
	ledger, connection = held
	ledger.save_connection(replace(ledger.connection(connection), remote_id=""))
	provider = Provider(account("a"))
	provider.capabilities = Capabilities(lists_connections=False)
	with pytest.raises(NotFound, match="not connected yet"):
		connect.refresh(ledger, provider, connection)


@pytest.mark.parametrize("user", ["", "user-1"])
def test_refreshing_needs_a_connection(held, user):
	ledger, connection = held
	ledger.save_connection(replace(ledger.connection(connection), remote_id="", remote_user=user))
	provider = Provider()
	provider.returns = Completed(None)
	with pytest.raises(NotFound, match="not connected yet"):
		connect.refresh(ledger, provider, connection)


def test_refreshing_finds_accounts_that_were_shared_since(held):
	ledger, connection = held
	arrived(held, account("1"))
	found = connect.refresh(ledger, Provider(account("1"), account("2", iban="")), connection)
	assert [a.remote.remote_id for a in found] == ["1", "2"]


# -- connected anew ----------------------------------------------------------------------------------------
CARD = {"iban": "", "name": "Carte Visa 4971 **** 0017"}


def connected_anew(held, *accounts):
	"""The same bank connected again after a disconnection."""
	ledger, first = held
	connect.disconnect(ledger, Provider(), first)
	second = ledger.add_connection("Banque du Port", "bridge").name
	complete_connect(ledger, Provider(*accounts), second, {})
	return {p.remote.remote_id: p for p in connect.proposals(ledger, second)}, second


def linked_before(held, *accounts):
	ledger, connection = held
	arrived(held, *accounts)
	for number, one in enumerate(ledger.accounts(connection)):
		connect.link(ledger, connection, [Choice(one.source, f"Account {number}")])


@pytest.mark.parametrize(
	("old", "new", "evidence"),
	[
		(account("1", **CARD), account("9", iban="", name="VISA x0017"), "Fed until now by an account whose number ends alike"),
		(account("1", iban="", name="Livret A"), account("9", iban="", name="LIVRET-A"), "Fed until now by an account of the same name and kind"),
		(account("1", iban="", name="Livret"), account("1", iban="", name="Epargne"), "Fed until now by the same account of the provider"),
		(account("1"), account("9", name="Compte"), "It has the same IBAN"),
	],
)  # fmt: skip
def test_an_account_connected_anew_is_proposed_what_it_fed_before(held, old, new, evidence):
	linked_before(held, old)
	proposed, _ = connected_anew(held, new)
	[proposal] = proposed.values()
	assert proposal.bank_account == "Account 0"
	assert [one.evidence for one in proposal.candidates] == [evidence]


@pytest.mark.parametrize(
	"new",
	[
		account("9", iban="", name="VISA x0018"),
		account("9", iban="", name="VISA x0017", currency="USD"),
		account("9", iban="", name="Something else"),
	],
)
def test_another_card_another_currency_and_another_name_are_no_candidates(held, new):
	linked_before(held, account("1", **CARD))
	proposed, _ = connected_anew(held, new)
	assert (proposed["9"].bank_account, list(proposed["9"].candidates)) == ("", [])


def test_of_two_equal_candidates_none_is_preselected(held):
	linked_before(held, account("1", iban="", name="Livret"), account("2", iban="", name="Livret"))
	proposed, _ = connected_anew(held, account("9", iban="", name="Livret"))
	assert proposed["9"].bank_account == ""
	assert [one.bank_account for one in proposed["9"].candidates] == ["Account 0", "Account 1"]


def test_the_same_iban_under_another_bank_is_shown_and_not_preselected(held):
	held[0].add_bank_account("Elsewhere", "Another bank", "EUR", IBAN)
	proposed, _ = connected_anew(held, account("9"))
	assert proposed["9"].bank_account == ""
	assert [one.evidence for one in proposed["9"].candidates] == ["It has the same IBAN, under another bank"]


def test_a_new_bank_account_beside_a_likely_one_needs_a_confirmation(held):
	linked_before(held, account("1", **CARD))
	proposed, second = connected_anew(held, account("9", **CARD))
	source = proposed["9"].source
	with pytest.raises(ConfirmationRequired, match="Account 0"):
		connect.link(held[0], second, [Choice(source, "New card", confirmed=False)])
	assert [one.name for one in held[0].bank_accounts()] == ["Account 0"]
	connect.link(held[0], second, [Choice(source, "New card")])
	assert held[0].accounts(second)[0].bank_account == "New card"


def test_a_provider_is_told_which_accounts_are_imported(held):
	ledger, connection = held
	provider = Provider(account("a1"), account("a2", iban=""), account("a3", iban="", name="Other"))
	complete_connect(ledger, provider, connection, {})
	assert provider.linked == frozenset()
	ids = {a.remote.remote_id: a.source for a in ledger.accounts(connection)}
	choices = [Choice(ids[one], f"Account {one}", confirmed=True) for one in ("a1", "a2")]
	connect.link(ledger, connection, choices, end=lambda connection: None)
	connect.refresh(ledger, provider, connection)
	assert provider.linked == {"a1", "a2"}
	ledger.close_bank_account("Account a2")
	connect.refresh(ledger, provider, connection)
	assert provider.linked == {"a1"}


def test_a_connection_that_is_disconnected_while_its_accounts_are_read_stays_so(held, monkeypatch):
	ledger, connection = held
	arrived(held, account("acc-1"))
	provider = Provider(account("acc-1"))
	state = provider.status

	def disconnected_meanwhile(access):
		found = state(access)
		connect.disconnect(ledger, provider, connection)
		return found

	monkeypatch.setattr(provider, "status", disconnected_meanwhile)
	connect.refresh(ledger, provider, connection)
	record = ledger.connection(connection)
	assert (record.status, record.remote_id) == (ConnectionStatus.DISCONNECTED, "")

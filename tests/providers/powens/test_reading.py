"""Connections, accounts and rows, over real HTTP."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from urllib.parse import parse_qsl, urlsplit

import pytest

from dokos_banksync.core.errors import (
	ConfigurationError,
	ConsentRevoked,
	LoginRequired,
	NotFound,
	ProviderBug,
)
from dokos_banksync.core.model import ConnectionStatus, FetchRequest, LineState
from dokos_banksync.core.provider import Access, ConnectRequest, Context, WebhookRequest
from dokos_banksync.sandbox.faults import Fault
from dokos_banksync.sandbox.movements import Movement
from dokos_banksync.sandbox.user import Customer
from tests.providers.contract import Book
from tests.providers.powens.stage import CALLBACK, Stage, query
from tests.sandbox.receiver import receiving

MAIN = "574:alex:checking"


def flow(stage: Stage, access: Access, **more: bool) -> tuple[str, dict[str, str]]:
	"""The page of the webview that a visit opens, and its parameters."""
	url = stage.provider.start(ConnectRequest(CALLBACK, "state-1", "key", "", access=access, **more)).url
	parts = urlsplit(url)
	return parts.path.rpartition("/")[2], dict(parse_qsl(parts.query))


# -- the webview --------------------------------------------------------------------------------------------
def test_the_webview_is_opened_with_a_code_and_never_with_a_token(stage: Stage) -> None:
	page, given = flow(stage, Access())
	assert page == "connect"
	assert (given["domain"], given["state"], given["connector_capabilities"]) == (
		"demo-sandbox.biapi.pro",
		"state-1",
		"bank",
	)
	(user,) = stage.state.users.values()
	assert user.token not in given.values()
	assert given["code"] in stage.state.codes


def test_a_connection_that_is_fine_is_managed_and_one_that_is_not_is_repaired(stage: Stage) -> None:
	access = stage.connect()
	assert flow(stage, access)[0] == "manage"
	page, given = flow(stage, access, renew_now=True)
	assert (page, given["reset_credentials"]) == ("reconnect", "true")
	stage.simulate("state", connection_id=int(access.remote_id), state="wrongpass")
	page, given = flow(stage, access)
	assert page == "reconnect"
	assert "reset_credentials" not in given
	stage.give_consent(access=access)
	assert stage.provider.status(access).status is ConnectionStatus.ACTIVE


def test_only_payment_accounts_are_asked_for_where_a_user_wants_no_others(stage: Stage) -> None:
	assert flow(stage, Access(), all_accounts=False)[1]["account_types"] == "checking,card"


def test_a_visit_that_is_given_up_leaves_no_user_behind(stage: Stage) -> None:
	started = stage.provider.start(ConnectRequest(CALLBACK, "state-1", "key", ""))
	back = Customer().cancel(started.url)
	assert stage.provider.complete(query(back), Access(), started.session).cancelled
	assert stage.state.users == {}


def test_a_return_with_an_invented_error_deletes_no_connection(stage: Stage) -> None:
	started = stage.provider.start(ConnectRequest(CALLBACK, "state-1", "key", ""))
	Customer().consent(started.url)
	stage.provider.complete({"error": "access_denied"}, Access(), started.session)
	assert len(stage.state.connections()) == 1


def test_two_connections_at_one_bank_have_users_of_their_own(stage: Stage) -> None:
	first, second = stage.connect(stage.bank(601)), stage.connect(stage.bank(601), Customer(login="second"))
	assert first.remote_user != second.remote_user
	stage.provider.revoke(first)
	assert stage.provider.status(second).status is ConnectionStatus.ACTIVE
	with pytest.raises(ConsentRevoked):
		stage.provider.accounts(first)


def test_the_check_leaves_no_user_behind(stage: Stage) -> None:
	found = stage.provider.check()
	assert found.fixed_return
	assert found.remarks == ["This is a sandbox domain of Powens. It gives no real bank's data."]
	assert stage.state.users == {}


def test_institutions_without_those_that_give_no_account(stage: Stage) -> None:
	found = {one.name: one for one in stage.provider.institutions()}
	assert "Mühlental Zahldienst" not in found
	assert found["Papillon Néobanque"].beta
	assert found["Banque Aurore"].logo.endswith(f"/logos/{stage.bank(601)}-thumbnail.webp")


# -- accounts -----------------------------------------------------------------------------------------------
def test_accounts_that_are_not_shared_are_listed_without_money(stage: Stage) -> None:
	access = stage.connect(user=Customer(accounts=["Compte courant pro"]))
	found = {one.account_name: one for one in stage.provider.accounts(access)}
	assert found["Compte courant pro"].enabled
	hidden = found["Livret entreprise"]
	assert (hidden.enabled, hidden.balance, hidden.balance_available) == (False, None, None)
	page = next(iter(stage.provider.changes(access, [FetchRequest(hidden.remote_id)])))
	assert isinstance(page.errors[hidden.remote_id], LoginRequired)


def test_another_account_is_shared_later(stage: Stage) -> None:
	access = stage.connect(user=Customer(accounts=["Compte courant pro"]))
	stage.give_consent(access=access)
	assert all(one.enabled for one in stage.provider.accounts(access))


def test_an_account_that_is_gone_fails_alone(stage: Stage) -> None:
	access = stage.connect()
	main = stage.account(access)
	pages = list(stage.provider.changes(access, [FetchRequest("999"), FetchRequest(main)]))
	assert isinstance(pages[0].errors["999"], NotFound)
	assert main in pages[-1].cursors


def test_balances_with_and_without_what_is_coming(stage: Stage) -> None:
	main = next(
		one for one in stage.provider.accounts(stage.connect()) if one.account_name == "Compte courant pro"
	)
	real, today = stage.server.world.account(MAIN), stage.server.world.clock.today()
	coming = sum(
		(
			Decimal(one.cents if one.announced_cents is None else one.announced_cents) / 100
			for one in real.coming(today)
		),
		Decimal(),
	)
	assert coming
	assert main.balance == stage.server.world.balance(MAIN)
	assert main.balance_available == stage.server.world.balance(MAIN) + coming


# -- rows ---------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("links", [True, False])
def test_a_long_list_is_read_page_by_page(stage: Stage, links: bool, monkeypatch: pytest.MonkeyPatch) -> None:
	monkeypatch.setattr("dokos_banksync.providers.powens.client.PAGE_SIZE", 50)
	stage.state.settings.links = links
	access = stage.connect()
	main, book = stage.account(access), Book.empty()
	book.take(stage.provider.changes(access, [FetchRequest(main)]))
	assert book.booked(main) == Counter(stage.truth(main))
	read = [one for one in stage.server.calls if one.path.endswith("/transactions")]
	assert len(read) > 4
	assert all("limit=50" in one.query for one in read)


def test_a_link_to_another_host_is_not_followed(stage: Stage) -> None:
	access = stage.connect()
	main = stage.account(access)
	stage.server.powens.spoil = lambda kind, request, response: response.set_data(  # type: ignore[method-assign]
		b'{"transactions": [], "_links": {"next": {"href": "https://evil.example/2.0/x"}}}'
	)
	stage.server.faults.add(Fault("repeat_page", "/powens/2.0/users/me/accounts", count=1))
	with pytest.raises(ProviderBug):
		list(stage.provider.changes(access, [FetchRequest(main)]))


def test_a_row_that_was_coming_is_booked_under_its_id(stage: Stage) -> None:
	access = stage.connect()
	main, book = stage.account(access), Book.empty()
	book.take(stage.provider.changes(access, [FetchRequest(main)]))
	pending = {key for key, one in book.lines.items() if one.state is LineState.PENDING}
	assert pending
	stage.pass_days(8)
	book.take(stage.provider.changes(access, [FetchRequest(main, book.cursors[main])]))
	assert {book.lines[key].state for key in pending} <= {LineState.BOOKED, LineState.REMOVED}
	assert book.booked(main) == Counter(stage.truth(main))


def test_a_card_that_is_in_the_current_account_is_counted_once(stage: Stage) -> None:
	stage.state.settings.merged_cards = True
	access = stage.connect()
	main, book = stage.account(access), Book.empty()
	book.take(stage.provider.changes(access, [FetchRequest(main)]))
	purchases = [one for one in book.lines.values() if one.kind == "deferred_card"]
	assert {one.state for one in purchases} == {LineState.FUTURE}
	assert any(one.kind == "summary_card" for one in book.lines.values())
	assert book.booked(main) == Counter(stage.truth(main))


def test_purchases_without_a_monthly_debit_are_booked_until_the_first_one_comes(stage: Stage) -> None:
	real = stage.server.world.account(MAIN)
	for movement in real.movements(stage.time.now().date()):
		if movement.category == "card_debit":
			real.remove(movement.key)
	stage.state.settings.merged_cards = True
	access = stage.connect()
	main, book = stage.account(access), Book.empty()
	book.take(stage.provider.changes(access, [FetchRequest(main)]))
	assert {one.state for one in book.lines.values() if one.kind == "deferred_card"} == {LineState.BOOKED}
	debit = Movement("debit", stage.time.now().date(), -5000, "DEBIT CARTE", "Débit carte", "card_debit")
	real.add(debit)
	stage.server.world.refresh()
	pages = list(stage.provider.changes(access, [FetchRequest(main, book.cursors[main])]))
	assert any(page.restart == frozenset({main}) for page in pages)
	book.take(pages)
	assert {one.state for one in book.lines.values() if one.kind == "deferred_card"} == {LineState.FUTURE}
	assert book.booked(main) == Counter(stage.truth(main))


def test_categories_are_asked_for_only_where_they_were_bought(stage: Stage) -> None:
	access = stage.connect()
	plain = stage.provider_with(stage.secret, categories="no")
	assert plain.categories() == []
	lines = [
		one for page in plain.changes(access, [FetchRequest(stage.account(access))]) for one in page.lines
	]
	assert {one.category for one in lines} == {""}
	lines = [
		one
		for page in stage.provider.changes(access, [FetchRequest(stage.account(access))])
		for one in page.lines
	]
	assert "bank_insurances/banking_fees" in {one.category for one in lines}


def test_a_history_that_arrives_after_the_first_fetch(stage: Stage) -> None:
	access = stage.connect(stage.bank(607))
	main, book = stage.account(access), Book.empty()
	book.take(stage.provider.changes(access, [FetchRequest(main)]))
	assert sum(book.booked(main).values()) < len(stage.truth(main))
	stage.pass_days(1)
	book.take(stage.provider.changes(access, [FetchRequest(main, book.cursors[main])]))
	assert book.booked(main) == Counter(stage.truth(main))


def test_a_first_synchronization_that_takes_its_time(stage: Stage) -> None:
	stage.state.settings.first_sync_seconds = 60
	access = stage.connect()
	assert stage.provider.status(access).status is ConnectionStatus.WAITING
	main = stage.account(access)
	assert [dict(page.cursors) for page in stage.provider.changes(access, [FetchRequest(main)])][-1] == {}
	stage.pass_days(0.1)
	assert stage.provider.status(access).status is ConnectionStatus.ACTIVE


# -- refresh and webhooks -----------------------------------------------------------------------------------
def test_the_bank_is_read_again_for_a_user_who_waits_only(stage: Stage) -> None:
	access = stage.connect()
	before = stage.calls()
	assert stage.provider.refresh(access).ready
	assert stage.calls() == before
	waiting = Context(user_present=True)
	assert stage.provider.refresh(access, waiting).ready
	again = stage.provider.refresh(access, waiting)
	assert not again.ready
	assert again.next_possible_at is not None


def test_a_refresh_that_meets_an_ended_consent(stage: Stage) -> None:
	access = stage.connect()
	stage.end_consent(access.remote_id)
	assert not stage.provider.refresh(access, Context(user_present=True)).ready
	assert stage.provider.status(access).status is ConnectionStatus.CONSENT_EXPIRED


def test_a_webhook_leads_to_its_connection(stage: Stage) -> None:
	access = stage.connect()
	with receiving() as receiver:
		stage.state.settings.webhook_url = receiver.url
		stage.server.world.refresh()
		assert stage.server.wait_for_webhooks()
		headers, body = receiver.taken[0]
	(event,) = stage.provider.events(WebhookRequest(headers, body, receiver.url))
	assert (event.kind, event.remote_user, event.remote_id) == (
		"connection.refreshed",
		access.remote_user,
		access.remote_id,
	)
	with pytest.raises(ConfigurationError):
		stage.provider.events(WebhookRequest(headers, body + b" ", receiver.url))


def test_a_sandbox_domain_is_called_thirty_times_a_minute_at_most(stage: Stage) -> None:
	before = stage.time.passed
	for _ in range(31):
		list(stage.provider.institutions())
	assert stage.time.passed - before >= 59

"""What Plaid has of its own, through its sandbox over real HTTP."""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

import pytest

from dokos_banksync.core.errors import (
	ConfigurationError,
	ConsentRevoked,
	LoginRequired,
	NotFound,
	TemporaryError,
)
from dokos_banksync.core.model import ConnectionStatus, FetchRequest, LineState, Page
from dokos_banksync.core.provider import Access, Secret, WebhookRequest
from dokos_banksync.sandbox.faults import Fault
from dokos_banksync.sandbox.plaid.model import PRODUCTION_SECRET, Client, Settings
from tests.providers.contract import Book, _fetch, _request
from tests.providers.plaid.stage import PLATYPUS, PlaidStage, serve
from tests.sandbox.receiver import Receiver, receiving


@pytest.fixture
def access(stage: PlaidStage) -> Access:
	return stage.connect(_request())


def account_named(stage: PlaidStage, access: Access, name: str) -> str:
	return next(one.remote_id for one in stage.provider.accounts(access) if one.account_name.startswith(name))


def pages(stage: PlaidStage, access: Access, account: str, cursor: str = "") -> list[Page]:
	return list(stage.provider.changes(access, [FetchRequest(account, cursor)]))


class TestSubscription:
	def test_the_sandbox_is_named_so(self, stage: PlaidStage) -> None:
		assert "sandbox" in stage.provider.check().remarks[0]

	def test_the_secret_of_another_environment(self, stage: PlaidStage) -> None:
		with pytest.raises(ConfigurationError, match="each environment"):
			stage.provider_with(PRODUCTION_SECRET).check()

	def test_a_subscription_without_the_product(self) -> None:
		with serve(client=Client(products=frozenset())) as server:
			stage = PlaidStage(server)
			with pytest.raises(ConfigurationError, match="does not include"):
				stage.provider.check()
			stage.close()

	@pytest.mark.parametrize("countries", ["LU", "US,XX", ",", "France"])
	def test_countries_that_plaid_does_not_serve(self, stage: PlaidStage, countries: str) -> None:
		with pytest.raises(ConfigurationError, match="country"):
			stage.provider_with("secret", countries=countries)

	@pytest.mark.parametrize("secret", ["", "a b\nc", "clé"])
	def test_keys_that_are_none(self, stage: PlaidStage, secret: str) -> None:
		with pytest.raises(ConfigurationError, match="empty or not a key"):
			stage.provider_with(secret)

	def test_a_base_url_that_is_not_plaid(self, stage: PlaidStage) -> None:
		stage.server.faults.add(Fault("html", "/plaid/", count=None))
		with pytest.raises(ConfigurationError, match="base URL"):
			stage.provider.check()


def test_a_search_brings_logos(stage: PlaidStage) -> None:
	(found,) = stage.provider.institutions("platypus")
	assert (found.id, found.country) == ("ins_109508", "US")
	assert found.logo.startswith("data:image/png;base64,iVBOR")
	assert list(stage.provider.institutions(country="LU")) == []


class TestConnecting:
	def test_the_user_is_still_on_the_page(self, stage: PlaidStage) -> None:
		started = stage.provider.start(_request())
		assert started.polls
		assert stage.completed(started).pending

	def test_a_session_that_is_over(self, stage: PlaidStage) -> None:
		found = stage.provider.complete({}, Access("u"), Secret("link-sandbox-gone"))
		assert (found.connection, found.pending) == (None, False)
		assert "expired" in found.message
		assert "expired" in stage.provider.complete({}, Access("u")).message

	def test_a_bank_that_refuses(self, stage: PlaidStage) -> None:
		started = stage.provider.start(_request())
		stage.consent(started.url, "locked")
		found = stage.completed(started)
		assert not found.cancelled
		assert "locked" in found.message
		assert "ITEM_LOCKED" in found.reference

	def test_the_longest_history_is_asked_for(self, stage: PlaidStage, access: Access) -> None:
		assert stage.server.plaid.find_item(access.remote_id).days_requested == 730

	def test_the_same_login_is_recognised_before_it_is_exchanged(
		self, stage: PlaidStage, access: Access
	) -> None:
		started = stage.provider.start(_request(user_key="another-user"))
		stage.consent(started.url, "other login")
		before = stage.calls()
		again = stage.completed(started, Access("another-user", taken=(access.remote_id,)))
		assert again.connection is None
		assert "connected already" in again.message
		assert again.reference == f"item {access.remote_id}"
		assert [call.path for call in stage.seen[before:]] == ["/link/token/get"]

	def test_a_failure_right_after_the_exchange_loses_nothing(self, stage: PlaidStage) -> None:
		started = stage.provider.start(_request())
		stage.consent(started.url)
		stage.server.faults.add(Fault("status", "/plaid/item/get", count=4))
		with pytest.raises(TemporaryError):
			stage.completed(started)
		found = stage.completed(started)
		assert found.connection is not None
		(item,) = stage.server.plaid.items()
		assert found.grant.reveal() == item.access_token

	def test_other_accounts_or_another_bank_are_no_duplicate(self, stage: PlaidStage, access: Access) -> None:
		stage.institution = 601
		other = stage.connect(_request())
		assert other.remote_id != access.remote_id
		assert stage.connect(_request(), login="camille").remote_id not in (access.remote_id, other.remote_id)

	def test_a_login_that_belongs_to_no_connection_may_be_connected_again(
		self, stage: PlaidStage, access: Access
	) -> None:
		"""A process was killed after it had exchanged the token and before the connection was stored."""
		assert stage.connect(_request()).remote_id != access.remote_id

	def test_after_the_end_the_login_may_be_connected_again(self, stage: PlaidStage, access: Access) -> None:
		stage.provider.revoke(access)
		assert stage.connect(_request()).remote_id != access.remote_id

	def test_an_item_removed_elsewhere_blocks_nothing(self, stage: PlaidStage, access: Access) -> None:
		stage.server.plaid.clients["plaid-sandbox-client"].items.clear()
		with pytest.raises(ConsentRevoked):
			stage.provider.status(access)
		assert stage.connect(_request()).remote_id != access.remote_id

	def test_a_renewal_that_is_left_changes_nothing(self, stage: PlaidStage, access: Access) -> None:
		before = stage.provider.status(access)
		started = stage.provider.start(_request(access=access, renew_now=True))
		stage.cancel(started.url)
		found = stage.completed(started, access)
		assert (found.connection, found.cancelled) == (None, True)
		assert stage.provider.status(access) == before

	def test_a_renewal_keeps_the_token(self, stage: PlaidStage, access: Access) -> None:
		started = stage.provider.start(_request(access=access))
		stage.consent(started.url)
		found = stage.completed(started, access)
		assert not found.grant
		assert "/item/public_token/exchange" not in [call.path for call in stage.seen[-3:]]

	def test_accounts_may_be_added_where_plaid_offers_it(self, stage: PlaidStage) -> None:
		stage.institution = PLATYPUS
		access = stage.connect(_request(), accounts=["Compte courant pro"])
		assert len(stage.provider.accounts(access)) == 1
		started = stage.provider.start(_request(access=access))
		stage.consent(started.url, accounts=["Compte courant pro", "Livret entreprise"])
		stage.completed(started, access)
		assert len(stage.provider.accounts(access)) == 2

	def test_accounts_known_from_two_logins_are_no_duplicate(self, stage: PlaidStage) -> None:
		stage.connect(_request(), accounts=["Compte courant pro"])
		stage.connect(_request(), accounts=["Caisse"])
		assert stage.connect(_request(), accounts=["Compte courant pro", "Caisse"]).remote_id

	def test_a_token_of_another_item(self, stage: PlaidStage, access: Access) -> None:
		with pytest.raises(ConsentRevoked):
			stage.provider.status(Access(access.remote_user, "another", access.grant))

	def test_without_a_grant_the_bank_is_to_be_connected(self, stage: PlaidStage, access: Access) -> None:
		with pytest.raises(ConsentRevoked, match="Connect the bank again"):
			stage.provider.status(Access(access.remote_user, access.remote_id))


class TestStates:
	@pytest.mark.parametrize(
		("code", "reason", "status", "ours"),
		[
			("ITEM_LOGIN_REQUIRED", None, ConnectionStatus.ACTION_REQUIRED, "BS-200"),
			("ITEM_LOGIN_REQUIRED", "OAUTH_CONSENT_EXPIRED", ConnectionStatus.CONSENT_EXPIRED, "BS-201"),
			("ITEM_LOGIN_REQUIRED", "OAUTH_USER_REVOKED", ConnectionStatus.ACTION_REQUIRED, "BS-202"),
			("ITEM_LOCKED", None, ConnectionStatus.ACTION_REQUIRED, "BS-200"),
			("INSTITUTION_DOWN", None, ConnectionStatus.BANK_UNAVAILABLE, "BS-401"),
			("INSTITUTION_NO_LONGER_SUPPORTED", None, ConnectionStatus.NOT_SUPPORTED, "BS-500"),
		],
	)
	def test_the_error_of_an_item(
		self,
		stage: PlaidStage,
		access: Access,
		code: str,
		reason: str | None,
		status: ConnectionStatus,
		ours: str,
	) -> None:
		stage.simulate["set_error"](item_id=access.remote_id, code=code, reason=reason)
		found = stage.provider.status(access)
		assert (found.status, found.code) == (status, ours)
		assert found.message
		assert found.reference.startswith(f"item {access.remote_id}, {code}")

	def test_data_of_an_item_in_error_are_refused(self, stage: PlaidStage, access: Access) -> None:
		stage.simulate["set_error"](item_id=access.remote_id, code="ITEM_LOGIN_REQUIRED")
		with pytest.raises(LoginRequired):
			stage.provider.accounts(access)

	def test_a_consent_that_ended_unnoticed(self, stage: PlaidStage, access: Access) -> None:
		stage.server.world.clock.advance(timedelta(days=180))
		stage.time.passed += 180 * 86400
		item = stage.server.plaid.find_item(access.remote_id)
		item.consent_expires_at, item.error = stage.time.now(), None
		stage.server.world.refresh_when_due = lambda: None  # type: ignore[method-assign]
		found = stage.provider.status(access)
		assert (found.status, found.code) == (ConnectionStatus.CONSENT_EXPIRED, "BS-201")

	def test_a_european_consent_has_an_end(self, stage: PlaidStage, access: Access) -> None:
		expires_at = stage.provider.status(access).consent_expires_at
		assert expires_at == stage.time.now() + timedelta(days=180)


class TestFirstData:
	@pytest.fixture
	def stage(self) -> Iterator[PlaidStage]:
		with serve(Settings()) as server:
			made = PlaidStage(server)
			yield made
			made.close()

	def test_nothing_is_there_at_first(self, stage: PlaidStage) -> None:
		access = stage.connect(_request())
		assert stage.provider.status(access).status is ConnectionStatus.WAITING
		account = account_named(stage, access, "Compte courant pro")
		(page,) = pages(stage, access, account)
		assert (list(page.lines), dict(page.cursors), dict(page.complete_from)) == ([], {}, {})

	def test_a_part_is_not_taken_for_the_whole(self, stage: PlaidStage) -> None:
		access = stage.connect(_request())
		account = account_named(stage, access, "Compte courant pro")
		stage.server.world.clock.advance(timedelta(seconds=10))
		(recent,) = pages(stage, access, account)
		assert recent.lines
		assert not recent.complete_from
		stage.server.world.clock.advance(timedelta(seconds=50))
		book = Book.empty()
		book.take([recent])
		book.take(pages(stage, access, account, recent.cursors[account]))
		assert book.booked(account) == Counter(stage.truth(account))


class TestReading:
	def test_a_whole_read_says_so(self, stage: PlaidStage, access: Access) -> None:
		account = account_named(stage, access, "Compte courant pro")
		last = pages(stage, access, account)[-1]
		first_day = min(day for day, _ in stage.truth(account))
		assert last.complete_from == {account: first_day}
		assert last.pending_complete == {account}
		later = pages(stage, access, account, last.cursors[account])[-1]
		assert (dict(later.complete_from), later.pending_complete) == ({}, frozenset())

	def test_a_whole_read_from_a_day_is_whole_from_that_day(self, stage: PlaidStage, access: Access) -> None:
		account = account_named(stage, access, "Compte courant pro")
		days = sorted(day for day, _ in stage.truth(account))
		middle = days[len(days) // 2]
		*_, last = stage.provider.changes(access, [FetchRequest(account, "", middle)])
		assert last.complete_from == {account: middle}

	def test_a_change_between_pages_starts_the_loop_again(
		self, stage: PlaidStage, access: Access, monkeypatch: pytest.MonkeyPatch
	) -> None:
		monkeypatch.setattr("dokos_banksync.providers.plaid.sync.PAGE_SIZE", 20)
		account = account_named(stage, access, "Compte courant pro")
		stage.server.faults.add(Fault("touch", "/plaid/transactions/sync", after=1))
		seen = pages(stage, access, account)
		assert [index for index, page in enumerate(seen) if page.restart] == [2]
		book = Book.empty()
		book.take(seen)
		assert book.booked(account) == Counter(stage.truth(account))

	def test_what_came_before_a_restart_is_void(
		self, stage: PlaidStage, access: Access, monkeypatch: pytest.MonkeyPatch
	) -> None:
		"""A row of the first page is taken back before the second: it must not stay."""
		monkeypatch.setattr("dokos_banksync.providers.plaid.sync.PAGE_SIZE", 20)
		account = account_named(stage, access, "Compte courant pro")
		reading = stage.provider.changes(access, [FetchRequest(account)])
		first = next(reading)
		stage.simulate["delete"](account_id=account, number=len(stage.truth(account)))
		book = Book.empty()
		book.take([first, *reading])
		assert book.booked(account) == Counter(stage.truth(account))

	def test_data_that_never_stand_still(
		self, stage: PlaidStage, access: Access, monkeypatch: pytest.MonkeyPatch
	) -> None:
		monkeypatch.setattr("dokos_banksync.providers.plaid.sync.PAGE_SIZE", 20)
		account = account_named(stage, access, "Compte courant pro")
		stage.server.faults.add(Fault("touch", "/plaid/transactions/sync", count=None))
		with pytest.raises(TemporaryError, match="changed while it was read"):
			pages(stage, access, account)

	def test_a_stored_cursor_that_stays_stuck_is_given_up(self, stage: PlaidStage, access: Access) -> None:
		account = account_named(stage, access, "Compte courant pro")
		cursor = pages(stage, access, account)[-1].cursors[account]
		code = "TRANSACTIONS_SYNC_MUTATION_DURING_PAGINATION"
		stage.server.faults.add(Fault("status", "/plaid/transactions/sync", code=code, status=400, count=5))
		seen = pages(stage, access, account, cursor)
		assert [bool(page.restart) for page in seen[:6]] == [True] * 5 + [False]
		book = Book.empty()
		book.take(seen)
		assert book.booked(account) == Counter(stage.truth(account))

	def test_a_cursor_that_plaid_refuses_is_given_up(self, stage: PlaidStage, access: Access) -> None:
		account = account_named(stage, access, "Compte courant pro")
		other = account_named(stage, access, "Livret entreprise")
		foreign = pages(stage, access, other)[-1].cursors[other]
		seen = pages(stage, access, account, foreign)
		assert seen[0].restart == {account}
		book = Book.empty()
		book.take(seen)
		assert book.booked(account) == Counter(stage.truth(account))

	def test_an_account_that_got_another_id_keeps_its_transactions(
		self, stage: PlaidStage, access: Access
	) -> None:
		account = account_named(stage, access, "Compte courant pro")
		cursor = pages(stage, access, account)[-1].cursors[account]
		fresh = stage.simulate["change_account_id"](account_id=account)
		(page,) = pages(stage, access, account, cursor)
		assert (list(page.lines), list(page.removed), dict(page.cursors)) == ([], [], {})
		assert isinstance(page.errors[account], NotFound)
		assert fresh in {one.remote_id for one in stage.provider.accounts(access)}

	def test_one_account_that_is_gone_leaves_the_others_alone(
		self, stage: PlaidStage, access: Access
	) -> None:
		gone = account_named(stage, access, "Livret entreprise")
		kept = account_named(stage, access, "Compte courant pro")
		stage.simulate["close_account"](account_id=gone)
		seen = list(stage.provider.changes(access, [FetchRequest(gone), FetchRequest(kept)]))
		assert set(seen[0].errors) == {gone}
		assert set(seen[-1].cursors) == {kept}

	def test_pending_rows_are_replaced_by_booked_ones(self, stage: PlaidStage, access: Access) -> None:
		account = account_named(stage, access, "Compte courant pro")
		book, seen = Book.empty(), 0
		for _ in range(40):
			_fetch(stage.provider, access, book, [account])
			held = [line for line in book.lines.values() if line.state is LineState.PENDING]
			assert {line.date for line in held} <= {
				stage.time.now().date() - timedelta(days=n) for n in range(5)
			}
			seen += len(held)
			stage.pass_days(1)
		_fetch(stage.provider, access, book, [account])
		assert seen > 3
		assert book.booked(account) == Counter(stage.truth(account))

	def test_a_changed_category_comes_as_the_same_line(self, stage: PlaidStage, access: Access) -> None:
		account = account_named(stage, access, "Compte courant pro")
		cursor = pages(stage, access, account)[-1].cursors[account]
		stage.simulate["recategorise"](account_id=account)
		(page,) = pages(stage, access, account, cursor)
		(line,) = page.lines
		assert line.category == "FOOD_AND_DRINK_RESTAURANT"

	def test_cards_owe_what_they_owe(self, stage: PlaidStage, access: Access) -> None:
		card = next(one for one in stage.provider.accounts(access) if one.kind == "card")
		assert card.balance == stage.server.world.balance("574:alex:card")
		assert card.balance < 0
		account = card.remote_id
		book = Book.empty()
		_fetch(stage.provider, access, book, [account])
		assert book.booked(account) == Counter(stage.truth(account))


class TestRefresh:
	def test_it_is_off_unless_chosen(self, stage: PlaidStage, access: Access) -> None:
		before = stage.calls()
		assert not stage.provider.refresh(access).ready
		assert stage.calls() == before

	def test_it_brings_what_is_new(self, stage: PlaidStage, access: Access) -> None:
		account = account_named(stage, access, "Compte courant pro")
		provider = stage.provider_with(stage.secret, refresh_on_demand="yes")
		cursor = pages(stage, access, account)[-1].cursors[account]
		stage.server.world.clock.advance(timedelta(days=3))
		assert provider.refresh(access).ready
		assert pages(stage, access, account, cursor)[-1].lines

	def test_a_subscription_without_it_goes_on(self, stage: PlaidStage, access: Access) -> None:
		stage.server.plaid.settings.refresh_product = False
		provider = stage.provider_with(stage.secret, refresh_on_demand="yes")
		assert not provider.refresh(access).ready


class TestWebhooks:
	@pytest.fixture
	def receiver(self) -> Iterator[Receiver]:
		with receiving() as server:
			yield server

	@pytest.fixture
	def message(self, stage: PlaidStage, receiver: Receiver) -> Receiver:
		"""A receiver that a new item has told of itself."""
		stage.provider = stage.provider_with(stage.secret, webhook_url=receiver.url)
		stage.connect(_request())
		assert stage.server.wait_for_webhooks()
		return receiver

	def test_signed_calls_are_read_and_keys_cached(self, stage: PlaidStage, message: Receiver) -> None:
		before = stage.calls()
		events = [
			event
			for headers, body in message.taken
			for event in stage.provider.events(WebhookRequest(headers, body))
		]
		assert {event.kind for event in events} == {"connection.refreshed"}
		assert all(event.at == stage.time.now() for event in events)
		assert [call.path for call in stage.seen[before:]] == ["/webhook_verification_key/get"]

	def test_a_new_key_is_fetched(self, stage: PlaidStage, message: Receiver) -> None:
		stage.simulate["rotate_key"]()
		item = next(iter(stage.server.plaid.items()))
		stage.simulate["set_error"](item_id=item.id, code="ITEM_LOGIN_REQUIRED")
		assert stage.server.wait_for_webhooks()
		headers, body = message.taken[-1]
		(event,) = stage.provider.events(WebhookRequest(headers, body))
		assert event.details["error_code"] == "ITEM_LOGIN_REQUIRED"
		assert event.remote_id == item.id

	def test_calls_that_are_old_or_changed_are_refused(self, stage: PlaidStage, message: Receiver) -> None:
		headers, body = message.taken[0]
		with pytest.raises(ConfigurationError, match="another content"):
			stage.provider.events(WebhookRequest(headers, body + b" "))
		stage.time.passed += 301
		with pytest.raises(ConfigurationError, match="clock"):
			stage.provider.events(WebhookRequest(headers, body))

	def test_invented_key_ids_cost_few_calls(self, stage: PlaidStage, message: Receiver) -> None:
		_, body = message.taken[0]
		before = stage.calls()
		for number in range(40):
			head = (
				base64.urlsafe_b64encode(b'{"alg":"ES256","kid":"invented-%02d"}' % number)
				.decode()
				.rstrip("=")
			)
			with pytest.raises((ConfigurationError, TemporaryError)):
				stage.provider.events(WebhookRequest({"Plaid-Verification": f"{head}.e30.AAAA"}, body))
		assert stage.calls() - before == 20


def test_a_plan_that_is_full_is_said_at_once_and_not_tried_again(stage: PlaidStage) -> None:
	stage.server.faults.add(Fault("status", "/plaid/link/token/create", count=None, code="ADDITION_LIMIT"))
	with pytest.raises(ConfigurationError, match="no more connections"):
		stage.provider.start(_request())
	assert [one.path for one in stage.seen].count("/link/token/create") == 1

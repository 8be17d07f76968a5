"""What Salt Edge has of its own, through its sandbox over real HTTP."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from dokos_banksync.core.errors import ConfigurationError, ConsentRevoked
from dokos_banksync.core.model import ConnectionStatus, FetchRequest, LineState, Page
from dokos_banksync.core.provider import Access, Context, Started, WebhookRequest
from dokos_banksync.providers.salt_edge import cursors
from dokos_banksync.sandbox.faults import Fault
from dokos_banksync.sandbox.salt_edge.keys import public_pem, service_key
from dokos_banksync.sandbox.salt_edge.model import Client, Settings
from tests.providers.contract import Book, _fetch, _request
from tests.providers.salt_edge.stage import SaltStage, at_once, serve
from tests.providers.salt_edge.test_contract import KEY, PEM
from tests.sandbox.receiver import Receiver, receiving

PRESENT = Context(user_present=True)


@pytest.fixture
def access(stage: SaltStage) -> Access:
	return stage.connect(_request())


def account_named(stage: SaltStage, access: Access, name: str = "Compte courant pro") -> str:
	return next(one.remote_id for one in stage.provider.accounts(access) if one.account_name == name)


def pages(stage: SaltStage, access: Access, account: str, cursor: str = "") -> list[Page]:
	return list(stage.provider.changes(access, [FetchRequest(account, cursor)]))


class TestSubscription:
	def test_remarks(self, stage: SaltStage) -> None:
		assert stage.provider.check().remarks == [
			"Calls are not signed. Salt Edge requires signatures with live access."
		]

	def test_calls_that_must_be_signed(self) -> None:
		with serve(client=Client(public_key=public_pem(KEY))) as server:
			stage = SaltStage(server)
			with pytest.raises(ConfigurationError, match="wants signed calls"):
				stage.provider.check()
			stage.close()

	def test_a_key_that_is_not_the_registered_one(self) -> None:
		with serve(client=Client(public_key=public_pem(service_key()))) as server:
			stage = SaltStage(server, private_key=PEM)
			with pytest.raises(ConfigurationError, match="belongs to the public key"):
				stage.provider.check()
			stage.close()

	def test_a_clock_that_is_wrong(self) -> None:
		with serve(client=Client(public_key=public_pem(KEY))) as server:
			stage = SaltStage(server, private_key=PEM)
			stage.time.passed -= 7200
			with pytest.raises(ConfigurationError, match="clock"):
				stage.provider.check()
			stage.close()

	def test_keys_that_are_none(self, stage: SaltStage) -> None:
		for secret in ("", "a\nb"):
			with pytest.raises(ConfigurationError, match="App-id"):
				stage.provider_with(secret)

	def test_the_firewall(self, stage: SaltStage) -> None:
		stage.server.faults.add(Fault("status", "/salt-edge/", status=403, count=None))
		with pytest.raises(ConfigurationError, match="firewall"):
			stage.provider.check()

	def test_another_address(self, stage: SaltStage) -> None:
		stage.server.salt_edge_url += "/nothing"
		with pytest.raises(ConfigurationError, match="base URL"):
			stage.provider_with(stage.secret).check()

	def test_a_pending_client(self) -> None:
		with serve(client=Client(state="pending")) as server:
			stage = SaltStage(server)
			bank = next(one for one in stage.provider.institutions() if one.country != "XF")
			request = _request()
			with pytest.raises(ConfigurationError, match="still pending"):
				stage.provider.start(type(request)(**{**vars(request), "institution_id": bank.id}))
			stage.close()


def test_banks_are_filtered_here(stage: SaltStage) -> None:
	(found,) = stage.provider.institutions("credit LAVANDIERE")
	assert (found.id, found.country, found.healthy) == ("credit_lavandiere_fr", "FR", True)
	assert [one.healthy for one in stage.provider.institutions("trois rivieres")] == [False]
	without = stage.provider_with(stage.secret, sandboxes="no")
	assert "XF" not in {one.country for one in without.institutions()}


class TestConnecting:
	def test_a_session_that_is_polled_before_its_end_is_not_cancelled(self, stage: SaltStage) -> None:
		started = stage.provider.start(_request())
		assert stage.completed(started).pending
		stage.consent(started.url)
		assert stage.completed(started).connection is not None

	def test_a_poll_never_takes_a_connection_of_before_for_the_new_one(self, stage: SaltStage) -> None:
		first = stage.connect(_request())
		started = stage.provider.start(_request())
		assert stage.completed(started, access=Access(first.remote_user)).pending
		stage.consent(started.url, "another")
		found = stage.completed(started, access=Access(first.remote_user))
		assert found.connection is not None
		assert found.connection.remote_id != first.remote_id

	def test_the_longest_history_and_consent_are_asked_for(self, stage: SaltStage, access: Access) -> None:
		consent = stage.server.salt_edge.find(access.remote_id).consent
		assert consent.from_date == stage.time.now().date() - timedelta(days=730)
		assert consent.period_days == 180
		assert stage.server.salt_edge.find(access.remote_id).unduplication == "mark_as_duplicate"
		assert stage.server.salt_edge.find(access.remote_id).automatic_refresh

	def test_a_shorter_history_where_the_bank_refuses(self, stage: SaltStage) -> None:
		stage.server.faults.add(
			Fault(
				"status", "/salt-edge/api/v6/connections/connect", code="InvalidAispConsentFromDate", count=2
			)
		)
		access = stage.connect(_request())
		consent = stage.server.salt_edge.find(access.remote_id).consent
		assert consent.from_date == stage.time.now().date() - timedelta(days=90)

	def test_the_browser_is_back_before_the_data(self) -> None:
		with serve(Settings(stage_time=timedelta(seconds=2))) as server:
			stage = SaltStage(server)
			started = stage.provider.start(_request())
			query = stage.consent(started.url)
			assert stage.completed(started, query).pending
			server.world.clock.advance(timedelta(seconds=8))
			assert stage.completed(started, query).pending, "accounts are being fetched"
			server.world.clock.advance(timedelta(seconds=2))
			found = stage.completed(started, query)
			assert found.connection is not None
			assert (found.connection.status, found.connection.code) == (ConnectionStatus.WAITING, "BS-410")
			access = Access(started.remote_user, found.connection.remote_id)
			first = pages(stage, access, account_named(stage, access))
			assert not any(page.complete_from or page.pending_complete for page in first)
			stage.close()

	def test_the_same_login_twice(self, stage: SaltStage, access: Access) -> None:
		started = stage.provider.start(_request())
		mine = Access(started.remote_user, taken=(access.remote_id,))
		found = stage.completed(started, stage.consent(started.url), mine)
		assert found.connection is None
		assert "connected already" in found.message
		assert found.reference == "ConnectionDuplicated"

	def test_a_login_that_nobody_came_back_from_is_found_when_it_is_refused_as_known(
		self, stage: SaltStage, access: Access
	) -> None:
		started = stage.provider.start(_request())
		found = stage.completed(started, stage.consent(started.url))
		assert found.connection is not None
		assert found.connection.remote_id == access.remote_id

	def test_a_bank_that_refuses(self, stage: SaltStage) -> None:
		started = stage.provider.start(_request())
		found = stage.completed(started, stage.consent(started.url, "ProviderUnavailable"))
		assert (found.connection, found.cancelled) == (None, False)
		assert "does not answer" in found.message

	def test_a_customer_who_is_gone_is_made_anew(self, stage: SaltStage, access: Access) -> None:
		stage.provider.revoke(access)
		started = stage.provider.start(_request(access=Access(access.remote_user)))
		assert started.remote_user != access.remote_user

	def test_a_return_without_the_id_finds_the_newest(self, stage: SaltStage) -> None:
		started = stage.provider.start(_request())
		stage.consent(started.url)
		found = stage.completed(started, {})
		assert found.connection is not None

	@pytest.mark.parametrize("named", [True, False])
	def test_of_two_sessions_at_once_the_second_one_brings_its_own_login(
		self, stage: SaltStage, named: bool
	) -> None:
		one, two = self.two_sessions(stage)
		back = stage.consent(one.url, "alex")
		other = stage.consent(two.url, "camille")
		found = stage.completed(one, back)
		assert found.connection is not None
		beside = Access(two.remote_user, taken=(found.connection.remote_id,))
		second = stage.completed(two, other if named else {}, access=beside)
		assert second.connection is not None
		assert second.connection.remote_id == other["connection_id"]
		used = Access(one.remote_user, found.connection.remote_id)
		assert stage.provider.status(used).status is ConnectionStatus.ACTIVE

	def test_of_two_sessions_at_once_without_a_name_neither_is_taken(self, stage: SaltStage) -> None:
		one, two = self.two_sessions(stage)
		stage.consent(two.url, "camille")
		stage.consent(one.url, "alex")
		for session in (one, two):
			refused = stage.completed(session, {})
			assert refused.connection is None
			assert "does not say which connection belongs to which" in refused.message
		stage.provider.revoke(Access(one.remote_user))
		assert stage.provider.connections(Access(one.remote_user)) == []

	def test_the_only_new_connection_belongs_to_whichever_session_asks(self, stage: SaltStage) -> None:
		one, two = self.two_sessions(stage)
		stage.consent(two.url, "camille")
		found = stage.completed(one, {})
		assert found.connection is not None
		beside = Access(one.remote_user, taken=(found.connection.remote_id,))
		assert stage.completed(two, {}, access=beside).pending

	def test_a_session_of_another_customer_is_refused(self, stage: SaltStage) -> None:
		mine = stage.provider.start(_request(user_key="mine"))
		other = stage.connect(_request(user_key="other"))
		for query in ({}, {"connection_id": other.remote_id}):
			found = stage.completed(mine, query, access=Access(other.remote_user))
			assert (found.connection, found.pending) == (None, False)
			assert "another session" in found.message

	def test_a_login_that_failed_is_not_taken_for_the_new_connection(self, stage: SaltStage) -> None:
		started = stage.provider.start(_request())
		good = stage.consent(started.url, "alex")["connection_id"]
		again = stage.provider.start(_request(access=Access(started.remote_user)))
		bad = stage.consent(again.url, "camille")["connection_id"]
		stage.simulate["fail"](connection_id=bad, error_class="InvalidCredentials", status="inactive")
		found = stage.completed(started, {})
		assert found.connection is not None
		assert found.connection.remote_id == good

	def two_sessions(self, stage: SaltStage) -> tuple[Started, Started]:
		"""Open two windows of one bank."""
		one = stage.provider.start(_request())
		return one, stage.provider.start(_request(access=Access(one.remote_user)))

	def test_a_customer_that_exists_is_found_again(self, stage: SaltStage) -> None:
		first = stage.provider.start(_request(user_key="same"))
		assert stage.provider.start(_request(user_key="same")).remote_user == first.remote_user


class TestStates:
	@pytest.mark.parametrize(
		("error_class", "status", "ours", "code"),
		[
			("InvalidCredentials", "inactive", ConnectionStatus.ACTION_REQUIRED, "BS-200"),
			("SomethingNew", "inactive", ConnectionStatus.ACTION_REQUIRED, "BS-200"),
			("ProviderUnavailable", "", ConnectionStatus.BANK_UNAVAILABLE, "BS-401"),
			("InteractiveTimeout", "", ConnectionStatus.ACTION_REQUIRED, "BS-200"),
			("ConnectionCannotBeRefreshed", "", ConnectionStatus.ACTIVE, ""),
		],
	)
	def test_the_last_attempt(
		self,
		stage: SaltStage,
		access: Access,
		error_class: str,
		status: str,
		ours: ConnectionStatus,
		code: str,
	) -> None:
		stage.simulate["fail"](connection_id=access.remote_id, error_class=error_class, status=status)
		found = stage.provider.status(access)
		assert (found.status, found.code) == (ours, code)
		assert bool(found.message) == bool(code)

	def test_old_rows_of_an_ended_consent_do_not_hide_its_end(
		self, stage: SaltStage, access: Access, monkeypatch: pytest.MonkeyPatch
	) -> None:
		stage.server.salt_edge.find(access.remote_id).consent.expires_at = stage.time.now()
		monkeypatch.setattr(stage.server.salt_edge, "expire_if_due", lambda _connection: None)
		found = stage.provider.status(access)
		assert (found.status, found.code) == (ConnectionStatus.CONSENT_EXPIRED, "BS-201")
		assert pages(stage, access, account_named(stage, access))[0].lines

	def test_a_consent_that_was_withdrawn(self, stage: SaltStage, access: Access) -> None:
		stage.simulate["revoke_consent"](connection_id=access.remote_id)
		found = stage.provider.status(access)
		assert (found.status, found.code) == (ConnectionStatus.ACTION_REQUIRED, "BS-202")
		assert "withdrawn" in found.message

	def test_a_connection_of_somebody_else(self, stage: SaltStage, access: Access) -> None:
		with pytest.raises(ConsentRevoked):
			stage.provider.status(Access("1688015000000000001", access.remote_id))


class TestReading:
	def test_pending_rows_keep_their_ids_here(self, stage: SaltStage, access: Access) -> None:
		account, seen = account_named(stage, access), 0
		for _ in range(15):
			stage.pass_days(1)
			held = [line for page in pages(stage, access, account) for line in page.lines]
			pending = {line.remote_id: line for line in held if line.state is LineState.PENDING}
			stage.simulate["fetch"](connection_id=access.remote_id)
			again = [line for page in pages(stage, access, account) for line in page.lines]
			assert {line.remote_id for line in again if line.state is LineState.PENDING} == set(pending)
			seen += len(pending)
		assert seen > 3

	def test_equal_pending_rows_stay_two(self, stage: SaltStage, access: Access) -> None:
		account = account_named(stage, access)
		held = stage.server.salt_edge.find(access.remote_id).accounts[account].held
		stage.pass_days(1)
		held = stage.server.salt_edge.find(access.remote_id).accounts[account].held
		assert held
		held.append(held[0])
		*_, last = pages(stage, access, account)
		ids = [line.remote_id for line in last.lines]
		assert len(ids) == len(set(ids)) == len(held)
		assert last.pending_complete == {account}

	def test_a_row_that_turns_out_a_duplicate_is_taken_back(self, stage: SaltStage, access: Access) -> None:
		account = account_named(stage, access)
		book = Book.empty()
		_fetch(stage.provider, access, book, [account])
		stage.simulate["duplicate"](account_id=account)
		_fetch(stage.provider, access, book, [account])
		assert book.booked(account) == Counter(stage.truth(account))

	def test_what_was_taken_back_within_a_month_is_missed(self, stage: SaltStage, access: Access) -> None:
		account = account_named(stage, access)
		book = Book.empty()
		_fetch(stage.provider, access, book, [account])
		for _ in range(6):
			stage.pass_days(7)
			_fetch(stage.provider, access, book, [account])
		stage.simulate["delete"](account_id=account, number=9)
		_fetch(stage.provider, access, book, [account])
		assert book.booked(account) == Counter(stage.truth(account))

	def test_a_whole_read_says_since_when(self, stage: SaltStage, access: Access) -> None:
		account = account_named(stage, access)
		first = min(day for day, _ in stage.truth(account))
		whole = [page.complete_from for page in pages(stage, access, account) if page.complete_from]
		assert whole == [{account: first}]

	def test_an_account_without_rows_joins_the_others(self, stage: SaltStage, access: Access) -> None:
		account = account_named(stage, access, "PEA")
		newest = max(row.id for one in stage.server.salt_edge.connections() for acc in one.accounts.values()
			for row in acc.rows.values())  # fmt: skip
		(cursor,) = [page.cursors[account] for page in pages(stage, access, account) if page.cursors]
		assert cursors.read(cursor) == [cursors.Mark(stage.time.now().date(), newest)]

	def test_accounts_that_do_not_name_their_last_row_are_read_all_the_same(
		self, stage: SaltStage, access: Access, monkeypatch: pytest.MonkeyPatch
	) -> None:
		monkeypatch.setattr("dokos_banksync.providers.salt_edge.transactions._highest_imported", lambda *_: 0)
		asked = [account_named(stage, access, name) for name in ("Compte courant pro", "Caisse", "PEA")]
		book = Book.empty()
		whole = len(_fetch(stage.provider, access, book, asked))
		for _ in range(3):
			stage.pass_days(2)
			again = _fetch(stage.provider, access, book, asked)
		assert len(again) < whole / 10
		for account in asked:
			assert book.booked(account) == Counter(stage.truth(account))
		assert asked[2] not in book.cursors, "an account that never gave a row is read from its beginning"

	def test_an_account_linked_later_gets_its_history(self, stage: SaltStage, access: Access) -> None:
		first, second = account_named(stage, access), account_named(stage, access, "Caisse")
		book = Book.empty()
		_fetch(stage.provider, access, book, [first])
		stage.pass_days(3)
		_fetch(stage.provider, access, book, [first, second])
		for account in (first, second):
			assert book.booked(account) == Counter(stage.truth(account))


class TestCursors:
	TODAY = date(2026, 11, 16)

	def test_a_fetch_starts_a_month_back(self) -> None:
		marks = [
			cursors.Mark(date(2026, 9, 1), 1),
			cursors.Mark(date(2026, 10, 10), 5),
			cursors.Mark(date(2026, 11, 9), 9),
		]
		assert cursors.start(marks, self.TODAY) == marks[1]
		assert cursors.start(marks[2:], self.TODAY) == marks[2]

	def test_marks_are_a_week_apart_and_old_ones_go(self) -> None:
		cursor = ""
		for day in range(60):
			cursor = cursors.moved(cursors.read(cursor), 100 + day, self.TODAY + timedelta(days=day))
		marks = cursors.read(cursor)
		assert marks[-1] == cursors.Mark(self.TODAY + timedelta(days=59), 159)
		assert len(marks) <= 7
		assert self.TODAY + timedelta(days=59) - marks[0].day >= cursors.WINDOW

	def test_a_fetch_without_rows_moves_the_day_and_keeps_the_id(self) -> None:
		cursor = cursors.moved([cursors.Mark(date(2026, 11, 1), 7)], 0, self.TODAY)
		assert cursors.read(cursor) == [cursors.Mark(date(2026, 11, 1), 7), cursors.Mark(self.TODAY, 7)]

	@pytest.mark.parametrize(
		"cursor", ["", "x", "[]", "{}", '{"marks": 1}', '{"marks": [[1], ["soon", "x"]]}']
	)
	def test_what_is_no_cursor_reads_all(self, cursor: str) -> None:
		assert cursors.read(cursor) == []


class TestRefresh:
	def test_the_limit_is_known_before_it_is_hit(self, stage: SaltStage, access: Access) -> None:
		before = stage.calls()
		found = stage.provider.refresh(access)
		assert (found.ready, found.next_possible_at) == (False, stage.time.now() + timedelta(hours=1))
		assert [call.method for call in stage.seen[before:]] == ["GET"]

	def test_in_the_background_when_it_is_allowed(self, stage: SaltStage, access: Access) -> None:
		stage.server.world.clock.advance(timedelta(hours=2))
		stage.time.passed += 7200
		assert stage.provider.refresh(access).ready

	def test_with_the_user_at_once(self, stage: SaltStage, access: Access) -> None:
		assert stage.provider.refresh(access, PRESENT).ready
		attempt = stage.server.salt_edge.find(access.remote_id).attempt
		assert attempt.user_present

	def test_a_limit_that_is_hit_is_no_broken_connection(self, stage: SaltStage, access: Access) -> None:
		for code, ready in (("BackgroundFetchLimitExceeded", False), ("ConnectionAlreadyProcessing", False)):
			stage.server.faults.add(Fault("status", "/salt-edge/", "POST", code=code))
			assert stage.provider.refresh(access, PRESENT).ready is ready
		assert stage.provider.status(access).status is ConnectionStatus.ACTIVE

	def test_an_ended_consent_is_left_to_the_state(self, stage: SaltStage, access: Access) -> None:
		stage.simulate["expire_consent"](connection_id=access.remote_id)
		assert not stage.provider.refresh(access, PRESENT).ready

	def test_it_waits_for_the_stages(self) -> None:
		with serve() as server:
			stage = SaltStage(server)
			access = stage.connect(_request())
			server.salt_edge.settings.stage_time = timedelta(seconds=1)
			assert not stage.provider.refresh(access, PRESENT).ready
			assert stage.time.slept == [2.0] * 10
			stage.close()


class TestCallbacks:
	@pytest.fixture
	def receiver(self) -> Iterator[Receiver]:
		with receiving() as server:
			yield server

	@pytest.fixture
	def stage(self, receiver: Receiver) -> Iterator[SaltStage]:
		kinds = ("success", "failure", "notify", "destroy")
		client = Client(callbacks=dict.fromkeys(kinds, receiver.url))
		with serve(at_once(), client, years=0.2) as server:
			made = SaltStage(server, callback_key=public_pem(service_key()))
			yield made
			made.close()

	def test_only_the_end_of_a_fetch_is_an_event(
		self, stage: SaltStage, access: Access, receiver: Receiver
	) -> None:
		assert stage.server.wait_for_webhooks()
		events = [
			event
			for headers, body in receiver.taken
			for event in stage.provider.events(WebhookRequest(headers, body, receiver.url))
		]
		assert len(receiver.taken) == 12
		assert {(event.kind, event.remote_id, event.remote_user) for event in events} == {
			("connection.refreshed", access.remote_id, access.remote_user)
		}
		assert len(events) == 2, "the success and the notice of its stage"
		assert events[0].at == stage.time.now()

	def test_failures_and_removals(self, stage: SaltStage, access: Access, receiver: Receiver) -> None:
		stage.simulate["fail"](connection_id=access.remote_id, error_class="InvalidCredentials")
		stage.provider.revoke(access)
		assert stage.server.wait_for_webhooks()
		seen = [
			stage.provider.events(WebhookRequest(headers, body, receiver.url))
			for headers, body in receiver.taken[-2:]
		]
		assert [(one.kind, dict(one.details)) for (one,) in seen] == [
			("connection.refreshed", {"error_class": "InvalidCredentials"}),
			("connection.removed", {}),
		]

	def test_another_address_or_body_is_refused(
		self, stage: SaltStage, access: Access, receiver: Receiver
	) -> None:
		assert stage.server.wait_for_webhooks()
		headers, body = receiver.taken[0]
		for forged in (
			WebhookRequest(headers, body, f"{receiver.url}/other"),
			WebhookRequest(headers, body + b" ", receiver.url),
			WebhookRequest({}, body, receiver.url),
		):
			with pytest.raises(ConfigurationError, match="no signature"):
				stage.provider.events(forged)

	def test_the_address_of_the_dashboard_counts(
		self, stage: SaltStage, access: Access, receiver: Receiver
	) -> None:
		assert stage.server.wait_for_webhooks()
		headers, body = receiver.taken[-1]
		provider = stage.provider_with(stage.secret, callback_url=receiver.url)
		assert provider.events(WebhookRequest(headers, body, "http://inside/hook"))
		other = stage.provider_with(stage.secret, callback_url="https://books.example/hook")
		with pytest.raises(ConfigurationError, match="no signature"):
			other.events(WebhookRequest(headers, body, receiver.url))

	def test_without_a_public_key_nothing_is_believed(self, receiver: Receiver) -> None:
		with serve(years=0.1) as server:
			stage = SaltStage(server)
			with pytest.raises(ConfigurationError, match="public key"):
				stage.provider.events(WebhookRequest({"Signature": "x"}, b"{}", receiver.url))
			stage.close()

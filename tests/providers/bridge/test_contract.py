"""The contract, run for Bridge on its sandbox, and what the sandbox shows of Bridge alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from urllib.parse import parse_qsl, urlsplit

import pytest

from dokos_banksync.core.model import ConnectionStatus, FetchRequest, LineState
from dokos_banksync.core.provider import Access, HttpCall, Provider, Secret, Subscription
from dokos_banksync.providers import registry
from dokos_banksync.providers.process_stores import ProcessRateLimitStore, ProcessSecretStore
from dokos_banksync.sandbox.bridge.limits import Limits
from dokos_banksync.sandbox.bridge.model import Settings
from dokos_banksync.sandbox.bridge.simulations import simulate
from dokos_banksync.sandbox.faults import Fault
from dokos_banksync.sandbox.server import CLIENT_ID, CLIENT_SECRET, SandboxServer
from dokos_banksync.sandbox.user import Customer
from tests.providers.contract import Book, Money, ProviderContract, Stage, _arrived, _fetch, _request
from tests.providers.fake_server import Time

TRANSACTIONS = "/v3/aggregation/transactions"


class BridgeStage(Stage):
	secret = CLIENT_SECRET

	def __init__(self, server: SandboxServer) -> None:
		self.server = server
		self.time = Time(server.world.clock.now())
		self.made: list[Provider] = []
		self.seen: list[HttpCall] = []
		self.provider = self.provider_with(CLIENT_SECRET)

	def provider_with(self, secret: str) -> Provider:
		keys = Subscription(
			"Bridge", {"client_id": CLIENT_ID}, {"client_secret": Secret(secret)}, self.server.url
		)
		secret_store, time = ProcessSecretStore(self.time.now), self.time
		made = registry.make_provider(
			"Bridge",
			keys,
			secret_store,
			ProcessRateLimitStore(),
			time.now,
			sleep=time.sleep,
			observe=self.seen.append,
		)
		self.made.append(made)
		return made

	def consent(self, url: str, login: str = "success") -> Mapping[str, str]:
		return _query(Customer(login=login).consent(url))

	def cancel(self, url: str) -> Mapping[str, str]:
		return _query(Customer().cancel(url))

	def truth(self, remote_account: str) -> list[Money]:
		_, account = self.server.bridge.find_account(int(remote_account))
		return [(movement.day, movement.amount) for movement in self.server.world.truth(account.real)]

	def pass_days(self, days: int) -> None:
		self.server.world.advance(days=days)
		self.time.passed += days * 86400

	def take_back(self, remote_account: str) -> Money:
		gone = simulate(self.server.bridge, "delete", account_id=int(remote_account))
		return gone.day, gone.amount

	def add_late(self, remote_account: str) -> Money:
		late = simulate(self.server.bridge, "late_row", account_id=int(remote_account))
		return late.day, late.amount

	def end_consent(self, remote_id: str) -> None:
		simulate(self.server.bridge, "expire", item_id=int(remote_id))

	def fail(self, kind: str, count: int) -> None:
		kind, _, status = kind.partition(" ")
		self.server.faults.add(Fault(kind, TRANSACTIONS, count=count, status=int(status or 500)))

	def calls(self) -> int:
		return len(self.seen)


def _query(address: str) -> dict[str, str]:
	return dict(parse_qsl(urlsplit(address).query))


def _staged(settings: Settings | None = None, limits: Limits | None = None) -> Iterator[BridgeStage]:
	with SandboxServer(settings=settings, limits=limits) as server:
		stage = BridgeStage(server)
		yield stage
		for provider in stage.made:
			provider.close()  # type: ignore[attr-defined]


class TestBridge(ProviderContract):
	@pytest.fixture
	def stage(self) -> Iterator[BridgeStage]:
		yield from _staged()

	def test_every_state_of_an_item(self, stage: BridgeStage, provider: Provider, access: Access) -> None:
		expected = {
			402: ConnectionStatus.ACTION_REQUIRED,
			429: ConnectionStatus.ACTION_REQUIRED,
			1003: ConnectionStatus.BANK_UNAVAILABLE,
			1005: ConnectionStatus.NOT_SUPPORTED,
			1007: ConnectionStatus.BANK_UNAVAILABLE,
			1010: ConnectionStatus.ACTION_REQUIRED,
			1099: ConnectionStatus.WAITING,
		}
		for status, state in expected.items():
			simulate(stage.server.bridge, "set_status", item_id=int(access.remote_id), status=status)
			found = provider.status(access)
			assert found.status is state
			assert found.reference.startswith(f"item {access.remote_id}, {status}")

	def test_an_sms_code(self, stage: BridgeStage, provider: Provider) -> None:
		started = provider.start(_request())
		found = _arrived(provider, stage.consent(started.url, "otp"), started)
		assert provider.status(found).status is ConnectionStatus.ACTIVE

	def test_accounts_that_are_not_shared(self, stage: BridgeStage, provider: Provider) -> None:
		started = provider.start(_request())
		first = _arrived(provider, stage.consent(started.url), started)
		kept, *others = provider.accounts(first)
		again = provider.start(_request(access=first))
		Customer(accounts=[int(kept.remote_id)]).consent(again.url)
		shown = {account.remote_id: account.enabled for account in provider.accounts(first)}
		assert shown == {kept.remote_id: True, **{other.remote_id: False for other in others}}

	def test_tokens_end_and_are_asked_for_again(
		self, stage: BridgeStage, provider: Provider, access: Access
	) -> None:
		stage.server.world.advance(days=1)
		assert provider.status(access).status is ConnectionStatus.ACTIVE
		assert [call.status for call in stage.seen[-3:]] == [401, 200, 200]

	def test_a_row_that_changes_while_paging(
		self, stage: BridgeStage, provider: Provider, access: Access
	) -> None:
		account = max(provider.accounts(access), key=lambda one: len(stage.truth(one.remote_id))).remote_id
		stage.fail("touch", 1)
		book = Book.empty()
		_fetch(provider, access, book, [account])
		_fetch(provider, access, book, [account])
		assert sorted(book.booked(account).elements()) == sorted(stage.truth(account))

	def test_new_ids_leave_tombstones(self, stage: BridgeStage, provider: Provider, access: Access) -> None:
		account = provider.accounts(access)[0].remote_id
		book = Book.empty()
		before = {line.remote_id for line in _fetch(provider, access, book, [account])}
		stage.pass_days(1)
		simulate(stage.server.bridge, "renumber", account_id=int(account))
		_fetch(provider, access, book, [account])
		removed = {one for (_, one), line in book.lines.items() if line.state is LineState.REMOVED}
		assert removed >= before
		assert sorted(book.booked(account).elements()) == sorted(stage.truth(account))

	def test_a_second_bank_of_the_same_user_stays_apart(
		self, stage: BridgeStage, provider: Provider, access: Access
	) -> None:
		started = provider.start(_request(access=Access(access.remote_user)))
		other = _arrived(provider, _query(Customer(institution=601).consent(started.url)), started)
		ours, theirs = provider.accounts(access), provider.accounts(other)
		assert not {a.remote_id for a in ours} & {a.remote_id for a in theirs}
		book = Book.empty()
		asked = [account.remote_id for account in theirs]
		_fetch(provider, other, book, asked)
		stage.pass_days(1)
		_fetch(provider, other, book, asked)
		assert {account for account, _ in book.lines} <= set(asked)
		provider.revoke(other)
		assert provider.status(access).status is ConnectionStatus.ACTIVE


class TestBridgeWithOtherHabits(ProviderContract):
	"""What the documents leave open, the other way round: nulls shown, flat categories, lists of errors."""

	@pytest.fixture
	def stage(self) -> Iterator[BridgeStage]:
		habits = Settings(
			show_nulls=True,
			null_next_uri=True,
			flat_categories=True,
			error_list=True,
			tombstones_without_since=False,
		)
		yield from _staged(habits)


class TestBridgeWithLimits:
	@pytest.fixture
	def stage(self) -> Iterator[BridgeStage]:
		"""Limits as documented, counted by the clock that our sleeping moves."""
		stage: list[BridgeStage] = []
		limits = Limits.documented(lambda: stage[0].time.passed if stage else 0.0)
		for made in _staged(Settings(no_pagination_at_end=True), limits):
			stage.append(made)
			yield made

	def test_limits_are_never_hit(self, stage: BridgeStage) -> None:
		provider = stage.provider
		started = provider.start(_request())
		access = _arrived(provider, stage.consent(started.url), started)
		asks = [FetchRequest(account.remote_id) for account in provider.accounts(access)]
		book = Book.empty()
		for _ in range(8):
			book.take(provider.changes(access, asks))
		assert len(stage.seen) > 120
		assert {call.status for call in stage.seen} == {200, 201}
		assert stage.time.slept
		assert max(stage.time.slept) <= 61.0

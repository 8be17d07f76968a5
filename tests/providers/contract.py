"""What every provider promises, tested on its provider's sandbox over real HTTP.

A provider's test module subclasses `ProviderContract` and gives the fixture `stage`: a `Stage` on which
somebody can consent, time can pass and a call can fail. Nothing in here knows a provider.
"""

from __future__ import annotations

import traceback
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from dokos_banksync.core.errors import (
	ConfigurationError,
	ConsentRevoked,
	LoginRequired,
	NotFound,
	RateLimited,
	SyncError,
	TemporaryError,
)
from dokos_banksync.core.importing.fetching import content_id
from dokos_banksync.core.model import (
	ConnectionStatus,
	FetchRequest,
	Line,
	LineState,
	Page,
	RemoteAccount,
	RemoteConnection,
)
from dokos_banksync.core.provider import (
	NOBODY,
	Access,
	Completed,
	ConnectRequest,
	NoGrant,
	Provider,
	Started,
	WebhookRequest,
)
from dokos_banksync.providers.process_stores import ProcessGrantStore

Money = tuple[date, Decimal]


class Stage(ABC):
	"""A provider's sandbox, and the provider under test."""

	provider: Provider
	secret: str
	"""The client secret: it must appear nowhere."""
	calls_per_fetch = 2
	"""How many calls a fetch of what is new may take, where little is new."""

	@abstractmethod
	def provider_with(self, secret: str) -> Provider:
		"""The provider, for a subscription with another secret."""

	@abstractmethod
	def consent(self, url: str, login: str = "success") -> Mapping[str, str]:
		"""A user goes through the provider's page; the query they come back with."""

	@abstractmethod
	def cancel(self, url: str) -> Mapping[str, str]:
		"""A user gives up on the provider's page."""

	@abstractmethod
	def truth(self, remote_account: str) -> list[Money]:
		"""What the bank has booked on the account until today."""

	@abstractmethod
	def pass_days(self, days: int) -> None:
		"""Time passes at the bank, at the provider and here."""

	@abstractmethod
	def take_back(self, remote_account: str) -> Money:
		"""The bank takes its latest booking back."""

	@abstractmethod
	def add_late(self, remote_account: str) -> Money:
		"""The bank books something on a day long gone."""

	@abstractmethod
	def end_consent(self, remote_id: str) -> None: ...

	@abstractmethod
	def fail(self, kind: str, count: int) -> None:
		"""The next calls for transactions fail: "status 500", "status 429", "truncated", "html", "drop",
		"repeat_page".
		"""

	@abstractmethod
	def calls(self) -> int:
		"""How many calls the provider has got so far."""


@dataclass
class Book:
	"""What a host keeps of what comes: the latest of each line, and the cursors."""

	lines: dict[tuple[str, str], Line]
	cursors: dict[str, str]

	@classmethod
	def empty(cls) -> Book:
		return cls({}, {})

	def take(self, pages: Iterable[Page]) -> list[Line]:
		"""Keep what pages say, as the core does: restarts, removals, and what whole lists no longer hold."""
		taken: dict[tuple[str, str], Line] = {}
		whole: dict[str, date] = {}
		pending: set[str] = set()
		for page in pages:
			assert list(page.rejected) == []
			assert dict(page.errors) == {}
			taken = {key: line for key, line in taken.items() if key[0] not in page.restart}
			for given in page.lines:
				check_line(given)
				line = _lasting(given, taken) if given.remote_account in page.unstable_ids else given
				taken[line.remote_account, line.remote_id] = line
			for key in page.removed:
				taken.pop(key, None)
				self.lines.pop(key, None)
			whole.update(page.complete_from)
			pending |= page.pending_complete
			self.cursors.update(page.cursors)
		for key, line in list(self.lines.items()):
			if key not in taken and _unlisted(line, whole, pending):
				del self.lines[key]
		self.lines.update(taken)
		return list(taken.values())

	def booked(self, account: str) -> Counter[Money]:
		kept = (line for (owner, _), line in self.lines.items() if owner == account)
		return Counter((line.date, line.amount) for line in kept if line.state is LineState.BOOKED)


def _lasting(line: Line, taken: Mapping[tuple[str, str], Line]) -> Line:
	"""The line under an id of its content, and of its number among equal ones."""
	number = 1
	while (line.remote_account, content_id(line, number)) in taken:
		number += 1
	return line._replace(remote_id=content_id(line, number))


def _unlisted(line: Line, whole: Mapping[str, date], pending: set[str]) -> bool:
	if line.state is LineState.BOOKED:
		return line.remote_account in whole and line.date >= whole[line.remote_account]
	return line.state is LineState.PENDING and line.remote_account in pending


def check_line(line: Line) -> None:
	assert isinstance(line.remote_account, str)
	assert line.remote_account
	assert isinstance(line.remote_id, str)
	assert line.remote_id
	assert isinstance(line.amount, Decimal)
	assert line.amount.is_finite()
	assert type(line.date) is date
	assert len(line.currency) == 3
	assert line.description
	assert line.original
	assert line.raw
	assert line.updated_at is None or is_utc(line.updated_at)


def is_utc(moment: datetime) -> bool:
	return moment.utcoffset() == timedelta(0) and moment.tzinfo is timezone.utc


class ProviderContract:
	"""Inherit, and give the fixture `stage`."""

	@pytest.fixture
	def provider(self, stage: Stage) -> Provider:
		return stage.provider

	@pytest.fixture
	def started(self, provider: Provider) -> Started:
		return provider.start(_request())

	@pytest.fixture
	def access(self, stage: Stage, provider: Provider, started: Started) -> Access:
		"""A connection that is fine."""
		return _arrived(provider, stage.consent(started.url), started)

	@pytest.fixture
	def accounts(self, provider: Provider, access: Access) -> list[RemoteAccount]:
		return [account for account in provider.accounts(access) if account.enabled]

	# -- the subscription --------------------------------------------------------------------------------
	def test_check_counts_the_institutions(self, provider: Provider) -> None:
		assert provider.check().institutions == len(list(provider.institutions()))

	def test_wrong_keys(self, stage: Stage) -> None:
		with pytest.raises(ConfigurationError) as caught:
			stage.provider_with("wrong-secret").check()
		assert "wrong-secret" not in _shown(caught.value)

	# -- institutions ------------------------------------------------------------------------------------
	def test_institutions(self, provider: Provider) -> None:
		found = list(provider.institutions())
		assert len({bank.id for bank in found}) == len(found) > 1
		assert all(isinstance(bank.id, str) and bank.name and bank.country.isupper() for bank in found)

	def test_search_finds_a_name_in_other_letters(self, provider: Provider) -> None:
		for bank in list(provider.institutions())[:5]:
			found = list(provider.institutions(bank.name.upper(), bank.country.lower()))
			assert bank.id in [one.id for one in found]
		assert list(provider.institutions("no bank is called so")) == []

	def test_a_country(self, provider: Provider) -> None:
		countries = {bank.country for bank in provider.institutions()}
		for country in countries:
			assert {bank.country for bank in provider.institutions(country=country)} == {country}

	# -- connecting --------------------------------------------------------------------------------------
	def test_a_consent(self, provider: Provider, access: Access) -> None:
		found = provider.status(access)
		assert found.status is ConnectionStatus.ACTIVE
		assert (found.remote_id, found.code, found.message) == (access.remote_id, "", "")
		assert found.consent_expires_at is None or is_utc(found.consent_expires_at)
		assert found.last_refresh_at is None or is_utc(found.last_refresh_at)
		if provider.capabilities.lists_connections:
			assert provider.connections(access) == [found]

	def test_a_returning_customer_is_the_same_user(self, provider: Provider, started: Started) -> None:
		assert provider.start(_request()).remote_user == started.remote_user

	def test_giving_up(self, stage: Stage, provider: Provider, started: Started) -> None:
		found = _completed(provider, stage.cancel(started.url), started)
		assert found.cancelled
		assert found.connection is None

	def test_a_return_proves_nothing(
		self, stage: Stage, provider: Provider, access: Access, started: Started
	) -> None:
		other = provider.start(_request(user_key="somebody-else"))
		query = stage.consent(provider.start(_request()).url, "second")
		stolen = provider.complete(query, Access(other.remote_user), other.session)
		assert stolen.connection is None
		assert not stolen.cancelled
		swapped = {name: value.replace(access.remote_id, "999999999") for name, value in query.items()}
		invented = {name: "999999999" if value.isdecimal() else value for name, value in swapped.items()}
		fresh = provider.start(_request())
		assert provider.complete(invented, Access(fresh.remote_user), fresh.session).connection is None

	def test_wrong_credentials_ask_for_the_user(
		self, stage: Stage, provider: Provider, started: Started
	) -> None:
		found = _completed(provider, stage.consent(started.url, "402"), started)
		if found.connection is None:
			assert found.message
			return
		assert found.connection.status is ConnectionStatus.ACTION_REQUIRED
		assert found.connection.code.startswith("BS-")
		assert found.connection.message
		assert found.connection.remote_id in found.connection.reference

	# -- accounts ----------------------------------------------------------------------------------------
	def test_accounts(self, accounts: list[RemoteAccount]) -> None:
		assert len({account.remote_id for account in accounts}) == len(accounts) > 1
		for account in accounts:
			assert isinstance(account.remote_id, str)
			assert account.account_name
			assert account.kind
			assert len(account.currency) == 3
			assert account.currency.isupper()
			assert account.balance is None or isinstance(account.balance, Decimal)
			assert account.balance_at is None or is_utc(account.balance_at)
			assert all(isinstance(value, str) for value in account.details.values())

	# -- lines -------------------------------------------------------------------------------------------
	def test_all_that_the_bank_has_booked(
		self, stage: Stage, provider: Provider, access: Access, accounts: list[RemoteAccount]
	) -> None:
		book = Book.empty()
		asked = [account.remote_id for account in accounts]
		book.take(provider.changes(access, [FetchRequest(account) for account in asked]))
		for account in asked:
			assert book.booked(account) == Counter(stage.truth(account))

	def test_only_what_is_asked_for(
		self, provider: Provider, access: Access, accounts: list[RemoteAccount]
	) -> None:
		book = Book.empty()
		one = accounts[0].remote_id
		book.take(provider.changes(access, [FetchRequest(one)]))
		assert {account for account, _ in book.lines} == {one}
		assert set(book.cursors) <= {one}
		assert Book.empty().take(provider.changes(access, [])) == []

	def test_the_first_day_bounds_a_first_read(
		self, stage: Stage, provider: Provider, access: Access, accounts: list[RemoteAccount]
	) -> None:
		one = accounts[0].remote_id
		days = sorted(day for day, _ in stage.truth(one))
		middle = days[len(days) // 2]
		book = Book.empty()
		lines = book.take(provider.changes(access, [FetchRequest(one, "", middle)]))
		assert min(line.date for line in lines) >= middle
		assert book.booked(one) == Counter(money for money in stage.truth(one) if money[0] >= middle)

	def test_later_fetches_bring_all_changes(
		self, stage: Stage, provider: Provider, access: Access, accounts: list[RemoteAccount]
	) -> None:
		book = Book.empty()
		asked = [account.remote_id for account in accounts[:3]]
		_fetch(provider, access, book, asked)
		first = len(book.lines)
		stage.pass_days(20)
		stage.take_back(asked[0])
		late = stage.add_late(asked[1])
		_fetch(provider, access, book, asked)
		assert len(book.lines) > first
		assert book.booked(asked[1])[late] >= 1
		for account in asked:
			assert book.booked(account) == Counter(stage.truth(account))

	def test_later_fetches_are_small(
		self, stage: Stage, provider: Provider, access: Access, accounts: list[RemoteAccount]
	) -> None:
		book = Book.empty()
		asked = [account.remote_id for account in accounts]
		whole = len(_fetch(provider, access, book, asked))
		for _ in range(2):
			stage.pass_days(2)
			_fetch(provider, access, book, asked)
		stage.pass_days(1)
		before = stage.calls()
		again = len(_fetch(provider, access, book, asked))
		assert again < whole / 10
		assert stage.calls() - before <= stage.calls_per_fetch

	def test_the_same_twice_is_harmless(
		self, provider: Provider, access: Access, accounts: list[RemoteAccount]
	) -> None:
		book = Book.empty()
		asks = [FetchRequest(account.remote_id) for account in accounts[:2]]
		book.take(provider.changes(access, asks))
		before = {key: line._replace(raw="") for key, line in book.lines.items()}
		book.take(provider.changes(access, asks))
		assert {key: line._replace(raw="") for key, line in book.lines.items()} == before

	# -- categories --------------------------------------------------------------------------------------
	def test_categories_are_a_tree(
		self, provider: Provider, access: Access, accounts: list[RemoteAccount]
	) -> None:
		known = {""}
		for category in provider.categories():
			assert category.name
			assert category.id not in known
			assert category.parent in known
			known.add(category.id)
		lines = Book.empty().take(provider.changes(access, [FetchRequest(accounts[0].remote_id)]))
		assert {line.category for line in lines} <= known

	# -- the life of a consent ---------------------------------------------------------------------------
	def test_a_consent_ends_and_is_renewed(self, stage: Stage, provider: Provider, access: Access) -> None:
		stage.end_consent(access.remote_id)
		ended = provider.status(access)
		assert ended.status is ConnectionStatus.CONSENT_EXPIRED
		assert ended.code
		assert ended.message
		assert ended.reference
		started = provider.start(_request(access=access))
		renewed = _outcome(provider, stage.consent(started.url), started, access)
		assert renewed.remote_id == access.remote_id
		assert renewed.status is ConnectionStatus.ACTIVE

	def test_a_consent_is_renewed_early(self, stage: Stage, provider: Provider, access: Access) -> None:
		stage.pass_days(30)
		before = provider.status(access).consent_expires_at
		started = provider.start(_request(access=access, renew_now=True))
		after = _outcome(provider, stage.consent(started.url), started, access).consent_expires_at
		assert before is None or (after is not None and after > before)

	def test_the_end(self, provider: Provider, access: Access) -> None:
		for _ in range(2):
			provider.revoke(access)
			with pytest.raises(ConsentRevoked):
				provider.status(access)
		assert provider.start(_request(access=Access(access.remote_user))).url

	def test_nobody(self, provider: Provider) -> None:
		provider.revoke(NOBODY)
		if provider.capabilities.lists_connections:
			assert provider.connections(NOBODY) == []
		for call in (provider.status, provider.accounts):
			with pytest.raises(LoginRequired, match="never completed") as caught:
				call(NOBODY)
			assert type(caught.value) is LoginRequired

	def test_a_grant_that_is_gone(self, provider: Provider, access: Access) -> None:
		if access.grant.read() is None:
			pytest.skip("This provider gives a connection nothing to store")
		with pytest.raises(ConsentRevoked, match="no longer known here"):
			provider.status(Access(access.remote_user, access.remote_id))

	# -- failures ----------------------------------------------------------------------------------------
	@pytest.mark.parametrize("kind", ["status 500", "truncated", "html", "drop"])
	def test_what_passes_is_not_noticed(
		self, stage: Stage, provider: Provider, access: Access, accounts: list[RemoteAccount], kind: str
	) -> None:
		book = Book.empty()
		one = accounts[0].remote_id
		stage.fail(kind, 1)
		book.take(provider.changes(access, [FetchRequest(one)]))
		assert book.booked(one) == Counter(stage.truth(one))

	@pytest.mark.parametrize(
		("kind", "error"),
		[
			("status 500", TemporaryError),
			("status 429", RateLimited),
			("truncated", TemporaryError),
			("html", SyncError),
			("drop", TemporaryError),
			("repeat_page", SyncError),
		],
	)
	def test_what_stays_has_a_name(
		self,
		stage: Stage,
		provider: Provider,
		access: Access,
		accounts: list[RemoteAccount],
		kind: str,
		error: type[SyncError],
	) -> None:
		stage.fail(kind, 100)
		pages: list[Page] = []
		with pytest.raises(error) as caught:
			pages.extend(provider.changes(access, [FetchRequest(accounts[0].remote_id)]))
		assert not any(page.cursors for page in pages)
		assert stage.secret not in _shown(caught.value)

	def test_ids_that_are_none(self, provider: Provider, access: Access) -> None:
		for remote_id in ("999999999", "no id", "../users"):
			with pytest.raises((ConsentRevoked, NotFound)):
				provider.status(Access(access.remote_user, remote_id))

	def test_a_webhook_call_without_a_signature(self, provider: Provider) -> None:
		if not provider.capabilities.webhooks:
			assert provider.events(WebhookRequest({}, b"{}")) == []
			return
		with pytest.raises(ConfigurationError):
			provider.events(WebhookRequest({}, b"{}"))


def _request(
	user_key: str = "our-company", access: Access = NOBODY, renew_now: bool = False
) -> ConnectRequest:
	return ConnectRequest(
		"http://127.0.0.1:9/back",
		"state-0001",
		user_key,
		"jo@example.com",
		access=access,
		renew_now=renew_now,
	)


def _completed(
	provider: Provider, query: Mapping[str, str], started: Started, access: Access = NOBODY
) -> Completed:
	access = access if access.remote_id else Access(started.remote_user)
	return provider.complete(query, access, started.session)


def _outcome(
	provider: Provider, query: Mapping[str, str], started: Started, access: Access = NOBODY
) -> RemoteConnection:
	found = _completed(provider, query, started, access)
	assert found.connection is not None
	assert not found.cancelled
	return found.connection


def _arrived(provider: Provider, query: Mapping[str, str], started: Started) -> Access:
	"""Return access to what a user has connected, with its grant."""
	found = _completed(provider, query, started)
	assert found.connection is not None
	assert not found.cancelled
	grant = ProcessGrantStore(found.grant) if found.grant else NoGrant()
	return Access(found.remote_user or started.remote_user, found.connection.remote_id, grant)


def _fetch(provider: Provider, access: Access, book: Book, accounts: list[str]) -> list[Line]:
	asks = [FetchRequest(account, book.cursors.get(account, "")) for account in accounts]
	return book.take(provider.changes(access, asks))


def _shown(error: SyncError) -> str:
	"""All that a careless handler could show: the traceback with local variables, less the test's own."""
	ours = error.__traceback__.tb_next if error.__traceback__ else None
	shown = traceback.TracebackException.from_exception(error.with_traceback(ours), capture_locals=True)
	return "".join(shown.format()) + error.reference

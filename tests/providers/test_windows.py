"""A user who connects one bank in two windows, with each provider: no login replaces the other without a word."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest

from dokos_banksync.actions.i18n import Translations
from dokos_banksync.actions.site import ConnectLink
from dokos_banksync.core.errors import NotFound, TemporaryError
from dokos_banksync.core.model import ConnectionStatus
from dokos_banksync.core.records import ConnectionRecord
from dokos_banksync.providers.http import Http
from dokos_banksync.sandbox.user import Customer
from tests.providers.bad_input import PROVIDERS, begun
from tests.providers.whole_way import BANK, CALLBACK, PROVIDER, Way

EACH = pytest.mark.parametrize("name", PROVIDERS)
USER, EMAIL = "anne", "anne@example.org"


class Windows:
	"""A bank that is being connected; each window has its session."""

	def __init__(self, way: Way, institution: str, login: str) -> None:
		self.way, self.institution, self.login = way, institution, login

	def open(self) -> ConnectLink:
		return self.way.site.begin_connect(BANK, PROVIDER, self.institution, CALLBACK, USER, EMAIL)

	def consent(self, link: ConnectLink, login: str = "") -> dict[str, str]:
		"""Log in at the bank; return the query of the return."""
		return dict(parse_qsl(urlsplit(Customer(login=login or self.login).consent(link.url)).query))

	@property
	def connections(self) -> list[ConnectionRecord]:
		return self.way.site.ledger.connections()

	def accounts(self, connection: str) -> set[str]:
		"""Return the provider's ids of the accounts that a connection shows."""
		held = self.way.site.ledger.accounts(connection)
		assert not [one for one in held if one.gone]
		return {one.remote.remote_id for one in held}


@contextmanager
def windows(folder: Path, name: str) -> Iterator[Windows]:
	with begun(folder, name) as (way, given):
		yield Windows(way, given.institution, given.login)


@EACH
def test_two_logins_in_two_windows_are_two_connections(tmp_path: Path, name: str) -> None:
	with windows(tmp_path, name) as made:
		site = made.way.site
		one, two = made.open(), made.open()
		assert one.connection == two.connection
		returns = made.consent(one), made.consent(two, "camille")
		first = site.finish(one.state, returns[0], USER)
		second = site.finish(two.state, returns[1], USER)
		names = [record.name for record in made.connections]
		assert names == [first.connection.name, second.connection.name]
		assert (first.message, second.message) == (
			"",
			f"Another window has connected {BANK} meanwhile ({names[0]}). This login is a connection of its own: {names[1]}. "
			"If both are the same login, disconnect one of them.",
		)
		assert Translations("fr").message(second.message) != second.message
		mine, others = map(made.accounts, names)
		assert mine
		assert others
		assert not mine & others
		site.disconnect(names[1])
		site.refresh_accounts(names[0])
		assert made.accounts(names[0]) == mine
		assert site.ledger.connection(names[0]).status is ConnectionStatus.ACTIVE


@EACH
def test_a_second_window_that_is_given_up_changes_nothing(tmp_path: Path, name: str) -> None:
	with windows(tmp_path, name) as made:
		one, two = made.open(), made.open()
		before = made.way.site.finish(one.state, made.consent(one), USER)
		given_up = Customer(login=made.login).cancel(two.url)
		result = made.way.site.finish(two.state, dict(parse_qsl(urlsplit(given_up).query)), USER)
		assert result.cancelled
		assert made.connections == [before.connection]


@EACH
def test_a_return_after_the_connection_was_given_up_elsewhere_says_so(tmp_path: Path, name: str) -> None:
	with windows(tmp_path, name) as made:
		one, two = made.open(), made.open()
		query = made.consent(two)
		made.way.site.forget_unfinished(one.connection)
		with pytest.raises(NotFound, match="given up or removed in another window") as caught:
			made.way.site.finish(two.state, query, USER)
		assert Translations("fr").error(caught.value) != str(caught.value)
		assert made.connections == []


@EACH
def test_a_renewal_in_two_windows_renews_once_more(tmp_path: Path, name: str) -> None:
	with windows(tmp_path, name) as made:
		site = made.way.site
		link = made.open()
		connection = site.finish(link.state, made.consent(link), USER).connection.name
		before = len(made.accounts(connection))
		renewals = [site.begin_reconnect(connection, CALLBACK, USER, EMAIL) for _ in range(2)]
		for one in renewals:
			site.finish(one.state, made.consent(one), USER)
		assert [record.name for record in made.connections] == [connection]
		site.refresh_accounts(connection)
		shown = [one for one in site.ledger.accounts(connection) if not one.gone]
		assert len(shown) == before
		assert site.ledger.connection(connection).status is ConnectionStatus.ACTIVE


@EACH
def test_a_return_that_is_repeated_after_a_failure_makes_no_second_connection(
	tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
	"""The consent was stored, and its accounts could not be: the state may be used again."""
	with windows(tmp_path, name) as made:
		site, link = made.way.site, made.open()
		query = made.consent(link)

		def fail(*_: object) -> None:
			raise TemporaryError("The database is busy")

		with monkeypatch.context() as patched:
			patched.setattr(site.ledger, "save_accounts", fail)
			with pytest.raises(TemporaryError):
				site.finish(link.state, query, USER)
		again = site.finish(link.state, query, USER)
		assert [record.name for record in made.connections] == [again.connection.name] == [link.connection]
		site.refresh_accounts(link.connection)
		assert made.accounts(link.connection)


@EACH
@pytest.mark.parametrize("begun", [False, True], ids=["the page is opened", "the user comes back"])
def test_a_failure_that_passes_says_that_the_user_starts_again(
	tmp_path: Path, name: str, begun: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
	"""What a provider's errors say of a next attempt holds for fetches."""
	with windows(tmp_path, name) as made:
		link = made.open() if begun else None
		query = made.consent(link) if link else {}

		def fail(*_: object, **__: object) -> None:
			raise TemporaryError("It does not answer. We try again later.")

		monkeypatch.setattr(Http, "request", fail)
		with pytest.raises(TemporaryError) as caught:
			if link:
				made.way.site.finish(link.state, query, USER)
			else:
				made.open()
		assert str(caught.value) == (
			"It does not answer. We try again later. Start again in a moment: only fetches are repeated automatically."
		)
		assert Translations("fr").error(caught.value).endswith("répétées automatiquement.")

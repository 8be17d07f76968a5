"""What counts against a provider's limit is shown with its account or connection, in words."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from dokos_banksync.actions.i18n import Translations
from dokos_banksync.actions.quotas import quotas, shown
from dokos_banksync.core.connection.connect import Choice
from dokos_banksync.core.errors import RateLimited
from dokos_banksync.sandbox.user import Customer
from tests.providers.bad_input import story
from tests.providers.every_provider import LINKED
from tests.providers.test_connections import connect_again
from tests.providers.test_windows import USER, windows


@pytest.mark.parametrize(
	("name", "scope", "limit"),
	[
		("bridge", "Calls for a connection", 60),
		("enable-banking", "Balances", 4),
		("gocardless", "Transactions", 4),
		("plaid", "Transactions", 50),
		("ponto", "Readings of the bank in a day: transactions", 50),
	],
)
def test_a_limit_of_a_connection_or_an_account(tmp_path: Path, name: str, scope: str, limit: int) -> None:
	"""Powens's limits are of the whole subscription; Salt Edge states a time and no number."""
	with story(tmp_path, name) as made:
		made.way.sync()
		found = [
			one for one in quotas(made.way.site, made.way.connection) if one.label == scope and one.connection
		]
		assert found
		assert {one.connection for one in found} == {made.way.connection}
		assert {one.limit for one in found} == {limit}
		one = next(quota for quota in found if not quota.account or quota.account.startswith(LINKED))
		assert one.used > 0
		assert one.left == limit - one.used
		assert one.resets_at > made.server.world.clock.now()
		assert Translations("fr")(one.label)


@pytest.mark.parametrize("daily", [2, 10])
def test_the_limit_of_a_bank_is_the_one_that_its_answers_state(tmp_path: Path, daily: int) -> None:
	with story(tmp_path, "gocardless") as made:
		made.server.gocardless.state.settings.daily = daily
		made.way.sync()
		found = [one for one in quotas(made.way.site, made.way.connection) if one.scope == "transactions"]
		assert [(one.used, one.limit, one.left) for one in found] == [(1, daily, daily - 1)]
		made.server.world.advance(days=1)
		assert quotas(made.way.site, made.way.connection) == []


def test_a_bank_that_refuses_another_reading_has_none_left(tmp_path: Path) -> None:
	with story(tmp_path, "gocardless") as made:
		state, now = made.server.gocardless.state, made.server.world.clock.now()
		state.reads = {(made.way.real, "transactions"): [now - timedelta(hours=20)] * 4}
		with pytest.raises(RateLimited):
			made.way.sync()
		found = [one for one in quotas(made.way.site, made.way.connection) if one.scope == "transactions"]
		assert [(one.used, one.left, one.resets_at) for one in found] == [(4, 0, now + timedelta(hours=4))]


def test_accounts_that_feed_nothing_are_counted_and_not_shown(tmp_path: Path) -> None:
	with story(tmp_path, "enable-banking") as made:
		made.way.sync()
		ledger, now = made.way.site.ledger, made.server.world.clock.now()
		before = next(one.remote for one in ledger.accounts(made.way.connection) if not one.bank_account)
		limits = ledger.rate_limits(ledger.connection(made.way.connection).provider)
		assert (
			limits.acquire(f"transactions:{before.remote_id}", 4, 86_400, now) is None
		)  # it was fed until today
		found = quotas(made.way.site, made.way.connection)
		assert [one.account for one in found if one.unused] == [before.account_name]
		seen = shown(found)
		assert {one.account.partition(" (")[0] for one in seen} == {LINKED}
		assert {one.scope for one in seen} == {"balances", "transactions"}


def test_a_limit_of_the_whole_subscription(tmp_path: Path) -> None:
	with story(tmp_path, "powens") as made:
		made.way.sync()
		[one] = quotas(made.way.site, made.way.connection)
		assert (one.label, one.connection, one.limit) == ("Calls of the subscription", "", 30)
		assert one.used > 3


def test_the_next_refresh_that_salt_edge_allows(tmp_path: Path) -> None:
	with story(tmp_path, "salt-edge") as made:
		server, site, connection = made.server, made.way.site, made.way.connection
		server.world.clock.advance(timedelta(hours=2))
		assert quotas(site) == [], "the bank may be read at any time"
		before = server.world.clock.now()
		made.way.sync()
		[one] = quotas(site, connection)
		assert (one.label, one.connection) == ("Refreshes of the bank without you", connection)
		assert (one.used, one.left) == (1, 0)
		assert one.resets_at == before + server.salt_edge.settings.refresh_timeout
		assert one == quotas(site)[0]
		server.world.clock.advance(timedelta(hours=2))
		assert quotas(site) == []
		site.refresh_accounts(connection)
		assert quotas(site) == []


@pytest.mark.parametrize(("name", "scope"), [("bridge", "user"), ("plaid", "/transactions/sync")])
def test_a_limit_that_two_connections_share_is_shown_once_with_both(
	tmp_path: Path, name: str, scope: str
) -> None:
	"""Two windows at Bridge belong to one user, whose calls are counted; Plaid counts each login's."""
	with windows(tmp_path, name) as made:
		site, links = made.way.site, (made.open(), made.open())
		returns = [made.consent(link, login) for link, login in zip(links, ("", "camille"), strict=True)]
		one, two = (
			site.finish(link.state, query, USER).connection.name
			for link, query in zip(links, returns, strict=True)
		)
		for number, name_of_connection in enumerate((one, two)):
			account = next(each for each in site.proposals(name_of_connection) if each.remote.enabled)
			site.link(name_of_connection, [Choice(account.source, f"Account {number}")])
			site.sync(name_of_connection)
		found = [each for each in quotas(site) if each.scope == scope and each.connection]
		shared = scope == "user"
		assert sorted(each.owner for each in found) == ([f"{one}, {two}"] if shared else sorted((one, two)))
		assert [each.owner for each in quotas(site, two) if each.scope == scope and each.connection] == [two]


def test_limits_of_another_connection_are_not_shown(tmp_path: Path) -> None:
	with story(tmp_path, "plaid") as made:
		other = connect_again(made, Customer(login="camille"))
		mine, others = (quotas(made.way.site, one) for one in (made.way.connection, other))
		assert {one.connection for one in mine} == {made.way.connection, ""}
		assert {one.connection for one in others} == {other, ""}
		assert {one.connection for one in quotas(made.way.site)} == {made.way.connection, other, ""}

"""What counts against a provider's limit is shown with its account or connection, in words."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from dokos_banksync.actions.i18n import Translations
from dokos_banksync.actions.quotas import quotas, shown
from dokos_banksync.core.errors import RateLimited
from dokos_banksync.sandbox.user import Customer
from tests.providers.bad_input import story
from tests.providers.every_provider import LINKED
from tests.providers.test_connections import connect_again


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
	"""Powens's and Salt Edge's limits are of the whole subscription, and of the bank as Salt Edge states it."""
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


def test_limits_of_another_connection_are_not_shown(tmp_path: Path) -> None:
	with story(tmp_path, "plaid") as made:
		other = connect_again(made, Customer(login="camille"))
		mine, others = (quotas(made.way.site, one) for one in (made.way.connection, other))
		assert {one.connection for one in mine} == {made.way.connection, ""}
		assert {one.connection for one in others} == {other, ""}
		assert {one.connection for one in quotas(made.way.site)} == {made.way.connection, other, ""}

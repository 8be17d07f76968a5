"""Several connections at one bank, and accounts that are shared later: the same for every provider."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest

from dokos_banksync.actions.pending_sessions import state_of
from dokos_banksync.core.connection.connect import Choice
from dokos_banksync.core.model import ConnectionStatus
from dokos_banksync.core.trigger import Trigger
from dokos_banksync.sandbox.user import Customer
from tests.providers.bad_input import PROVIDERS, Story, story
from tests.providers.every_provider import LINKED
from tests.providers.whole_way import BANK, CALLBACK, PROVIDER


def connect_again(made: Story, user: Customer) -> str:
	"""Connect the same bank with another login; return the name of the connection."""
	institution = made.way.site.ledger.connection(made.way.connection).institution_id
	link = made.way.site.begin_connect(BANK, PROVIDER, institution, CALLBACK, "anne", "anne@example.org")
	query = dict(parse_qsl(urlsplit(user.consent(link.url)).query))
	return made.way.site.finish(state_of(query), query, "anne").connection.name


@pytest.mark.parametrize("name", PROVIDERS)
def test_two_logins_at_one_bank_are_two_connections(tmp_path: Path, name: str) -> None:
	with story(tmp_path, name) as made:
		other = connect_again(made, Customer(login="camille"))
		ledger = made.way.site.ledger
		assert other != made.way.connection
		[mine, others] = [
			{one.remote.remote_id for one in ledger.accounts(connection)}
			for connection in (made.way.connection, other)
		]
		assert mine
		assert others
		assert not mine & others
		made.way.site.disconnect(other)
		assert ledger.connection(other).status is ConnectionStatus.DISCONNECTED
		made.pass_days(1)
		made.way.sync()
		assert made.way.held() == made.way.truth()


@pytest.mark.parametrize("name", [one for one in PROVIDERS if one != "plaid"])
def test_an_account_that_is_shared_later_is_offered_and_disturbs_none(tmp_path: Path, name: str) -> None:
	"""Plaid offers this in America alone, and has a test of its own."""
	with story(tmp_path, name, accounts=(LINKED,)) as made:
		ledger = made.way.site.ledger
		before = {
			one.remote.account_name for one in ledger.accounts(made.way.connection) if one.remote.enabled
		}
		assert len(before) == 1
		made.way.sync()
		link = made.way.site.begin_reconnect(
			made.way.connection, CALLBACK, "anne", "anne@example.org", accounts_only=True
		)
		made.way._return(link.url, made.user_of_all())
		after = {
			one.remote.account_name for one in ledger.accounts(made.way.connection) if one.remote.enabled
		}
		assert len(after) > 1
		assert before < after
		made.pass_days(1)
		made.way.sync()
		assert made.way.held() == made.way.truth()


@pytest.mark.parametrize("name", PROVIDERS)
def test_the_end_of_the_consent_is_shown_and_the_user_is_reminded(tmp_path: Path, name: str) -> None:
	with story(tmp_path, name) as made:
		site, heard = made.way.site, []
		site.notify = heard.append
		ends = site.ledger.connection(made.way.connection).consent_expires_at
		assert ends is not None
		made.server.world.clock.advance(ends - made.server.world.clock.now() - timedelta(days=40))
		site.due()
		assert heard == []
		made.server.world.clock.advance(timedelta(days=38))
		site.due()
		[reminder] = heard
		assert "consent" in reminder.sentence
		assert BANK in reminder.values


# -- one account is not read any more, the others are ---------------------------------------------------------------------
def _unread_bridge(made: Story, remote_id: str, at: datetime) -> None:
	[item] = [
		one
		for application in made.server.bridge.applications.values()
		for user in application.users.values()
		for one in user.items.values()
	]
	account = item.accounts[int(remote_id)]
	account.updated_at, account.last_refresh_status = at, "failed"


def _unread_ponto(made: Story, remote_id: str, at: datetime) -> None:
	made.server.ponto.state.find_account(remote_id)[1].synchronized_at = at


def _unread_powens(made: Story, remote_id: str, at: datetime) -> None:
	[user] = made.server.powens.state.users.values()
	[connection] = user.connections.values()
	connection.accounts[int(remote_id)].read_at = at


UNREAD: Mapping[str, Callable[[Story, str, datetime], None]] = {
	"bridge": _unread_bridge,
	"ponto": _unread_ponto,
	"powens": _unread_powens,
}
"""The providers that read each account for itself."""


@pytest.mark.parametrize("name", UNREAD)
def test_an_account_that_is_not_read_any_more_does_not_hide_behind_the_others(
	tmp_path: Path, name: str
) -> None:
	with story(tmp_path, name) as made:
		site, connection = made.way.site, made.way.connection
		made.way.sync()
		other = next(one for one in site.proposals(connection) if not one.bank_account and one.remote.enabled)
		site.link(connection, [Choice(other.source, "Other")])
		stopped = made.server.world.clock.now()
		made.pass_days(6)
		UNREAD[name](made, other.remote.remote_id, stopped)
		site.sync(connection, Trigger.SCHEDULED)
		record = site.ledger.connection(connection)
		assert (record.status, record.last_refresh_at) == (ConnectionStatus.ACTIVE, stopped)
		assert f"last read {other.remote.account_name} on {stopped.date()}, and other accounts later" in (
			record.status_message
		)
		made.pass_days(1)
		site.sync(connection, Trigger.SCHEDULED)
		record = site.ledger.connection(connection)
		assert (record.last_refresh_at == made.server.world.clock.now(), record.status_message) == (True, "")

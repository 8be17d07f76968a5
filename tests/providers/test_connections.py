"""Several connections at one bank, and accounts that are shared later: the same for every provider."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest

from dokos_banksync.actions.pending_sessions import state_of
from dokos_banksync.core.model import ConnectionStatus
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

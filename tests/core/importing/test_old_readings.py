"""A connection is as old as the imported account that was read the longest ago."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from dokos_banksync.actions.i18n import Translations
from dokos_banksync.core.errors import ConsentExpired
from dokos_banksync.core.importing.old_readings import with_readings
from dokos_banksync.core.model import ConnectionStatus, RemoteAccount, RemoteConnection
from tests.core.scripted import NOW, Scene

STATE = RemoteConnection("item-1", "574", ConnectionStatus.ACTIVE, last_refresh_at=NOW)


def account(name: str, days: float | None) -> RemoteAccount:
	"""Return an account that was read some days ago; never, as far as is known, for None."""
	read_at = None if days is None else NOW - timedelta(days=days)
	return RemoteAccount(name.lower(), name, "checking", "EUR", read_at=read_at)


def told(*accounts: RemoteAccount, state: RemoteConnection = STATE) -> tuple[datetime | None, str]:
	found = with_readings(state, accounts, NOW)
	return found.last_refresh_at, str(found.message)


@pytest.mark.parametrize("accounts", [[], [account("Loan", None)]])
def test_without_readings_of_accounts_the_connection_counts(accounts: list[RemoteAccount]) -> None:
	assert with_readings(STATE, accounts, NOW) is STATE


def test_an_old_account_is_named_beside_fresh_ones() -> None:
	at, message = told(account("Current", 0), account("Savings", 9), account("Loan", 5))
	assert at == NOW - timedelta(days=9)
	assert message == (
		"The provider last read Savings, Loan on 2026-03-11, and other accounts later: what was booked since is not here yet. "
		"Fetch while you are here, or reconnect."
	)


def test_an_account_of_which_nothing_is_said_is_as_old_as_the_connection() -> None:
	at, message = told(account("Current", None), account("Savings", 9))
	assert (at, "read Savings on" in message) == (NOW - timedelta(days=9), True)
	older = replace(STATE, last_refresh_at=NOW - timedelta(days=30))
	assert told(account("Current", None), account("Savings", 9), state=older)[0] == older.last_refresh_at


def test_four_days_are_not_old() -> None:
	assert told(account("Current", 0), account("Savings", 4)) == (NOW - timedelta(days=4), "")


def test_where_all_are_old_the_bank_is_named_by_the_connection() -> None:
	assert told(account("Current", 6), account("Savings", 9)) == (NOW - timedelta(days=9), "")


def test_what_the_provider_says_of_the_connection_stays() -> None:
	ended = replace(
		STATE, status=ConnectionStatus.CONSENT_EXPIRED, message=ConsentExpired("Renew it").message
	)
	assert told(account("Current", 0), account("Savings", 9), state=ended)[1] == "Renew it"


def test_a_run_names_the_account_and_forgets_it_once_it_was_read(tmp_path, monkeypatch) -> None:
	scene = Scene(tmp_path, "a", "b")
	plain, read = scene.provider.accounts, {"a": NOW, "b": NOW - timedelta(days=5)}
	monkeypatch.setattr(
		scene.provider,
		"accounts",
		lambda *given: [replace(one, read_at=read[one.remote_id]) for one in plain(*given)],
	)
	with scene.ledger:
		scene.sync()
		record = scene.ledger.connection(scene.connection)
		assert record.last_refresh_at == read["b"]
		assert str(record.status_message).startswith("The provider last read b on 2026-03-15, and other")
		assert Translations("fr").message(record.status_message).startswith("Le fournisseur a lu b ")
		read["b"] = NOW
		scene.sync()
		record = scene.ledger.connection(scene.connection)
		assert (record.last_refresh_at, record.status_message) == (NOW, "")


def test_accounts_that_feed_nothing_make_nothing_old(tmp_path, monkeypatch) -> None:
	scene = Scene(tmp_path, "a")
	scene.provider.names = ("a", "b")
	plain = scene.provider.accounts
	monkeypatch.setattr(
		scene.provider,
		"accounts",
		lambda *given: [
			replace(one, read_at=NOW - timedelta(days=9 * (one.remote_id == "b"))) for one in plain(*given)
		],
	)
	with scene.ledger:
		scene.sync()
		record = scene.ledger.connection(scene.connection)
		assert (record.last_refresh_at, record.status_message) == (NOW, "")

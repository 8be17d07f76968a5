"""Once a week a run reads days before its cursors, to import rows that were booked late under an old day.

A cursor gives only what the provider reports as new. If a provider selects rows by day, does not report a change, or
lacks a row for some time, that row would otherwise be missing for ever.
"""

from __future__ import annotations

from collections.abc import Container, Iterable
from datetime import date, datetime, timedelta

from dokos_banksync.core.errors import (
	ConfigurationError,
	InvalidData,
	NotFound,
	ProviderBug,
	UnsupportedByInstitution,
)
from dokos_banksync.core.model import ExistingLine, FetchRequest, Line, LineState
from dokos_banksync.core.provider import Secret, SecretStore
from dokos_banksync.core.records import AccountRecord

EVERY = timedelta(days=7)
BACK = timedelta(days=90)
"""How far back banks can be asked without the user's presence."""

SKIPPED_ERRORS = (InvalidData, NotFound, ConfigurationError, UnsupportedByInstitution, ProviderBug)
"""Errors that would occur again at the next try. Temporary ones, and those the user must correct, end a run as usual."""

_LIFETIME = timedelta(days=3650)


def is_due(secret_store: SecretStore, connection: str, now: datetime) -> bool:
	"""Return whether a week has passed since a run of the connection looked back, or none is known."""
	stored = secret_store.get(key(connection))
	if stored is None:
		return True
	# A clock that was wrong may have left an instant that lies ahead.
	return not now - EVERY < datetime.fromisoformat(stored.reveal()) <= now


def looked(secret_store: SecretStore, connection: str, now: datetime) -> None:
	"""Store that a run of the connection has looked back."""
	secret_store.put(key(connection), Secret(now.isoformat()), now + _LIFETIME)


def first_day(account: AccountRecord, today: date) -> date:
	"""Return the day since which an account is read again."""
	return max(today - BACK, account.start_date or date.min)


def asks(accounts: Iterable[AccountRecord], today: date) -> list[FetchRequest]:
	"""Return the look-back requests of the accounts that were read from a cursor.

	An account without a cursor was read from the beginning; one that starts on a later day has nothing to look back at.
	"""
	return [
		FetchRequest(account.remote.remote_id, "", day)
		for account in accounts
		if account.cursor and (day := first_day(account, today)) <= today
	]


def no_longer_listed(
	held: Iterable[ExistingLine], listed: Container[str], first: date, today: date
) -> list[Line]:
	"""Return pending lines that the bank has dropped silently, as removed lines.

	What is announced for longer than anybody is asked for will not be booked any more either.
	"""
	return [
		known.line._replace(state=LineState.REMOVED)
		for known in held
		if known.line.remote_id not in listed and (known.line.date >= first or known.line.date < today - BACK)
	]


def key(connection: str) -> str:
	"""Return the key under which the secret store has when a connection was last looked back at."""
	return f"looked back {connection}"

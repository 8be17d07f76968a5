"""What a connection's record says of its state: after the provider was asked, or after a failure."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from dokos_banksync.core.errors import (
	ConsentExpired,
	ConsentRevoked,
	Disconnected,
	InstitutionDown,
	LoginRequired,
	RateLimited,
	SyncError,
	TemporaryError,
	UnsupportedByInstitution,
)
from dokos_banksync.core.ledger import Ledger
from dokos_banksync.core.message import Message
from dokos_banksync.core.model import ConnectionStatus, RemoteConnection
from dokos_banksync.core.records import ConnectionRecord

_AFTER: tuple[tuple[type[SyncError], ConnectionStatus], ...] = (
	(ConsentRevoked, ConnectionStatus.DISCONNECTED),
	(ConsentExpired, ConnectionStatus.CONSENT_EXPIRED),
	(LoginRequired, ConnectionStatus.ACTION_REQUIRED),
	(InstitutionDown, ConnectionStatus.BANK_UNAVAILABLE),
	(UnsupportedByInstitution, ConnectionStatus.NOT_SUPPORTED),
)
_PASSING = (RateLimited, TemporaryError)

STALE = timedelta(days=4)
"""A provider that last read the bank longer ago than this lacks rows. A weekend with a holiday is shorter."""
_STALE = "The provider last read the bank on {0}: what was booked since is not here yet. Fetch while you are here, or reconnect."


def connected(ledger: Ledger, connection: str) -> ConnectionRecord:
	"""Return the connection as it is, with whether it has an open run. Raise `Disconnected` for one that was ended."""
	record = ledger.connection(connection, with_runs=True)
	if record.status is ConnectionStatus.DISCONNECTED and not record.remote_id:
		raise Disconnected(
			"{0} is disconnected, and stays so. To fetch {1} again, connect it again: banksync reconnect {0}, or "
			"“Connect your bank” on the bank's page",
			connection,
			record.bank,
		)
	return record


def failed_state(record: ConnectionRecord, error: SyncError) -> RemoteConnection:
	"""Return the state after an error. A temporary error does not change the status, and only adds the reason."""
	otherwise = record.status if isinstance(error, _PASSING) else ConnectionStatus.ERROR
	status = next((after for kind, after in _AFTER if isinstance(error, kind)), otherwise)
	return RemoteConnection(
		remote_id=record.remote_id,
		institution_id=record.institution_id,
		status=status,
		code=error.code,
		message=error.message,
		reference=error.reference,
		consent_expires_at=record.consent_expires_at,
		last_refresh_at=record.last_refresh_at,
	)


def save_state(
	ledger: Ledger, connection: str, remote: RemoteConnection, success_at: datetime | None = None
) -> ConnectionRecord:
	"""Write the state on the record; `success_at` when a run has just gone through.

	After a run that brought what the provider has, the message says if that is old.
	"""
	return _saved(ledger, ledger.connection(connection), remote, success_at)


def _saved(
	ledger: Ledger, record: ConnectionRecord, remote: RemoteConnection, success_at: datetime | None
) -> ConnectionRecord:
	ended = remote.status is ConnectionStatus.DISCONNECTED
	saved = replace(
		record,
		remote_id=remote.remote_id or record.remote_id,
		institution_id=remote.institution_id or record.institution_id,
		status=remote.status,
		status_code=remote.code,
		status_message=remote.message or _stale_message(remote, success_at),
		status_reference=remote.reference,
		consent_expires_at=None if ended else remote.consent_expires_at,
		last_refresh_at=remote.last_refresh_at,
		last_success_at=success_at or record.last_success_at,
	)
	if saved != record:
		ledger.save_connection(saved)
	return saved


def save_state_of_run(
	ledger: Ledger, begun: ConnectionRecord, remote: RemoteConnection, success_at: datetime | None = None
) -> None:
	"""Write the state on the record after a run that began with the record `begun`.

	What a user or the provider changed while the run went on is newer: a connection that was disconnected stays so, and one that
	was renewed keeps its new consent.
	"""
	now = ledger.connection(begun.name)
	if _of_consent(now) == _of_consent(begun):
		_saved(ledger, now, remote, success_at)
	elif success_at:
		ledger.save_connection(replace(now, last_success_at=success_at))


def changed_meanwhile(ledger: Ledger, begun: ConnectionRecord) -> bool:
	"""Return whether a connection was ended, renewed or found in another state since its record was read."""
	return _of_consent(ledger.connection(begun.name)) != _of_consent(begun)


def _of_consent(record: ConnectionRecord) -> tuple[object, ...]:
	return record.remote_user, record.remote_id, record.status, record.consent_expires_at


def _stale_message(remote: RemoteConnection, now: datetime | None) -> str:
	"""Return a message where the provider's data are old though nothing is wrong with the connection; else empty."""
	read_at = remote.last_refresh_at
	if now is None or read_at is None or remote.status is not ConnectionStatus.ACTIVE:
		return ""
	return Message(_STALE, read_at.date()) if now - read_at > STALE else ""

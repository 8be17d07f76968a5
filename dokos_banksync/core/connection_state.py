"""What a connection's record says of its state: after the provider was asked, or after a failure."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

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


def connected(ledger: Ledger, connection: str) -> ConnectionRecord:
	"""Return the connection as it is. Raise `Disconnected` for one that was ended."""
	record = ledger.connection(connection)
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
	"""Write the state on the record; `success_at` when a run has just gone through."""
	record = ledger.connection(connection)
	saved = replace(
		record,
		remote_id=remote.remote_id or record.remote_id,
		institution_id=remote.institution_id or record.institution_id,
		status=remote.status,
		status_code=remote.code,
		status_message=remote.message,
		status_reference=remote.reference,
		consent_expires_at=remote.consent_expires_at,
		last_refresh_at=remote.last_refresh_at,
		last_success_at=success_at or record.last_success_at,
	)
	if saved != record:
		ledger.save_connection(saved)
	return saved

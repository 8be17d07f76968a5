"""What an error means for the state of a connection."""

from __future__ import annotations

from dokos_banksync.core.errors import (
	ConfigurationError,
	ConsentExpired,
	LoginRequired,
	ProviderBug,
	RateLimited,
	SyncError,
	TemporaryError,
	UnsupportedByInstitution,
)
from dokos_banksync.core.model import ConnectionStatus

_STATUSES: tuple[tuple[type[SyncError], ConnectionStatus], ...] = (
	(ConsentExpired, ConnectionStatus.CONSENT_EXPIRED),
	(LoginRequired, ConnectionStatus.ACTION_REQUIRED),
	(RateLimited, ConnectionStatus.ACTIVE),
	(TemporaryError, ConnectionStatus.BANK_UNAVAILABLE),
	(UnsupportedByInstitution, ConnectionStatus.NOT_SUPPORTED),
	(ConfigurationError, ConnectionStatus.ERROR),
	(ProviderBug, ConnectionStatus.ERROR),
)


def status_of(error: SyncError) -> ConnectionStatus:
	"""Return the status of a connection that its provider still has, and reports with an error.

	A revoked consent of such a connection can be renewed there, so it asks for an action. After a failed run, where the
	provider may no longer have the connection, `core.connection_state.failed_state` decides.
	"""
	return next((status for kind, status in _STATUSES if isinstance(error, kind)), ConnectionStatus.ERROR)

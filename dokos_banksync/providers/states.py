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
	"""Return the status of a connection whose last fetch ended in an error."""
	return next((status for kind, status in _STATUSES if isinstance(error, kind)), ConnectionStatus.ERROR)

"""The accounts of a connection, and what they say of its state.

An integration shows the accounts of all banks that its organization shared with it. A connection here is one bank: it
keeps to the accounts of that bank. Its id is the organization's and the bank's together.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from dokos_banksync.core.errors import (
	ConsentExpired,
	ConsentRevoked,
	InstitutionDown,
	LoginRequired,
	NotFound,
	SyncError,
)
from dokos_banksync.core.model import ConnectionStatus, RemoteConnection
from dokos_banksync.core.provider import Access
from dokos_banksync.providers.grants import check_completed
from dokos_banksync.providers.parsing import Object, identifier, instant, mapping, text
from dokos_banksync.providers.ponto import errors, rows
from dokos_banksync.providers.ponto.client import Client
from dokos_banksync.providers.ponto.tokens import expiry

OWN_ORGANIZATION = "own"
_PARTS = 2


class ConnectionKey(NamedTuple):
	"""What a connection's id is made of: an organization and a bank."""

	organization: str
	institution_id: str

	@property
	def remote_id(self) -> str:
		"""Return the id of the connection."""
		return f"{self.organization}:{self.institution_id}"

	@classmethod
	def of(cls, access: Access) -> ConnectionKey:
		"""Read a connection's id. Raise `LoginRequired` for none, `NotFound` for one that is not ours."""
		check_completed(access)
		parts = access.remote_id.split(":")
		if len(parts) != _PARTS or not all(parts):
			raise NotFound("Ponto has no connection {0}.", access.remote_id)
		organization, institution_id = parts
		return cls(organization, institution_id)


def all_accounts(client: Client, access: Access) -> list[Object]:
	"""Return every account that the integration may read."""
	return client.resources("/accounts", access)


def of_key(found: Sequence[Object], key: ConnectionKey) -> list[Object]:
	"""Return the accounts of a connection's bank."""
	return [row for row in found if rows.institution_of(row) == key.institution_id]


def shown(client: Client, access: Access) -> list[Object]:
	"""Return the accounts of a connection. Raise `ConsentRevoked` when none is left."""
	key = ConnectionKey.of(access)
	found = of_key(all_accounts(client, access), key)
	if not found:
		raise ConsentRevoked(
			"No account of this bank is shared any more. Share it in Ponto, then connect again.",
			reference=key.remote_id,
		)
	return found


def newest(found: Sequence[Object]) -> str:
	"""Return the institution of the account that was authorized last."""
	dated = [
		(text(mapping(row.get("attributes")).get("authorizedAt")), rows.institution_of(row)) for row in found
	]
	return max(dated, default=("", ""))[1]


def connection(client: Client, access: Access) -> RemoteConnection:
	"""Return the state of a connection, by the worst of its accounts that concerns all of them."""
	return state_of(shown(client, access), ConnectionKey.of(access), client.now())


def state_of(found: Sequence[Object], key: ConnectionKey, now: datetime) -> RemoteConnection:
	"""Return the state of a connection by its accounts."""
	expirations = [at for row in found if (at := expiry(mapping(row.get("attributes"))))]
	times = [at for row in found if (at := instant(mapping(row.get("meta")).get("synchronizedAt")))]
	error = _worst([_failure(row, now) for row in found])
	status = ConnectionStatus.ACTIVE
	if isinstance(error, ConsentExpired):
		status = ConnectionStatus.CONSENT_EXPIRED
	elif isinstance(error, LoginRequired):
		status = ConnectionStatus.ACTION_REQUIRED
	elif error is not None:
		status = ConnectionStatus.BANK_UNAVAILABLE
	return RemoteConnection(
		remote_id=key.remote_id,
		institution_id=key.institution_id,
		status=status,
		code=error.code if error else "",
		message=error.message if error else "",
		reference=f"{key.remote_id}, {error.reference}".rstrip(", ") if error else "",
		consent_expires_at=min(expirations, default=None),
		last_refresh_at=min(times, default=None),
	)


def _failure(row: Object, now: datetime) -> SyncError | None:
	"""Why an account could not be read the last time."""
	ends = expiry(mapping(row.get("attributes")))
	if ends and ends <= now:
		return ConsentExpired(
			"The authorization of this account has ended. Renew it.", reference=f"since {ends}"
		)
	latest = mapping(mapping(mapping(row.get("meta")).get("latestSynchronization")).get("attributes"))
	failed = errors.of_synchronization(latest)
	if failed is None and text(mapping(row.get("meta")).get("availability")) == "readonly":
		return InstitutionDown("The bank is under maintenance. We try again later.", reference="readonly")
	return failed


def _worst(failures: Sequence[SyncError | None]) -> SyncError | None:
	"""What needs the user counts for one account already, what passes only when it meets all."""
	for failure in failures:
		if isinstance(failure, LoginRequired):
			return failure
	return failures[0] if all(failures) else None


def account_ids(found: Sequence[Object]) -> list[str]:
	"""Return the ids of accounts."""
	return [identifier(row.get("id")) for row in found]

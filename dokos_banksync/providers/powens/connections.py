"""Powens's connections: what state, sources and consent ask of the user.

https://docs.powens.com/api-reference/user-connections/connections

A connection has one or more sources (the bank's own interface, its website). `access_expire` of a source is when the
strong authentication ends. `expire` is something else: it purges a connection that was never completed.
"""

from __future__ import annotations

from datetime import datetime

from dokos_banksync.core.errors import ConsentExpired, LoginRequired, NotFound, RateLimited, SyncError
from dokos_banksync.core.model import ConnectionStatus, RemoteConnection
from dokos_banksync.core.provider import Access, Secret
from dokos_banksync.providers.failures import malformed
from dokos_banksync.providers.grants import CONSENT_HAS_ENDED, stored_grant
from dokos_banksync.providers.parsing import Object, identifier, instant, mapping, text
from dokos_banksync.providers.powens import errors
from dokos_banksync.providers.powens.client import Client, number
from dokos_banksync.providers.states import status_of

_FIRST = "Powens reads the bank for the first time. Nothing to do."


def path(connection_id: str, below: str = "") -> str:
	"""Return the path of a connection. Raises `NotFound` for an id that is none."""
	return f"/users/me/connections/{number(connection_id)}{below}"


def row_of(client: Client, access: Access) -> Object:
	"""Return the connection as Powens writes it. Raises `ConsentRevoked` when it is gone."""
	return read(client, stored_grant(access), access.remote_id)


def read(client: Client, token: Secret, connection_id: str) -> Object:
	"""Return a connection of the token's user. Raises `ConsentRevoked` when there is none of this id."""
	try:
		row = client.get(token, path(connection_id, "?expand=sources"))
	except NotFound as error:
		raise errors.GONE.kind(errors.GONE.sentence, reference=error.reference) from None
	if not identifier(row.get("id")):
		raise malformed("Powens", "id")
	return row


def ends_at(row: Object) -> datetime | None:
	"""Return when the first strong authentication of the enabled sources ends; None where Powens does not know."""
	given = row.get("sources")
	sources = [mapping(one) for one in given] if isinstance(given, list) else []
	ends = [instant(one.get("access_expire")) for one in sources if not one.get("disabled")]
	return min((one for one in ends if one), default=None)


def problem(row: Object, now: datetime) -> SyncError | None:
	"""Return the error that keeps the connection from being read; None where it is fine."""
	state = text(row.get("state")) or text(row.get("error"))
	ends = ends_at(row)
	if ends is not None and ends <= now and (not state or state in errors.AUTHENTICATION):
		return ConsentExpired(CONSENT_HAS_ENDED, reference=state or "access_expire")
	if not state:
		return None
	return errors.of_state(state, text(row.get("error_message")), now, instant(row.get("next_try")))


def connection(row: Object, now: datetime) -> RemoteConnection:
	"""Return a row as a connection."""
	connection_id, error = identifier(row.get("id")), problem(row, now)
	first = error is None and instant(row.get("last_update")) is None
	status = status_of(error) if error else ConnectionStatus.WAITING if first else ConnectionStatus.ACTIVE
	code, message = ("BS-410", _FIRST) if first else ("", "")
	if error and not isinstance(error, RateLimited):
		code, message = error.code, error.message
	reference = f"connection {connection_id}, {error.reference if error else 'first synchronization'}"
	return RemoteConnection(
		remote_id=connection_id,
		institution_id=text(row.get("connector_uuid")),
		status=status,
		code=code,
		message=message,
		reference=reference if code else "",
		consent_expires_at=ends_at(row),
		last_refresh_at=instant(row.get("last_update")),
	)


def needs_login(row: Object, now: datetime) -> bool:
	"""Return whether the user has to log in before the bank can be read again."""
	return isinstance(problem(row, now), LoginRequired)

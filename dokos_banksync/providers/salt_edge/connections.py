"""Salt Edge's connections, and what their status, consent and last attempt ask of the user.

A connection whose consent has ended still serves its old rows, with success: only the consent says so.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from dokos_banksync.core.errors import ConsentRevoked, LoginRequired, NotFound, SyncError
from dokos_banksync.core.model import ConnectionStatus, RemoteConnection
from dokos_banksync.core.provider import Access
from dokos_banksync.providers.failures import malformed
from dokos_banksync.providers.grants import check_completed
from dokos_banksync.providers.parsing import identifier, instant, mapping, text
from dokos_banksync.providers.salt_edge import errors
from dokos_banksync.providers.salt_edge.client import Client
from dokos_banksync.providers.states import status_of

_FIRST = datetime.min.replace(tzinfo=timezone.utc)
_ID = re.compile(r"\d{1,20}", re.ASCII)
_WITH_ACCOUNTS = frozenset({"fetch_recent", "fetch_full", "disconnect", "finish"})
"""Stages of an attempt at which the accounts are there."""


def path(connection_id: str, action: str = "") -> str:
	"""Return the path of a connection. Raises `NotFound` for an id that is none."""
	if not _ID.fullmatch(connection_id):
		raise NotFound("Salt Edge has no connection with the id {0}.", connection_id)
	return f"/connections/{connection_id}{f'/{action}' if action else ''}"


def row_of(client: Client, access: Access) -> Mapping[str, Any]:
	"""Return the connection as Salt Edge writes it. Raises `ConsentRevoked` when it is gone, or another customer's."""
	check_completed(access, has_user=True)
	row = client.get(path(access.remote_id))
	customer_id = identifier(row.get("customer_id"))
	if not customer_id:
		raise malformed("Salt Edge", "customer_id")
	if customer_id != access.remote_user:
		raise ConsentRevoked("Salt Edge no longer has this connection. Connect the bank again.")
	return row


def rows_of(client: Client, customer_id: str) -> list[Mapping[str, Any]]:
	"""Return all connections of a customer, the newest first."""
	if not customer_id:
		return []
	try:
		rows = [mapping(one) for one in client.rows("/connections", {"customer_id": customer_id})]
	except ConsentRevoked:
		return []
	return sorted(rows, key=lambda row: instant(row.get("created_at")) or _FIRST, reverse=True)


def connection(client: Client, row: Mapping[str, Any], now: datetime) -> RemoteConnection:
	"""Return a row as a connection; its consent is read for that."""
	connection_id = identifier(row.get("id"))
	consent = _consent(client, connection_id, identifier(row.get("last_consent_id")))
	expires_at = instant(consent.get("expires_at"))
	state, error = _state(row, consent, expires_at, now)
	waiting = "The bank is being read at this moment. Nothing to do."
	message = error.message if error else waiting if state is ConnectionStatus.WAITING else ""
	code = error.code if error else "BS-410" if state is ConnectionStatus.WAITING else ""
	reference = error.reference if error else text(mapping(attempt_of(row).get("last_stage")).get("name"))
	return RemoteConnection(
		remote_id=connection_id,
		institution_id=text(row.get("provider_code")),
		status=state,
		code=code,
		message=message,
		reference=f"connection {connection_id}, {text(row.get('status'))} {reference}".strip()
		if code
		else "",
		consent_expires_at=expires_at,
		last_refresh_at=instant(row.get("last_success_at")),
	)


def attempt_of(row: Mapping[str, Any]) -> Mapping[str, Any]:
	"""Return the last attempt to read the bank."""
	return mapping(row.get("last_attempt"))


def finished(row: Mapping[str, Any]) -> bool:
	"""Return whether the last attempt is over."""
	attempt = attempt_of(row)
	over = attempt.get("success_at") or attempt.get("fail_at") or attempt.get("finished") is True
	return bool(over) or not attempt


def has_failed(row: Mapping[str, Any]) -> bool:
	"""Return whether the last attempt ended in a failure."""
	attempt = attempt_of(row)
	return bool(attempt.get("fail_at")) and not attempt.get("success_at")


def has_accounts(row: Mapping[str, Any]) -> bool:
	"""Return whether the last attempt has got as far as to have the accounts."""
	return finished(row) or text(mapping(attempt_of(row).get("last_stage")).get("name")) in _WITH_ACCOUNTS


def remove(client: Client, access: Access) -> None:
	"""Remove the connection, then its customer when no other is left. What is gone already is not an error.

	Where no connection was ever completed, the customer goes with all that its sessions made.
	"""
	if not access.remote_user:
		return
	try:
		if access.remote_id:
			client.delete(path(access.remote_id))
	except (ConsentRevoked, NotFound):
		pass
	try:
		unused = not access.remote_id or not rows_of(client, access.remote_user)
		if unused and _ID.fullmatch(access.remote_user):
			client.delete(f"/customers/{access.remote_user}")
	except (ConsentRevoked, NotFound):
		return


def _consent(client: Client, connection_id: str, consent_id: str) -> Mapping[str, Any]:
	"""Return the connection's present consent; empty where Salt Edge names none."""
	rows = [mapping(one) for one in client.rows("/consents", {"connection_id": connection_id})]
	return next((one for one in rows if identifier(one.get("id")) == consent_id), rows[-1] if rows else {})


def _state(
	row: Mapping[str, Any], consent: Mapping[str, Any], expires_at: datetime | None, now: datetime
) -> tuple[ConnectionStatus, SyncError | None]:
	ended = _ended(consent, expires_at, now)
	if ended is not None:
		return status_of(ended), ended
	attempt, status = attempt_of(row), text(row.get("status"))
	name = text(attempt.get("fail_error_class"))
	error = errors.of_class(name, text(attempt.get("fail_message")), now) if name else None
	if status == "active":
		if not finished(row):
			return ConnectionStatus.WAITING, None
		passing = error is None or isinstance(error, (errors.Processing, errors.CannotRefresh))
		return (ConnectionStatus.ACTIVE, None) if passing else (status_of(error or _LOST), error)
	if error is None or not isinstance(error, LoginRequired):
		error = _LOST
	return status_of(error), error


_LOST = LoginRequired("The bank asks you to log in again. Reconnect the bank.")


def _ended(consent: Mapping[str, Any], expires_at: datetime | None, now: datetime) -> SyncError | None:
	if consent.get("revoked_at"):
		reason = text(consent.get("revoke_reason"))
		return errors.of_class("AispConsentRevoked", reason, now)
	if text(consent.get("status")) == "expired" or (expires_at is not None and expires_at <= now):
		return errors.of_class("AispConsentExpired", text(consent.get("expires_at")), now)
	return None

"""Bridge's items: connections, and what each status asks of the user.

https://docs.bridgeapi.io/docs/items-status. Only the number is branched on: the detail beside it
(`status_code_info`) is an open list. In English the user reads our sentences, which say what to do; in any
other language Bridge's own text for that language, where it gives one.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone
from typing import NamedTuple

from dokos_banksync.core.errors import ConsentRevoked, NotFound
from dokos_banksync.core.model import ConnectionStatus, RemoteConnection
from dokos_banksync.core.provider import Access
from dokos_banksync.providers.bridge.client import Client
from dokos_banksync.providers.bridge.entities import entity
from dokos_banksync.providers.grants import CONSENT_HAS_ENDED, check_completed
from dokos_banksync.providers.parsing import Object, identifier, instant, text

ITEMS = "/v3/aggregation/items"
USERS = "/v3/aggregation/users"

_FIRST = datetime.min.replace(tzinfo=timezone.utc)


class State(NamedTuple):
	"""What a status code means; `lapses` where an ended consent is the true reason for it."""

	status: ConnectionStatus
	code: str
	message: str
	lapses: bool = False


FINE = State(ConnectionStatus.ACTIVE, "", "", lapses=True)
EXPIRED = State(
	ConnectionStatus.CONSENT_EXPIRED,
	"BS-201",
	CONSENT_HAS_ENDED,
)
UNKNOWN = State(
	ConnectionStatus.ACTION_REQUIRED,
	"BS-219",
	"The bank asks for something that Bridge does not describe further. Reconnect to see it.",
	lapses=True,
)

STATES: Mapping[int, State] = {
	0: FINE,
	-2: State(
		ConnectionStatus.WAITING,
		"BS-410",
		"The bank has just been connected and its data is on the way. Nothing to do.",
	),
	-3: State(
		ConnectionStatus.WAITING,
		"BS-411",
		"The credentials have just been changed and the data is on the way. Nothing to do.",
	),
	402: State(
		ConnectionStatus.ACTION_REQUIRED,
		"BS-210",
		"The bank refuses the credentials. Reconnect and enter them again.",
	),
	429: State(
		ConnectionStatus.ACTION_REQUIRED,
		"BS-211",
		"The bank waits for you on its own site (new terms, a message, a first login). Do it there, then "
		"reconnect.",
	),
	430: State(
		ConnectionStatus.ACTION_REQUIRED,
		"BS-212",
		"The bank wants a new password. Change it on the bank's own site, then reconnect.",
	),
	1003: State(
		ConnectionStatus.BANK_UNAVAILABLE,
		"BS-401",
		"The bank could not be read for a technical reason. It is tried again automatically; tell Bridge's support "
		"when it lasts longer than a day.",
		lapses=True,
	),
	1005: State(
		ConnectionStatus.NOT_SUPPORTED,
		"BS-500",
		"Bridge does not support this account or the bank's way of login. Try another way of login, or import "
		"statement files.",
	),
	1007: State(
		ConnectionStatus.BANK_UNAVAILABLE,
		"BS-412",
		"Bridge has stopped reading this bank for the time being. It resumes automatically.",
		lapses=True,
	),
	1009: FINE,  # A securities account moved without transactions: the data is as good as it gets.
	1010: State(
		ConnectionStatus.ACTION_REQUIRED,
		"BS-213",
		"The bank asks for a confirmation (a code or its app). Reconnect and confirm.",
		lapses=True,
	),
	1099: State(
		ConnectionStatus.WAITING,
		"BS-413",
		"Bridge is changing its way to this bank. It resumes automatically.",
		lapses=True,
	),
	1100: State(
		ConnectionStatus.ACTION_REQUIRED,
		"BS-214",
		"The business accounts of this connection wait for a confirmation. Reconnect to give it.",
		lapses=True,
	),
}


def connection(client: Client, access: Access, language: str, now: datetime) -> RemoteConnection:
	"""Return the item as it is now. Raises `ConsentRevoked` when Bridge no longer has it."""
	check_completed(access, has_user=True)
	try:
		row = client.get(f"{ITEMS}/{number(access.remote_id)}", user=access.remote_user)
	except NotFound as error:
		raise ConsentRevoked(
			"Bridge no longer has this connection. Connect the bank again.",
			reference=f"item {access.remote_id}, {error.reference}",
		) from error
	return read(entity(row), language, now)


def connections(client: Client, user: str, language: str, now: datetime) -> list[RemoteConnection]:
	"""Return all items of the user, the newest first."""
	rows = [entity(row) for row in client.rows(ITEMS, user=user)] if user else []
	rows.sort(key=lambda row: instant(row.get("created_at")) or _FIRST, reverse=True)
	return [read(row, language, now) for row in rows]


def read(row: Object, language: str, now: datetime) -> RemoteConnection:
	"""Return an item as a connection."""
	remote_id = identifier(row["id"])
	expires_at = instant(row.get("authentication_expires_at"))
	state = _state(row.get("status"), expires_at, now)
	return RemoteConnection(
		remote_id=remote_id,
		institution_id=identifier(row.get("provider_id")),
		status=state.status,
		code=state.code,
		message=_message(state, row, language),
		reference=_reference(remote_id, row) if state.code else "",
		consent_expires_at=expires_at,
		last_refresh_at=instant(row.get("last_successful_refresh")),
	)


def delete(client: Client, access: Access) -> None:
	"""Delete the item, then its user when no other item is left. Raises `ConsentRevoked`: all gone already."""
	if not access.remote_user:
		return
	if access.remote_id:
		client.delete(f"{ITEMS}/{number(access.remote_id)}", access.remote_user)
	if next(client.rows(ITEMS, user=access.remote_user), None) is None:
		client.delete(f"{USERS}/{access.remote_user}")
		client.forget(access.remote_user)


def number(remote_id: str) -> int:
	"""Return a Bridge id as the number it is in JSON and addresses. Raises `NotFound` for one that is none."""
	if not (remote_id.isascii() and remote_id.isdecimal() and len(remote_id) < 20):
		raise NotFound("Bridge has no object with the id {0}.", remote_id)
	return int(remote_id)


def _state(status: object, expires_at: datetime | None, now: datetime) -> State:
	state = STATES.get(status, UNKNOWN) if isinstance(status, int) else UNKNOWN
	# A confirmation (1010) is asked for both in the middle of a consent and at its end, and an item may still
	# look fine after it: the date tells. Waits that follow a login just made and faults that only the user
	# can mend keep their own sentence.
	return EXPIRED if state.lapses and expires_at and expires_at <= now else state


def _message(state: State, row: Object, language: str) -> str:
	if not state.code or language.lower().startswith("en"):
		return state.message
	said = "" if state is EXPIRED else text(row.get("status_code_description"))
	return said or state.message


def _reference(remote_id: str, row: Object) -> str:
	return f"item {remote_id}, {row.get('status')} {text(row.get('status_code_info'))}".rstrip()

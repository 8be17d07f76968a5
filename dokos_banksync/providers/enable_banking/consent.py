"""Consent sessions: start, outcome, and the state of a consent.

`POST /auth` gives the page, the user returns with a `code`, `POST /sessions` makes a session of it, once.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from typing import NamedTuple

from dokos_banksync.core.errors import (
	ConfigurationError,
	ConsentRevoked,
	DuplicateConnection,
	LoginRequired,
	NotFound,
)
from dokos_banksync.core.model import ConnectionStatus, RemoteConnection
from dokos_banksync.core.provider import Access, Completed, ConnectRequest, Secret, Started
from dokos_banksync.providers.enable_banking import grant, institutions
from dokos_banksync.providers.enable_banking.client import Client
from dokos_banksync.providers.failures import malformed
from dokos_banksync.providers.grants import CONSENT_HAS_ENDED, CONSENT_WAS_WITHDRAWN
from dokos_banksync.providers.parsing import Object, instant, mapping, text, texts

LONGEST = timedelta(days=180)
MARGIN = timedelta(minutes=10)
"""Taken off the longest consent: the bank's end counts by a clock that is not ours."""

_CANCELLED = "access_denied"


class State(NamedTuple):
	"""How a session's status is shown."""

	status: ConnectionStatus
	code: str = ""
	message: str = ""


STATES: Mapping[str, State] = {
	"AUTHORIZED": State(ConnectionStatus.ACTIVE),
	"PENDING_AUTHORIZATION": State(
		ConnectionStatus.CONNECTING, "BS-200", "The consent at the bank is not given yet. Connect the bank."
	),
	"RETURNED_FROM_BANK": State(
		ConnectionStatus.CONNECTING,
		"BS-200",
		"The consent at the bank is not complete yet. Connect the bank.",
	),
	"EXPIRED": State(ConnectionStatus.CONSENT_EXPIRED, "BS-201", CONSENT_HAS_ENDED),
	"INVALID": State(
		ConnectionStatus.ACTION_REQUIRED,
		"BS-200",
		"The bank did not accept the consent. Connect the bank again.",
	),
}
_ENDED = frozenset({"CLOSED", "REVOKED", "CANCELLED"})
_UNKNOWN = State(
	ConnectionStatus.ERROR,
	"BS-700",
	"Enable Banking reports a state that its documents do not name. Report it with the reference.",
)


# -- start -------------------------------------------------------------------------------------------
def start(client: Client, request: ConnectRequest, psu_type: str, language: str) -> Started:
	"""Ask for the longest consent that the bank gives, and return its page."""
	wanted = request.institution_id or _known_institution(request.access)
	aspsp = institutions.find(client, wanted)
	body = {
		"access": {
			"valid_until": valid_until(aspsp, client.now()),
			"balances": True,
			"transactions": True,
		},
		"aspsp": {"name": aspsp["name"], "country": aspsp["country"]},
		"state": request.state,
		"redirect_url": request.callback_url,
		"psu_type": kind_of_user(aspsp, psu_type),
		"language": (language or "en")[:2].lower(),
	}
	url = text(_opened(client, body, request.callback_url).get("url"))
	stored = {
		"state": request.state,
		"institution_id": wanted,
		"psu_headers": grant.required_headers(aspsp),
	}
	return Started(url, session=Secret(json.dumps(stored)))


def _opened(client: Client, body: Mapping[str, object], callback_url: str) -> Object:
	try:
		return client.post("/auth", body)
	except ConfigurationError as error:
		if "REDIRECT_URI_NOT_ALLOWED" in error.reference:
			raise ConfigurationError(
				"The address {0} is not registered. Add it, letter by letter, to the redirect URLs of the "
				"application in Enable Banking's control panel.",
				callback_url,
				reference=error.reference,
			) from error
		raise


def _known_institution(access: Access) -> str:
	return grant.read(access).institution_id if access.remote_id else ""


def valid_until(aspsp: Object, now: datetime) -> str:
	"""Return the end to ask for: as late as the bank allows, at most 180 days, with a zone (RFC 3339)."""
	seconds = aspsp.get("maximum_consent_validity")
	most = timedelta(seconds=seconds) if isinstance(seconds, int) and seconds > 0 else LONGEST
	return (now + min(most, LONGEST) - MARGIN).astimezone(timezone.utc).isoformat(timespec="seconds")


def kind_of_user(aspsp: Object, wanted: str) -> str:
	"""Return the kind of user that was wanted, else the one that the bank knows."""
	known = texts(aspsp.get("psu_types"))
	return wanted if wanted in known or not known else known[0]


# -- completion --------------------------------------------------------------------------------------
def complete(client: Client, query: Mapping[str, str], access: Access, session: Secret) -> Completed:
	"""Make a session of the code that the user returned with.

	A renewal keeps our id of the connection: what the session is called is Enable Banking's matter.
	"""
	stored = mapping(json.loads(session.reveal())) if session else {}
	if not stored or query.get("state") != stored.get("state"):
		return Completed(None, message="This return belongs to no open session. Connect the bank again.")
	if query.get("error"):
		return _not_connected(query)
	try:
		answer = client.post("/sessions", {"code": query.get("code", "")})
	except (LoginRequired, DuplicateConnection) as error:
		return Completed(None, message=error.message, reference=error.reference)
	known = grant.read(access) if access.grant.read() else None
	made = grant.of_session(
		answer,
		text(stored.get("institution_id")),
		texts(stored.get("psu_headers")),
		known,
		now=client.now(),
	)
	connection = RemoteConnection(
		remote_id=access.remote_id or made.session_id,
		institution_id=made.institution_id,
		status=ConnectionStatus.ACTIVE,
		consent_expires_at=instant(mapping(answer.get("access")).get("valid_until")),
	)
	return Completed(connection, grant=made.seal())


def _not_connected(query: Mapping[str, str]) -> Completed:
	said = f"{query['error']}: {query.get('error_description', '')}"[:300]
	if query["error"] == _CANCELLED:
		return Completed(None, cancelled=True, reference=said)
	return Completed(None, message="The bank could not be connected. Try again later.", reference=said)


# -- the state ---------------------------------------------------------------------------------------
def status(client: Client, access: Access) -> RemoteConnection:
	"""Return the state of a consent. Raise `ConsentRevoked` for one that somebody ended."""
	stored = grant.read(access)
	answer = client.get(f"/sessions/{stored.session_id}")
	said = text(answer.get("status"))
	if not said:
		raise malformed("Enable Banking", "status")
	reference = f"session {stored.session_id}, {said}"
	if said in _ENDED:
		raise ConsentRevoked(CONSENT_WAS_WITHDRAWN, reference=reference)
	expires_at = instant(mapping(answer.get("access")).get("valid_until"))
	state = STATES.get(said, _UNKNOWN)
	if state.status is ConnectionStatus.ACTIVE and expires_at and expires_at <= client.now():
		state = STATES["EXPIRED"]
	return RemoteConnection(
		remote_id=access.remote_id,
		institution_id=stored.institution_id,
		status=state.status,
		code=state.code,
		message=state.message,
		reference=reference if state.code else "",
		consent_expires_at=expires_at,
	)


def revoke(client: Client, access: Access) -> None:
	"""End a consent; one that has ended already is not an error."""
	if not access.remote_id or access.grant.read() is None:
		return
	try:
		client.delete(f"/sessions/{grant.read(access).session_id}")
	except (LoginRequired, NotFound):
		return

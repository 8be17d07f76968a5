"""Consent sessions: start, outcome, and the state of a consent.

An agreement says how much history and how long an access; a requisition is the consent session, and afterwards the consent. The
address that the user returns by proves nothing: the requisition of the session is read again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from dokos_banksync.core.errors import ConsentExpired, ConsentRevoked, LoginRequired, NotFound, ProviderBug
from dokos_banksync.core.model import ConnectionStatus, RemoteConnection
from dokos_banksync.core.provider import Access, Completed, ConnectRequest, Secret, Started
from dokos_banksync.providers.failures import malformed
from dokos_banksync.providers.gocardless import institutions
from dokos_banksync.providers.gocardless.client import Client, identifier
from dokos_banksync.providers.grants import CONSENT_HAS_ENDED, CONSENT_WAS_WITHDRAWN, stored_grant
from dokos_banksync.providers.parsing import Object, instant, mapping, text

SCOPES = ["balances", "details", "transactions"]
USUAL_DAYS = 90
"""What GoCardless assumes of a bank that says nothing, of the history and of the consent."""

LINKED, REJECTED, EXPIRED = "LN", "RJ", "EX"
UNDER_WAY = frozenset({"CR", "GC", "UA", "SA", "GA", "ID"})
_CANCELLED = "cancel"
_MESSAGES: Mapping[str, str] = {
	"institutiontechnicalerror": "The bank reports an error. Try again later.",
	"requisitionlinkreused": "This link to the bank was used already. Connect the bank again.",
	"usersessionrejected": "The bank refused the login. Connect the bank again.",
	"companyrequisitionlimitreached": "GoCardless asks for a payment or a contract. See its portal.",
}
"""By the error that the user returns with, small letters. https://developer.gocardless.com/bank-account-data/statuses"""


class Grant(NamedTuple):
	"""One consent. `earlier` are requisitions that it renewed; ending the connection ends them too."""

	requisition_id: str
	agreement_id: str
	institution_id: str
	historical_days: int
	earlier: tuple[str, ...] = ()

	def seal(self) -> Secret:
		"""Return the grant as text to store."""
		return Secret(json.dumps(self._asdict()))


def read(access: Access) -> Grant:
	"""Return the grant of a connection. Raise `LoginRequired` where there never was one, `ConsentRevoked` where it is
	gone.
	"""
	return _unsealed(stored_grant(access))


def _unsealed(stored: Secret) -> Grant:
	data = json.loads(stored.reveal())
	return Grant(**{**data, "earlier": tuple(data["earlier"])})


# -- start -------------------------------------------------------------------------------------------
def start(client: Client, request: ConnectRequest, language: str) -> Started:
	"""Agree on the longest history and access that the bank gives, and return its page."""
	wanted = request.institution_id or read(request.access).institution_id
	bank = institutions.find(client, wanted)
	history = institutions.days(bank, "transaction_total_days", USUAL_DAYS)
	agreement = client.post(
		"/agreements/enduser/",
		{
			"institution_id": wanted,
			"max_historical_days": history,
			"access_valid_for_days": institutions.days(bank, "max_access_valid_for_days", USUAL_DAYS),
			"access_scope": SCOPES,
		},
	)
	order = {
		"redirect": request.callback_with_state(),
		"institution_id": wanted,
		"agreement": text(agreement.get("id")),
	}
	requisition = _requested(client, order, (language or "en")[:2].upper())
	made = Grant(text(requisition.get("id")), text(agreement.get("id")), wanted, history)
	return Started(text(requisition.get("link")), session=made.seal())


def _requested(client: Client, order: Mapping[str, object], language: str) -> Object:
	"""Create a requisition; GoCardless's page is in its own language where it does not know the user's."""
	try:
		return client.post("/requisitions/", {**order, "user_language": language})
	except ProviderBug as error:
		if "user_language" not in error.reference:
			raise
		return client.post("/requisitions/", order)


# -- completion --------------------------------------------------------------------------------------
def complete(client: Client, query: Mapping[str, str], access: Access, session: Secret) -> Completed:
	"""Read the requisition of the session. A renewal keeps our id of the connection."""
	if not session:
		return Completed(None, message="This return belongs to no open session. Connect the bank again.")
	made = _unsealed(session)
	requisition = client.get(f"/requisitions/{identifier(made.requisition_id)}/")
	status, said = text(requisition.get("status")), _reason(query)
	if status != LINKED:
		return _not_connected(status, query.get("error", ""), said)
	before = access.grant.read()
	known = _unsealed(before) if access.remote_id and before else None
	earlier = (*known.earlier, known.requisition_id) if known else ()
	connection = RemoteConnection(
		remote_id=access.remote_id or made.requisition_id,
		institution_id=made.institution_id,
		status=ConnectionStatus.ACTIVE,
		consent_expires_at=_ends(client, made),
	)
	return Completed(connection, grant=made._replace(earlier=earlier).seal())


def _reason(query: Mapping[str, str]) -> str:
	return "; ".join(filter(None, (query.get("error", ""), query.get("details", ""))))[:300]


def _not_connected(status: str, error: str, said: str) -> Completed:
	if _CANCELLED in error.casefold():
		return Completed(None, cancelled=True, reference=said)
	if status in UNDER_WAY and not error:
		return Completed(None, pending=True, poll_after=timedelta(seconds=5))
	return Completed(
		None,
		message=_MESSAGES.get(error.casefold(), "The bank could not be connected. Try again later."),
		reference=said or f"requisition {status}",
	)


# -- the state ---------------------------------------------------------------------------------------
def status(client: Client, access: Access) -> RemoteConnection:
	"""Return the state of a consent. Raise `ConsentRevoked` for one that GoCardless no longer has."""
	parsed = read(access)
	said = text(_requisition(client, parsed).get("status"))
	ends = _ends(client, parsed)
	state, code, message = _state(said, ends, client.now())
	return RemoteConnection(
		remote_id=access.remote_id,
		institution_id=parsed.institution_id,
		status=state,
		code=code,
		message=message,
		reference=f"requisition {parsed.requisition_id}, {said}" if code else "",
		consent_expires_at=ends,
	)


def account_ids(client: Client, access: Access) -> list[str]:
	"""Return the ids of the accounts of a consent. Raise `ConsentExpired` or `LoginRequired` where it is not valid.

	The accounts of a consent that has ended are not gone: an empty list would say so.
	"""
	requisition = _requisition(client, read(access))
	said = text(requisition.get("status"))
	if said != LINKED:
		_, _, sentence = _state(said, None, client.now())
		kind = ConsentExpired if said == EXPIRED else LoginRequired
		raise kind(sentence, reference=f"requisition {said}")
	found = requisition.get("accounts")
	return [one for one in found if isinstance(one, str)] if isinstance(found, list) else []


def _requisition(client: Client, parsed: Grant) -> Object:
	try:
		found = client.get(f"/requisitions/{identifier(parsed.requisition_id)}/")
	except NotFound as error:
		raise ConsentRevoked(CONSENT_WAS_WITHDRAWN, reference=error.reference) from error
	if not text(found.get("status")):
		raise malformed("GoCardless", "status")
	return found


def _ends(client: Client, parsed: Grant) -> datetime | None:
	"""Return when the access ends: some days after the user accepted the agreement."""
	agreement = client.get(f"/agreements/enduser/{identifier(parsed.agreement_id)}/")
	accepted = instant(agreement.get("accepted"))
	if accepted is None:
		return None
	return accepted + timedelta(
		days=institutions.days(mapping(agreement), "access_valid_for_days", USUAL_DAYS)
	)


def _state(said: str, ends: datetime | None, now: datetime) -> tuple[ConnectionStatus, str, str]:
	if said == EXPIRED or (said == LINKED and ends and ends <= now):
		return ConnectionStatus.CONSENT_EXPIRED, "BS-201", CONSENT_HAS_ENDED
	if said == LINKED:
		return ConnectionStatus.ACTIVE, "", ""
	if said in UNDER_WAY:
		sentence = "The consent at the bank is not given yet. Connect the bank."
		return ConnectionStatus.CONNECTING, "BS-200", sentence
	sentence = "The bank did not accept the consent. Connect the bank again."
	return ConnectionStatus.ACTION_REQUIRED, "BS-200", sentence


def revoke(client: Client, access: Access) -> None:
	"""End a consent and those that it renewed; one that has ended already is not an error."""
	if not access.remote_id or access.grant.read() is None:
		return
	parsed = read(access)
	for requisition_id in (parsed.requisition_id, *parsed.earlier):
		try:
			client.delete(f"/requisitions/{identifier(requisition_id)}/")
		except NotFound:
			continue

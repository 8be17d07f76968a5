"""Consent sessions at Ponto: a first authorization, the renewal of an account, and the end.

The first session is OAuth 2.0 with PKCE; the bank that was chosen here is handed over beforehand. A renewal concerns one
account, as banks do: where several have ended, each needs a session of its own.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from dokos_banksync.core.errors import LoginRequired, NotFound, ProviderBug
from dokos_banksync.core.provider import Access, Completed, ConnectRequest, Secret, Started
from dokos_banksync.providers.failures import malformed
from dokos_banksync.providers.parsing import Object, identifier, mapping, text
from dokos_banksync.providers.ponto import accounts
from dokos_banksync.providers.ponto.accounts import OWN_ORGANIZATION, ConnectionKey
from dokos_banksync.providers.ponto.client import Client
from dokos_banksync.providers.ponto.tokens import Grant, TokenPair, Verifier, expiry, read

SCOPE = "offline_access ai"

_UNKNOWN_RETURN = "This return belongs to no open session. Connect the bank again."
_NOT_SHARED = (
	"No account of this bank is shared with the integration. Add the bank in Ponto and share its accounts, then "
	"connect again."
)


# -- start -------------------------------------------------------------------------------------------
def start(client: Client, request: ConnectRequest, authorize_url: str, client_id: str) -> Started:
	"""Return the page to go to: Ponto's, or back to us at once for the accounts of one's own organization."""
	stored = {"state": request.state, "institution_id": request.institution_id}
	if client.integration.own:
		return Started(request.callback_with_state(), session=_session_secret(stored))
	due = _due_account(client, request)
	if due:
		return _renewal(client, request, due)
	verifier = Verifier.new()
	asked = {
		"client_id": client_id, "redirect_uri": request.callback_url, "response_type": "code", "scope": SCOPE,
		"state": request.state, "code_challenge": verifier.challenge, "code_challenge_method": "S256",
		**_onboarding(client, _wanted(request)),
	}  # fmt: skip
	session = {**stored, "verifier": verifier.secret.reveal(), "redirect_uri": request.callback_url}
	return Started(f"{authorize_url}?{urlencode(asked)}", session=_session_secret(session))


def _session_secret(values: Mapping[str, str]) -> Secret:
	return Secret(json.dumps(dict(values)))


def _wanted(request: ConnectRequest) -> str:
	known = ConnectionKey.of(request.access).institution_id if request.access.remote_id else ""
	return request.institution_id or known


def _onboarding(client: Client, institution_id: str) -> Mapping[str, str]:
	"""Hand over the bank that was chosen here."""
	if not institution_id:
		return {}
	made = client.onboarding({"initialFinancialInstitutionId": institution_id})
	return {"onboarding_details_id": made} if made else {}


def _due_account(client: Client, request: ConnectRequest) -> str:
	"""Return the account of the connection whose authorization ends first, where it is to be renewed now."""
	if not request.access.remote_id:
		return ""
	try:
		found = accounts.shown(client, request.access)
	except LoginRequired:  # the link itself has ended: a new authorization is needed
		return ""
	ends = sorted(
		(at, identifier(row.get("id"))) for row in found if (at := expiry(mapping(row.get("attributes"))))
	)
	ended = bool(ends) and ends[0][0] <= client.now()
	return ends[0][1] if ends and (ended or request.renew_now) else ""


def _renewal(client: Client, request: ConnectRequest, account_id: str) -> Started:
	place = f"/accounts/{account_id}/reauthorization-requests"
	made = client.post(
		place, "reauthorizationRequest", {"redirectUri": request.callback_with_state()}, request.access
	)
	address = text(mapping(made.get("links")).get("redirect"))
	if not address:
		raise malformed("Ponto", "redirect")
	return Started(address, session=_session_secret({"state": request.state, "account": account_id}))


# -- completion --------------------------------------------------------------------------------------
def complete(client: Client, query: Mapping[str, str], access: Access, session: Secret) -> Completed:
	"""Return the outcome of a consent session, after Ponto was asked."""
	stored = mapping(json.loads(session.reveal())) if session else {}
	if not stored or query.get("state") != stored.get("state"):
		return Completed(None, message=_UNKNOWN_RETURN)
	if query.get("error"):
		return _not_connected(query)
	if client.integration.own:
		return _own(client, text(stored.get("institution_id")))
	if stored.get("account"):
		return Completed(accounts.connection(client, access))
	return _authorized(client, query, stored, access)


def _not_connected(query: Mapping[str, str]) -> Completed:
	said = f"{query['error']}: {query.get('error_description', '')}"[:300]
	if query["error"] == "access_denied":
		return Completed(None, cancelled=True, reference=said)
	return Completed(None, message="The bank could not be connected. Try again later.", reference=said)


def _own(client: Client, wanted: str) -> Completed:
	"""Return the accounts that were shared in the dashboard, of the bank that was chosen or of the latest one."""
	found = accounts.all_accounts(client, Access())
	key = ConnectionKey(OWN_ORGANIZATION, wanted or accounts.newest(found))
	return _completed(client, found, key)


def _authorized(
	client: Client, query: Mapping[str, str], stored: Mapping[str, Any], access: Access
) -> Completed:
	verifier = Secret(text(stored.get("verifier")))
	try:
		pair = client.tokens.of_code(query.get("code", ""), verifier, text(stored.get("redirect_uri")))
	except LoginRequired as error:
		return Completed(None, message=error.message, reference=error.reference)
	new_access = Access(grant=_NewTokens(pair))
	organization = text(client.body("/userinfo", new_access).get("sub"))
	if not organization:
		raise malformed("Ponto", "sub")
	found = accounts.all_accounts(client, new_access)
	known = ConnectionKey.of(access).institution_id if access.remote_id else ""
	key = ConnectionKey(organization, text(stored.get("institution_id")) or known or accounts.newest(found))
	return _completed(client, found, key, pair)


def _completed(
	client: Client, found: Sequence[Object], key: ConnectionKey, pair: TokenPair | None = None
) -> Completed:
	ours = accounts.of_key(found, key)
	if not ours:
		return Completed(None, message=_NOT_SHARED)
	connection = accounts.state_of(ours, key, client.now())
	if pair is None:
		return Completed(connection)
	grant = Grant.of_pair(pair, key.organization, key.institution_id)
	return Completed(connection, grant=grant.seal(), remote_user=key.organization)


class _NewTokens:
	"""The grant store of a connection that is being made: it holds the tokens that just came."""

	def __init__(self, pair: TokenPair) -> None:
		self._grant = Grant.of_pair(pair).seal()

	def read(self) -> Secret | None:
		"""Return the tokens."""
		return self._grant

	def write(self, expected: Secret | None, grant: Secret) -> bool:
		"""Return False: tokens that just came are not exchanged."""
		return False

	def lock(self) -> Any:
		"""Raise: tokens that just came are not exchanged."""
		raise ProviderBug("Ponto does not accept a token that it has just given.")


# -- the end -----------------------------------------------------------------------------------------
def revoke(client: Client, access: Access) -> None:
	"""Take the accounts of this bank out of the integration, and end the authorization. A consent that has ended is not an error.

	The integration itself stays: other banks of the same organization hang on it. With a custom integration, accounts
	are undone in Ponto's dashboard only.
	"""
	if client.integration.own or not access.remote_id or access.grant.read() is None:
		return
	try:
		for account_id in accounts.account_ids(accounts.shown(client, access)):
			client.delete(f"/accounts/{account_id}", access)
		client.tokens.end(read(access.grant.read()).refresh_token)
	except (LoginRequired, NotFound):
		return

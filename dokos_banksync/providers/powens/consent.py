"""Powens's webview: how it is opened, and the outcome of a return from it.

https://docs.powens.com/api-reference/overview/webview

Each connection has a Powens user of its own, whose permanent token is the connection's grant. The webview is opened
with a temporary code for that user, so that a return can only name connections of the same user.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from typing import NamedTuple
from urllib.parse import urlencode

from dokos_banksync.core.errors import ConsentRevoked, LoginRequired, NotFound
from dokos_banksync.core.provider import NO_SECRET, Access, Completed, ConnectRequest, Secret, Started
from dokos_banksync.providers.failures import malformed
from dokos_banksync.providers.grants import stored_grant
from dokos_banksync.providers.parsing import Object, mapping, text
from dokos_banksync.providers.powens import connections
from dokos_banksync.providers.powens.client import Client

LANGUAGES = frozenset({"en", "fr", "de", "nl", "pt", "it", "es"})

_GAVE_UP = frozenset({"access_denied", "tos_declined"})
_FOREIGN = "The return does not belong to this session. Connect the bank again from here."


class Webview(NamedTuple):
	"""Where the webview is, for which API domain and in which language."""

	address: str
	domain: str
	language: str

	def url(self, flow: str, query: Mapping[str, str]) -> str:
		"""Return the address of a flow."""
		return f"{self.address}/{self.language}/{flow}?{urlencode({'domain': self.domain, **query})}"


class _SessionUser(NamedTuple):
	"""The Powens user of a session. `new`: it was created for this session."""

	token: Secret
	user: str
	new: bool


def start(client: Client, request: ConnectRequest, webview: Webview) -> Started:
	"""Return the webview's address: to add a connection, to log in again, or to choose the accounts that are shared."""
	common = {"client_id": client.client_id, "redirect_uri": request.callback_url, "state": request.state}
	if request.access.remote_id:
		token = stored_grant(request.access)
		flow, query = _managed(client, request)
		return Started(webview.url(flow, {**common, **query, "code": _code(client, token)}))
	user, token = client.new_user()
	query = {"connector_capabilities": "bank"}
	if request.institution_id:
		query["connector_uuids"] = request.institution_id
	if not request.all_accounts:
		query["account_types"] = "checking,card"
	session = Secret(json.dumps({"user": user, "token": token.reveal()}))
	return Started(webview.url("connect", {**common, **query, "code": _code(client, token)}), session=session)


def complete(client: Client, query: Mapping[str, str], access: Access, session: Secret) -> Completed:
	"""Return how a session ended. The return's parameters are unsigned: what is connected is read again."""
	session_user = _session_user(access, session)
	if session_user is None:
		return Completed(None, message=_FOREIGN)
	failed = query.get("error", "")
	if failed:
		return _failed(client, session_user, failed, query.get("error_description", ""))
	try:
		row = _connected(client, session_user, access.remote_id or query.get("connection_id", ""))
	except (ConsentRevoked, NotFound):
		return Completed(None, message=_FOREIGN)
	if row is None:
		if query:
			_discard(client, session_user)
		return Completed(None, pending=not query, cancelled=bool(query))
	found = connections.connection(row, client.now())
	return Completed(
		found,
		message=found.message,
		reference=found.reference,
		grant=session_user.token if session_user.new else NO_SECRET,
		remote_user=session_user.user,
	)


def revoke(client: Client, access: Access) -> None:
	"""Delete the connection with its data, then its user. What is gone already is no error."""
	token = access.grant.read()
	if not token:
		return
	if access.remote_id:
		with suppress(LoginRequired, NotFound):
			client.delete(token, connections.path(access.remote_id))
	with suppress(LoginRequired, NotFound):
		client.delete(token, "/users/me")


def _managed(client: Client, request: ConnectRequest) -> tuple[str, dict[str, str]]:
	"""Return the flow for a connection that exists, and its parameters."""
	query = {"connection_id": request.access.remote_id}
	row = connections.row_of(client, request.access)
	if request.renew_now:
		return "reconnect", {**query, "reset_credentials": "true"}
	if connections.needs_login(row, client.now()):
		return "reconnect", query
	return "manage", {**query, "connector_capabilities": "bank"}


def _code(client: Client, token: Secret) -> str:
	"""Return a temporary code for the webview: it can be used once, within 30 minutes."""
	code = text(client.get(token, "/auth/token/code?type=singleAccess").get("code"))
	if not code:
		raise malformed("Powens", "code")
	return code


def _session_user(access: Access, session: Secret) -> _SessionUser | None:
	if access.remote_id:
		token = access.grant.read()
		return _SessionUser(token, access.remote_user, new=False) if token else None
	if not session:
		return None
	stored = mapping(json.loads(session.reveal()))
	return _SessionUser(Secret(text(stored.get("token"))), text(stored.get("user")), new=True)


def _connected(client: Client, session_user: _SessionUser, named: str) -> Object | None:
	"""Return the connection that was named, or the only one of a new user; None where there is none."""
	if named:
		return connections.read(client, session_user.token, named)
	if not session_user.new:
		return None
	rows = client.objects(session_user.token, "/users/me/connections?expand=sources", "connections")
	return rows[-1] if rows else None


def _failed(client: Client, session_user: _SessionUser, failed: str, description: str) -> Completed:
	_discard(client, session_user)
	reference = f"{failed}: {description}"[:200] if description else failed[:60]
	if failed in _GAVE_UP:
		return Completed(None, cancelled=True, reference=reference)
	return Completed(
		None, message="Powens could not connect the bank. Try again, or later.", reference=reference
	)


def _discard(client: Client, session_user: _SessionUser) -> None:
	"""Delete the user of a session without a connection, so that none is left over at Powens."""
	if not session_user.new:
		return
	with suppress(LoginRequired, NotFound):
		if not client.objects(session_user.token, "/users/me/connections", "connections"):
			client.delete(session_user.token, "/users/me")

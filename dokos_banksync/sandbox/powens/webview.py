"""The pages of the webview: add a connection, log in again, manage the accounts."""

from __future__ import annotations

from datetime import timedelta

from werkzeug.wrappers import Request, Response

from dokos_banksync.sandbox.consent_pages.session import (
	ConsentFlow,
	ConsentSession,
	Offer,
	if_open,
	take_login,
	with_query,
)
from dokos_banksync.sandbox.institutions import Institution
from dokos_banksync.sandbox.powens.errors import ApiError, missing
from dokos_banksync.sandbox.powens.model import CLIENT_ID, DOMAIN, Connection, User, WebviewSession
from dokos_banksync.sandbox.powens.rows import connector_uuid
from dokos_banksync.sandbox.powens.state import Powens

SESSION_LIFE = timedelta(minutes=30)
FLOWS = ("connect", "reconnect", "manage")


def open_webview(state: Powens, request: Request, flow: str) -> Response:
	"""Answer the address that a client sends a user to, by a redirect to the first page."""
	given = request.args
	user = state.codes.pop(given.get("code", ""), None)
	if user is None or given.get("client_id") != CLIENT_ID or given.get("domain") != f"{DOMAIN}.biapi.pro":
		raise ApiError(400, "invalidValue", "The client, the domain or the code is wrong")
	back = given.get("redirect_uri", "")
	if not back or (state.settings.redirects and back not in state.settings.redirects):
		raise ApiError(400, "invalidValue", "This redirect_uri is not allowed")
	managed = _managed(user, given.get("connection_id", "")) if flow != "connect" else None
	consent_session = ConsentSession(state.new_text(), state.now() + SESSION_LIFE, back)
	uuids = [one for one in given.get("connector_uuids", "").split(",") if one]
	made = WebviewSession(
		consent_session, user, flow=flow, state=given.get("state", ""), uuids=uuids, managed=managed
	)
	_first_page(state, made)
	state.consent_sessions[consent_session.id] = made
	return Response(status=303, headers={"Location": f"/connect/powens/{consent_session.id}"})


def _managed(user: User, connection_id: str) -> Connection:
	if not connection_id.isdecimal() or int(connection_id) not in user.connections:
		raise missing("connection")
	return user.connections[int(connection_id)]


def _first_page(state: Powens, made: WebviewSession) -> None:
	consent_session = made.consent_session
	if made.managed:
		consent_session.institution_id, consent_session.fixed, consent_session.login = (
			made.managed.institution.id,
			True,
			made.managed.login,
		)
		consent_session.step = "accounts" if made.flow == "manage" else "login"
	elif len(made.uuids) == 1:
		found = state.institutions().get(made.uuids[0])
		if found is None:
			raise ApiError(400, "invalidValue", "No such connector")
		consent_session.institution_id, consent_session.fixed, consent_session.step = found.id, True, "login"


class Webview(ConsentFlow):
	"""One consent session. Logins: "402" is refused, "fail" ends in an error, "otp" asks for a code."""

	name = "powens"

	def __init__(self, state: Powens) -> None:
		self._state = state

	def find(self, consent_session_id: str) -> ConsentSession | None:
		"""Return a consent session that is open, or None."""
		found = self._state.consent_sessions.get(consent_session_id)
		return if_open(found.consent_session, self._state.now()) if found else None

	def banks(self, consent_session: ConsentSession) -> list[Institution]:
		"""Return the banks to choose from."""
		wanted = self._of(consent_session).uuids
		found = [one for one in self._state.institutions().values() if "aggregation" in one.capabilities]
		return [one for one in found if not wanted or connector_uuid(one) in wanted]

	def authenticate(self, consent_session: ConsentSession, login: str, password: str) -> None:  # noqa: ARG002 - any password does
		"""Take a login; see `take_login`. A refused one ends the session."""
		take_login(consent_session, login, self._bank(consent_session))
		if consent_session.failure:
			consent_session.step = "error"

	def offered(self, consent_session: ConsentSession) -> list[Offer]:
		"""Return the accounts; none is shared unless the user says so, or has said so before."""
		found = self._state.offered(self._bank(consent_session), consent_session.login)
		return [Offer(one.key, one.facts.name, one.facts.iban or "", checked=True) for one in found]

	def share(self, consent_session: ConsentSession, chosen: set[str]) -> str | None:
		"""Create or repair the connection, and return the address to go back to."""
		made, state = self._of(consent_session), self._state
		managed = made.managed
		owner = managed or state.connect(made.user, self._bank(consent_session), consent_session.login)
		if made.flow == "reconnect":
			owner.login, owner.access_ends = consent_session.login, state.now() + state.settings.consent
		state.share(owner, chosen)
		return (
			self._back(consent_session)
			if managed
			else self._back(consent_session, connection_id=str(owner.id))
		)

	def fail_code(self, consent_session: ConsentSession) -> None:
		"""Show that the code is wrong."""
		consent_session.step, consent_session.failure = "error", "This code is wrong."

	def close(self, consent_session: ConsentSession, *, cancelled: bool) -> str:
		"""End the consent session, and return the address to go back to."""
		if cancelled:
			return self._back(
				consent_session, error="access_denied", error_description="The user cancelled the flow"
			)
		return self._back(
			consent_session, error="server_error", error_description="A technical failure occurred"
		)

	def _back(self, consent_session: ConsentSession, **values: str) -> str:
		consent_session.step, state = "closed", self._of(consent_session).state
		return with_query(consent_session.return_to, {**values, **({"state": state} if state else {})})

	def _of(self, consent_session: ConsentSession) -> WebviewSession:
		return self._state.consent_sessions[consent_session.id]

	def _bank(self, consent_session: ConsentSession) -> Institution:
		return self._state.world.institutions[consent_session.institution_id or 0]

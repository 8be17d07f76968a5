"""The pages of the webview: add a connection, log in again, manage the accounts."""

from __future__ import annotations

from datetime import timedelta

from werkzeug.wrappers import Request, Response

from dokos_banksync.sandbox.institutions import Institution
from dokos_banksync.sandbox.powens.errors import ApiError, missing
from dokos_banksync.sandbox.powens.model import CLIENT_ID, DOMAIN, Connection, User, WebVisit
from dokos_banksync.sandbox.powens.rows import connector_uuid
from dokos_banksync.sandbox.powens.state import Powens
from dokos_banksync.sandbox.visits.visit import ConsentPages, Offer, Visit, with_query

VISIT_LIFE = timedelta(minutes=30)
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
	visit = Visit(state.new_text(), state.now() + VISIT_LIFE, back)
	uuids = [one for one in given.get("connector_uuids", "").split(",") if one]
	made = WebVisit(visit, user, flow, given.get("state", ""), uuids, managed)
	_first_page(state, made)
	state.visits[visit.id] = made
	return Response(status=303, headers={"Location": f"/connect/powens/{visit.id}"})


def _managed(user: User, connection_id: str) -> Connection:
	if not connection_id.isdecimal() or int(connection_id) not in user.connections:
		raise missing("connection")
	return user.connections[int(connection_id)]


def _first_page(state: Powens, made: WebVisit) -> None:
	visit = made.visit
	if made.managed:
		visit.institution_id, visit.fixed, visit.login = made.managed.institution.id, True, made.managed.login
		visit.step = "accounts" if made.flow == "manage" else "login"
	elif len(made.uuids) == 1:
		found = state.institutions().get(made.uuids[0])
		if found is None:
			raise ApiError(400, "invalidValue", "No such connector")
		visit.institution_id, visit.fixed, visit.step = found.id, True, "login"


class Webview(ConsentPages):
	"""One visit. Logins: "402" is refused, "fail" ends in an error, "otp" asks for a code."""

	name = "powens"

	def __init__(self, state: Powens) -> None:
		self._state = state

	def find(self, visit_id: str) -> Visit | None:
		"""Return a visit that is open, or None."""
		found = self._state.visits.get(visit_id)
		if found is None or found.visit.step == "closed" or found.visit.expires_at <= self._state.now():
			return None
		return found.visit

	def banks(self, visit: Visit) -> list[Institution]:
		"""Return the banks to choose from."""
		wanted = self._of(visit).uuids
		found = [one for one in self._state.institutions().values() if "aggregation" in one.capabilities]
		return [one for one in found if not wanted or connector_uuid(one) in wanted]

	def authenticate(self, visit: Visit, login: str, password: str) -> None:  # noqa: ARG002 - any password does
		"""Take a login."""
		visit.login, bank = login, self._bank(visit)
		if bank.down or login == "fail":
			visit.step, visit.failure = "error", "The bank could not be read for a technical reason."
		elif login == "402":
			visit.step, visit.failure = "error", "The credentials are wrong."
		else:
			visit.step = "code" if bank.sms_code or login.startswith("otp") else "accounts"

	def offered(self, visit: Visit) -> list[Offer]:
		"""Return the accounts; none is shared unless the user says so, or has said so before."""
		found = self._state.offered(self._bank(visit), visit.login)
		return [Offer(one.key, one.facts.name, one.facts.iban or "", checked=True) for one in found]

	def share(self, visit: Visit, chosen: set[str]) -> str | None:
		"""Create or repair the connection, and return the address to go back to."""
		made, state = self._of(visit), self._state
		managed = made.managed
		owner = managed or state.connect(made.user, self._bank(visit), visit.login)
		if made.flow == "reconnect":
			owner.login, owner.access_ends = visit.login, state.now() + state.settings.consent
		state.share(owner, chosen)
		return self._back(visit) if managed else self._back(visit, connection_id=str(owner.id))

	def fail_code(self, visit: Visit) -> None:
		"""Show that the code is wrong."""
		visit.step, visit.failure = "error", "This code is wrong."

	def close(self, visit: Visit, *, cancelled: bool) -> str:
		"""End the visit, and return the address to go back to."""
		if cancelled:
			return self._back(visit, error="access_denied", error_description="The user cancelled the flow")
		return self._back(visit, error="server_error", error_description="A technical failure occurred")

	def _back(self, visit: Visit, **values: str) -> str:
		visit.step, state = "closed", self._of(visit).state
		return with_query(visit.return_to, {**values, **({"state": state} if state else {})})

	def _of(self, visit: Visit) -> WebVisit:
		return self._state.visits[visit.id]

	def _bank(self, visit: Visit) -> Institution:
		return self._state.world.institutions[visit.institution_id or 0]

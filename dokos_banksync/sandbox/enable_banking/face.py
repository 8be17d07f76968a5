"""The HTTP face: routes, the checks every call passes, the shape of answers."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from email.utils import format_datetime
from typing import Any

from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from dokos_banksync.sandbox.consent_pages.pages import ConsentPages
from dokos_banksync.sandbox.enable_banking import banks, consent, rows
from dokos_banksync.sandbox.enable_banking.calls import Call
from dokos_banksync.sandbox.enable_banking.errors import MESSAGES, ApiError
from dokos_banksync.sandbox.enable_banking.rows import Row
from dokos_banksync.sandbox.enable_banking.simulations import simulations
from dokos_banksync.sandbox.enable_banking.state import EnableBanking
from dokos_banksync.sandbox.enable_banking.tokens import caller
from dokos_banksync.sandbox.enable_banking.transactions import list_transactions
from dokos_banksync.sandbox.faults import Fault
from dokos_banksync.sandbox.outbox import Outbox
from dokos_banksync.sandbox.world import World

HOME = "/enable_banking"
_SERVICES = ["AIS"]


def get_application(call: Call) -> Row:
	"""Answer a `GetApplicationResponse`."""
	application = call.application
	countries = sorted({one.country for one in call.face.world.institutions.values()})
	return {
		"name": application.name, "description": None, "kid": application.id, "environment": application.environment,
		"redirect_urls": list(application.redirect_urls), "active": application.active, "countries": countries,
		"services": _SERVICES,
	}  # fmt: skip


def list_aspsps(call: Call) -> Row:
	"""Answer a `GetAspspsResponse`, filtered by country, kind of user and service."""
	country, psu_type = call.request.args.get("country"), call.request.args.get("psu_type")
	if call.request.args.get("service", "AIS") not in ("AIS", "PIS"):
		raise ApiError("WRONG_REQUEST_PARAMETERS", "service")
	found = [
		banks.as_json(one, call.face.quirks_of(one.id), f"{call.request.host_url}connect/logo/{one.id}.svg")
		for one in banks.listed(call.face.world.institutions.values())
		if country in (None, one.country) and (psu_type is None or psu_type in banks.psu_types(one))
	]
	return {"aspsps": found}


def get_details(call: Call, uid: str) -> Row:
	"""Answer an `AccountResource`."""
	_, account, _ = call.account(uid, "details")
	return rows.resource(account, "SARL EXEMPLE")


def get_balances(call: Call, uid: str) -> Row:
	"""Answer `HalBalances`; at some banks this fails while transactions can be read."""
	_, account, quirks = call.account(uid, "balances")
	if quirks.balances_fail:
		raise ApiError("ASPSP_ERROR", "The bank cannot give balances now")
	return {"balances": rows.balances(account.real, quirks, call.face.world.clock.today())}


Handler = Callable[..., Row]
_HANDLERS: dict[str, Handler] = {
	"GET /application": get_application,
	"GET /aspsps": list_aspsps,
	"POST /auth": consent.start_authorization,
	"POST /sessions": consent.authorize_session,
	"GET /sessions/<session_id>": consent.get_session,
	"DELETE /sessions/<session_id>": consent.delete_session,
	"GET /accounts/<uid>/details": get_details,
	"GET /accounts/<uid>/balances": get_balances,
	"GET /accounts/<uid>/transactions": list_transactions,
}
_ROUTES = Map(
	[Rule(HOME + place.split(" ")[1], methods=[place.split(" ")[0]], endpoint=place) for place in _HANDLERS]
)


class EnableBankingFace:
	"""Answers one request at a time with the lock held. There are no webhooks: the outbox stays empty."""

	name = "enable_banking"
	prefixes: tuple[str, ...] = (f"{HOME}/", "/connect/enable_banking/")

	def __init__(self, world: World) -> None:
		self.state = EnableBanking(world)
		self.outbox = Outbox()
		self.simulations = simulations(self.state)
		self._pages = ConsentPages(consent.BankConsentFlow(self.state), self.state.lock, "Enable Banking")

	def answer(self, request: Request) -> Response:
		"""Answer a call of the API, or a page of the consent."""
		if not request.path.startswith(f"{HOME}/"):
			return self._pages.answer(request)
		with self.state.lock:
			try:
				return self._response(200, self._handle(request))
			except ApiError as error:
				return self._response(error.status, error.as_json())

	def refuse(self, fault: Fault) -> Response:
		"""Return a requested error as an `ErrorResponse`."""
		if fault.code in MESSAGES:
			error = ApiError(fault.code, "A fault that was asked for", fault.status)
			return self._response(error.status, error.as_json(), fault.retry_after)
		usual = {429: "ASPSP_RATE_LIMIT_EXCEEDED", 408: "ASPSP_TIMEOUT"}.get(fault.status)
		if usual:
			return self._response(fault.status, ApiError(usual).as_json(), fault.retry_after)
		body = {"message": "Internal server error", "code": fault.status, "error": None, "detail": None}
		return self._response(fault.status, body, fault.retry_after)

	def spoil(self, kind: str, request: Request, response: Response) -> None:
		"""With "repeat_page", the key leads to the same page again; "touch" means nothing here."""
		body = json.loads(response.get_data())
		if kind == "repeat_page" and "transactions" in body:
			body["continuation_key"] = request.args.get("continuation_key") or self._same_page(request)
			response.set_data(json.dumps(body))

	def forget(self) -> None:
		"""Drop what applications created."""
		self.state.forget()

	def _same_page(self, request: Request) -> str:
		"""Return a key for the very page that was asked for without one; one that is unknown where a quota is used up."""
		with self.state.lock:
			before = set(self.state.listings)
			with suppress(ApiError):
				self._handle(request)
			new = set(self.state.listings) - before
			key = new.pop() if new else self.state.new_uuid()
			listing = self.state.listings.get(key)
			if listing is not None:
				listing.at, listing.pages = 0, 0
			return key

	def _handle(self, request: Request) -> Row:
		application = caller(self.state, request)
		try:
			place, arguments = _ROUTES.bind_to_environ(request.environ).match()
		except (NotFound, MethodNotAllowed) as error:
			raise ApiError("WRONG_REQUEST_PARAMETERS", "There is no such call", error.code) from None
		return _HANDLERS[place](Call(request, self.state, application), **arguments)

	def _response(self, status: int, body: Any, retry_after: int | None = None) -> Response:
		text = json.dumps(body, ensure_ascii=False)
		response = Response(text, status=status, content_type="application/json; charset=utf-8")
		response.headers["Date"] = format_datetime(self.state.now(), usegmt=True)
		if retry_after is not None:
			response.headers["Retry-After"] = str(retry_after)
		return response

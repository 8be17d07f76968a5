"""The HTTP face: routes, the token, the shape of answers."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import Map, RequestRedirect, Rule
from werkzeug.wrappers import Request, Response

from dokos_banksync.sandbox.consent_pages.pages import ConsentPages
from dokos_banksync.sandbox.faults import Fault
from dokos_banksync.sandbox.gocardless import calls, consent
from dokos_banksync.sandbox.gocardless.calls import Call
from dokos_banksync.sandbox.gocardless.errors import RATE_LIMIT, ApiError
from dokos_banksync.sandbox.gocardless.model import Ids
from dokos_banksync.sandbox.gocardless.state import GoCardless
from dokos_banksync.sandbox.outbox import Outbox
from dokos_banksync.sandbox.world import World

HOME = "/gocardless/api/v2"
_TOKEN = "POST /token/new/"  # noqa: S105 - a route
_HANDLERS: dict[str, Callable[..., Any]] = {
	_TOKEN: calls.new_token,
	"GET /institutions/": calls.list_institutions,
	"GET /institutions/<wanted>/": calls.get_institution,
	"POST /agreements/enduser/": calls.create_agreement,
	"GET /agreements/enduser/<agreement_id>/": calls.get_agreement,
	"POST /requisitions/": calls.create_requisition,
	"GET /requisitions/<requisition_id>/": calls.get_requisition,
	"DELETE /requisitions/<requisition_id>/": calls.delete_requisition,
	"GET /accounts/<account_id>/": calls.get_account,
	"GET /accounts/<account_id>/details/": calls.get_details,
	"GET /accounts/<account_id>/balances/": calls.get_balances,
	"GET /accounts/<account_id>/transactions/": calls.list_transactions,
}
_ROUTES = Map(
	[
		Rule(HOME + place.split(" ")[1], methods=[place.split(" ")[0]], endpoint=place, strict_slashes=True)
		for place in _HANDLERS
	],
	redirect_defaults=False,
)


class GoCardlessFace:
	"""Answers one request at a time with the lock held. There are no webhooks: the outbox stays empty."""

	name = "gocardless"
	prefixes: tuple[str, ...] = ("/gocardless/", "/connect/gocardless/")

	def __init__(self, world: World) -> None:
		self.state = GoCardless(world)
		self.outbox = Outbox()
		self._pages = ConsentPages(consent.BankConsentFlow(self.state), self.state.lock, "GoCardless")
		self.simulations: dict[str, Callable[..., Any]] = {
			"end_consent": self._end_consent,
			"suspend": self._suspend,
			"settings": self._settings,
		}

	def answer(self, request: Request) -> Response:
		"""Answer a call of the API, or a page of the consent."""
		if not request.path.startswith("/gocardless/"):
			return self._pages.answer(request)
		call = Call(request, self.state)
		with self.state.lock:
			try:
				body, status = self._handle(call), 201 if request.method == "POST" else 200
			except ApiError as error:
				body, status = error.as_json(), error.status
		return _response(
			200 if request.path.endswith("/token/new/") and status == 201 else status, body, call.headers
		)

	def refuse(self, fault: Fault) -> Response:
		"""Return a requested error as an `ErrorResponse`."""
		error = ApiError(fault.status, "A fault that was asked for", "", fault.code or "")
		if fault.status == 429:
			error = ApiError.of(429, RATE_LIMIT)
		headers = {} if fault.retry_after is None else {"Retry-After": str(fault.retry_after)}
		return _response(fault.status, error.as_json(), headers)

	def spoil(self, kind: str, request: Request, response: Response) -> None:
		"""Leave the answer as it is: there are no pages that could be repeated."""

	def forget(self) -> None:
		"""Drop what clients created."""
		self.state.forget()

	def _handle(self, call: Call) -> Any:
		try:
			place, arguments = _ROUTES.bind_to_environ(call.request.environ).match()
		except (NotFound, MethodNotAllowed, RequestRedirect):
			raise ApiError(404, "Not found.", "There is no such call") from None
		if place != _TOKEN:
			call.check_token()
		return _HANDLERS[place](call, **arguments)

	def _end_consent(self, requisition_id: str) -> None:
		self.state.requisition(requisition_id).status = "EX"

	def _suspend(self, account_id: str) -> None:
		self.state.account(account_id)[1].status = "SUSPENDED"

	def _settings(self, **values: Any) -> None:
		for name, value in values.items():
			setattr(self.state.settings, name, Ids(value) if name == "ids" else value)


def _response(status: int, body: Any, headers: dict[str, str]) -> Response:
	text = json.dumps(body, ensure_ascii=False)
	return Response(text, status=status, headers=headers, content_type="application/json; charset=utf-8")

"""The HTTP face: Ponto Connect under `/ponto/ponto-connect/`, custom integrations under `/ponto/my/`."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from dokos_banksync.sandbox.consent_pages.pages import ConsentPages
from dokos_banksync.sandbox.faults import Fault
from dokos_banksync.sandbox.ponto import calls, consent, oauth, resources
from dokos_banksync.sandbox.ponto.errors import ApiError, OAuthError, missing
from dokos_banksync.sandbox.ponto.model import CLIENT_ID, Row
from dokos_banksync.sandbox.ponto.state import Ponto
from dokos_banksync.sandbox.world import World

CONNECT, OWN = "/ponto/ponto-connect", "/ponto/my"
_ACCOUNT = "/accounts/<account_id>"
_SYNC = "/synchronizations/<synchronization_id>"
_CREATED = frozenset(
	{"POST /synchronizations", "POST /onboarding-details", f"POST {_ACCOUNT}/reauthorization-requests"}
)
_SHARED: dict[str, Callable[..., Row]] = {
	"GET /accounts": calls.list_accounts,
	f"GET {_ACCOUNT}": calls.get_account,
	f"GET {_ACCOUNT}/transactions": calls.list_transactions,
	f"GET {_ACCOUNT}/transactions/<transaction_id>": calls.get_transaction,
	f"GET {_ACCOUNT}/pending-transactions": calls.list_pending,
	"POST /synchronizations": calls.create_synchronization,
	f"GET {_SYNC}": calls.get_synchronization,
	f"GET {_SYNC}/updated-transactions": calls.list_updated,
	f"GET {_SYNC}/updated-pending-transactions": calls.list_updated_pending,
}
_CONNECT_ONLY: dict[str, Callable[..., Row]] = {
	f"DELETE {_ACCOUNT}": calls.delete_account,
	f"POST {_ACCOUNT}/reauthorization-requests": calls.reauthorize,
	"GET /userinfo": calls.user_info,
	"DELETE /organizations/<organization_id>/integration": calls.end_integration,
	"POST /onboarding-details": calls.create_onboarding,
}
_WITHOUT_TOKEN = ("GET /financial-institutions", "GET /financial-institutions/<institution_id>")
_TOKEN = ("POST /oauth2/token", "POST /oauth2/revoke")
_HANDLERS = {**_SHARED, **_CONNECT_ONLY}


def _rules(home: str, places: tuple[str, ...]) -> list[Rule]:
	return [Rule(home + one.split(" ")[1], methods=[one.split(" ")[0]], endpoint=one) for one in places]


_ROUTES = Map(
	[
		*_rules(CONNECT, (*_HANDLERS, *_WITHOUT_TOKEN, *_TOKEN)),
		*_rules(OWN, (*_SHARED, *_WITHOUT_TOKEN, *_TOKEN)),
		*_rules("/ponto", ("GET /webhooks/keys", "GET /oauth2/auth")),
	]
)


class PontoFace:
	"""Answers one request at a time with the lock held."""

	name = "ponto"
	prefixes: tuple[str, ...] = ("/ponto/", "/connect/ponto/")

	def __init__(self, world: World) -> None:
		self.state = Ponto(world)
		self.outbox = self.state.webhooks.outbox
		self.simulations: dict[str, Callable[..., Any]] = {
			"link": self.state.link,
			"expire": self._expire,
			"revoke_account": lambda account_id: self.state.revoke_account(
				self.state.find_account(account_id)[1]
			),
			"end_integration": self._end_integration,
			"settings": self._set,
			"webhook": self._set_webhook,
			"allow_redirect": self._allow_redirect,
		}
		self._pages = ConsentPages(consent.BankConsentFlow(self.state), self.state.lock, "Ponto")

	def answer(self, request: Request) -> Response:
		"""Answer a call of the API, or a page of the authorization."""
		if not request.path.startswith("/ponto/"):
			return self._pages.answer(request)
		with self.state.lock:
			try:
				return self._handle(request)
			except ApiError as error:
				return self._response(error.status, error.as_json(), error.retry_after)

	def refuse(self, fault: Fault) -> Response:
		"""Return a requested error in the API's form."""
		usual = {429: "tooManyRequests", 503: "serviceUnavailable"}.get(fault.status, "internalServerError")
		error = ApiError(fault.status, fault.code or usual, "A fault that was asked for")
		return self._response(fault.status, error.as_json(), fault.retry_after)

	def spoil(self, kind: str, request: Request, response: Response) -> None:
		"""With "repeat_page", the next page is the same again; "touch" means nothing here."""
		body = json.loads(response.get_data())
		if kind == "repeat_page" and isinstance(body.get("links"), dict):
			body["links"]["next"] = request.url
			response.set_data(json.dumps(body))

	def forget(self) -> None:
		"""Drop what clients created."""
		self.state.forget()

	def _handle(self, request: Request) -> Response:
		try:
			place, arguments = _ROUTES.bind_to_environ(request.environ).match()
		except (NotFound, MethodNotAllowed):
			raise missing("resource") from None
		if place == "GET /oauth2/auth":
			return oauth.authorize(self.state, request)
		if place == "GET /webhooks/keys":
			return self._response(200, self.state.webhooks.keys())
		if place in _TOKEN:
			give = oauth.give_token if place == _TOKEN[0] else oauth.revoke_token
			return self._response(200, give(self.state, request))
		if place in _WITHOUT_TOKEN:
			return self._response(200, self._institutions(request, arguments.get("institution_id")))
		return self._with_token(request, place, arguments)

	def _with_token(self, request: Request, place: str, arguments: Any) -> Response:
		token = oauth.bearer(self.state, request)
		if token.application.owner and not request.path.startswith(f"{OWN}/"):
			raise OAuthError(401, "invalid_client", "The client is not one of Ponto Connect")
		made = _HANDLERS[place](calls.Call(request, self.state, token), **arguments)
		return self._response(201 if place in _CREATED else 200, made)

	def _institutions(self, request: Request, wanted: str | None) -> Row:
		found = [one for one in self.state.world.institutions.values() if "aggregation" in one.capabilities]
		logo = f"{request.host_url}connect/logo"
		if wanted is None:
			return resources.page(
				request,
				found,
				resources.institution_id,
				lambda one: resources.institution(one, f"{logo}/{one.id}.svg"),
			)
		for one in found:
			if resources.institution_id(one) == wanted:
				return {"data": resources.institution(one, f"{logo}/{one.id}.svg")}
		raise missing("financialInstitution")

	def _response(self, status: int, body: Any, retry_after: float | None = None) -> Response:
		text = json.dumps(body, ensure_ascii=False)
		response = Response(text, status=status, content_type="application/vnd.api+json; charset=utf-8")
		response.headers["ibanity-request-id"] = self.state.new_uuid()
		if retry_after is not None:
			response.headers["Retry-After"] = str(math.ceil(retry_after))
		return response

	def _expire(self, account_id: str) -> None:
		"""The authorization of an account ends now."""
		account = self.state.find_account(account_id)[1]
		account.expires_at = self.state.now()
		self.state.reader.read_now(account)

	def _end_integration(self, login: str = "success", client_id: str = CLIENT_ID) -> None:
		organization = self.state.organization_of(login)
		self.state.end_integration(organization, self.state.applications[client_id])

	def _set(self, **values: Any) -> None:
		lives = {"token_life", "code_life", "consent_life", "sync_pause"}
		given: dict[str, Any] = {
			name: timedelta(seconds=one) if name in lives else one for name, one in values.items()
		}
		self.state.settings = replace(self.state.settings, **given)

	def _set_webhook(self, url: str, client_id: str = CLIENT_ID) -> None:
		self.state.applications[client_id].webhook_url = url

	def _allow_redirect(self, url: str, client_id: str = CLIENT_ID) -> None:
		application = self.state.applications[client_id]
		application.redirect_uris = (*application.redirect_uris, url)

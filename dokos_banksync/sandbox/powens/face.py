"""The HTTP face: routes and the shape of answers."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from dokos_banksync.sandbox.consent_pages.pages import ConsentPages
from dokos_banksync.sandbox.faults import Fault
from dokos_banksync.sandbox.outbox import Outbox
from dokos_banksync.sandbox.powens import calls
from dokos_banksync.sandbox.powens.calls import Call
from dokos_banksync.sandbox.powens.errors import ApiError
from dokos_banksync.sandbox.powens.rows import plain
from dokos_banksync.sandbox.powens.state import Powens
from dokos_banksync.sandbox.powens.webview import FLOWS, Webview, open_webview
from dokos_banksync.sandbox.world import World

HOME = "/powens/2.0"
_ONE = "/users/me/connections/<int:connection_id>"
_HANDLERS: dict[str, Callable[..., Any]] = {
	"POST /auth/init": calls.init,
	"GET /auth/token/code": calls.code,
	"GET /connectors": calls.connectors,
	"DELETE /users/me": calls.delete_user,
	"GET /users/me/connections": calls.list_connections,
	f"GET {_ONE}": calls.get_connection,
	f"PUT {_ONE}": calls.sync_connection,
	f"DELETE {_ONE}": calls.delete_connection,
	f"GET {_ONE}/accounts": calls.list_accounts,
	"GET /users/me/accounts/<int:account_id>/transactions": calls.list_transactions,
}
_WEBVIEW = "webview"
_ROUTES = Map(
	[Rule(HOME + place.split(" ")[1], methods=[place.split(" ")[0]], endpoint=place) for place in _HANDLERS]
	+ [
		Rule(
			f"{HOME}/auth/webview/<language>/<any({','.join(FLOWS)}):flow>",
			endpoint=_WEBVIEW,
			methods=["GET"],
		)
	]
)


class PowensFace:
	"""Answers one request at a time with the lock held."""

	name = "powens"
	prefixes: tuple[str, ...] = ("/powens/", "/connect/powens/")

	def __init__(self, world: World) -> None:
		self.state = Powens(world)
		self.outbox: Outbox = self.state.outbox
		self._pages = ConsentPages(Webview(self.state), self.state.lock, "Powens")
		self._requests = itertools.count(1)
		self.simulations: dict[str, Callable[..., Any]] = {
			"end_access": self._end_access,
			"state": self._set_state,
			"disable": self._disable,
			"settings": self._settings,
		}

	def answer(self, request: Request) -> Response:
		"""Answer a call of the API, or a page of the webview."""
		if not request.path.startswith("/powens/"):
			return self._pages.answer(request)
		with self.state.lock:
			try:
				return self._handle(Call(request, self.state))
			except ApiError as error:
				return _response(error.status, error.as_json(next(self._requests)))

	def refuse(self, fault: Fault) -> Response:
		"""Return a requested error in Powens's form."""
		code = fault.code or ("tooManySync" if fault.status == 429 else "bug")
		error = ApiError(fault.status, code, "A fault that was asked for")
		headers = {} if fault.retry_after is None else {"Retry-After": str(fault.retry_after)}
		return _response(fault.status, error.as_json(next(self._requests)), headers)

	def spoil(self, kind: str, request: Request, response: Response) -> None:
		"""Let the next page of a list be the same page again."""
		if kind == "repeat_page":
			body = json.loads(response.get_data())
			body["_links"] = {"next": {"href": request.url}}
			response.set_data(json.dumps(body))

	def forget(self) -> None:
		"""Drop what clients created."""
		self.state.forget()

	def _handle(self, call: Call) -> Response:
		try:
			place, arguments = _ROUTES.bind_to_environ(call.request.environ).match()
		except (NotFound, MethodNotAllowed):
			raise ApiError(404, "notFound", "There is no such route") from None
		if place == _WEBVIEW:
			return open_webview(self.state, call.request, arguments["flow"])
		body = _HANDLERS[place](call, **arguments)
		return Response(status=204) if body is None else _response(200, body)

	def _end_access(self, connection_id: int) -> None:
		owner = self.state.connection(connection_id)
		owner.access_ends = self.state.now() - timedelta(seconds=1)
		self.state.sync(owner)

	def _set_state(self, connection_id: int, state: str, message: str | None = None) -> None:
		owner = self.state.connection(connection_id)
		owner.state, owner.message = state or None, message

	def _disable(self, account_id: int) -> None:
		account = self.state.account(account_id)
		account.disabled = self.state.now()
		account.rows.clear()

	def _settings(self, **values: Any) -> None:
		for name, value in values.items():
			setattr(self.state.settings, name, value)


def _response(status: int, body: Any, headers: dict[str, str] | None = None) -> Response:
	text = json.dumps(body, ensure_ascii=False, default=plain)
	return Response(
		text, status=status, headers=headers or {}, content_type="application/json; charset=utf-8"
	)

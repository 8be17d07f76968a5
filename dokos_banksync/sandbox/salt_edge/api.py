"""The HTTP side of the API: routes, checks, the shape of answers."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from dokos_banksync.sandbox.salt_edge import basics, connections, data
from dokos_banksync.sandbox.salt_edge.call import Call, authenticate, check_firewall, read_data
from dokos_banksync.sandbox.salt_edge.errors import NO_PAGE, HtmlAnswer, SaltEdgeError
from dokos_banksync.sandbox.salt_edge.state import SaltEdge

Handler = Callable[..., dict[str, Any]]
_HANDLERS: dict[str, Handler] = {
	"POST /customers": basics.create_customer,
	"GET /customers": basics.list_customers,
	"GET /customers/<customer_id>": basics.get_customer,
	"DELETE /customers/<customer_id>": basics.remove_customer,
	"GET /countries": basics.list_countries,
	"GET /providers": basics.list_providers,
	"GET /providers/<code>": basics.get_provider,
	"GET /categories": basics.list_categories,
	"POST /connections/connect": connections.connect,
	"POST /connections/<connection_id>/reconnect": connections.reconnect,
	"POST /connections/<connection_id>/refresh": connections.refresh,
	"POST /connections/<connection_id>/background_refresh": connections.refresh_in_background,
	"GET /connections": connections.list_connections,
	"GET /connections/<connection_id>": connections.get_connection,
	"DELETE /connections/<connection_id>": connections.remove_connection,
	"GET /consents": connections.list_consents,
	"GET /consents/<consent_id>": connections.get_consent,
	"PUT /consents/<consent_id>/revoke": connections.revoke_consent,
	"GET /accounts": data.list_accounts,
	"GET /transactions": data.list_transactions,
}
_ROUTES = Map(
	[
		Rule(f"/salt-edge/api/v6{place.split(' ')[1]}", methods=[place.split(" ")[0]], endpoint=place)
		for place in _HANDLERS
	],
	strict_slashes=False,
)


class Api:
	"""Answers one request at a time, with Salt Edge's lock held."""

	def __init__(self, salt: SaltEdge) -> None:
		self.salt = salt

	def answer(self, request: Request) -> Response:
		"""Answer a call. A client's mistake gets its documented error; an exception is a defect of the sandbox."""
		with self.salt.lock:
			try:
				return _json(self._handle(request))
			except SaltEdgeError as error:
				return error_response(
					error, request.get_json(force=True, silent=True) if request.get_data() else None
				)
			except HtmlAnswer as page:
				return Response(page.text, status=page.status, content_type="text/html; charset=utf-8")

	def _handle(self, request: Request) -> dict[str, Any]:
		if self.salt.settings.firewall:
			check_firewall(request)
		try:
			place, arguments = _ROUTES.bind_to_environ(request.environ).match()
		except (NotFound, MethodNotAllowed):
			raise HtmlAnswer(404, NO_PAGE) from None
		client = authenticate(self.salt, request)
		return _HANDLERS[place](Call(self.salt, client, request, read_data(request)), **arguments)


def error_response(error: SaltEdgeError, sent: Any = None) -> Response:
	"""Return the answer for an error, with the body that was sent repeated."""
	return _json(error.as_json(sent), error.status)


def _json(body: dict[str, Any], status: int = 200) -> Response:
	return Response(
		json.dumps(body, ensure_ascii=False), status=status, content_type="application/json; charset=utf-8"
	)

"""The HTTP face of the API: routes, the checks every call passes, the shape of answers."""

from __future__ import annotations

import hmac
import json
import math
from collections.abc import Callable
from typing import Any

from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from dokos_banksync.sandbox.bridge import basics, data, sessions
from dokos_banksync.sandbox.bridge.call import VERSION, Call
from dokos_banksync.sandbox.bridge.errors import ApiError, missing
from dokos_banksync.sandbox.bridge.model import Application, User
from dokos_banksync.sandbox.bridge.state import Bridge

Handler = Callable[..., tuple[int, Any]]
_AGGREGATION = "/v3/aggregation"
_WITHOUT_USER: dict[str, Handler] = {
	f"POST {_AGGREGATION}/users": basics.create_user,
	f"GET {_AGGREGATION}/users": basics.list_users,
	f"GET {_AGGREGATION}/users/<user_uuid>": basics.get_user,
	f"DELETE {_AGGREGATION}/users/<user_uuid>": basics.delete_user,
	f"POST {_AGGREGATION}/authorization/token": basics.create_token,
	"GET /v3/providers": basics.list_providers,
	"GET /v3/providers/<int:provider_id>": basics.get_provider,
	f"GET {_AGGREGATION}/categories": basics.list_categories,
	f"GET {_AGGREGATION}/categories/<int:category_id>": basics.get_category,
}
_WITH_USER: dict[str, Handler] = {
	f"POST {_AGGREGATION}/connect-sessions": sessions.create_session,
	f"GET {_AGGREGATION}/items": data.list_items,
	f"GET {_AGGREGATION}/items/<int:item_id>": data.get_item,
	f"DELETE {_AGGREGATION}/items/<int:item_id>": data.delete_item,
	f"GET {_AGGREGATION}/accounts": data.list_accounts,
	f"GET {_AGGREGATION}/accounts/<int:account_id>": data.get_account,
	f"GET {_AGGREGATION}/accounts-information": data.accounts_information,
	f"GET {_AGGREGATION}/transactions": data.list_transactions,
	f"GET {_AGGREGATION}/transactions/<int:transaction_id>": data.get_transaction,
}
_ROUTES = Map(
	[
		Rule(place.split(" ")[1], methods=[place.split(" ")[0]], endpoint=place)
		for place in (*_WITHOUT_USER, *_WITH_USER)
	],
	strict_slashes=True,
)


class Api:
	"""Answers one request at a time with the bridge's lock held."""

	def __init__(self, bridge: Bridge) -> None:
		self.bridge = bridge

	def answer(self, request: Request) -> Response:
		"""Never raises for what a client did: every mistake has its documented answer."""
		with self.bridge.lock:
			try:
				status, body = self._handle(request)
			except ApiError as error:
				return self._error_response(error)
			return self._response(status, body)

	def _handle(self, request: Request) -> tuple[int, Any]:
		application = self._application(request)
		if request.headers.get("Bridge-Version") != VERSION:
			raise ApiError(400, "invalid_version", f"Bridge-Version must be {VERSION}", "Bridge-Version")
		self._take("application", application.client_id)
		try:
			place, arguments = _ROUTES.bind_to_environ(request.environ).match()
		except (NotFound, MethodNotAllowed):
			raise missing("The address") from None
		call = Call(request, self.bridge, application)
		if place in _WITHOUT_USER:
			return _WITHOUT_USER[place](call, **arguments)
		call.given_user = self._bearer(request, application)
		self._take("user", call.user.uuid)
		return _WITH_USER[place](call, **arguments)

	def _application(self, request: Request) -> Application:
		client_id, secret = request.headers.get("Client-Id", ""), request.headers.get("Client-Secret", "")
		application = self.bridge.applications.get(client_id)
		if application is None or not hmac.compare_digest(
			application.client_secret.encode(), secret.encode()
		):
			raise ApiError(401, "invalid_client_credentials", "The client id or secret is not right")
		return application

	def _bearer(self, request: Request, application: Application) -> User:
		kind, _, text = request.headers.get("Authorization", "").partition(" ")
		token = self.bridge.tokens.get(text) if kind.lower() == "bearer" else None
		if token is None or token.application is not application or token.expires_at <= self.bridge.now():
			raise ApiError(401, "invalid_access_token", "The access token is missing, wrong or expired")
		return token.user

	def _take(self, what: str, who: str) -> None:
		wait = self.bridge.limits.take(what, who)
		if wait is not None:
			raise ApiError(429, "too_many_requests", "Too many requests", retry_after=wait)

	def _error_response(self, error: ApiError) -> Response:
		response = self._response(error.status, error.as_json(as_list=self.bridge.settings.error_list))
		if error.retry_after is not None and self.bridge.limits.retry_after:
			response.headers["Retry-After"] = str(math.ceil(error.retry_after))
		return response

	def _response(self, status: int, body: Any) -> Response:
		if body is None:
			return Response(status=status)
		if not isinstance(body, str):
			shown = body if self.bridge.settings.show_nulls else _without_nulls(body)
			body = json.dumps(shown, ensure_ascii=False)
		return Response(body, status=status, content_type="application/json; charset=utf-8")


def _without_nulls(value: Any) -> Any:
	if isinstance(value, dict):
		present = {name: one for name, one in value.items() if one is not None or name == "next_uri"}
		return {name: _without_nulls(one) for name, one in present.items()}
	return [_without_nulls(one) for one in value] if isinstance(value, list) else value

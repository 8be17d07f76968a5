"""The HTTP side of the API: routes, the fields they take, the shape of answers."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, NamedTuple

from werkzeug.wrappers import Request, Response

from dokos_banksync.sandbox.plaid import banks, items, link, shortcuts, sync, users
from dokos_banksync.sandbox.plaid.call import Call, Schema, authenticate, read_body
from dokos_banksync.sandbox.plaid.errors import PlaidError
from dokos_banksync.sandbox.plaid.state import Plaid


class _Route(NamedTuple):
	handler: Callable[[Call], dict[str, Any]]
	schema: Schema


def _takes(required: dict[str, type] | None = None, **optional: type) -> Schema:
	return Schema({**(required or {}), **optional}, tuple(required or {}))


_TOKEN: dict[str, type] = {"access_token": str}
_COUNTRIES: dict[str, type] = {"country_codes": list}
_ROUTES = {
	"/link/token/create": _Route(
		link.create_link_token,
		_takes(
			{"client_name": str, "language": str, "country_codes": list},
			user=dict, products=list, webhook=str, redirect_uri=str, access_token=str, institution_id=str, update=dict,
			hosted_link=dict, transactions=dict, enable_multi_item_link=bool, user_id=str, user_token=str,
			account_filters=dict, link_customization_name=str, optional_products=list,
			required_if_supported_products=list, additional_consented_products=list,
		),
	),
	"/user/create": _Route(
		users.create_user,
		_takes({"client_user_id": str}, identity=dict, consumer_report_user_identity=dict, with_upgraded_user=bool),
	),
	"/link/token/get": _Route(link.get_link_token, _takes({"link_token": str})),
	"/item/public_token/exchange": _Route(link.exchange, _takes({"public_token": str})),
	"/item/get": _Route(items.get_item, _takes(_TOKEN)),
	"/item/remove": _Route(items.remove_item, _takes(_TOKEN, reason_code=str, reason_note=str)),
	"/item/webhook/update": _Route(items.update_webhook, _takes(_TOKEN, webhook=str)),
	"/accounts/get": _Route(items.get_accounts, _takes(_TOKEN, options=dict)),
	"/accounts/balance/get": _Route(items.get_balances, _takes(_TOKEN, options=dict)),
	"/transactions/sync": _Route(sync.sync, _takes(_TOKEN, cursor=str, count=int, options=dict)),
	"/transactions/refresh": _Route(sync.refresh, _takes(_TOKEN)),
	"/institutions/get": _Route(
		banks.list_institutions, _takes({"count": int, "offset": int, **_COUNTRIES}, options=dict)
	),
	"/institutions/search": _Route(
		banks.search_institutions, _takes({"query": str, **_COUNTRIES}, products=list, options=dict)
	),
	"/institutions/get_by_id": _Route(
		banks.get_institution, _takes({"institution_id": str, **_COUNTRIES}, options=dict)
	),
	"/webhook_verification_key/get": _Route(items.get_webhook_key, _takes({"key_id": str})),
	"/sandbox/public_token/create": _Route(
		shortcuts.create_public_token, _takes({"institution_id": str, "initial_products": list}, options=dict)
	),
	"/sandbox/item/fire_webhook": _Route(
		shortcuts.fire_webhook, _takes({**_TOKEN, "webhook_code": str}, webhook_type=str)
	),
	"/sandbox/item/reset_login": _Route(shortcuts.reset_login, _takes(_TOKEN)),
}  # fmt: skip


class Api:
	"""Answers one request at a time, with Plaid's lock held."""

	def __init__(self, plaid: Plaid, prefix: str) -> None:
		self.plaid, self.prefix = plaid, prefix

	def answer(self, request: Request) -> Response:
		"""Answer a call. A client's mistake gets its documented error; an exception is a defect of the sandbox."""
		with self.plaid.lock:
			request_id = self.plaid.new_id(15)
			try:
				return _json({**self._handle(request), "request_id": request_id})
			except PlaidError as error:
				return error_response(error, request_id)

	def _handle(self, request: Request) -> dict[str, Any]:
		path = request.path.removeprefix(self.prefix)
		route = _ROUTES.get(path)
		if route is None or request.method != "POST":
			raise PlaidError("NOT_FOUND")
		if request.headers.get("Plaid-Version", "2020-09-14") != "2020-09-14":
			raise PlaidError("INVALID_FIELD", "Plaid-Version is not a known version")
		raw = request.get_json(force=True, silent=True)
		client = authenticate(self.plaid, request, raw if isinstance(raw, dict) else {})
		body = read_body(request, route.schema)
		code = self.plaid.limits.exceeded(path, client.client_id, str(body.get("access_token") or ""))
		if code is not None:
			raise PlaidError(code)
		return route.handler(Call(self.plaid, client, body, request))


def error_response(error: PlaidError, request_id: str) -> Response:
	"""Return the answer for an error; a rate limit names no time to wait."""
	return _json(error.as_json(request_id), error.kind.status)


def _json(body: dict[str, Any], status: int = 200) -> Response:
	return Response(
		json.dumps(body, ensure_ascii=False), status=status, content_type="application/json; charset=utf-8"
	)

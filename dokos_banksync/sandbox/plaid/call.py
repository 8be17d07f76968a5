"""One call of the API: the checks that every call passes, and what a handler may ask of it."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from werkzeug.wrappers import Request

from dokos_banksync.sandbox.plaid.errors import PlaidError, field_missing, field_wrong
from dokos_banksync.sandbox.plaid.model import Client, Item
from dokos_banksync.sandbox.plaid.state import Plaid

_KEYS = frozenset({"client_id", "secret"})
_NAMES = {str: "a string", int: "an integer", bool: "a boolean", list: "an array", dict: "an object"}


@dataclass(frozen=True)
class Schema:
	"""The fields that a call takes, with their types; `required` ones must be there."""

	fields: Mapping[str, type]
	required: tuple[str, ...] = ()


@dataclass
class Call:
	"""A call whose client is known."""

	plaid: Plaid
	client: Client
	body: dict[str, Any]
	request: Request

	def text(self, name: str) -> str:
		"""Return a field of the body as text, empty where it is missing."""
		return str(self.body.get(name) or "")

	def options(self, *known: str) -> dict[str, Any]:
		"""Return the `options` object, checked for unknown names."""
		options: dict[str, Any] = self.body.get("options", {})
		unknown = set(options) - set(known)
		if unknown:
			raise PlaidError(
				"UNKNOWN_FIELDS", f"the following fields are not recognized: options.{min(unknown)}"
			)
		return options

	def item(self, *, working: bool = True) -> Item:
		"""Return the item of the access token. With `working`, one in error raises its error."""
		token = self.text("access_token")
		item = next((one for one in self.client.items.values() if one.access_token == token), None)
		if item is None:
			raise self._unknown_token(token)
		if working and item.error is not None:
			raise item.error
		return item

	def _unknown_token(self, token: str) -> PlaidError:
		kind, _, rest = token.partition("-")
		environment = rest.partition("-")[0]
		if kind == "access" and environment in {"sandbox", "production"} - {self.plaid.settings.environment}:
			message = f'provided access token is for the wrong Plaid environment. expected "{self.plaid.settings.environment}", got "{environment}"'
			return PlaidError("INVALID_ACCESS_TOKEN", message)
		if kind != "access" or not rest:
			return PlaidError("INVALID_ACCESS_TOKEN", "provided access token is in an invalid format")
		return PlaidError("INVALID_ACCESS_TOKEN")


def read_body(request: Request, schema: Schema) -> dict[str, Any]:
	"""Return the JSON object that was sent, checked against the fields of the call."""
	body = request.get_json(force=True, silent=True)
	if not isinstance(body, dict):
		raise PlaidError("INVALID_BODY")
	missing = [name for name in schema.required if name not in body]
	if missing:
		raise field_missing(*missing)
	unknown = sorted(set(body) - set(schema.fields) - _KEYS)
	if unknown:
		raise PlaidError("UNKNOWN_FIELDS", f"the following fields are not recognized: {', '.join(unknown)}")
	for name, wanted in schema.fields.items():
		value = body.get(name)
		optional_null = value is None and name not in schema.required and name != "options"
		if name in body and not optional_null and not _fits(value, wanted):
			raise field_wrong(name, f"must be {_NAMES[wanted]}")
	return body


def authenticate(plaid: Plaid, request: Request, body: Mapping[str, Any]) -> Client:
	"""Return the client of the keys in the body or in the headers."""
	client_id = body.get("client_id") or request.headers.get("PLAID-CLIENT-ID")
	secret = body.get("secret") or request.headers.get("PLAID-SECRET")
	missing = [name for name, value in (("client_id", client_id), ("secret", secret)) if not value]
	if missing:
		raise field_missing(*missing)
	client = plaid.clients.get(str(client_id))
	if client is None or not hmac.compare_digest(client.secret.encode(), str(secret).encode()):
		raise PlaidError("INVALID_API_KEYS")
	return client


def _fits(value: object, wanted: type) -> bool:
	return isinstance(value, wanted) and not (wanted is int and isinstance(value, bool))

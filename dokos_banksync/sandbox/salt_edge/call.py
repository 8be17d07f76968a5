"""One call of the API: the checks that every call passes, and what a handler may ask of it."""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from werkzeug.wrappers import Request

from dokos_banksync.sandbox.salt_edge.errors import FIREWALL, HtmlAnswer, SaltEdgeError, wrong
from dokos_banksync.sandbox.salt_edge.keys import verifies
from dokos_banksync.sandbox.salt_edge.model import Client, Connection, Customer
from dokos_banksync.sandbox.salt_edge.state import SaltEdge

_HOUR = 3600
MAX_PAGE = 1000


@dataclass
class Call:
	"""A call whose client is known. `data` is what was sent under "data"."""

	salt: SaltEdge
	client: Client
	request: Request
	data: dict[str, Any]

	def customer(self, given: object) -> Customer:
		"""Return the customer of an id."""
		if (
			self.salt.settings.integer_customer_ids
			and isinstance(given, str)
			and self.request.method == "POST"
		):
			raise wrong("customer_id must be an integer")
		customer = self.client.customers.get(str(given or ""))
		if customer is None:
			raise SaltEdgeError("CustomerNotFound", "Customer was not found.")
		return customer

	def connection(self, connection_id: str) -> Connection:
		"""Return a connection, as it is by now."""
		for customer in self.client.customers.values():
			if connection_id in customer.connections:
				connection = customer.connections[connection_id]
				self.salt.proceed(connection)
				self.salt.expire_if_due(connection)
				return connection
		raise SaltEdgeError("ConnectionNotFound", f"Connection with id: '{connection_id}' was not found.")

	def asked_connections(self) -> list[Connection]:
		"""Return the connections of the `connection_id` or `customer_id` in the query."""
		args = self.request.args
		if args.get("connection_id"):
			return [self.connection(args["connection_id"])]
		if not args.get("customer_id"):
			raise wrong("connection_id or customer_id is missing")
		return [self.connection(one) for one in list(self.customer(args["customer_id"]).connections)]

	def part(self, name: str) -> dict[str, Any]:
		"""Return an object of the request's data, {} when it is not there."""
		value = self.data.get(name) or {}
		if not isinstance(value, dict):
			raise wrong(f"{name} must be an object")
		return value

	def day(self, name: str) -> date | None:
		"""Return a date of the query. Raises the documented error for anything else."""
		text = self.request.args.get(name)
		try:
			return date.fromisoformat(text) if text else None
		except ValueError:
			raise wrong(f"{name} must be a date") from None

	def flag(self, name: str) -> bool:
		"""Return whether a parameter of the query is "true"."""
		return self.request.args.get(name, "").lower() == "true"

	def listing(
		self, rows: Iterable[tuple[int, Any]], show: Callable[[Any], Any] = lambda row: row
	) -> dict[str, Any]:
		"""Return one page of rows by rising id, from `from_id` on (that one included), each as `show` writes it."""
		args = self.request.args
		start, size = args.get("from_id", "0"), args.get("per_page", "100")
		if not start.isdigit() or not size.isdigit() or not 1 <= int(size) <= MAX_PAGE:
			raise wrong(f"from_id and per_page must be numbers, per_page at most {MAX_PAGE}")
		ordered = sorted((pair for pair in rows if pair[0] >= int(start)), key=lambda pair: pair[0])
		page, rest = ordered[: int(size)], ordered[int(size) :]
		next_id = str(rest[0][0]) if rest else None
		other_args = [pair for pair in args.items(multi=True) if pair[0] != "from_id"]
		path = self.request.path[self.request.path.index("/api/") :]
		next_page = f"{path}?{urlencode([*other_args, ('from_id', next_id)])}" if next_id else None
		return {"data": [show(row) for _, row in page], "meta": {"next_id": next_id, "next_page": next_page}}


def check_firewall(request: Request) -> None:
	"""Refuse the user agents of libraries, as Salt Edge's firewall does."""
	agent = request.headers.get("User-Agent", "")
	if not agent or agent.startswith("python-requests"):
		raise HtmlAnswer(403, FIREWALL)


def authenticate(salt: SaltEdge, request: Request) -> Client:
	"""Return the client of the keys, after a check of the signature where there is a public key."""
	app_id, secret = request.headers.get("App-id"), request.headers.get("Secret")
	if not app_id:
		raise SaltEdgeError("AppIdNotProvided", "App-id is missing.")
	if not secret:
		raise SaltEdgeError("SecretNotProvided", "Secret is missing.")
	client = salt.clients.get(app_id)
	if client is None or not hmac.compare_digest(client.secret.encode(), secret.encode()):
		raise SaltEdgeError("ApiKeyNotFound", "API key with the provided App-id and Secret was not found.")
	if client.public_key:
		_check_signature(salt, client, request)
	if client.state in ("disabled", "restricted"):
		raise SaltEdgeError(f"Client{client.state.title()}")
	if salt.windows.take(client.app_id, salt.rate, 60.0) is not None:
		raise SaltEdgeError("TooManyRequests", "Too many requests occurred.")
	return client


def read_data(request: Request) -> dict[str, Any]:
	"""Return the object under "data" of a body; {} for a call without one."""
	raw = request.get_data()
	if not raw:
		return {}
	try:
		body = json.loads(raw)
	except ValueError:
		raise wrong("The request is not valid JSON.") from None
	data: Mapping[str, Any] | None = body.get("data") if isinstance(body, dict) else None
	if not isinstance(data, dict):
		raise wrong("data is missing")
	return data


def _check_signature(salt: SaltEdge, client: Client, request: Request) -> None:
	expires, signature = request.headers.get("Expires-at"), request.headers.get("Signature")
	if not expires:
		raise SaltEdgeError("MissingExpiresAt", "Expires-at is missing.")
	if not signature:
		raise SaltEdgeError("MissingSignature", "Signature is missing.")
	now = salt.now().timestamp()
	if not expires.isdigit() or int(expires) > now + _HOUR:
		raise SaltEdgeError("ExpiresAtInvalid", "Expires-at is not valid.")
	if int(expires) < now:
		raise SaltEdgeError("RequestExpired", "The request has expired.")
	query = request.query_string.decode("latin-1")
	url = request.host_url.rstrip("/") + request.path + (f"?{query}" if query else "")
	text = f"{expires}|{request.method}|{url}|".encode() + request.get_data()
	if not verifies(client.public_key, text, signature):
		raise SaltEdgeError("SignatureNotMatch", "The signature does not match.")

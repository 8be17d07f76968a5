"""The handlers of the API's calls."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any
from urllib.parse import urlencode

from werkzeug.wrappers import Request

from dokos_banksync.sandbox.powens import rows
from dokos_banksync.sandbox.powens.errors import ApiError, missing
from dokos_banksync.sandbox.powens.model import (
	CLIENT_ID,
	CLIENT_SECRET,
	Account,
	Connection,
	Row,
	Transaction,
	User,
)
from dokos_banksync.sandbox.powens.state import Powens

_MOST = 1000


@dataclass
class Call:
	"""One call."""

	request: Request
	state: Powens

	@property
	def user(self) -> User:
		"""Return the user of the token. ApiError (401)."""
		kind, _, token = self.request.headers.get("Authorization", "").partition(" ")
		found = self.state.user_of(token) if kind == "Bearer" else None
		if found is None:
			raise ApiError(401, "unauthorized", "The token is missing, unknown or revoked")
		return found

	def connection(self, connection_id: int) -> Connection:
		"""Return a connection of the user. ApiError (404)."""
		found = self.user.connections.get(connection_id)
		if found is None:
			raise missing("connection")
		return found

	def account(self, account_id: int) -> Account:
		"""Return an account of the user that is shared. ApiError (404)."""
		for owner in self.user.connections.values():
			if account_id in owner.accounts and owner.accounts[account_id].disabled is None:
				return owner.accounts[account_id]
		raise missing("account")


def init(call: Call) -> Row:
	"""Create a user, with a permanent token for keys that are right."""
	body = call.request.get_json(silent=True) or {}
	if (body.get("client_id"), body.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
		raise ApiError(403, "unauthorized", "Invalid client_id or client_secret")
	user = User(call.state.new_id(), call.state.new_text())
	call.state.users[user.id] = user
	return {"auth_token": user.token, "type": "permanent", "id_user": user.id, "expires_in": None}


def code(call: Call) -> Row:
	"""Answer a temporary code."""
	made, user = call.state.new_text(), call.user
	call.state.codes[made] = user
	return {"code": made, "type": "temporary", "access": "single", "expires_in": 1800}


def connectors(call: Call) -> Row:
	"""Answer the connectors, of some countries where they are given."""
	wanted = call.request.args.get("country_codes", "").upper().split(",")
	found = call.state.world.institutions.values()
	return {"connectors": [rows.connector(one) for one in found if wanted == [""] or one.country in wanted]}


def list_connections(call: Call) -> Row:
	"""Answer the user's connections."""
	return {"connections": [_shown(call, one) for one in call.user.connections.values()]}


def get_connection(call: Call, connection_id: int) -> Row:
	"""Answer a connection. The first synchronization may end meanwhile."""
	found = call.connection(connection_id)
	seconds = call.state.settings.first_sync_seconds
	if found.last_update is None and call.state.now() >= found.created + timedelta(seconds=seconds):
		call.state.sync(found, first=True)
	return _shown(call, found)


def sync_connection(call: Call, connection_id: int) -> Row:
	"""Synchronize now. Too often in a short time is refused."""
	found, state = call.connection(connection_id), call.state
	pause = timedelta(seconds=state.settings.min_sync_seconds)
	if found.synced_by_user and state.now() - found.synced_by_user < pause:
		raise ApiError(429, "tooManySync", "This connection was synchronized a moment ago")
	found.synced_by_user = state.now()
	state.sync(found)
	return _shown(call, found)


def delete_connection(call: Call, connection_id: int) -> None:
	"""Erase a connection with its data."""
	del call.user.connections[call.connection(connection_id).id]


def delete_user(call: Call) -> None:
	"""Erase the user."""
	del call.state.users[call.user.id]


def list_accounts(call: Call, connection_id: int) -> Row:
	"""Answer the accounts of a connection; disabled ones with `all`."""
	owner, today = call.connection(connection_id), call.state.world.clock.today()
	everything = "all" in call.request.args
	found = [one for one in owner.accounts.values() if everything or one.disabled is None]
	return {"accounts": [rows.account(one, owner, today) for one in found], "balances": {}}


def list_transactions(call: Call, account_id: int) -> Row:
	"""Answer a page of an account's rows, the newest first."""
	account, given = call.account(account_id), call.request.args
	limit = given.get("limit", "")
	if not limit.isdecimal():
		raise ApiError(400, "missingParameter", "limit is required")
	if int(limit) > _MOST:
		raise ApiError(400, "invalidValue", "limit is at most 1000")
	size = min(int(limit), call.state.settings.page_size)
	start = int(given.get("cursor") or given.get("offset") or 0)
	found = [one for one in account.rows.values() if _wanted(call, one)]
	found.sort(key=lambda one: (one.values["date"], one.id), reverse=True)
	expand = call.state.settings.categorization and "categories" in given.get("expand", "")
	page = found[start : start + size]
	body: Row = {"transactions": [rows.transaction(one, account_id, expand) for one in page]}
	if call.state.settings.links:
		body["_links"] = _links(call, start + size if start + size < len(found) else None)
	return body


def _shown(call: Call, one: Connection) -> Row:
	return rows.connection(one, call.state.now() + timedelta(hours=24))


def _wanted(call: Call, one: Transaction) -> bool:
	given = call.request.args
	updated, first = _instant(given.get("last_update")), given.get("min_date", "")
	if one.deleted and "all" not in given:
		return False
	day = one.values["date"] if given.get("filter") == "date" else one.values["rdate"]
	return (updated is None or one.updated > updated) and day >= first


def _instant(given: str | None) -> datetime | None:
	if not given:
		return None
	try:
		return datetime.strptime(given, "%Y-%m-%d %H:%M:%S").replace(tzinfo=timezone.utc)
	except ValueError:
		raise ApiError(400, "invalidValue", "last_update is no DateTime") from None


def _links(call: Call, following: int | None) -> dict[str, Any]:
	address = call.request.base_url
	given = {name: value for name, value in call.request.args.items() if name != "cursor"}
	link = {"href": f"{address}?{urlencode({**given, 'cursor': following})}"} if following else None
	return {"self": {"href": call.request.url}, "prev": None, "next": link}

"""Users of a client, who may connect several banks in one session: https://plaid.com/docs/api/users/"""

from __future__ import annotations

from typing import Any

from dokos_banksync.sandbox.plaid.call import Call
from dokos_banksync.sandbox.plaid.errors import field_missing, field_wrong
from dokos_banksync.sandbox.plaid.model import User

_MAX_ID = 128


def create_user(call: Call) -> dict[str, Any]:
	"""Return the user of a `client_user_id`, made by the first call. Older clients are given a token as well."""
	client_user_id = call.text("client_user_id")
	if not 1 <= len(client_user_id) <= _MAX_ID:
		raise field_wrong("client_user_id", f"must be 1 to {_MAX_ID} characters long")
	user = call.client.users.get(client_user_id) or _made(call, client_user_id)
	return {"user_id": user.id, **({"user_token": user.token} if user.token else {})}


def check_user(call: Call) -> None:
	"""Check the user of a session that may connect several banks: older clients name them by a token, others by an id."""
	name = "user_token" if call.plaid.settings.user_tokens else "user_id"
	given = call.text(name)
	if not given:
		raise field_missing(name)
	user = next((one for one in call.client.users.values() if given in (one.id, one.token)), None)
	if user is None:
		raise field_wrong(name, "is not a user of this client")
	if call.body["user"]["client_user_id"] != user.client_user_id:
		raise field_wrong("user.client_user_id", f"is not the one that the {name} was created from")


def _made(call: Call, client_user_id: str) -> User:
	plaid = call.plaid
	token = plaid.new_token("user") if plaid.settings.user_tokens else ""
	user = User(f"usr_{plaid.new_id(14)}", client_user_id, token)
	call.client.users[client_user_id] = user
	return user

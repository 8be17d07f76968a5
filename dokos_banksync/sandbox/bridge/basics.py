"""Users, tokens, providers, categories."""

from __future__ import annotations

import re
from typing import Any

from dokos_banksync.sandbox.bridge import categories
from dokos_banksync.sandbox.bridge.call import Call
from dokos_banksync.sandbox.bridge.errors import ApiError, invalid, missing
from dokos_banksync.sandbox.bridge.model import User
from dokos_banksync.sandbox.clock import iso
from dokos_banksync.sandbox.institutions import Institution

Answer = tuple[int, Any]
_EXTERNAL_ID = re.compile(r"[a-zA-Z0-9_-]{1,128}")


def create_user(call: Call) -> Answer:
	"""Create a user."""
	external = call.body.get("external_user_id")
	if external is not None:
		if not isinstance(external, str) or not _EXTERNAL_ID.fullmatch(external):
			raise invalid("external_user_id", "external_user_id must match [a-zA-Z0-9-_]{1,128}")
		if _by_external_id(call, external):
			raise ApiError(409, "user_already_exists", "A user with this external_user_id exists")
	user = User(call.bridge.new_uuid(), external)
	call.application.users[user.uuid] = user
	return 201, _user(user)


def list_users(call: Call) -> Answer:
	"""List the application's users."""
	return 200, call.listing(
		(place, _user(user)) for place, user in enumerate(call.application.users.values())
	)


def get_user(call: Call, user_uuid: str) -> Answer:
	"""Return a user."""
	return 200, _user(_known(call, user_uuid))


def delete_user(call: Call, user_uuid: str) -> Answer:
	"""Delete a user with all items."""
	call.bridge.delete_user(call.application, _known(call, user_uuid))
	return 204, None


def create_token(call: Call) -> Answer:
	"""https://docs.bridgeapi.io/docs/user-creation-authentication"""
	body = call.body
	given = [name for name in ("user_uuid", "external_user_id") if body.get(name)]
	if len(given) != 1:
		raise invalid("user_uuid", "Give either user_uuid or external_user_id")
	user = _by_external_id(call, str(body[given[0]])) if given == ["external_user_id"] else None
	user = user or call.application.users.get(str(body[given[0]]))
	if user is None:
		raise missing("The user")
	wait = call.bridge.limits.take("tokens", user.uuid)
	if wait is not None:
		raise ApiError(429, "too_many_requests", "Too many authentications for this user", retry_after=wait)
	text, token = call.bridge.new_token(call.application, user)
	return 200, {"access_token": text, "expires_at": iso(token.expires_at), "user": _user(user)}


def list_providers(call: Call) -> Answer:
	"""List the institutions."""
	found = (one for one in call.bridge.world.institutions.values() if _wanted(call, one))
	return 200, call.listing((one.id, provider(call, one)) for one in found)


def get_provider(call: Call, provider_id: int) -> Answer:
	"""Return an institution."""
	institution = call.bridge.world.institutions.get(provider_id)
	if institution is None:
		raise missing("The provider")
	return 200, provider(call, institution)


def provider(call: Call, institution: Institution) -> dict[str, Any]:
	"""Return an institution as the providers calls show it."""
	status = "down" if institution.down else "healthy"
	return {
		"id": institution.id,
		"name": institution.name,
		"country_code": institution.country,
		"group_name": institution.group,
		"images": {"logo": f"{call.request.host_url}connect/logo/{institution.id}.svg"},
		"capabilities": list(institution.capabilities),
		"health_status": {name: {"status": status} for name in institution.capabilities},
		"aggregation_metadata": {"release_status": release_status(institution)},
		"payment_metadata": {"release_status": "general_availability", "execution_status_available": False},
		"tags": {
			"segment": list(institution.segments),
			"region": [institution.region],
			"keywords": list(institution.keywords),
		},
	}


def release_status(institution: Institution) -> str:
	"""Return the institution's release status, as Bridge names it."""
	return "beta" if institution.beta else "general_availability"


def list_categories(call: Call) -> Answer:
	"""Not in pages: a tree, or flat rows when the settings say so."""
	shape = categories.flat if call.bridge.settings.flat_categories else categories.nested
	return 200, {"resources": shape(call.french), "pagination": call.pagination(None)}


def get_category(call: Call, category_id: int) -> Answer:
	"""Return a category, in the caller's language."""
	for row in categories.flat(call.french):
		if row["id"] == category_id:
			return 200, row
	raise missing("The category")


def _wanted(call: Call, one: Institution) -> bool:
	countries, segments = call.words("country_code"), call.words("segment")
	releases, payments = call.words("aggregation_release_status"), call.words("payment_release_status")
	return (
		(not countries or one.country in {country.upper() for country in countries})
		and (not segments or bool(set(segments) & set(one.segments)))
		and (not releases or release_status(one) in releases)
		and (not payments or "general_availability" in payments)
		and set(call.words("capabilities")) <= set(one.capabilities)
	)


def _user(user: User) -> dict[str, Any]:
	return {"uuid": user.uuid, "external_user_id": user.external_user_id}


def _known(call: Call, user_uuid: str) -> User:
	if user_uuid not in call.application.users:
		raise missing("The user")
	return call.application.users[user_uuid]


def _by_external_id(call: Call, external: str) -> User | None:
	users = call.application.users.values()
	return next((user for user in users if user.external_user_id == external), None)

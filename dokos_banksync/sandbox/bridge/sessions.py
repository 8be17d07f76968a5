"""Creation of Connect sessions: https://docs.bridgeapi.io/reference/createconnectsession"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from dokos_banksync.sandbox.bridge.call import Call
from dokos_banksync.sandbox.bridge.errors import invalid
from dokos_banksync.sandbox.bridge.model import ConnectSession
from dokos_banksync.sandbox.loopback import is_loopback

COUNTRIES = frozenset(
	"AT BE BG CY CZ DE DK EE ES FI FR GB GR HR HU IE IS IT LU LV MT NL NO PL PT RO SE SK".split(" ")  # noqa: SIM905 - a list of this length reads better as one text
)
_TYPES: Mapping[str, type] = {
	"user_email": str, "callback_url": str, "context": str, "account_types": str, "provider_id": int,
	"country_code": str, "capabilities": list, "allow_account_selection": bool, "max_selectable_accounts": int,
	"item_id": int, "force_reauthentication": bool, "parent_url": str,
}  # fmt: skip
_CONTEXT = re.compile(r"[A-Za-z0-9-]{1,100}")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


def create_session(call: Call) -> tuple[int, Any]:
	"""Check a body of one of the three variants and open the Connect flow."""
	user, body = call.user, {name: value for name, value in call.body.items() if value is not None}
	_check_types(body)
	_check_variant(call, body)
	_check_texts(call, body)
	known = {name: value for name, value in body.items() if name != "parent_url"}
	known["capabilities"] = tuple(body.get("capabilities", ()))
	session = ConnectSession(call.bridge.new_uuid(), call.application, user, call.bridge.now(), **known)
	session.managed = session.item_id is not None
	session.step = "list_banks" if session.provider_id is None else "bank_creds_form"
	call.bridge.sessions[session.id] = session
	return 201, {"id": session.id, "url": f"{call.request.host_url}connect/session/{session.id}"}


def _check_types(body: dict[str, Any]) -> None:
	for name, value in body.items():
		wanted = _TYPES.get(name)
		if wanted is None:
			raise invalid(name, f"{name} is not known here")
		if not isinstance(value, wanted) or (wanted is int and isinstance(value, bool)):
			raise invalid(name, f"{name} has the wrong type")


def _check_variant(call: Call, body: dict[str, Any]) -> None:
	if "item_id" in body:
		if "provider_id" in body:
			raise invalid("provider_id", "provider_id cannot go with item_id")
		if body["item_id"] not in call.user.items:
			raise invalid("item_id", "The user has no such item")
		return
	if "force_reauthentication" in body:
		raise invalid("force_reauthentication", "force_reauthentication goes with item_id")
	if not _EMAIL.fullmatch(body.get("user_email", "")):
		raise invalid("user_email", "user_email must be an email address")
	provider_id = body.get("provider_id")
	institution = call.bridge.world.institutions.get(provider_id) if provider_id is not None else None
	if provider_id is not None and (institution is None or "aggregation" not in institution.capabilities):
		raise invalid("provider_id", "No such provider has the aggregation capability")


def _check_texts(call: Call, body: dict[str, Any]) -> None:
	if "context" in body and not _CONTEXT.fullmatch(body["context"]):
		raise invalid("context", "context takes at most 100 letters, digits and hyphens")
	if body.get("account_types", "payment") not in ("payment", "all"):
		raise invalid("account_types", "account_types is payment or all")
	if body.get("country_code", "FR") not in COUNTRIES:
		raise invalid("country_code", "country_code is not a supported country, in upper case")
	if body.get("max_selectable_accounts", 1) < 1:
		raise invalid("max_selectable_accounts", "max_selectable_accounts must be at least 1")
	if "callback_url" in body and not _allowed(call, body["callback_url"]):
		raise invalid("callback_url", "The domain of callback_url is not in the application's list")


def _allowed(call: Call, url: str) -> bool:
	parts = urlsplit(url)
	host = parts.hostname or ""
	return parts.scheme in ("http", "https") and (
		is_loopback(host) or host in call.application.callback_domains
	)

"""Connect: Bridge's pages where a user chooses a bank and consents, and how they come back.

https://docs.bridgeapi.io/reference/createconnectsession, https://docs.bridgeapi.io/docs/end-of-the-connect-flow
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from dokos_banksync.core.errors import (
	ConfigurationError,
	ConsentRevoked,
	DuplicateConnection,
	NotFound,
	ProviderBug,
	SyncError,
)
from dokos_banksync.core.model import RemoteConnection
from dokos_banksync.core.provider import Access, Completed, ConnectRequest, Started
from dokos_banksync.providers.bridge.client import Client
from dokos_banksync.providers.bridge.connections import USERS, number
from dokos_banksync.providers.failures import malformed
from dokos_banksync.providers.parsing import mapping, text

_USER_KEY = re.compile(r"[A-Za-z0-9_-]{1,128}")
_STATE = re.compile(r"[A-Za-z0-9-]{1,100}")
_GAVE_UP = frozenset(
	[
		"highlighted_banks",
		"list_banks",
		"sub_banks_list",
		"bank_creds_form",
		"edit_bank_creds_form",
		"email_validation_form",
	]
)
_FAILED = "The bank was not connected. Try again."
_FAILURES: Mapping[str, str] = {
	"otp_form": "The bank's confirmation was not given. Try again and confirm in time.",
	"link_iban_error": "The bank was not connected, for its accounts do not fit. Try again.",
	"sync_in_progress": "The page was left before the bank had answered. Look again in some minutes.",
	"sync_pending": "The bank has not answered yet. Look again in some minutes.",
	"sync_error": "The bank answered with an error. Try again later.",
}


def start(client: Client, request: ConnectRequest) -> Started:
	"""Create the user where there is none, then a session for it."""
	if not _STATE.fullmatch(request.state):
		raise ConfigurationError("The state of a session is made of up to 100 letters, digits and hyphens.")
	managed, user = request.access.remote_id, request.access.remote_user
	try:
		return _session(client, request, user or _user(client, request.user_key))
	except ConsentRevoked:
		if managed or not user:
			raise
		return _session(client, request, _user(client, request.user_key))


def _session(client: Client, request: ConnectRequest, user: str) -> Started:
	body = _body(request)
	try:
		answer = mapping(client.post("/v3/aggregation/connect-sessions", body, user))
	except (NotFound, ProviderBug) as error:
		raise _refused(request, error) from error
	url = text(answer.get("url"))
	if not url.startswith(("https://", "http://")):
		raise malformed("Bridge", "url")
	return Started(url, user)


def _refused(request: ConnectRequest, error: NotFound | ProviderBug) -> SyncError:
	"""Return why Bridge opens no page: the item is gone (404, or 400 that names `item_id`), or something is not allowed."""
	if request.access.remote_id and (isinstance(error, NotFound) or "item_id" in error.reference):
		return ConsentRevoked(
			"Bridge no longer has this connection. Connect the bank again.", reference=error.reference
		)
	if isinstance(error, NotFound) or not error.reference:
		return error  # an answer that makes no sense names no reason
	return ConfigurationError(
		"Bridge refuses to open its page ({0}). Check the email, the bank, and in Bridge's dashboard that the "
		"domain of {1} is allowed.",
		error.reference,
		request.callback_url,
		reference=error.reference,
	)


def _body(request: ConnectRequest) -> dict[str, object]:
	body: dict[str, object] = {
		"callback_url": request.callback_url,
		"context": request.state,
		"account_types": "all" if request.all_accounts else "payment",
	}
	if request.access.remote_id:
		renewal = {"force_reauthentication": True} if request.renew_now else {}
		return body | renewal | {"item_id": number(request.access.remote_id)}
	body["user_email"] = request.email
	if request.institution_id:
		body["provider_id"] = number(request.institution_id)
	if request.country:
		body["country_code"] = request.country.upper()
	return body


def _user(client: Client, user_key: str) -> str:
	"""Return the uuid of the user with our key: a new one, or the one that is there (409)."""
	if not _USER_KEY.fullmatch(user_key):
		raise ConfigurationError(
			"The key of a user is made of up to 128 letters, digits, hyphens and underscores."
		)
	try:
		made = mapping(client.post(USERS, {"external_user_id": user_key}))
	except DuplicateConnection as error:
		return _existing(client, user_key, error)
	return _uuid(made)


def _existing(client: Client, user_key: str, conflict: DuplicateConnection) -> str:
	for row in client.rows(USERS):
		if mapping(row).get("external_user_id") == user_key:
			return _uuid(mapping(row))
	raise ProviderBug(
		"Bridge says that the user {0} exists, but does not list it.", user_key, reference=conflict.reference
	) from conflict


def _uuid(row: Mapping[str, object]) -> str:
	uuid = text(row.get("uuid"))
	if not re.fullmatch(r"[A-Za-z0-9-]{1,64}", uuid):
		raise malformed("Bridge", "uuid")
	return uuid


def complete(
	query: Mapping[str, str],
	access: Access,
	one: Callable[[Access], RemoteConnection],
	every: Callable[[Access], list[RemoteConnection]],
) -> Completed:
	"""Return the outcome of a return to the site. Its parameters are unsigned: only what `one` and `every` re-read counts.

	The state (`context`) is the host's to compare before.
	"""
	if query.get("user_uuid", access.remote_user) != access.remote_user:
		return _foreign(query)
	item_id = query.get("item_id", "")
	if item_id:
		return _with_item(query, access, item_id, one)
	if query.get("success") != "true":
		return _without_success(query)
	if access.remote_id:
		return _outcome(query, one(access))
	found = every(access)
	return _outcome(query, found[0]) if found else Completed(None, message=_FAILED, reference=_said(query))


def _with_item(
	query: Mapping[str, str], access: Access, item_id: str, one: Callable[[Access], RemoteConnection]
) -> Completed:
	try:
		item = one(Access(access.remote_user, item_id))
	except (ConsentRevoked, NotFound):
		return _foreign(query)
	if access.remote_id and item_id != access.remote_id and not _succeeds(item, access, one):
		return _foreign(query)
	return _outcome(query, item)


def _succeeds(item: RemoteConnection, access: Access, one: Callable[[Access], RemoteConnection]) -> bool:
	"""Whether a new item stands for the managed one: that one is gone, or at the same bank."""
	try:
		return one(access).institution_id == item.institution_id
	except ConsentRevoked:
		return True


def _outcome(query: Mapping[str, str], item: RemoteConnection) -> Completed:
	gave_up = query.get("success") != "true" and query.get("step", "") in _GAVE_UP
	return Completed(item, cancelled=gave_up, message=item.message, reference=item.reference)


def _without_success(query: Mapping[str, str]) -> Completed:
	step = query.get("step", "")
	if step in _GAVE_UP:
		return Completed(None, cancelled=True, reference=_said(query))
	return Completed(None, message=_FAILURES.get(step, _FAILED), reference=_said(query))


def _foreign(query: Mapping[str, str]) -> Completed:
	return Completed(
		None,
		message="The return belongs to another session. Connect the bank again from here.",
		reference=_said(query),
	)


def _said(query: Mapping[str, str]) -> str:
	"""Return the step and the error code of a return without unusual characters: anybody can write them."""
	parts = [query.get(name, "") for name in ("step", "error_code")]
	return " ".join(re.sub(r"[^\w.-]", "", part)[:60] for part in parts if part)

"""Plaid Link as Hosted Link: a page of Plaid's, on which a user chooses a bank and logs in.

https://plaid.com/docs/link/hosted-link/. The browser's return carries no result: it is read with the link token,
within six hours. Update mode (https://plaid.com/docs/link/update-mode/) renews a login and keeps all ids.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from dokos_banksync.core.errors import ProviderBug
from dokos_banksync.core.provider import Secret
from dokos_banksync.providers.failures import malformed
from dokos_banksync.providers.parsing import identifier, instant, mapping, text
from dokos_banksync.providers.plaid import errors
from dokos_banksync.providers.plaid.client import Client

DAYS = 730
"""The longest history; it is fixed with the first link of an item."""
COUNTRIES = ("US", "GB", "ES", "NL", "FR", "IE", "CA", "DE", "IT", "PL", "DK", "NO", "SE", "EE", "LT", "LV", "PT", "BE", "AT", "FI")  # fmt: skip

_LANGUAGES = frozenset("da nl en et fr de hi it lv lt no pl pt ro es sv vi".split(" "))  # noqa: SIM905 - a long list
_LONGEST_NAME = 30


@dataclass(frozen=True)
class LinkRequest:
	"""What a session is opened with. With `token` it renews that item, else it adds one.

	`choose_accounts`: let the user change which accounts are shared, where Plaid offers that.
	"""

	name: str
	language: str
	countries: Sequence[str]
	user_key: str
	callback_url: str
	webhook_url: str = ""
	institution_id: str = ""
	token: Secret | None = None
	choose_accounts: bool = False
	user: Mapping[str, Secret] = field(default_factory=dict)
	"""What names the user at Plaid; with it a session may connect several banks."""


class Opened(NamedTuple):
	"""A session: the page's address, the link token that reads its outcome, and when it ends."""

	url: str
	link_token: Secret
	expires_at: datetime | None


class Added(NamedTuple):
	"""An item that a session added or renewed. `accounts` are (name, last digits) of those shared."""

	public_token: Secret
	institution_id: str
	institution_name: str
	accounts: tuple[tuple[str, str], ...]


class Outcome(NamedTuple):
	"""How a session went. Neither `added` nor `ended`: the user is still on the page, or never opened it.

	`left`: the user closed the page, or a `problem` ended it. `open`: a session that added items goes on, and may add more.
	"""

	added: Sequence[Added] = ()
	ended: bool = False
	left: bool = False
	open: bool = False
	problem: errors.Problem | None = None


def open_session(client: Client, request: LinkRequest) -> Opened:
	"""Open a session. What Plaid refuses of it is left out: the choice of accounts in a renewal (outside the US and Canada),
	and further banks.
	"""
	extra, words = _extra(request)
	if extra:
		try:
			return _opened(client, request, extra)
		except ProviderBug as error:
			if not any(word in error.reference for word in words):
				raise
	return _opened(client, request, {})


def _extra(request: LinkRequest) -> tuple[Mapping[str, object], Sequence[str]]:
	"""Return fields that Plaid may refuse, and the words by which it names them."""
	if request.token:
		chosen = {"update": {"account_selection_enabled": True}}
		return (chosen, ("account_selection",)) if request.choose_accounts else ({}, ())
	several = {"enable_multi_item_link": True, **request.user}
	return (several, ("multi_item", *request.user)) if request.user else ({}, ())


def outcome(client: Client, link_token: Secret) -> Outcome:
	"""Return how the sessions of a link token went: what any of them added, and how the newest one ended.

	A page that is loaded again, or opened in two windows, is a session of its own.
	"""
	answer = client.post("/link/token/get", {"link_token": link_token})
	listed = answer.get("link_sessions")
	sessions = [mapping(one) for one in listed] if isinstance(listed, list) else []
	added = [one for session in sessions for one in map(_added, _results(session)) if one.public_token]
	session = sessions[-1] if sessions else {}
	left = _left(session)
	problem = errors.read(left.get("error")) if left.get("error") else None
	return Outcome(
		added,
		ended=_ended(session),
		left=bool(left),
		open=any(_results(one) and not _ended(one) for one in sessions),
		problem=problem,
	)


def exchange(client: Client, public_token: Secret) -> tuple[Secret, str]:
	"""Return the access token and the id of a new item. The public token is good for 30 minutes, once."""
	answer = client.post("/item/public_token/exchange", {"public_token": public_token}, repeatable=False)
	token, item_id = Secret(text(answer.get("access_token"))), identifier(answer.get("item_id"))
	if not token or not item_id:
		raise malformed("Plaid", "access_token")
	return token, item_id


def _opened(client: Client, request: LinkRequest, extra: Mapping[str, object]) -> Opened:
	answer = client.post("/link/token/create", {**_body(request), **extra}, request.token)
	url, link_token = text(answer.get("hosted_link_url")), Secret(text(answer.get("link_token")))
	if not url.startswith(("https://", "http://")) or not link_token:
		raise ProviderBug("Plaid opens a session without a page. Ask Plaid to enable Hosted Link.")
	return Opened(url, link_token, instant(answer.get("expiration")))


def _body(request: LinkRequest) -> dict[str, object]:
	language = request.language.lower()[:2]
	body: dict[str, object] = {
		"client_name": request.name[:_LONGEST_NAME],
		"language": language if language in _LANGUAGES else "en",
		"country_codes": [one.upper() for one in request.countries],
		"user": {"client_user_id": request.user_key},
		"hosted_link": {"completion_redirect_uri": request.callback_url},
	}
	if request.webhook_url:
		body["webhook"] = request.webhook_url
	if request.token:
		return body
	body |= {"products": ["transactions"], "transactions": {"days_requested": DAYS}}
	if request.institution_id:
		body["institution_id"] = request.institution_id
	return body


def _left(session: Mapping[str, Any]) -> Mapping[str, Any]:
	return mapping(session.get("exit")) or mapping(session.get("on_exit"))


def _ended(session: Mapping[str, Any]) -> bool:
	"""`on_success` is the last thing that a session of the older form says."""
	over = _left(session) or session.get("on_success")
	return bool(over) or instant(session.get("finished_at")) is not None


def _results(session: Mapping[str, Any]) -> list[Mapping[str, Any]]:
	"""Return the items of a session; `on_success` is the older form for one."""
	found = mapping(session.get("results")).get("item_add_results")
	if isinstance(found, list) and found:
		return [mapping(one) for one in found]
	older = mapping(session.get("on_success"))
	return [{**mapping(older.get("metadata")), **older}] if older else []


def _added(row: Mapping[str, Any]) -> Added:
	accounts = row.get("accounts")
	pairs = [mapping(one) for one in accounts] if isinstance(accounts, list) else []
	institution = mapping(row.get("institution"))
	return Added(
		Secret(text(row.get("public_token"))),
		identifier(institution.get("institution_id")),
		text(institution.get("name")),
		tuple(sorted((text(one.get("name")), text(one.get("mask"))) for one in pairs)),
	)

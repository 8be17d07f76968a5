"""Link tokens, Link sessions and public tokens: https://plaid.com/docs/api/link/"""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from dokos_banksync.sandbox.plaid.call import Call
from dokos_banksync.sandbox.plaid.errors import PlaidError, field_missing, field_wrong
from dokos_banksync.sandbox.plaid.model import COUNTRIES, Item, LinkSession, PublicToken, Result
from dokos_banksync.sandbox.plaid.rows import account_json, stamp
from dokos_banksync.sandbox.plaid.state import Plaid
from dokos_banksync.sandbox.plaid.users import check_user

LANGUAGES = frozenset("da nl en et fr de hi it lv lt no pl pt ro es sv vi".split(" "))  # noqa: SIM905 - a long list
_MAX_NAME = 30
_MAX_URL_LIFE = 21 * 24 * 3600


def create_link_token(call: Call) -> dict[str, Any]:
	"""Open a session for a new item, or in update mode when an access token is given."""
	body = call.body
	_check_texts(call)
	item = call.item(working=False) if call.text("access_token") else None
	products = body.get("products") or []
	if item is not None and products:
		raise field_wrong("products", "must not be provided when access_token is provided")
	if item is None:
		_check_new(call, products)
	elif _selects_accounts(body) and item.european:
		raise field_wrong("update.account_selection_enabled", "is not supported for items of this country")
	consent_session = _open(call)
	if item is not None:
		consent_session.item, consent_session.fixed, consent_session.institution_id, consent_session.step = (
			item,
			True,
			item.institution.id,
			"login",
		)
	answer = {"link_token": consent_session.link_token, "expiration": stamp(consent_session.token_expires_at)}
	if consent_session.hosted:
		answer["hosted_link_url"] = f"{call.request.host_url}connect/plaid/{consent_session.id}"
	return answer


def get_link_token(call: Call) -> dict[str, Any]:
	"""Return the session's request and, for six hours after its end, its results."""
	consent_session = _consent_session(call, call.text("link_token"))
	asked = consent_session.request
	return {
		"link_token": consent_session.link_token,
		"created_at": stamp(consent_session.created_at),
		"expiration": stamp(consent_session.token_expires_at),
		"link_sessions": [_session_json(call, consent_session)] if _is_shown(call, consent_session) else [],
		"metadata": {
			"initial_products": asked.get("products") or [],
			"webhook": asked.get("webhook"),
			"country_codes": asked["country_codes"],
			"language": asked["language"],
			"redirect_uri": asked.get("redirect_uri"),
			"client_name": asked["client_name"],
		},
	}


def exchange(call: Call) -> dict[str, Any]:
	"""Return a public token for the access token of its item, within thirty minutes. Once."""
	token = call.plaid.public_tokens.pop(call.text("public_token"), None)
	if token is None or token.item.client is not call.client or token.item.id not in call.client.items:
		raise PlaidError("INVALID_PUBLIC_TOKEN")
	if token.expires_at <= call.plaid.now():
		raise PlaidError("INVALID_PUBLIC_TOKEN", "provided public token is expired")
	return {"access_token": token.item.access_token, "item_id": token.item.id}


def hand_out(plaid: Plaid, item: Item) -> Result:
	"""Return an item with a fresh public token for it."""
	text = plaid.new_token("public")
	plaid.public_tokens[text] = PublicToken(item, plaid.now() + plaid.settings.public_token_life)
	return Result(item, text)


def _check_texts(call: Call) -> None:
	body = call.body
	if not 1 <= len(body["client_name"]) <= _MAX_NAME:
		raise field_wrong("client_name", f"must be 1 to {_MAX_NAME} characters long")
	if body["language"] not in LANGUAGES:
		raise field_wrong("language", "is not a supported language")
	countries = body["country_codes"]
	if not countries or not set(countries) <= COUNTRIES:
		raise field_wrong("country_codes", "must be supported countries")
	redirect = body.get("redirect_uri")
	if redirect is not None and not _allowed(call, redirect):
		raise field_wrong(
			"redirect_uri", "must be configured in the developer dashboard, without query parameters"
		)


def _check_new(call: Call, products: list[str]) -> None:
	if not products:
		raise field_missing("products")
	if not call.body.get("user", {}).get("client_user_id"):
		raise field_missing("user.client_user_id")
	if not set(products) <= call.client.products:
		raise PlaidError("INVALID_PRODUCT")
	days = call.body.get("transactions", {}).get("days_requested", 90)
	if not isinstance(days, int) or not 1 <= days <= 730:
		raise field_wrong("transactions.days_requested", "must be between 1 and 730")
	institution_id = call.body.get("institution_id")
	known = {f"ins_{one.id}" for one in call.plaid.institutions()}
	if institution_id is not None and institution_id not in known:
		raise PlaidError("INVALID_INSTITUTION")
	if call.body.get("enable_multi_item_link"):
		check_user(call)


def _allowed(call: Call, uri: str) -> bool:
	allowed = call.client.redirect_uris
	return not urlsplit(uri).query and (allowed is None or uri in allowed)


def _selects_accounts(body: dict[str, Any]) -> bool:
	return bool((body.get("update") or {}).get("account_selection_enabled"))


def _open(call: Call) -> LinkSession:
	plaid, body = call.plaid, call.body
	hosted = body.get("hosted_link")
	life = (hosted or {}).get("url_lifetime_seconds") or plaid.settings.url_life.total_seconds()
	if not 0 < life <= _MAX_URL_LIFE:
		raise field_wrong("hosted_link.url_lifetime_seconds", "must be at most 21 days")
	seconds = life if hosted is not None else (1800 if call.text("access_token") else 4 * 3600)
	expires_at = plaid.now() + timedelta(seconds=seconds)
	consent_session = LinkSession(
		id=plaid.new_id(32),
		expires_at=expires_at,
		return_to=(hosted or {}).get("completion_redirect_uri") or "",
		link_token=plaid.new_token("link"),
		request=body,
		client=call.client,
		created_at=plaid.now(),
		token_expires_at=expires_at,
		session_id=plaid.new_id(32),
		hosted=hosted is not None,
	)
	institution_id = body.get("institution_id")
	if institution_id:
		consent_session.institution_id, consent_session.step = (
			int(institution_id.removeprefix("ins_")),
			"login",
		)
	plaid.consent_sessions[consent_session.link_token] = consent_session
	return consent_session


def _consent_session(call: Call, link_token: str) -> LinkSession:
	consent_session = call.plaid.consent_sessions.get(link_token)
	if consent_session is None or consent_session.client is not call.client:
		raise PlaidError("INVALID_LINK_TOKEN")
	return consent_session


def _is_shown(call: Call, consent_session: LinkSession) -> bool:
	if consent_session.started_at is None:
		return False
	ended = consent_session.finished_at
	return ended is None or call.plaid.now() - ended <= call.plaid.settings.results_life


def _session_json(call: Call, consent_session: LinkSession) -> dict[str, Any]:
	values: dict[str, Any] = {
		"link_session_id": consent_session.session_id,
		"started_at": stamp(consent_session.started_at),
		"finished_at": stamp(consent_session.finished_at),
		"events": [],
	}
	if consent_session.results:
		values["results"] = {
			"item_add_results": [_result_json(call, one) for one in consent_session.results],
			"cra_item_add_results": [],
			"cra_update_results": [],
			"bank_income_results": [],
			"payroll_income_results": [],
			"document_income_results": None,
		}
	elif consent_session.finished_at is not None:
		values["exit"] = {
			"error": consent_session.exit_error.as_json("") if consent_session.exit_error else None,
			"metadata": {
				"status": consent_session.exit_status,
				"link_session_id": consent_session.session_id,
				"institution": None,
			},
		}
	return values


def _result_json(call: Call, result: Result) -> dict[str, Any]:
	item = result.item
	accounts = [account_json(item, one, call.plaid.world.clock) for one in item.visible()]
	return {
		"public_token": result.public_token,
		"accounts": [
			{
				"id": one["account_id"],
				"name": one["name"],
				"mask": one["mask"],
				"type": one["type"],
				"subtype": one["subtype"],
				"verification_status": None,
				"class_type": None,
			}
			for one in accounts
		],
		"institution": {"name": item.institution.name, "institution_id": f"ins_{item.institution.id}"},
	}

"""Plaid's link tokens, Hosted Link and items, seen from a client."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import requests

from dokos_banksync.sandbox.plaid.model import PRODUCTION_SECRET, Client, Settings
from dokos_banksync.sandbox.plaid.state import Plaid
from dokos_banksync.sandbox.server import SandboxServer
from dokos_banksync.sandbox.user import Customer, Page
from dokos_banksync.sandbox.world import World
from tests.sandbox.plaid.client import BACK, HOUNDSTOOTH, PLATYPUS, TARTAN, PlaidClient


@pytest.fixture
def bank() -> Iterator[SandboxServer]:
	with SandboxServer(World(seed=3, years=0.1)) as server:
		yield server


@pytest.fixture
def plaid(bank: SandboxServer) -> PlaidClient:
	return PlaidClient(bank.plaid_url)


def test_keys_go_in_the_body_or_in_the_headers(bank: SandboxServer) -> None:
	path = f"{bank.plaid_url}/institutions/search"
	body = {"query": "platypus", "country_codes": ["US"]}
	keys = {"PLAID-CLIENT-ID": "plaid-sandbox-client", "PLAID-SECRET": "plaid-sandbox-secret"}
	assert requests.post(path, json=body, headers=keys, timeout=60).status_code == 200
	bare = requests.post(path, json=body, timeout=60).json()
	assert bare["error_code"] == "MISSING_FIELDS"
	assert bare["error_message"] == "the following required fields are missing: client_id, secret"


def test_the_secret_of_another_environment_is_wrong_here(bank: SandboxServer) -> None:
	other = PlaidClient(bank.plaid_url, PRODUCTION_SECRET)
	refused = other.refused("/institutions/search", query="a", country_codes=["US"])
	assert refused == (400, "INVALID_INPUT", "INVALID_API_KEYS")


def test_a_token_of_another_environment_is_named_so(plaid: PlaidClient) -> None:
	answer = plaid.post("/item/get", access_token="access-production-0123").json()
	assert answer["error_code"] == "INVALID_ACCESS_TOKEN"
	assert "wrong Plaid environment" in answer["error_message"]


@pytest.mark.parametrize(
	("change", "code"),
	[
		({"client_name": None}, "INVALID_FIELD"),
		({"client_name": "x" * 31}, "INVALID_FIELD"),
		({"country_codes": ["LU"]}, "INVALID_FIELD"),
		({"language": "xx"}, "INVALID_FIELD"),
		({"products": []}, "MISSING_FIELDS"),
		({"products": ["transactions", "auth"]}, "INVALID_PRODUCT"),
		({"user": {}}, "MISSING_FIELDS"),
		({"transactions": {"days_requested": 731}}, "INVALID_FIELD"),
		({"redirect_uri": "https://books.example/back?a=1"}, "INVALID_FIELD"),
		({"institution_id": "ins_1"}, "INVALID_INSTITUTION"),
		({"hosted_link": {"url_lifetime_seconds": 1814401}}, "INVALID_FIELD"),
		({"enable_multi_item_link": True}, "MISSING_FIELDS"),
		({"nonsense": 1}, "UNKNOWN_FIELDS"),
	],
)
def test_a_wrong_link_request_is_refused(plaid: PlaidClient, change: dict[str, Any], code: str) -> None:
	body = {
		"client_name": "Books", "language": "en", "country_codes": ["US"], "user": {"client_user_id": "u"},
		"products": ["transactions"], **change,
	}  # fmt: skip
	assert plaid.refused("/link/token/create", **body)[2] == code


def test_a_client_without_the_product_cannot_link() -> None:
	def poor(world: World) -> Plaid:
		return Plaid(world, (Client(products=frozenset()),))

	with SandboxServer(World(years=0.05), plaid=poor) as bank:
		body = {
			"client_name": "B",
			"language": "en",
			"country_codes": ["US"],
			"user": {"client_user_id": "u"},
		}
		client = PlaidClient(bank.plaid_url)
		assert client.refused("/link/token/create", products=["transactions"], **body)[2] == "INVALID_PRODUCT"


def test_a_hosted_session_from_start_to_exchange(plaid: PlaidClient) -> None:
	opened = plaid.link()
	assert opened["expiration"] == "2026-11-16T08:30:00Z"
	assert plaid.call("/link/token/get", link_token=opened["link_token"])["link_sessions"] == []
	back = Customer(login="user_good", institution=PLATYPUS).consent(opened["hosted_link_url"])
	assert back == BACK, "the return carries neither token nor result"
	(result,) = plaid.results(opened["link_token"])
	assert result["institution"] == {"name": "First Platypus Bank", "institution_id": "ins_109508"}
	assert {"id", "name", "mask", "type", "subtype"} <= set(result["accounts"][0])
	exchanged = plaid.call("/item/public_token/exchange", public_token=result["public_token"])
	assert exchanged["access_token"].startswith("access-sandbox-")
	item = plaid.call("/item/get", access_token=exchanged["access_token"])["item"]
	assert (item["item_id"], item["error"], item["consent_expiration_time"]) == (
		exchanged["item_id"],
		None,
		None,
	)


def test_a_public_token_is_exchanged_once_and_within_thirty_minutes(
	bank: SandboxServer, plaid: PlaidClient
) -> None:
	tokens = []
	for _ in range(2):
		opened = plaid.link()
		Customer(institution=PLATYPUS).consent(opened["hosted_link_url"])
		tokens.append(plaid.results(opened["link_token"])[0]["public_token"])
	plaid.call("/item/public_token/exchange", public_token=tokens[0])
	again = plaid.refused("/item/public_token/exchange", public_token=tokens[0])
	bank.world.clock.advance(timedelta(minutes=30))
	late = plaid.refused("/item/public_token/exchange", public_token=tokens[1])
	assert again == late == (400, "INVALID_INPUT", "INVALID_PUBLIC_TOKEN")


def test_the_hosted_page_closes_after_thirty_minutes(bank: SandboxServer, plaid: PlaidClient) -> None:
	opened = plaid.link()
	assert requests.get(opened["hosted_link_url"], timeout=60).status_code == 200
	bank.world.clock.advance(timedelta(minutes=30))
	assert requests.get(opened["hosted_link_url"], timeout=60).status_code == 410


def test_results_are_shown_for_six_hours(bank: SandboxServer, plaid: PlaidClient) -> None:
	opened = plaid.link()
	Customer(institution=PLATYPUS).consent(opened["hosted_link_url"])
	bank.world.clock.advance(timedelta(hours=6))
	assert len(plaid.results(opened["link_token"])) == 1
	bank.world.clock.advance(timedelta(seconds=1))
	assert plaid.results(opened["link_token"]) == []


def test_a_user_who_leaves(plaid: PlaidClient) -> None:
	opened = plaid.link()
	assert Customer(institution=PLATYPUS).cancel(opened["hosted_link_url"], at="login") == BACK
	(session,) = plaid.call("/link/token/get", link_token=opened["link_token"])["link_sessions"]
	assert session["exit"]["error"] is None
	assert session["exit"]["metadata"]["status"] == "requires_credentials"
	assert "results" not in session


@pytest.mark.parametrize("code", ["ITEM_LOCKED", "INVALID_CREDENTIALS", "INSTITUTION_DOWN"])
def test_a_login_that_fails_on_purpose(plaid: PlaidClient, code: str) -> None:
	opened = plaid.link()
	user = Customer(login="user_good", password=f"error_{code}", institution=PLATYPUS)
	assert user.consent(opened["hosted_link_url"]) == BACK
	(session,) = plaid.call("/link/token/get", link_token=opened["link_token"])["link_sessions"]
	assert session["exit"]["error"]["error_code"] == code


def test_banks_of_the_asked_countries(plaid: PlaidClient) -> None:
	shown = Page("", requests.get(plaid.link(country_codes=["US"])["hosted_link_url"], timeout=60).text).links
	assert {name for name in shown if name.startswith("institution")} == {
		f"institution {one}" for one in (PLATYPUS, HOUNDSTOOTH, TARTAN)
	}


def test_a_bank_with_a_code_and_one_that_is_down(plaid: PlaidClient) -> None:
	assert plaid.connect(HOUNDSTOOTH).startswith("access-")
	opened = plaid.link()
	Customer(institution=HOUNDSTOOTH, code="0").consent(opened["hosted_link_url"])
	(session,) = plaid.call("/link/token/get", link_token=opened["link_token"])["link_sessions"]
	assert session["exit"]["error"]["error_code"] == "INVALID_MFA"
	opened = plaid.link()
	Customer(institution=TARTAN).consent(opened["hosted_link_url"])
	assert plaid.results(opened["link_token"]) == []


def test_several_items_in_one_session(bank: SandboxServer, plaid: PlaidClient) -> None:
	user_id = plaid.call("/user/create", client_user_id="u1")["user_id"]
	opened = plaid.link(enable_multi_item_link=True, user_id=user_id, webhook="http://127.0.0.1:9/hook")
	address = opened["hosted_link_url"]
	for institution in (PLATYPUS, 601):
		requests.get(f"{address}/bank/{institution}", timeout=60)
		page = requests.post(f"{address}/login", data={"login": "a", "password": "b"}, timeout=60)
		boxes = [value for name, value, _ in Page("", page.text).forms[0].fields if name == "account"]
		requests.post(f"{address}/accounts", data={"account": boxes, "consent": "yes"}, timeout=60)
	last = requests.post(f"{address}/leave", timeout=60, allow_redirects=False)
	assert last.headers["Location"] == BACK
	names = [one["institution"]["name"] for one in plaid.results(opened["link_token"])]
	assert names == ["First Platypus Bank", "Banque Aurore"]
	tokens = [one["public_token"] for one in plaid.results(opened["link_token"])]
	calls = [one.content for one in bank.plaid.outbox.log if one.label.startswith("LINK")]
	assert [one["webhook_code"] for one in calls] == [
		"ITEM_ADD_RESULT",
		"ITEM_ADD_RESULT",
		"SESSION_FINISHED",
	]
	assert [one["public_token"] for one in calls[:2]] == tokens
	assert (calls[2]["public_tokens"], calls[2]["user_id"], calls[2]["status"]) == (
		tokens,
		user_id,
		"SUCCESS",
	)


def test_a_user_is_made_once(plaid: PlaidClient) -> None:
	first, again = (plaid.call("/user/create", client_user_id="u1") for _ in range(2))
	assert first["user_id"] == again["user_id"]
	assert first["user_id"].startswith("usr_")
	assert "user_token" not in first
	assert plaid.refused("/user/create", client_user_id="")[2] == "INVALID_FIELD"


def test_a_client_of_before_december_2025_names_users_by_a_token() -> None:
	def older(world: World) -> Plaid:
		return Plaid(world, settings=Settings(user_tokens=True))

	with SandboxServer(World(years=0.05), plaid=older) as bank:
		client = PlaidClient(bank.plaid_url)
		user = client.call("/user/create", client_user_id="u1")
		assert client.link(enable_multi_item_link=True, user_token=user["user_token"])["hosted_link_url"]
		body = {"client_name": "B", "language": "en", "country_codes": ["US"], "products": ["transactions"]}
		wrong = {"user_id": user["user_id"], "user": {"client_user_id": "u1"}, "enable_multi_item_link": True}
		assert client.refused("/link/token/create", **body, **wrong)[2] == "MISSING_FIELDS"


@pytest.mark.parametrize(
	"change", [{"user_id": "usr_another"}, {"user": {"client_user_id": "another"}}], ids=["user", "client's"]
)
def test_several_items_are_for_a_user_that_was_made(plaid: PlaidClient, change: dict[str, Any]) -> None:
	user_id = plaid.call("/user/create", client_user_id="u1")["user_id"]
	body = {
		"client_name": "B", "language": "en", "country_codes": ["US"], "products": ["transactions"], "user_id": user_id,
		"user": {"client_user_id": "u1"}, "enable_multi_item_link": True, **change,
	}  # fmt: skip
	assert plaid.refused("/link/token/create", **body)[2] == "INVALID_FIELD"


def test_the_same_login_twice_makes_two_items(plaid: PlaidClient) -> None:
	first, second = plaid.connect(), plaid.connect()
	ids = [plaid.call("/item/get", access_token=one)["item"]["item_id"] for one in (first, second)]
	assert ids[0] != ids[1]
	both = [plaid.call("/accounts/get", access_token=one)["accounts"] for one in (first, second)]
	assert [one["mask"] for one in both[0]] == [one["mask"] for one in both[1]]
	assert not {one["account_id"] for one in both[0]} & {one["account_id"] for one in both[1]}


def test_update_mode_repairs_and_keeps_the_ids(bank: SandboxServer, plaid: PlaidClient) -> None:
	token = plaid.connect()
	before = plaid.call("/accounts/get", access_token=token)
	plaid.call("/sandbox/item/reset_login", access_token=token)
	assert plaid.refused("/transactions/sync", access_token=token)[1:] == (
		"ITEM_ERROR",
		"ITEM_LOGIN_REQUIRED",
	)
	item = plaid.call("/item/get", access_token=token)["item"]
	assert item["error"]["error_code"] == "ITEM_LOGIN_REQUIRED"
	assert plaid.refused("/link/token/create", client_name="B", language="en", country_codes=["US"],
		access_token=token, products=["transactions"])[2] == "INVALID_FIELD"  # fmt: skip
	Customer(institution=PLATYPUS).consent(plaid.link(access_token=token)["hosted_link_url"])
	after = plaid.call("/accounts/get", access_token=token)
	assert [one["account_id"] for one in after["accounts"]] == [
		one["account_id"] for one in before["accounts"]
	]
	assert after["item"]["error"] is None


def test_update_mode_may_add_accounts_in_america_only(bank: SandboxServer, plaid: PlaidClient) -> None:
	opened = plaid.link()
	Customer(institution=PLATYPUS, accounts=["Compte courant pro"]).consent(opened["hosted_link_url"])
	public_token = plaid.results(opened["link_token"])[0]["public_token"]
	token = plaid.call("/item/public_token/exchange", public_token=public_token)["access_token"]
	assert len(plaid.call("/accounts/get", access_token=token)["accounts"]) == 1
	again = plaid.link(access_token=token, update={"account_selection_enabled": True})
	Customer(accounts=["Compte courant pro", "Livret entreprise"]).consent(again["hosted_link_url"])
	assert len(plaid.call("/accounts/get", access_token=token)["accounts"]) == 2
	french = plaid.connect(601)
	refused = plaid.refused(
		"/link/token/create", client_name="B", language="en", country_codes=["FR"], access_token=french,
		update={"account_selection_enabled": True},
	)  # fmt: skip
	assert refused[2] == "INVALID_FIELD"


def test_credit_cards_and_loans_show_what_is_owed(bank: SandboxServer, plaid: PlaidClient) -> None:
	token = plaid.connect(574)
	world = bank.world
	shown = {one["name"]: one for one in plaid.call("/accounts/get", access_token=token)["accounts"]}
	card, loan, current = (
		shown[name] for name in ("Carte à débit différé", "Pret pro", "Compte courant pro")
	)
	assert (card["type"], card["subtype"]) == ("credit", "credit card")
	assert card["balances"]["current"] == -float(world.balance("574:alex:card")) > 0
	assert card["balances"]["limit"] == 10000.0
	assert card["balances"]["available"] <= 10000.0 - card["balances"]["current"]
	assert loan["balances"] == {
		"available": None, "current": -float(world.balance("574:alex:loan")), "limit": None,
		"iso_currency_code": "EUR", "unofficial_currency_code": None,
	}  # fmt: skip
	assert current["balances"]["current"] == float(world.balance("574:alex:checking"))


def test_a_removed_item_is_unknown(plaid: PlaidClient) -> None:
	token = plaid.connect()
	plaid.call("/item/remove", access_token=token)
	for path in ("/item/get", "/item/remove", "/transactions/sync"):
		assert plaid.refused(path, access_token=token)[2] == "INVALID_ACCESS_TOKEN"


def test_a_european_consent_ends(bank: SandboxServer, plaid: PlaidClient) -> None:
	token = plaid.connect(601)
	item = plaid.call("/item/get", access_token=token)["item"]
	assert item["consent_expiration_time"] == "2027-05-15T08:00:00Z"
	bank.world.advance(days=180)
	error = plaid.call("/item/get", access_token=token)["item"]["error"]
	assert (error["error_code"], error["error_code_reason"]) == (
		"ITEM_LOGIN_REQUIRED",
		"OAUTH_CONSENT_EXPIRED",
	)


def test_institutions(plaid: PlaidClient) -> None:
	page = plaid.call("/institutions/get", count=1, offset=1, country_codes=["US"])
	assert (len(page["institutions"]), page["total"]) == (1, 3)
	everywhere = plaid.call("/institutions/get", count=500, offset=0, country_codes=["US", "FR", "DE"])
	assert "ins_625" not in {one["institution_id"] for one in everywhere["institutions"]}, "no Luxembourg"
	(found,) = plaid.call(
		"/institutions/search",
		query="AURORE",
		country_codes=["FR"],
		options={"include_optional_metadata": True},
	)["institutions"]
	assert (found["name"], found["primary_color"]) == ("Banque Aurore", "#b3541e")
	status = plaid.call(
		"/institutions/get_by_id",
		institution_id="ins_604",
		country_codes=["FR"],
		options={"include_status": True},
	)["institution"]["status"]
	assert status["item_logins"]["status"] == "DOWN"
	assert plaid.refused("/institutions/get", count=501, offset=0, country_codes=["US"])[2] == "INVALID_FIELD"
	unknown = plaid.refused("/institutions/get_by_id", institution_id="ins_1", country_codes=["FR"])
	assert unknown[2] == "INVALID_INSTITUTION"


def test_the_production_environment_has_no_sandbox_calls() -> None:
	with SandboxServer(
		World(years=0.05), plaid=lambda world: Plaid(world, settings=Settings(environment="production"))
	) as bank:
		client = PlaidClient(bank.plaid_url)
		body = {"institution_id": "ins_109508", "initial_products": ["transactions"]}
		assert client.refused("/sandbox/public_token/create", **body)[2] == "SANDBOX_ONLY"


def test_an_unknown_path(plaid: PlaidClient) -> None:
	assert plaid.refused("/transactions/nothing") == (404, "INVALID_REQUEST", "NOT_FOUND")

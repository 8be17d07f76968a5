"""Journeys through the Connect pages, and what the pages are made of."""

from __future__ import annotations

from datetime import timedelta

import pytest
import requests

from dokos_banksync.sandbox.server import SandboxServer
from dokos_banksync.sandbox.user import Customer, Lost, Page
from dokos_banksync.sandbox.world import World
from tests.sandbox.client import CALLBACK, Client, query


def status_of(client: Client, item_id: str | int) -> tuple[int, str]:
	item = client.get(f"items/{item_id}")
	return item["status"], item["status_code_info"]


def test_the_happy_way(user: Client) -> None:
	back = Customer().consent(user.session(context="st-42"))
	assert back.startswith(f"{CALLBACK}?")
	values = query(back)
	(item,) = user.rows("items")
	(only,) = user.rows("users")
	assert values == {
		"source": "connect",
		"success": "true",
		"user_uuid": only["uuid"],
		"item_id": str(item["id"]),
		"context": "st-42",
	}
	assert item["status"] == 0
	assert item["provider_id"] == 574
	assert item["authentication_expires_at"] == "2027-05-15T08:00:00.000Z"
	assert "status_code_description" not in item


def test_the_parameters_join_those_of_the_callback(user: Client) -> None:
	back = Customer().consent(user.session(callback_url=f"{CALLBACK}?tab=banks"))
	assert query(back)["tab"] == "banks"
	assert query(back)["success"] == "true"


@pytest.mark.parametrize(
	("login", "success", "step", "status", "info"),
	[
		("success", "true", None, 0, "ok"),
		("anything", "true", None, 0, "ok"),
		("otp", "true", None, 0, "ok"),
		("app2app", "true", None, 0, "ok"),
		("otp_fail", "false", "sync_error", 1010, "otp_failed"),
		("app2app_expiry", "false", "sync_error", 1010, "app2app_expired"),
		("402", "false", "bank_creds_form", 402, "invalid_creds"),
		("429", "false", "sync_error", 429, "tos_to_validate"),
		("1003", "false", "sync_error", 1003, "cnt_crash"),
		("1005_CLOSED_ACCOUNT", "false", "sync_error", 1005, "closed_account"),
	],
)
def test_the_test_logins(
	user: Client, login: str, success: str, step: str | None, status: int, info: str
) -> None:
	values = user.connect(Customer(login=login))
	assert (values["success"], values.get("step")) == (success, step)
	assert status_of(user, values["item_id"]) == (status, info)


def test_a_sequence_of_outcomes(user: Client, world: World) -> None:
	item_id = user.connect(Customer(login="success.1003.success.1010"))["item_id"]
	seen = [status_of(user, item_id)[0]]
	for _ in range(4):
		world.refresh()
		seen.append(status_of(user, item_id)[0])
	assert seen == [0, 1003, 0, 1010, 1010]


def test_a_bank_with_a_code_by_text_message(user: Client) -> None:
	assert user.connect(Customer(institution=602))["success"] == "true"
	wrong = user.connect(Customer(institution=602, code="000000"))
	assert (wrong["success"], wrong["step"]) == ("false", "sync_error")
	assert status_of(user, wrong["item_id"]) == (1010, "otp_failed")


def test_a_wrong_code_may_be_mended(user: Client, server: SandboxServer) -> None:
	address = user.session(provider_id=602)
	with requests.Session() as browser:
		browser.post(f"{address}/login", data={"login": "x", "password": "y"}, timeout=60)
		page = browser.post(f"{address}/code", data={"code": "1"}, timeout=60).text
		assert "This code is wrong." in page
		assert "123456" in page
	assert query(Customer().consent(address))["success"] == "true"


def test_wrong_credentials_may_be_mended_in_the_same_item(user: Client) -> None:
	address = user.session(provider_id=574)
	page = requests.post(f"{address}/login", data={"login": "402", "password": "y"}, timeout=60).text
	assert "The credentials are wrong." in page
	values = query(Customer().consent(address))
	(item,) = user.rows("items")
	assert values["item_id"] == str(item["id"])


def test_a_bank_that_is_down(user: Client) -> None:
	values = user.connect(Customer(institution=604))
	assert values["success"] == "false"
	item = user.call("GET", f"items/{values['item_id']}", headers={"Accept-Language": "fr"}).json()
	assert item["status"] == 1003
	assert item["status_code_description"].startswith("La banque n'a pas pu")


@pytest.mark.parametrize("at", ["", "login", "consent"])
def test_to_cancel_leaves_nothing(user: Client, at: str) -> None:
	values = query(Customer().cancel(user.session(context="c1"), at))
	assert (values["success"], values["step"], values["context"]) == ("false", "highlighted_banks", "c1")
	assert "item_id" not in values
	assert user.rows("items") == []


def test_to_cancel_a_renewal_changes_nothing(user: Client) -> None:
	item_id = int(user.connect()["item_id"])
	before = user.get(f"items/{item_id}")
	values = query(Customer().cancel(user.session(item_id=item_id)))
	assert (values["item_id"], values["success"]) == (str(item_id), "false")
	assert user.get(f"items/{item_id}") == before


def test_the_chosen_accounts_are_shared_and_no_others(user: Client) -> None:
	user.connect(Customer(accounts=["Compte courant pro", "Caisse"]))
	shared = {one["name"]: one["data_access"] for one in user.rows("accounts")}
	assert {name for name, access in shared.items() if access == "enabled"} == {
		"Compte courant pro",
		"Caisse",
	}
	hidden = next(one for one in user.rows("accounts") if one["data_access"] == "disabled")
	assert not {"iban", "balance", "accounting_balance", "instant_balance", "loan_details"} & set(hidden)
	ids = {one["id"] for one in user.rows("accounts") if one["data_access"] == "enabled"}
	assert {row["account_id"] for row in user.rows()} == ids


def test_payment_accounts_or_all(user: Client) -> None:
	item_id = user.connect()["item_id"]
	assert {one["type"] for one in user.rows("accounts", item_id=item_id)} == {"checking", "card"}
	everything = user.connect(account_types="all")["item_id"]
	kinds = {one["type"] for one in user.rows("accounts", item_id=everything)}
	assert kinds == {"checking", "card", "savings", "brokerage", "loan"}


def test_no_selection_shares_all(user: Client) -> None:
	user.connect(Customer(accounts=[]), allow_account_selection=False)
	assert {one["data_access"] for one in user.rows("accounts")} == {"enabled"}


def test_no_more_accounts_than_allowed(user: Client) -> None:
	user.connect(max_selectable_accounts=2)
	assert [one["data_access"] for one in user.rows("accounts")].count("enabled") == 2
	with pytest.raises(Lost):
		user.connect(
			Customer(accounts=["Compte courant pro", "Caisse", "Compte en dollars"]),
			max_selectable_accounts=2,
		)


def test_no_consent_no_connection(user: Client) -> None:
	for person in (Customer(consents=False), Customer(accounts=[])):
		with pytest.raises(Lost):
			user.connect(person)


def test_a_session_is_used_once(user: Client) -> None:
	address = user.session()
	Customer().consent(address)
	assert requests.get(address, timeout=60).status_code == 410
	with pytest.raises(Lost, match="410"):
		Customer().consent(address)


def test_a_session_grows_old(user: Client, world: World) -> None:
	address = user.session()
	world.clock.advance(timedelta(minutes=31))
	assert requests.get(address, timeout=60).status_code == 410


def test_an_unknown_session(client: Client) -> None:
	assert requests.get(f"{client.url}/connect/session/nothing", timeout=60).status_code == 410


def test_a_session_whose_item_was_deleted(user: Client) -> None:
	item_id = int(user.connect()["item_id"])
	address = user.session(item_id=item_id)
	user.call("DELETE", f"items/{item_id}")
	assert requests.get(address, timeout=60).status_code == 410


def test_an_expired_consent_is_renewed_under_the_same_ids(user: Client, world: World) -> None:
	item_id = int(user.connect()["item_id"])
	accounts = {one["id"] for one in user.rows("accounts")}
	known = {row["id"] for row in user.rows() if not row["future"]}
	user.control("POST", f"item/{item_id}/expire")
	assert status_of(user, item_id) == (1010, "otp_required")
	world.clock.advance(timedelta(minutes=10))
	assert user.connect(item_id=item_id)["item_id"] == str(item_id)
	assert status_of(user, item_id) == (0, "ok")
	assert user.get(f"items/{item_id}")["authentication_expires_at"] == "2027-05-15T08:10:00.000Z"
	assert {one["id"] for one in user.rows("accounts")} == accounts
	assert known <= {row["id"] for row in user.rows()}


def test_a_valid_consent_is_only_renewed_by_force(user: Client, world: World) -> None:
	item_id = int(user.connect()["item_id"])
	before = user.get(f"items/{item_id}")["authentication_expires_at"]
	world.clock.advance(timedelta(minutes=10))
	user.connect(Customer(accounts=["Caisse"]), item_id=item_id)
	assert user.get(f"items/{item_id}")["authentication_expires_at"] == before
	assert [one["name"] for one in user.rows("accounts") if one["data_access"] == "enabled"] == ["Caisse"]
	user.connect(item_id=item_id, force_reauthentication=True)
	assert user.get(f"items/{item_id}")["authentication_expires_at"] == "2027-05-15T08:10:00.000Z"


def test_account_types_are_repeated_in_every_session(user: Client) -> None:
	item_id = int(user.connect(account_types="all")["item_id"])
	assert len(user.rows("accounts")) == 12
	user.connect(item_id=item_id)
	assert len(user.rows("accounts")) == 6
	user.connect(item_id=item_id, account_types="all")
	assert len(user.rows("accounts")) == 12


def test_to_add_a_bank_again_makes_everything_anew(user: Client) -> None:
	first, second = (user.connect()["item_id"] for _ in range(2))
	assert first != second
	one, other = (user.rows("accounts", item_id=item) for item in (first, second))
	assert [a.get("iban") for a in one] == [a.get("iban") for a in other]
	assert not {a["id"] for a in one} & {a["id"] for a in other}
	rows = [user.rows(account_id=accounts[0]["id"]) for accounts in (one, other)]
	assert not {row["id"] for row in rows[0]} & {row["id"] for row in rows[1]}
	content = [[(row["date"], row["amount"], row["provider_description"]) for row in part] for part in rows]
	assert content[0] == content[1]


def test_the_list_of_banks(user: Client) -> None:
	address = user.session(country_code="BE")
	text = requests.get(address, timeout=60).text
	page = Page(address, text)
	offered = [name for name in page.links if name.startswith("institution")]
	assert offered[0] == "institution 621"  # the asked country comes first
	assert len(offered) == 15
	assert "institution 626" not in offered
	assert "beta" in text
	assert "out of service" in text
	found = Page(address, requests.get(address, params={"search": "écluse"}, timeout=60).text)
	assert [name for name in found.links if name.startswith("institution")] == ["institution 625"]
	nothing = requests.get(address, params={"search": "zzz"}, timeout=60).text
	assert "No bank matches." in nothing


def test_a_search_is_shown_as_text(user: Client) -> None:
	text = requests.get(user.session(), params={"search": '"><script>x'}, timeout=60).text
	assert "<script" not in text


def test_a_bank_that_is_not_on_the_list(user: Client) -> None:
	assert requests.get(f"{user.session()}/bank/626", timeout=60).status_code == 404


def test_another_bank_may_be_chosen_before_the_login(user: Client) -> None:
	address = user.session()
	requests.get(f"{address}/bank/601", timeout=60)
	assert "Demo Bank" in requests.get(f"{address}/banks", timeout=60).text
	assert query(Customer().consent(address))["success"] == "true"
	assert user.rows("items")[0]["provider_id"] == 574


def test_pages_are_plain_and_locked_down(user: Client) -> None:
	address = user.session()
	answers = [requests.get(address, timeout=60), requests.get(f"{address}/bank/574", timeout=60)]
	data = {"login": "success", "password": "x"}
	answers.append(requests.post(f"{address}/login", data=data, timeout=60))
	for answer in answers:
		assert "<script" not in answer.text
		assert "style=" not in answer.text
		policy = answer.headers["Content-Security-Policy"]
		assert "default-src 'none'" in policy
		assert "form-action 'self' http://127.0.0.1:9" in policy
		assert answer.headers["Cache-Control"] == "no-store"
		page = Page(address, answer.text)
		assert page.links["cancel"]
		assert any(form.button in ("continue", "find") for form in page.forms)
	style = requests.get(f"{user.url}/connect/style.css", timeout=60)
	assert style.headers["Content-Type"].startswith("text/css")


def test_every_field_has_a_label(user: Client) -> None:
	address = user.session(account_types="all")
	texts = [requests.get(address, timeout=60).text, requests.get(f"{address}/bank/602", timeout=60).text]
	texts.append(requests.post(f"{address}/login", data={"login": "a", "password": "b"}, timeout=60).text)
	texts.append(requests.post(f"{address}/code", data={"code": "123456"}, timeout=60).text)
	for text in texts:
		page = Page(address, text)
		for form in page.forms:
			for name, value, _ in form.fields:
				assert page.labels.get(f"{name}-{value}") or page.labels.get(name), name


def test_the_pages_speak_french(user: Client) -> None:
	address = user.session()
	text = requests.get(address, headers={"Accept-Language": "fr"}, timeout=60).text
	assert '<html lang="fr">' in text
	assert "Choisissez votre banque" in text
	assert query(Customer(login="otp", language="fr").consent(address))["success"] == "true"


def test_without_a_callback_the_way_ends_on_a_page(user: Client) -> None:
	address = user.session(callback_url=None, provider_id=574)
	requests.post(f"{address}/login", data={"login": "a", "password": "b"}, timeout=60)
	page = Page(address, requests.get(address, timeout=60).text)
	chosen = [value for name, value, _ in page.forms[0].fields if name == "account"]
	data = {"account": chosen, "consent": "yes"}
	assert "You may close this page." in requests.post(f"{address}/accounts", data=data, timeout=60).text
	assert len(user.rows("items")) == 1


def test_a_form_of_another_step_does_nothing(user: Client) -> None:
	address = user.session()
	data = {"account": "1", "consent": "yes"}
	assert "Choose your bank" in requests.post(f"{address}/accounts", data=data, timeout=60).text


def test_empty_credentials_are_asked_for_again(user: Client) -> None:
	address = user.session(provider_id=574)
	page = requests.post(f"{address}/login", data={"login": " ", "password": ""}, timeout=60).text
	assert "Fill in both fields." in page
	assert user.rows("items") == []

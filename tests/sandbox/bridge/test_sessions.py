"""What a Connect session may be asked for, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from dokos_banksync.sandbox.bridge.model import Application
from dokos_banksync.sandbox.server import SandboxServer
from dokos_banksync.sandbox.user import Customer
from dokos_banksync.sandbox.world import World
from tests.sandbox.client import CALLBACK, Client

GOOD: dict[str, Any] = {"user_email": "person@example.org", "callback_url": CALLBACK}


def test_the_answer_is_an_id_and_an_address(user: Client) -> None:
	answer = user.call("POST", "connect-sessions", json=GOOD)
	assert answer.status_code == 201
	body = answer.json()
	assert set(body) == {"id", "url"}
	assert body["url"] == f"{user.url}/connect/session/{body['id']}"


@pytest.mark.parametrize(
	("values", "about"),
	[
		({"user_email": None}, "user_email"),
		({"user_email": "nobody"}, "user_email"),
		({"context": "x" * 101}, "context"),
		({"context": "a b"}, "context"),
		({"context": "é"}, "context"),
		({"context": ""}, "context"),
		({"account_types": "some"}, "account_types"),
		({"country_code": "fr"}, "country_code"),
		({"country_code": "US"}, "country_code"),
		({"provider_id": 999}, "provider_id"),
		({"provider_id": 626}, "provider_id"),  # cannot be read, only paid from
		({"provider_id": "574"}, "provider_id"),
		({"provider_id": True}, "provider_id"),
		({"item_id": 1}, "item_id"),
		({"item_id": 1, "provider_id": 574}, "provider_id"),
		({"force_reauthentication": True}, "force_reauthentication"),
		({"max_selectable_accounts": 0}, "max_selectable_accounts"),
		({"callback_url": "https://elsewhere.example/back"}, "callback_url"),
		({"callback_url": "javascript:alert(1)"}, "callback_url"),
		({"redirect_url": CALLBACK}, "redirect_url"),
	],
)
def test_what_is_refused(user: Client, values: dict[str, Any], about: str) -> None:
	answer = user.call("POST", "connect-sessions", json={**GOOD, **values})
	assert (answer.status_code, answer.json()["property"]) == (400, about)


@pytest.mark.parametrize(
	"values",
	[
		{"context": "x" * 100},
		{"context": "State-42"},
		{"account_types": "all", "country_code": "BE", "capabilities": ["single_payment"]},
		{"provider_id": 574, "allow_account_selection": False, "max_selectable_accounts": 3},
		{"callback_url": None},
		{"callback_url": "http://site.localhost:8000/back?a=1"},
		{"callback_url": "http://[::1]:8000/"},
		{"parent_url": "https://frame.example"},
	],
)
def test_what_is_allowed(user: Client, values: dict[str, Any]) -> None:
	assert user.call("POST", "connect-sessions", json={**GOOD, **values}).status_code == 201


def test_a_listed_domain_is_allowed(world: World) -> None:
	application = Application(callback_domains=("erp.example",))
	with SandboxServer(world, applications=(application,)) as server, Client(server.url) as client:
		client.register("one")
		address = client.session(callback_url="https://erp.example/back")
		assert Customer().consent(address).startswith("https://erp.example/back?source=connect")


def test_a_session_of_an_item_needs_only_the_item(user: Client) -> None:
	item_id = int(user.connect()["item_id"])
	assert user.call("POST", "connect-sessions", json={"item_id": item_id}).status_code == 201


def test_an_item_of_somebody_else_is_refused(user: Client) -> None:
	item_id = int(user.connect()["item_id"])
	user.register("somebody-else")
	answer = user.call("POST", "connect-sessions", json={"item_id": item_id})
	assert (answer.status_code, answer.json()["property"]) == (400, "item_id")


def test_a_session_needs_a_user(client: Client) -> None:
	assert client.call("POST", "connect-sessions", json=GOOD).status_code == 401

"""Keys, versions, users, tokens, providers, categories, the shapes of errors and the limits."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from dokos_banksync.sandbox.bridge.limits import Limit, Limits
from dokos_banksync.sandbox.bridge.model import Application
from dokos_banksync.sandbox.server import SandboxServer
from dokos_banksync.sandbox.world import World
from tests.sandbox.client import Client


@pytest.mark.parametrize("header", ["Client-Id", "Client-Secret"])
@pytest.mark.parametrize("value", [None, "wrong"])
def test_wrong_keys_are_401(client: Client, header: str, value: str | None) -> None:
	answer = client.call("GET", "/v3/providers", headers={header: value})
	assert answer.status_code == 401
	assert answer.json()["code"] == "invalid_client_credentials"


@pytest.mark.parametrize("value", [None, "2021-06-01"])
def test_another_version_is_400(client: Client, value: str | None) -> None:
	answer = client.call("GET", "/v3/providers", headers={"Bridge-Version": value})
	assert answer.status_code == 400
	assert answer.json()["property"] == "Bridge-Version"


@pytest.mark.parametrize(
	("method", "path"),
	[
		("GET", "nothing"),
		("POST", "items/700001/refresh"),  # v3 has no refresh on demand
		("GET", "/v3/aggregation/v3/aggregation/items"),  # the path of next_uri joined to a base with a path
		("GET", "/v2/banks"),
	],
)
def test_an_unknown_address_is_404(client: Client, method: str, path: str) -> None:
	assert client.call(method, path).status_code == 404


def test_a_user_is_made_once_per_external_id(client: Client) -> None:
	first = client.call("POST", "users", json={"external_user_id": "dokos-1"})
	assert first.status_code == 201
	assert set(first.json()) == {"uuid", "external_user_id"}
	assert client.call("POST", "users", json={"external_user_id": "dokos-1"}).status_code == 409
	assert client.get(f"users/{first.json()['uuid']}") == first.json()


def test_a_user_needs_no_external_id_and_nulls_are_not_shown(client: Client) -> None:
	assert set(client.call("POST", "users").json()) == {"uuid"}


@pytest.mark.parametrize("external", ["", "with space", "x" * 129, "é", 5])
def test_an_odd_external_id_is_400(client: Client, external: object) -> None:
	answer = client.call("POST", "users", json={"external_user_id": external})
	assert answer.status_code == 400
	assert answer.json()["property"] == "external_user_id"


def test_bodies_are_json(client: Client) -> None:
	assert client.call("POST", "users", data="a=1").status_code == 415
	headers = {"Content-Type": "application/json"}
	assert client.call("POST", "users", data="{", headers=headers).status_code == 422
	assert client.call("POST", "users", data="[]", headers=headers).status_code == 422


def test_a_deleted_user_is_gone_with_its_token(user: Client) -> None:
	(only,) = user.rows("users")
	answer = user.call("DELETE", f"users/{only['uuid']}")
	assert (answer.status_code, answer.content) == (204, b"")
	assert user.rows("users") == []
	assert user.call("GET", f"users/{only['uuid']}").status_code == 404
	assert user.call("GET", "items").status_code == 401


def test_users_come_in_pages(client: Client) -> None:
	made = [client.call("POST", "users", json={"external_user_id": f"u{n}"}).json() for n in range(5)]
	pages = list(client.pages("users", limit=2))
	assert [len(page) for page in pages] == [2, 2, 1]
	assert [row for page in pages for row in page] == made


def test_a_token_by_either_id(client: Client, world: World) -> None:
	uuid = client.register("dokos-1")
	for body in ({"user_uuid": uuid}, {"external_user_id": "dokos-1"}):
		answer = client.call("POST", "authorization/token", json=body)
		assert answer.status_code == 200
		assert answer.json()["user"] == {"uuid": uuid, "external_user_id": "dokos-1"}
		assert answer.json()["expires_at"] == "2026-11-16T10:00:00.000Z"
	assert client.call("POST", "authorization/token", json={"user_uuid": "nobody"}).status_code == 404
	assert client.call("POST", "authorization/token", json={}).status_code == 400


def test_a_token_lives_two_hours(user: Client, world: World) -> None:
	world.clock.advance(timedelta(hours=1, minutes=59))
	assert user.call("GET", "items").status_code == 200
	world.clock.advance(timedelta(minutes=1))
	assert user.call("GET", "items").status_code == 401


@pytest.mark.parametrize("value", [None, "Bearer nonsense", "Basic abc", ""])
def test_user_calls_need_a_token(user: Client, value: str | None) -> None:
	assert user.call("GET", "accounts", headers={"Authorization": value}).status_code == 401


def test_applications_share_nothing(world: World) -> None:
	both = (Application(), Application("two", "secret"))
	with (
		SandboxServer(world, applications=both) as server,
		Client(server.url) as one,
		Client(server.url) as two,
	):
		two.http.headers.update({"Client-Id": "two", "Client-Secret": "secret"})
		uuid = one.register("same")
		two.register("same")
		assert len(two.rows("users")) == 1
		assert two.call("GET", f"users/{uuid}").status_code == 404
		two.http.headers["Authorization"] = one.http.headers["Authorization"]
		assert two.call("GET", "items").status_code == 401


def test_providers_show_what_is_documented(client: Client) -> None:
	shown = client.get("/v3/providers/574")
	assert shown["name"] == "Demo Bank"
	assert shown["health_status"]["aggregation"] == {"status": "healthy"}
	assert shown["aggregation_metadata"] == {"release_status": "general_availability"}
	assert set(shown["tags"]) == {"segment", "region", "keywords"}
	logo = client.http.get(shown["images"]["logo"], timeout=60)
	assert logo.headers["Content-Type"].startswith("image/svg+xml")
	assert client.call("GET", "/v3/providers/1").status_code == 404


def test_providers_by_page(client: Client) -> None:
	pages = list(client.pages("/v3/providers", limit=6))
	ids = [row["id"] for page in pages for row in page]
	assert ids == sorted(set(ids))
	assert len(pages) == 3
	assert ids == [row["id"] for row in client.get("/v3/providers")["resources"]]


@pytest.mark.parametrize(
	("filters", "expected"),
	[
		({"country_code": ["NL", "BE"]}, {620, 621}),
		({"country_code": "nl,be"}, {620, 621}),
		({"aggregation_release_status": "beta"}, {605}),
		({"country_code": "DE", "capabilities": "aggregation"}, {624}),
		({"country_code": "DE", "capabilities": "single_payment"}, {624, 626}),
		({"country_code": "DE", "capabilities": "bulk_payment"}, set()),
		({"country_code": ["DE", "BE"], "segment": "b2c"}, {621, 626}),
	],
)
def test_providers_are_filtered(client: Client, filters: dict[str, object], expected: set[int]) -> None:
	assert {row["id"] for row in client.rows("/v3/providers", **filters)} == expected


@pytest.mark.parametrize(
	("params", "about"),
	[
		({"limit": 0}, "limit"),
		({"limit": 501}, "limit"),
		({"limit": "x"}, "limit"),
		({"after": "é"}, "after"),
	],
)
def test_odd_paging_is_400(client: Client, params: dict[str, object], about: str) -> None:
	answer = client.call("GET", "/v3/providers", params=params)
	assert (answer.status_code, answer.json()["property"]) == (400, about)


def test_categories_are_a_tree_in_two_languages(client: Client) -> None:
	english = client.get("categories")["resources"]
	answer = client.call("GET", "categories", headers={"Accept-Language": "fr-FR,fr;q=0.9"})
	french = answer.json()["resources"]
	assert [parent["id"] for parent in english] == [parent["id"] for parent in french]
	bank = next(parent for parent in french if parent["id"] == 164)
	assert bank["name"] == "Banque"
	assert {"id": 79, "name": "Frais bancaires"} in bank["categories"]
	assert client.get("categories/79") == {"id": 79, "name": "Bank fees", "parent_id": 164}
	assert client.get("categories/164") == {"id": 164, "name": "Bank"}
	assert client.call("GET", "categories/4").status_code == 404


def test_categories_may_be_flat(client: Client) -> None:
	nested = client.get("categories")["resources"]
	client.control("POST", "settings", {"flat_categories": True})
	flat = client.get("categories")["resources"]
	assert {row["id"] for row in flat if "parent_id" not in row} == {parent["id"] for parent in nested}
	assert {(row["id"], row["parent_id"]) for row in flat if "parent_id" in row} == {
		(child["id"], parent["id"]) for parent in nested for child in parent["categories"]
	}


def test_errors_may_come_as_a_list(client: Client) -> None:
	client.control("POST", "settings", {"error_list": True})
	body = client.call("GET", "categories/4").json()
	assert body["errors"][0]["code"] == "resource_not_found"


def test_limits_are_off_unless_asked_for(user: Client) -> None:
	assert {user.call("GET", "items").status_code for _ in range(70)} == {200}


class Timer:
	now = 0.0

	def __call__(self) -> float:
		return self.now


@pytest.fixture
def limited(world: World) -> Iterator[tuple[Client, Timer]]:
	timer = Timer()
	limits = Limits(Limit(3, 60), Limit(100, 300), Limit(2, 60), timer=timer)
	with SandboxServer(world, limits=limits) as server, Client(server.url) as client:
		client.register("one")
		yield client, timer


def test_calls_of_a_user_are_limited(limited: tuple[Client, Timer]) -> None:
	client, timer = limited
	assert [client.call("GET", "items").status_code for _ in range(5)] == [200, 200, 200, 429, 429]
	assert "Retry-After" not in client.call("GET", "items").headers
	client.control("POST", "limits", {"retry_after": True})
	timer.now = 20
	assert client.call("GET", "items").headers["Retry-After"] == "40"
	timer.now = 60
	assert client.call("GET", "items").status_code == 200


def test_authentications_are_limited(limited: tuple[Client, Timer]) -> None:
	client, timer = limited
	body = {"external_user_id": "one"}
	statuses = [client.call("POST", "authorization/token", json=body).status_code for _ in range(2)]
	assert statuses == [200, 429]  # one was asked for before
	timer.now = 61
	assert client.call("POST", "authorization/token", json=body).status_code == 200


def test_calls_of_an_application_are_limited(limited: tuple[Client, Timer]) -> None:
	client, _ = limited
	client.control("POST", "limits", {"application": 4})
	statuses = [client.call("GET", "/v3/providers").status_code for _ in range(3)]
	assert statuses == [200, 200, 429]


def test_the_documented_limits() -> None:
	limits = Limits.documented()
	assert (limits.user, limits.application, limits.tokens) == (
		Limit(60, 60),
		Limit(2000, 300),
		Limit(10, 60),
	)

"""Keys, tokens, limits, errors and paging of the Bridge client, through `BridgeProvider`."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta

import pytest

from dokos_banksync.core.errors import (
	ConfigurationError,
	ConsentRevoked,
	DuplicateConnection,
	NotFound,
	ProviderBug,
	RateLimited,
	SyncError,
	TemporaryError,
)
from dokos_banksync.core.provider import Secret
from dokos_banksync.providers.bridge import BridgeProvider, errors
from dokos_banksync.providers.bridge.client import TOKEN_PATH
from dokos_banksync.providers.http import Answer
from tests.providers.conftest import ACCESS, SECRET, TOKEN, USER
from tests.providers.fake_server import START, Reply, Request, Script, Time

ITEMS = "/v3/aggregation/items"
ITEM = {"id": 700001, "provider_id": 574, "status": 0}
EMPTY = Reply(200, {"resources": [], "pagination": {}})

Make = Callable[..., BridgeProvider]


def test_every_call_has_the_keys_and_the_version(bridge: BridgeProvider, script: Script) -> None:
	script.routes[f"GET {ITEMS}"] = EMPTY
	assert bridge.connections(ACCESS) == []
	asked, read = script.requests
	for request in (asked, read):
		assert request.headers["client-id"] == "id"
		assert request.headers["client-secret"] == SECRET
		assert request.headers["bridge-version"] == "2025-01-15"
		assert request.headers["accept-language"] == "en"
	assert asked.body == {"user_uuid": USER}
	assert "authorization" not in asked.headers
	assert read.headers["authorization"] == f"Bearer {TOKEN}"


@pytest.mark.parametrize("ending", ["", "/", "/v3", "/v3/"])
def test_a_base_url_with_the_version_is_the_same(make: Make, script: Script, ending: str) -> None:
	script.routes["GET /v3/providers"] = EMPTY
	assert make(base_url=script.url + ending).check().institutions == 0


def test_the_base_url_of_bridge_is_the_default(make: Make) -> None:
	assert make(base_url="")._client.host == "api.bridgeapi.io"


@pytest.mark.parametrize("base_url", ["bridge", "http://api.bridgeapi.io", "https://"])
def test_a_base_url_that_is_none(make: Make, base_url: str) -> None:
	with pytest.raises(ConfigurationError, match="base URL"):
		make(base_url=base_url)


@pytest.mark.parametrize(
	"keys",
	[
		{"client_id": " "},
		{"client_secret": Secret("")},
		{"client_secret": Secret("kéy")},
		{"client_id": "a\nb"},
	],
)
def test_keys_that_are_none(make: Make, keys: dict[str, object]) -> None:
	with pytest.raises(ConfigurationError, match="client ID"):
		make(**keys)


# -- tokens ----------------------------------------------------------------------------------------------
def test_a_token_is_reused_until_a_minute_before_its_end(
	bridge: BridgeProvider, script: Script, time: Time
) -> None:
	script.routes[f"GET {ITEMS}"] = EMPTY
	for passed, tokens in ((0, 1), (60, 1), (7139, 1), (7140, 2)):
		time.passed = passed
		bridge.connections(ACCESS)
		assert len(script.called("POST", TOKEN_PATH)) == tokens


@pytest.mark.parametrize("expires_at", ["2020-01-01T00:00:00Z", "2099-01-01T00:00:00Z", "soon", None])
def test_clocks_that_are_apart_do_not_cost_a_token_per_call(
	bridge: BridgeProvider, script: Script, time: Time, expires_at: str | None
) -> None:
	token = {"access_token": TOKEN, "expires_at": expires_at}
	script.routes |= {f"GET {ITEMS}": EMPTY, f"POST {TOKEN_PATH}": Reply(200, token)}
	for passed, tokens in ((0, 1), (7139, 1), (7141, 2)):
		time.passed = passed
		bridge.connections(ACCESS)
		assert len(script.called("POST", TOKEN_PATH)) == tokens


def test_a_refused_token_is_renewed_once(bridge: BridgeProvider, script: Script) -> None:
	script.routes[f"GET {ITEMS}"] = [EMPTY, Reply(401, {"code": "invalid_token"}), EMPTY]
	bridge.connections(ACCESS)
	bridge.connections(ACCESS)
	assert len(script.called("POST", TOKEN_PATH)) == 2
	script.routes[f"GET {ITEMS}"] = Reply(401, {"code": "invalid_token", "message": f"{TOKEN} is bad"})
	with pytest.raises(TemporaryError) as caught:
		bridge.connections(ACCESS)
	assert caught.value.reference == "HTTP 401: invalid_token … is bad"
	assert len(script.called("POST", TOKEN_PATH)) == 3


def test_a_user_who_is_gone(bridge: BridgeProvider, script: Script) -> None:
	script.routes[f"POST {TOKEN_PATH}"] = Reply(404, {"code": "not_found"})
	with pytest.raises(ConsentRevoked):
		bridge.connections(ACCESS)


def test_a_token_without_text(bridge: BridgeProvider, script: Script) -> None:
	script.routes[f"POST {TOKEN_PATH}"] = Reply(200, {"expires_at": "2026-10-28T14:00:00Z"})
	with pytest.raises(ProviderBug):
		bridge.connections(ACCESS)


# -- limits ----------------------------------------------------------------------------------------------
def test_sixty_calls_a_minute_for_a_user(bridge: BridgeProvider, script: Script, time: Time) -> None:
	script.routes[f"GET {ITEMS}"] = EMPTY
	for _ in range(60):
		bridge.connections(ACCESS)
	assert time.slept == []
	bridge.connections(ACCESS)
	assert time.slept == [61.0]


def test_ten_tokens_a_minute(bridge: BridgeProvider, script: Script, time: Time) -> None:
	script.routes[f"GET {ITEMS}"] = EMPTY
	for _ in range(11):
		bridge._client.forget(USER)
		bridge.connections(ACCESS)
	assert time.slept == [61.0]


def test_two_thousand_calls_in_five_minutes(bridge: BridgeProvider, script: Script, time: Time) -> None:
	rate_limits = bridge._client._limiter._rate_limits
	for _ in range(2000):
		assert rate_limits.acquire("application", 2000, 301, START) is None
	with pytest.raises(RateLimited) as caught:
		bridge.check()
	assert caught.value.until == START + timedelta(seconds=301)
	assert script.requests == []


def test_a_limit_of_bridge_itself(bridge: BridgeProvider, script: Script) -> None:
	script.routes["GET /v3/providers"] = Reply(429, {"code": "too_many"}, {"Retry-After": "90"})
	with pytest.raises(RateLimited) as caught:
		bridge.check()
	assert caught.value.until == START + timedelta(seconds=90)


# -- errors ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
	("status", "kind"),
	[
		(400, ProviderBug),
		(401, ConfigurationError),
		(403, ConfigurationError),
		(404, NotFound),
		(409, DuplicateConnection),
		(415, ProviderBug),
		(422, ProviderBug),
		(418, ProviderBug),
		(500, TemporaryError),
	],
)
def test_statuses(bridge: BridgeProvider, script: Script, status: int, kind: type[SyncError]) -> None:
	script.routes["GET /v3/aggregation/categories"] = Reply(status, {"code": "c0de", "message": "why"})
	with pytest.raises(kind) as caught:
		bridge.categories()
	assert type(caught.value) is kind
	assert caught.value.reference == (f"HTTP {status}: c0de why" if status < 500 else "HTTP 500")


@pytest.mark.parametrize(
	("body", "said"),
	[
		({"code": "a", "property": "b", "message": "c"}, "HTTP 400: a b c"),
		({"errors": [{"code": "a", "property": "b"}, {"message": "d"}]}, "HTTP 400: a b; d"),
		({"type": "t", "message": "m", "documentation_url": "u"}, "HTTP 400: t m"),
		({"errors": ["nonsense", None]}, "HTTP 400"),
		({"code": 7}, "HTTP 400"),
		(["x"], "HTTP 400"),
		(None, "HTTP 400"),
		({"message": f"secret {SECRET} sent"}, "HTTP 400: secret … sent"),
		({"message": "x" * 1000}, "HTTP 400: " + "x" * 300),
	],
)
def test_bodies_of_errors(body: object, said: str) -> None:
	assert errors.reference(Answer(400, {}, body), [Secret(SECRET), Secret("")]) == said


def test_no_secret_in_an_error_or_log(
	bridge: BridgeProvider, script: Script, caplog: pytest.LogCaptureFixture
) -> None:
	caplog.set_level(logging.DEBUG)
	script.routes["GET /v3/providers"] = Reply(401, {"code": "invalid", "message": f"{SECRET} is wrong"})
	with pytest.raises(ConfigurationError) as caught:
		bridge.check()
	assert SECRET not in caplog.text + str(caught.value) + caught.value.reference
	assert TOKEN not in caplog.text


# -- paging ----------------------------------------------------------------------------------------------
def _paged(links: dict[str, object]) -> Callable[[Request], Reply]:
	def reply(request: Request) -> Reply:
		after = request.query.get("after", "")
		row = {"id": len(after) + 1, "name": after or "first"}
		return Reply(200, {"resources": [row], **({"pagination": links[after]} if after in links else {})})

	return reply


@pytest.mark.parametrize("last", [{"b": {"next_uri": None}}, {"b": {}}, {"b": None}, {}])
def test_pages_end(bridge: BridgeProvider, script: Script, last: dict[str, object]) -> None:
	path = "/v3/aggregation/categories"
	host = {"next_uri": f"{script.url}{path}?after=b&limit=3"}
	links = {"": {"next_uri": f"{path}?limit=3&after=aa"}, "aa": host, **last}
	script.routes[f"GET {path}"] = _paged(links)
	assert [category.name for category in bridge.categories()] == ["first", "aa", "b"]
	assert [r.query for r in script.requests] == [
		{"limit": "500"},
		{"limit": "3", "after": "aa"},
		{"limit": "3", "after": "b"},
	]


@pytest.mark.parametrize("address", ["https://evil.example/v3/x", "//evil.example/x", "after=2"])
def test_the_next_page_is_on_the_same_host(bridge: BridgeProvider, script: Script, address: str) -> None:
	script.routes["GET /v3/aggregation/categories"] = _paged({"": {"next_uri": address}})
	with pytest.raises(ProviderBug, match="not its own"):
		bridge.categories()


def test_pages_that_go_round(bridge: BridgeProvider, script: Script) -> None:
	path = "/v3/aggregation/categories"
	links = {"": {"next_uri": f"{path}?after=a"}, "a": {"next_uri": f"{path}?after=a"}}
	script.routes[f"GET {path}"] = _paged(links)
	with pytest.raises(ProviderBug, match="again and again"):
		bridge.categories()


@pytest.mark.parametrize("body", [{}, [], {"resources": None}, {"resources": {"id": 1}}, {"resources": [{}]}])
def test_a_list_that_is_none(bridge: BridgeProvider, script: Script, body: object) -> None:
	script.routes["GET /v3/aggregation/categories"] = Reply(200, body)
	with pytest.raises(ProviderBug):
		bridge.categories()

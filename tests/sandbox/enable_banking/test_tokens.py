"""The JWT of every call."""

from __future__ import annotations

import pytest

from dokos_banksync.sandbox import jose
from dokos_banksync.sandbox.enable_banking.model import APPLICATION_ID
from dokos_banksync.sandbox.server import SandboxServer
from tests.sandbox.enable_banking.client import CALLBACK, Client


def test_an_application_is_shown_to_who_signs_as_it(client: Client) -> None:
	shown = client.get("/application")
	assert shown["kid"] == APPLICATION_ID
	assert (shown["active"], shown["environment"], shown["services"]) == (True, "SANDBOX", ["AIS"])
	assert shown["redirect_urls"] == [CALLBACK]


def test_without_a_header(client: Client) -> None:
	answer = client.http.get(f"{client.url}/application", timeout=60)
	assert answer.status_code == 401
	assert answer.json()["error"] == "AUTHORIZATION_NOT_PROVIDED"


@pytest.mark.parametrize("text", ["", "x.y", "bm8.bm8.bm8", "e30.e30.***"])
def test_what_is_no_token(client: Client, text: str) -> None:
	assert client.error_of("GET", "/application", headers={"Authorization": f"Bearer {text}"}) == (
		401,
		"UNAUTHORIZED_ACCESS",
	)


@pytest.mark.parametrize(
	"claims",
	[
		{"iss": "somebody"},
		{"aud": "api.example"},
		{"exp": 1},
		{"exp": 99999999999},
		{"iat": 99999999998, "exp": 99999999999},
	],
)
def test_claims_that_are_not_right(client: Client, claims: dict[str, object]) -> None:
	refused = client.error_of("GET", "/application", token=client.token(**claims))
	assert refused == (401, "UNAUTHORIZED_ACCESS")


def test_a_day_is_the_longest_life(client: Client, server: SandboxServer) -> None:
	now = int(server.world.clock.now().timestamp())
	assert client.call("GET", "/application", token=client.token(iat=now, exp=now + 86400)).ok
	assert not client.call("GET", "/application", token=client.token(iat=now, exp=now + 86401)).ok


def test_the_old_audience_still_works(client: Client) -> None:
	assert client.call("GET", "/application", token=client.token(aud="api.tilisy.com")).ok


def test_another_key_and_another_application(client: Client, server: SandboxServer) -> None:
	assert not client.call("GET", "/application", token=client.token(kid="0" * 8)).ok
	client.key = jose.key_pair("somebody else")
	assert client.error_of("GET", "/application") == (401, "UNAUTHORIZED_ACCESS")
	server.enable_banking.state.register(
		"other-app", client.key.public_key(), ("https://books.example/back",)
	)
	assert client.call("GET", "/application", token=client.token(kid="other-app")).ok


def test_answers_state_the_time_of_the_provider(client: Client) -> None:
	assert client.call("GET", "/application").headers["Date"] == "Mon, 16 Nov 2026 08:00:00 GMT"

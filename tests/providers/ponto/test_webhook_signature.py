"""The seal of Ponto's webhooks, made by an independent implementation."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import datetime, timedelta, timezone
from typing import Any

import jwt
import pytest

from dokos_banksync.core.errors import ConfigurationError, ProviderBug
from dokos_banksync.providers.ponto import webhooks
from dokos_banksync.sandbox import jose

NOW = datetime(2026, 11, 16, 8, 0, tzinfo=timezone.utc)
SECONDS = 1794816000  # NOW
APPLICATION = "an-application"
KEY = jose.key_pair("a test of ponto")
BODY = b'{"data":{"type":"pontoConnect.integration.created","id":"1","attributes":{},"relationships":{}}}'


def sealed(body: bytes = BODY, header: dict[str, Any] | None = None, **changes: Any) -> dict[str, str]:
	claims = {
		"aud": APPLICATION,
		"digest": base64.b64encode(hashlib.sha512(body).digest()).decode(),
		"exp": SECONDS + 60,
		"iat": SECONDS,
		"iss": "https://api.ibanity.com",
		"jti": "j",
	}
	kept = {name: value for name, value in {**claims, **changes}.items() if value is not None}
	return {"signature": jose.sign({"alg": "RS512", "kid": "k1", **(header or {})}, kept, KEY)}


def keys(**changes: str) -> dict[str, Any]:
	return {"keys": [jose.jwk(KEY.public_key(), "k1", **{"use": "sig", "status": "ACTIVE", **changes})]}


def the_key() -> jwt.PyJWK:
	found = webhooks.find_key(keys(), "k1")
	assert found is not None
	return found


def check(headers: dict[str, str], body: bytes = BODY, now: datetime = NOW) -> None:
	webhooks.verify(headers, body, the_key(), APPLICATION, now)


def test_a_call_that_is_signed() -> None:
	assert webhooks.key_id(sealed()) == "k1"
	check(sealed())
	check(sealed(), now=NOW + timedelta(seconds=90))
	check(sealed(), now=NOW - timedelta(seconds=30))


@pytest.mark.parametrize(
	"changes",
	[
		{"aud": "another-application"},
		{"iss": "https://evil.example"},
		{"digest": "AAAA"},
		{"digest": None},
		{"aud": None},
		{"iss": None},
		{"iat": None},
		{"exp": None},
		{"iat": SECONDS + 31},
		{"exp": SECONDS - 31},
		{"exp": "tomorrow"},
	],
)
def test_claims_that_are_not_right(changes: dict[str, Any]) -> None:
	with pytest.raises(ConfigurationError):
		check(sealed(**changes))


def test_another_body_another_minute_and_another_key() -> None:
	with pytest.raises(ConfigurationError, match="signed"):
		check(sealed(), body=BODY + b" ")
	with pytest.raises(ConfigurationError, match="too old"):
		check(sealed(), now=NOW + timedelta(seconds=91))
	stranger = jose.sign({"alg": "RS512", "kid": "k1"}, {"aud": APPLICATION}, jose.key_pair("a stranger"))
	with pytest.raises(ConfigurationError, match="signed"):
		check({"Signature": stranger})


def test_other_algorithms_are_no_signature() -> None:
	token = sealed()["signature"]
	claims = token.split(".")[1]
	bare = jose.b64url(b'{"alg":"none","kid":"k1"}')
	none = f"{bare}.{claims}."
	secret = KEY.public_key().public_numbers().n.to_bytes(256, "big")
	head = jose.b64url(b'{"alg":"HS512","kid":"k1"}')
	mac = hmac.new(secret, f"{head}.{claims}".encode(), hashlib.sha512).digest()
	for forged in (none, f"{head}.{claims}.{jose.b64url(mac)}"):
		with pytest.raises(ConfigurationError, match="signed"):
			check({"Signature": forged})
	weaker = jose.sign({"alg": "RS256", "kid": "k1"}, json.loads(jose.unb64url(claims)), KEY)
	with pytest.raises(ConfigurationError, match="signed"):
		check({"Signature": weaker})


@pytest.mark.parametrize("headers", [{}, {"Signature": ""}, {"Signature": "a.b.c"}, {"Signature": "nothing"}])
def test_calls_without_a_seal(headers: dict[str, str]) -> None:
	with pytest.raises(ConfigurationError):
		webhooks.key_id(headers)
	with pytest.raises(ConfigurationError):
		check(headers)


@pytest.mark.parametrize(
	"found",
	[
		keys(use="enc"),
		keys(status="REVOKED"),
		{"keys": [{"kid": "k1", "use": "sig", "kty": "oct", "k": "AAAA"}]},
		{"keys": [{"kid": "k1", "use": "sig", "kty": "RSA"}]},
		{"keys": [None, 1]},
		{"keys": {}},
		None,
	],
)
def test_keys_that_cannot_be_used(found: object) -> None:
	assert webhooks.find_key(found, "k1") is None
	assert webhooks.find_key(keys(), "k2") is None


def test_what_a_call_says() -> None:
	body = {
		"data": {
			"type": "pontoConnect.account.transactionsCreated",
			"id": "e1",
			"attributes": {"createdAt": "2026-11-16T08:00:00.123Z", "count": 2},
			"relationships": {"account": {"data": {"type": "account", "id": "a1"}}},
		}
	}
	data = webhooks.content(json.dumps(body).encode())
	assert webhooks.related(data, "account") == "a1"
	assert webhooks.related(data, "organization") == ""
	assert webhooks.moment(data) == NOW.replace(microsecond=123000)


@pytest.mark.parametrize("body", [b"", b"[]", b"\xff", b'{"data": []}', b'{"data": null}'])
def test_bodies_that_say_nothing(body: bytes) -> None:
	with pytest.raises(ProviderBug):
		webhooks.content(body)

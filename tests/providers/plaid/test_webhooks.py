"""Verification of Plaid's webhooks, against a token that openssl signed."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from typing import Any

import jwt
import pytest

from dokos_banksync.core.errors import ConfigurationError, ProviderBug
from dokos_banksync.providers.plaid import webhooks

AT = datetime(2026, 11, 16, 8, 0, tzinfo=timezone.utc)
BODY = (
	b'{\n  "webhook_type": "TRANSACTIONS",\n  "webhook_code": "SYNC_UPDATES_AVAILABLE",\n  "item_id": "it1",\n'
	b'  "initial_update_complete": true,\n  "historical_update_complete": true,\n  "environment": "sandbox"\n}'
)
HEAD = "eyJhbGciOiJFUzI1NiIsImtpZCI6ImtleS0xIiwidHlwIjoiSldUIn0"
CLAIMS = (
	"eyJpYXQiOjE3OTQ4MTYwMDAsInJlcXVlc3RfYm9keV9zaGEyNTYiOiIxYWM2OWUwZDUzODEyMDlmOWRjZWYxNGQyOWMwZjdlNDYyNTAxNjVl"
	"OTBhOGMwMWZiMjVhYzViZTE4MTI2Y2QzIn0"
)
SIGNATURE = "oH3Xb-SKONi9wV3rWTul-3heNtkEZlTUYFsvK1m3FIFZqxYE4lLkDxYLtpRiEB3xOGLMnbioMKDU4JBv0ULnfA"
JWK = {
	"alg": "ES256", "crv": "P-256", "kid": "key-1", "kty": "EC", "use": "sig", "created_at": 1794000000,
	"expired_at": None, "x": "9y8CRG_PfL-o6omRxA1twvti4a2irmMTD3xURU93I7s",
	"y": "SgLX7cOfLtNd1XXC1N1PnP4X6Y_xVck5CrtwlUsetQI",
}  # fmt: skip


def signed(token: str = f"{HEAD}.{CLAIMS}.{SIGNATURE}", name: str = "Plaid-Verification") -> dict[str, str]:
	return {name: token, "Content-Type": "application/json"}


def keys(kid: str) -> Mapping[str, Any]:
	assert kid == "key-1"
	return JWK


def encoded(value: object) -> str:
	return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def test_a_token_signed_by_another_program() -> None:
	assert webhooks.verify(signed(), BODY, keys, AT) == AT
	assert webhooks.verify(signed(name="plaid-verification"), BODY, keys, AT) == AT


@pytest.mark.parametrize("late", [timedelta(minutes=5), timedelta(seconds=-60)])
def test_the_bounds_of_its_age(late: timedelta) -> None:
	assert webhooks.verify(signed(), BODY, keys, AT + late) == AT


@pytest.mark.parametrize("late", [timedelta(minutes=5, seconds=1), timedelta(seconds=-61)])
def test_a_token_that_is_too_old_or_of_tomorrow(late: timedelta) -> None:
	with pytest.raises(ConfigurationError, match="clock"):
		webhooks.verify(signed(), BODY, keys, AT + late)


def test_the_raw_body_counts_not_its_meaning() -> None:
	with pytest.raises(ConfigurationError, match="another content"):
		webhooks.verify(signed(), json.dumps(json.loads(BODY)).encode(), keys, AT)


@pytest.mark.parametrize(
	"token",
	[
		"",
		"a.b.c",
		f"{HEAD}.{CLAIMS}",
		f"{HEAD}.{CLAIMS}.{SIGNATURE[:-4]}AAAA",
		f"{HEAD}.{encoded({'iat': 1794816000, 'request_body_sha256': '0'})}.{SIGNATURE}",
	],
)
def test_what_is_no_signature(token: str) -> None:
	with pytest.raises(ConfigurationError, match="missing or wrong"):
		webhooks.verify(signed(token), BODY, keys, AT)


def test_a_call_without_the_header() -> None:
	with pytest.raises(ConfigurationError, match="missing or wrong"):
		webhooks.verify({}, BODY, keys, AT)


@pytest.mark.parametrize(
	"head", [{"alg": "none", "kid": "key-1"}, {"alg": "HS256", "kid": "key-1"}, {"alg": "ES256"}]
)
def test_other_algorithms_are_not_taken(head: dict[str, str]) -> None:
	with pytest.raises(ConfigurationError, match="not signed as Plaid signs"):
		webhooks.verify(signed(f"{encoded(head)}.{CLAIMS}.{SIGNATURE}"), BODY, keys, AT)


def test_a_public_key_is_no_secret_of_an_hmac() -> None:
	forged = jwt.encode({"iat": 1794816000}, JWK["x"] * 2, algorithm="HS256", headers={"kid": "key-1"})
	with pytest.raises(ConfigurationError):
		webhooks.verify(signed(forged), BODY, keys, AT)


@pytest.mark.parametrize("key", [{**JWK, "crv": "P-384"}, {**JWK, "x": "AA"}, {"kty": "RSA"}, {}])
def test_a_key_that_is_none(key: dict[str, Any]) -> None:
	with pytest.raises(ConfigurationError):
		webhooks.verify(signed(), BODY, lambda _kid: key, AT)


def test_a_key_that_was_replaced_before() -> None:
	assert webhooks.verify(signed(), BODY, lambda _kid: {**JWK, "expired_at": 1794816000}, AT) == AT
	with pytest.raises(ConfigurationError, match="replaced"):
		webhooks.verify(signed(), BODY, lambda _kid: {**JWK, "expired_at": 1794815999}, AT)


def message(**values: Any) -> bytes:
	return json.dumps({"environment": "sandbox", **values}).encode()


def test_the_events() -> None:
	(event,) = webhooks.events(BODY, AT)
	assert (event.kind, event.remote_id, event.at) == ("connection.refreshed", "it1", AT)
	assert event.details["code"] == "SYNC_UPDATES_AVAILABLE"
	error = {"error_code": "ITEM_LOGIN_REQUIRED", "error_type": "ITEM_ERROR"}
	(failed,) = webhooks.events(
		message(webhook_type="ITEM", webhook_code="ERROR", item_id="i", error=error), AT
	)
	assert (failed.kind, failed.details["error_code"]) == ("connection.refreshed", "ITEM_LOGIN_REQUIRED")
	revoked = message(webhook_type="ITEM", webhook_code="USER_ACCOUNT_REVOKED", item_id="i", account_id="a")
	(gone,) = webhooks.events(revoked, AT)
	assert (gone.kind, gone.remote_account) == ("account.removed", "a")
	assert webhooks.events(message(webhook_type="LINK", webhook_code="EVENTS"), AT) == []


@pytest.mark.parametrize("body", [b"", b"{", b"\xff"])
def test_a_signed_body_that_is_none(body: bytes) -> None:
	with pytest.raises(ProviderBug):
		webhooks.events(body, AT)

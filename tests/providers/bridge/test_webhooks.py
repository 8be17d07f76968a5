from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import datetime, timezone

import pytest

from dokos_banksync.core.errors import ConfigurationError, ProviderBug
from dokos_banksync.core.provider import Secret, WebhookRequest
from dokos_banksync.providers.bridge import BridgeProvider
from dokos_banksync.providers.bridge.webhooks import events

KEY = "whsec-local-sandbox"
USER = "1f0e8a52-6c0f-4e0a-9a55-0d6f2c1b7a10"
BODY = (
	b'{"content":{"item_id":700001,"status":0,"user_uuid":"1f0e8a52-6c0f-4e0a-9a55-0d6f2c1b7a10"},'
	b'"timestamp":1760000000,"type":"TEST_EVENT"}'
)
HEX = "8002EFA65A532F464D9F1522CEBE377F3EE6B88EA74D747E98849F26F3EF98B8"
ZEROS = "0" * 64


def signed(data: object, key: str = KEY) -> tuple[dict[str, str], bytes]:
	body = json.dumps(data).encode()
	return {"BridgeApi-Signature": f"v1={hmac.new(key.encode(), body, hashlib.sha256).hexdigest()}"}, body


@pytest.mark.parametrize(
	"signature",
	[
		f"v1={HEX}",
		f"v1={HEX.lower()}",
		f"v1={ZEROS},v1={HEX}",
		f"t=1760000000, v1={HEX}",
		f"v0={ZEROS},v1={HEX}",
	],
)
@pytest.mark.parametrize("name", ["BridgeApi-Signature", "bridgeapi-signature"])
def test_a_signature(name: str, signature: str) -> None:
	(event,) = events({name: signature}, BODY, [Secret("old"), Secret(KEY)])
	assert (event.kind, event.remote_user, event.remote_id) == ("test", USER, "700001")
	assert event.at == datetime.fromtimestamp(1760000000, timezone.utc)


@pytest.mark.parametrize(
	"headers",
	[
		{},
		{"BridgeApi-Signature": ""},
		{"BridgeApi-Signature": HEX},
		{"BridgeApi-Signature": f"v1={ZEROS}"},
		{"BridgeApi-Signature": f"v2={HEX}"},
		{"BridgeApi-Signature": f"v1={HEX}0"},
		{"BridgeApi-Signature": "v1=é"},
		{"X-Signature": f"v1={HEX}"},
	],
)
def test_no_signature(headers: dict[str, str]) -> None:
	with pytest.raises(ConfigurationError, match="secret"):
		events(headers, BODY, [Secret(KEY)])


@pytest.mark.parametrize("secrets", [[], [Secret("")], [Secret("other")]])
def test_no_secret_that_fits(secrets: list[Secret]) -> None:
	with pytest.raises(ConfigurationError):
		events({"BridgeApi-Signature": f"v1={HEX}"}, BODY, secrets)


def test_an_empty_secret_signs_nothing() -> None:
	headers, body = signed({"type": "TEST_EVENT"}, key="")
	with pytest.raises(ConfigurationError):
		events(headers, body, [Secret("")])


def test_a_changed_body() -> None:
	with pytest.raises(ConfigurationError):
		events({"BridgeApi-Signature": f"v1={HEX}"}, BODY.replace(b"700001", b"700002"), [Secret(KEY)])


def test_a_refresh() -> None:
	content = {
		"item_id": 700001,
		"user_uuid": USER,
		"status_code": 1010,
		"status_code_info": "otp_required",
		"full_refresh": False,
	}
	headers, body = signed({"content": content, "timestamp": 1793163601234, "type": "item.refreshed"})
	(event,) = events(headers, body, [Secret(KEY)])
	assert event.kind == "connection.refreshed"
	assert event.details == {
		"status_code": "1010",
		"status_code_info": "otp_required",
		"full_refresh": "false",
	}
	assert event.at == datetime(2026, 10, 28, 5, 0, 1, 234000, timezone.utc)


def test_an_account() -> None:
	content = {
		"account_id": 48000101,
		"item_id": 700001,
		"user_uuid": USER,
		"balance": 1.5,
		"nb_new_transactions": 3,
	}
	headers, body = signed({"content": content, "type": "item.account.updated"})
	(event,) = events(headers, body, [Secret(KEY)])
	assert (event.kind, event.remote_account, event.at) == ("account.updated", "48000101", None)
	assert event.details == {"nb_new_transactions": "3"}


@pytest.mark.parametrize("data", [{"type": "payment.created"}, {"type": 7}, {}, []])
def test_an_unknown_event_is_ignored(data: object) -> None:
	headers, body = signed(data)
	assert events(headers, body, [Secret(KEY)]) == []


@pytest.mark.parametrize("timestamp", ["now", None, True, 10**14, -(10**14)])
def test_a_time_that_is_none(timestamp: object) -> None:
	headers, body = signed({"type": "user.deleted", "timestamp": timestamp, "content": None})
	(event,) = events(headers, body, [Secret(KEY)])
	assert event.kind == "user.removed"


def test_a_signed_body_that_cannot_be_read() -> None:
	for body in (b"not json", b"\xff", b"[" * 100_000):
		made = hmac.new(KEY.encode(), body, hashlib.sha256).hexdigest()
		with pytest.raises(ProviderBug):
			events({"BridgeApi-Signature": f"v1={made}"}, body, [Secret(KEY)])


def test_the_secrets_of_the_subscription_count(make: Callable[..., BridgeProvider]) -> None:
	bridge = make(webhook_secrets=[Secret(KEY)])
	assert bridge.events(WebhookRequest({"BridgeApi-Signature": f"v1={HEX}"}, BODY))[0].kind == "test"

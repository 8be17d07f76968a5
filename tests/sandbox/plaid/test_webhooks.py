"""Plaid's webhooks: which are sent, and how they are signed."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import requests
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from dokos_banksync.sandbox.plaid.model import Settings
from dokos_banksync.sandbox.plaid.state import Plaid
from dokos_banksync.sandbox.server import SandboxServer
from dokos_banksync.sandbox.world import World
from tests.sandbox.plaid.client import PLATYPUS, PlaidClient
from tests.sandbox.receiver import Receiver, receiving

AT_ONCE = Settings(initial_after=timedelta(0), historical_after=timedelta(0))


@pytest.fixture
def bank() -> Iterator[SandboxServer]:
	with SandboxServer(
		World(seed=3, years=0.1), plaid=lambda world: Plaid(world, settings=AT_ONCE)
	) as server:
		yield server


@pytest.fixture
def plaid(bank: SandboxServer) -> PlaidClient:
	return PlaidClient(bank.plaid_url)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
	with receiving() as server:
		yield server


def codes(bank: SandboxServer, receiver: Receiver) -> list[str]:
	assert bank.wait_for_webhooks()
	return [one["webhook_code"] for one in receiver.contents()]


def decoded(text: str) -> bytes:
	return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def verify(token: str, jwk: dict[str, Any]) -> dict[str, Any]:
	"""The claims of a token, after a check against the key by the letter of RFC 7515 and 7518."""
	head, claims, signature = token.split(".")
	assert json.loads(decoded(head))["alg"] == "ES256"
	raw = decoded(signature)
	assert len(raw) == 64
	numbers = ec.EllipticCurvePublicNumbers(
		int.from_bytes(decoded(jwk["x"]), "big"), int.from_bytes(decoded(jwk["y"]), "big"), ec.SECP256R1()
	)
	der = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
	numbers.public_key().verify(der, f"{head}.{claims}".encode(), ec.ECDSA(hashes.SHA256()))
	found: dict[str, Any] = json.loads(decoded(claims))
	return found


def test_a_session_is_reported_and_signed(
	bank: SandboxServer, plaid: PlaidClient, receiver: Receiver
) -> None:
	plaid.connect(webhook=receiver.url)
	assert codes(bank, receiver)[:3] == ["HISTORICAL_UPDATE", "ITEM_ADD_RESULT", "SESSION_FINISHED"]
	headers, body = receiver.taken[2]
	content = json.loads(body)
	assert body == json.dumps(content, indent=2).encode()
	assert (content["status"], content["environment"]) == ("SUCCESS", "sandbox")
	assert content["public_tokens"][0].startswith("public-sandbox-")
	token = headers["Plaid-Verification"]
	kid = json.loads(decoded(token.split(".")[0]))["kid"]
	jwk = plaid.call("/webhook_verification_key/get", key_id=kid)["key"]
	assert {name: jwk[name] for name in ("alg", "crv", "kty", "use", "expired_at")} == {
		"alg": "ES256", "crv": "P-256", "kty": "EC", "use": "sig", "expired_at": None,
	}  # fmt: skip
	claims = verify(token, jwk)
	assert claims == {
		"iat": int(bank.world.clock.now().timestamp()),
		"request_body_sha256": hashlib.sha256(body).hexdigest(),
	}
	with pytest.raises(InvalidSignature):
		verify(token[:-4] + "AAAA", jwk)


def test_keys_rotate(bank: SandboxServer, plaid: PlaidClient, receiver: Receiver) -> None:
	token = plaid.connect(webhook=receiver.url)
	bank.app.faces["plaid"].simulations["rotate_key"]()
	plaid.call("/sandbox/item/fire_webhook", access_token=token, webhook_code="NEW_ACCOUNTS_AVAILABLE")
	codes(bank, receiver)
	kids = [
		json.loads(decoded(headers["Plaid-Verification"].split(".")[0]))["kid"]
		for headers, _ in receiver.taken
	]
	assert len(set(kids)) == 2
	keys = [plaid.call("/webhook_verification_key/get", key_id=kid)["key"] for kid in (kids[0], kids[-1])]
	assert keys[0]["expired_at"] == int(bank.world.clock.now().timestamp())
	assert keys[1]["expired_at"] is None
	refused = plaid.refused("/webhook_verification_key/get", key_id="unknown")
	assert refused[2] == "INVALID_WEBHOOK_VERIFICATION_KEY_ID"


def test_updates_are_not_announced_before_the_first_sync(
	bank: SandboxServer, plaid: PlaidClient, receiver: Receiver
) -> None:
	token = plaid.connect(webhook=receiver.url)
	bank.world.advance(days=3)
	assert "SYNC_UPDATES_AVAILABLE" not in codes(bank, receiver)
	plaid.sync(token)
	bank.world.advance(days=3)
	codes(bank, receiver)
	(first, *_) = [one for one in receiver.contents() if one["webhook_code"] == "SYNC_UPDATES_AVAILABLE"]
	assert first["initial_update_complete"]
	assert first["historical_update_complete"]
	assert first["item_id"] == plaid.call("/item/get", access_token=token)["item"]["item_id"]


def test_what_happens_to_an_item_is_reported(
	bank: SandboxServer, plaid: PlaidClient, receiver: Receiver
) -> None:
	token = plaid.connect(601, webhook=receiver.url)
	item_id = plaid.call("/item/get", access_token=token)["item"]["item_id"]
	simulations = bank.app.faces["plaid"].simulations
	simulations["disconnect"](item_id=item_id)
	simulations["new_account"](item_id=item_id)
	bank.world.advance(days=173)
	simulations["set_error"](item_id=item_id, code="ITEM_LOGIN_REQUIRED")
	simulations["repair_login"](item_id=item_id)
	simulations["revoke"](item_id=item_id)
	received = [one for one in codes(bank, receiver) if "UPDATE" not in one][2:]
	assert received == [
		"PENDING_DISCONNECT", "NEW_ACCOUNTS_AVAILABLE", "PENDING_EXPIRATION", "ERROR", "LOGIN_REPAIRED",
		"USER_PERMISSION_REVOKED",
	]  # fmt: skip
	contents = {one["webhook_code"]: one for one in receiver.contents()}
	assert contents["PENDING_EXPIRATION"]["consent_expiration_time"] == "2027-05-15T08:00:00Z"
	assert contents["ERROR"]["error"]["status"] == 400
	assert contents["PENDING_DISCONNECT"]["disconnect_time"] == "2026-11-23T08:00:00Z"


def test_update_mode_sends_no_login_repaired(
	bank: SandboxServer, plaid: PlaidClient, receiver: Receiver
) -> None:
	from dokos_banksync.sandbox.user import Customer

	token = plaid.connect(webhook=receiver.url)
	plaid.call("/sandbox/item/reset_login", access_token=token)
	Customer(institution=PLATYPUS).consent(plaid.link(access_token=token)["hosted_link_url"])
	received = codes(bank, receiver)
	assert "ERROR" in received
	assert "LOGIN_REPAIRED" not in received


def test_webhooks_come_again_twice_and_backwards(
	bank: SandboxServer, plaid: PlaidClient, receiver: Receiver
) -> None:
	receiver.statuses = [500]
	token = plaid.connect(webhook=receiver.url)
	codes(bank, receiver)
	assert receiver.taken[0][1] == receiver.taken[1][1]
	bank.plaid.outbox.twice = True
	before = len(receiver.taken)
	plaid.call("/sandbox/item/fire_webhook", access_token=token, webhook_code="SYNC_UPDATES_AVAILABLE")
	codes(bank, receiver)
	assert len(receiver.taken) == before + 2


def test_the_control_shows_webhooks_and_makes_things_happen(bank: SandboxServer, plaid: PlaidClient) -> None:
	token = plaid.connect(webhook="http://127.0.0.1:9/hook")
	item_id = plaid.call("/item/get", access_token=token)["item"]["item_id"]
	control = f"{bank.url}/_sandbox/plaid"
	body = {"what": "set_error", "item_id": item_id, "code": "ITEM_LOCKED"}
	assert requests.post(f"{control}/simulate", json=body, timeout=60).status_code == 200
	assert plaid.refused("/accounts/get", access_token=token)[2] == "ITEM_LOCKED"
	shown = requests.get(f"{control}/webhooks", timeout=60).json()
	assert shown["events"][-1]["webhook_code"] == "ERROR"
	assert requests.post(f"{control}/simulate", json={"what": "nothing"}, timeout=60).status_code == 404
	requests.post(f"{bank.url}/_sandbox/reset", timeout=60)
	assert plaid.refused("/item/get", access_token=token)[2] == "INVALID_ACCESS_TOKEN"


def test_webhooks_stay_on_this_machine(plaid: PlaidClient) -> None:
	from dokos_banksync.sandbox.outbox import Outbox, WebhookCall

	with pytest.raises(ValueError, match="this machine"):
		Outbox().send(WebhookCall("https://example.org/hook", "x", {}, b"", lambda _body: {}))

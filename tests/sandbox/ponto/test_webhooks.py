"""Webhooks: what is told, and the seal."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers

from dokos_banksync.sandbox.jose import Jws, unb64url
from dokos_banksync.sandbox.ponto.model import APPLICATION_ID
from dokos_banksync.sandbox.server import SandboxServer
from tests.sandbox.ponto.client import Client
from tests.sandbox.ponto.test_data import MAIN, late, main
from tests.sandbox.receiver import Receiver, receiving


@pytest.fixture
def receiver(server: SandboxServer) -> Iterator[Receiver]:
	with receiving() as listening:
		server.ponto.simulations["webhook"](url=listening.url)
		yield listening


def kinds(server: SandboxServer) -> list[str]:
	assert server.wait_for_webhooks()
	return [one.label.removeprefix("pontoConnect.") for one in server.ponto.outbox.log]


def test_what_is_reported(receiver: Receiver, linked: Client, server: SandboxServer) -> None:
	received = kinds(server)
	assert received[0] == "integration.created"
	assert received.count("integration.accountAdded") == 10
	server.ponto.outbox.forget()
	account_id = main(linked)["id"]
	server.world.account(MAIN).add(late(server.world.clock.today()))
	done = linked.synchronize(account_id)
	assert kinds(server) == ["account.transactionsCreated"]
	content = json.loads(server.ponto.outbox.log[0].body)["data"]
	assert content["attributes"]["count"] == 1
	assert content["relationships"]["account"]["data"]["id"] == account_id
	assert content["relationships"]["synchronization"]["data"]["id"] == done["id"]


def test_what_ends_is_reported(receiver: Receiver, linked: Client, server: SandboxServer) -> None:
	account_id = main(linked)["id"]
	server.ponto.outbox.forget()
	server.ponto.simulations["expire"](account_id=account_id)
	assert kinds(server) == ["synchronization.failed", "synchronization.failed"]
	linked.call("DELETE", f"/accounts/{account_id}")
	server.ponto.simulations["end_integration"]()
	assert kinds(server)[2:] == ["integration.accountRevoked", "integration.revoked"]


def test_the_seal_proves_body_and_reader(receiver: Receiver, linked: Client, server: SandboxServer) -> None:
	assert server.wait_for_webhooks()
	delivery = server.ponto.outbox.deliveries[0]
	assert delivery.status == 200
	jws = Jws.read(delivery.headers["Signature"])
	(key,) = linked.http.get(f"{server.ponto_url}/webhooks/keys", timeout=60).json()["keys"]
	assert (key["kid"], key["use"], key["status"]) == (jws.header["kid"], "sig", "ACTIVE")
	modulus, exponent = (int.from_bytes(unb64url(key[name]), "big") for name in ("n", "e"))
	assert jws.is_signed_by(RSAPublicNumbers(exponent, modulus).public_key(), "RS512")
	assert jws.claims["aud"] == APPLICATION_ID
	assert jws.claims["iss"] == "https://api.ibanity.com"
	assert jws.claims["exp"] == jws.claims["iat"] + 60
	digest = base64.b64encode(hashlib.sha512(delivery.body).digest()).decode()
	assert jws.claims["digest"] == digest


def test_nothing_is_reported_without_an_address(linked: Client, server: SandboxServer) -> None:
	assert kinds(server) == []

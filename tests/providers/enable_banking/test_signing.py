"""The JWT of every call, read by an independent implementation of RFC 7515."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from dokos_banksync.core.errors import ConfigurationError
from dokos_banksync.core.provider import Secret
from dokos_banksync.providers.enable_banking.signing import Signer
from dokos_banksync.sandbox.jose import Jws, key_pair, private_pem

NOW = datetime(2026, 11, 16, 8, 0, tzinfo=timezone.utc)
SECONDS = 1794816000  # NOW
PEM = private_pem(key_pair("a test"))


def pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, password: bytes = b"") -> str:
	lock = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
	return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, lock).decode()


def test_a_token_says_who_to_whom_and_how_long() -> None:
	jws = Jws.read(Signer(" app-id ", Secret(PEM)).token(NOW).reveal())
	assert jws.header == {"typ": "JWT", "alg": "RS256", "kid": "app-id"}
	assert jws.claims == {
		"iss": "enablebanking.com",
		"aud": "api.enablebanking.com",
		"iat": SECONDS - 60,
		"exp": SECONDS + 3600,
	}
	assert jws.is_signed_by(key_pair("a test").public_key(), "RS256")


def test_a_token_is_used_again_until_shortly_before_its_end() -> None:
	signer = Signer("app-id", Secret(PEM))
	first = signer.token(NOW).reveal()
	assert signer.token(NOW + timedelta(minutes=54)).reveal() == first
	assert signer.token(NOW + timedelta(minutes=55)).reveal() != first


def test_a_key_with_spaces_around_it_is_a_key() -> None:
	assert Signer("app-id", Secret(f"\n\n  {PEM}\n ")).token(NOW)


def test_the_key_shows_itself_nowhere() -> None:
	signer = Signer("app-id", Secret(PEM))
	assert "…" in repr(signer.token(NOW))
	assert PEM[40:80] not in repr(vars(signer))


@pytest.mark.parametrize("application_id", ["", "  ", "é"])
def test_an_id_that_is_none(application_id: str) -> None:
	with pytest.raises(ConfigurationError, match="application ID"):
		Signer(application_id, Secret(PEM))


@pytest.mark.parametrize(
	("text", "said"),
	[
		("", "BEGIN and END"),
		("MIIEvQIBADANBg", "BEGIN and END"),
		(PEM.replace("M", "?", 1), "cannot be read"),
		(PEM[:200], "cannot be read"),
		("-----BEGIN CERTIFICATE-----\nMIIC\n-----END CERTIFICATE-----", "certificate or a public key"),
		("-----BEGIN PUBLIC KEY-----\nMIIC\n-----END PUBLIC KEY-----", "certificate or a public key"),
		(pem(key_pair("a test"), b"password"), "password"),
		(pem(ec.generate_private_key(ec.SECP256R1())), "RSA key of at least 2048"),
		(pem(rsa.generate_private_key(65537, 1024)), "RSA key of at least 2048"),
	],
)
def test_keys_that_cannot_be_any(text: str, said: str) -> None:
	with pytest.raises(ConfigurationError, match=said) as caught:
		Signer("app-id", Secret(text))
	assert text[30:60] == "" or text[30:60] not in str(caught.value)
	assert caught.value.__cause__ is None

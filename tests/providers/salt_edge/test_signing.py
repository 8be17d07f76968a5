"""Salt Edge's signatures, against what openssl signed with a key made for these tests."""

from __future__ import annotations

import base64
from datetime import datetime, timezone

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding

from dokos_banksync.core.errors import ConfigurationError
from dokos_banksync.core.provider import Secret
from dokos_banksync.providers.salt_edge import signing

NOW = datetime(2026, 11, 16, 8, 0, tzinfo=timezone.utc)
PRIVATE = """-----BEGIN PRIVATE KEY-----
MIICdgIBADANBgkqhkiG9w0BAQEFAASCAmAwggJcAgEAAoGBALJHjDiC9esRYAYH
7ZiwhmNE30Iub4iIB5O51jSJkcdDSxdjKDRxd8vTLc78iGY5SFam+1/vkSq0wWHp
hsu3JYEmSgyBNj1X3qkm9FxnFCNv/GJKhMdz9gdfqSReShfixEXTYkPUs3z+/LOg
yKPIihBwQfioFBRyC1dEdPKL2iP1AgMBAAECgYA0O3QgpnXoXhnVCoOZJbbp5KbI
nBQ/WyNlK6BPmjKkv9mDS6De5JOlmwSjzSclVAkWoiup6uWMLpMt3Z6JluoclE8J
wI3QzzDblNtNhEE3EZm99FkrLEa5wEOozMvAvdKii3Xujyk5n463wlK1gLrO/uCC
KEyakfGawc19irCU7QJBAN8mZBRtQfEndxAiHJrvqrSBswXrYxTfkDbiF6sZRV9P
tLvB6Be+mgdZKz8UQxC/laqgbsJmF2Q2a+BKutucT8sCQQDMhiwGBdqhKDFcEpL/
vkyd+gRsHZCd1R8wz8gY8406u+51oOQySWRIk6LR2j6sgeMT0fnGH91C//znqVOJ
tWM/AkEAuFSGJzl5VzM6buE+r916LVFWCHXAiuWBw1RQKM3fODQnH1G13qdbpOZL
ive5zoPzpdaQp5SdjfJGeihA4lfksQJAB3fKubmS/xlxm/QNrArtz0Lm0G/P7QNw
LR8ZJlgWSxO7pE3opzFo2QGTC2iVq0Te3sVnAmX9dUnVmTvkkf2ujwJACC8KEu9h
XgQ8oI7nhketxdmnbyA3ZuTlVjzKy7AIL9BsPkY9luEkfjQIStbr7caoPdhtd92C
jvYglFli17MsXQ==
-----END PRIVATE KEY-----
"""
PUBLIC = """-----BEGIN PUBLIC KEY-----
MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQCyR4w4gvXrEWAGB+2YsIZjRN9C
Lm+IiAeTudY0iZHHQ0sXYyg0cXfL0y3O/IhmOUhWpvtf75EqtMFh6YbLtyWBJkoM
gTY9V96pJvRcZxQjb/xiSoTHc/YHX6kkXkoX4sRF02JD1LN8/vyzoMijyIoQcEH4
qBQUcgtXRHTyi9oj9QIDAQAB
-----END PUBLIC KEY-----
"""
CALLBACK_URL = "https://books.example/hook?kind=success"
CALLBACK = (
	b'{"data":{"connection_id":"111","customer_id":"222","custom_fields":{"key":"value"},"stage":"finish"},'
	b'"meta":{"version":"6","time":"2026-11-16T08:00:00Z"}}'
)
CALLBACK_SIGNATURE = (
	"NINe+g9lnv9OnNOV+TU7Fj+m1nnqTuwgtK6wBR3gtM4A4pOvmc9RINLBUxtxIjOuzGtHNoR/moYhcGiLfe410q1tNf5NYFSnqRv8OqvJy5ZSNgfL98"
	"31EDyAn/ZKsi0RTc2XH61t3zgK+LElFG+QNO1bLc88PK0BJr0nqzasunc="
)


def test_a_request_is_signed_as_openssl_signs_it() -> None:
	key = signing.private_key(Secret(PRIVATE))
	body = '{"data": {"identifier": "é"}}'.encode()
	headers = signing.request_headers(key, NOW, "post", "https://www.saltedge.com/api/v6/customers", body)
	assert headers == {
		"Expires-at": "1794816060",
		"Signature": "latR0pnKHlh+Huno3XPo8Kl6S9hUNzQU7irZIfoJV/tZKqOo2L0WwWOXxMIgwsIpZJ4Q153MQjePBTxKUA6yxI6PVeR41JNruQj"
		"se5QxKZnhL2hV+iLxXCceELeArPhovmx9LFqbIRgOuNPG6kz8NG0u/cWl7YR0e5XqrgM5X4o=",
	}


def test_a_request_without_a_body_signs_an_empty_one() -> None:
	key = signing.private_key(Secret(PRIVATE))
	url = "https://www.saltedge.com/api/v6/accounts?connection_id=1"
	headers = signing.request_headers(key, NOW, "GET", url, b"")
	signed = f"1794816060|GET|{url}|".encode()
	key.public_key().verify(
		base64.b64decode(headers["Signature"]), signed, padding.PKCS1v15(), hashes.SHA256()
	)


def test_a_callback_is_checked_with_its_address_and_its_raw_body() -> None:
	key = signing.public_key(PUBLIC)
	assert signing.signed_by(key, CALLBACK_URL, CALLBACK, CALLBACK_SIGNATURE)
	assert signing.signed_by(key, CALLBACK_URL, CALLBACK, f" {CALLBACK_SIGNATURE}\n")
	assert not signing.signed_by(key, f"{CALLBACK_URL}&x=1", CALLBACK, CALLBACK_SIGNATURE)
	assert not signing.signed_by(key, CALLBACK_URL, CALLBACK + b" ", CALLBACK_SIGNATURE)
	assert not signing.signed_by(key, CALLBACK_URL, CALLBACK, CALLBACK_SIGNATURE.replace("N", "M", 1))
	assert not signing.signed_by(key, CALLBACK_URL, CALLBACK, "not base64!")
	assert not signing.signed_by(key, CALLBACK_URL, CALLBACK, "")


@pytest.mark.parametrize("text", ["", "xyz", PUBLIC, PRIVATE.replace("MIIC", "MIIB", 1)])
def test_what_is_no_private_key(text: str) -> None:
	with pytest.raises(ConfigurationError, match="private key") as caught:
		signing.private_key(Secret(text))
	assert text == "" or text not in str(caught.value)


def test_a_private_key_of_another_kind_or_with_a_passphrase() -> None:
	key = ec.generate_private_key(ec.SECP256R1())
	encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
	plain = key.private_bytes(encoding, form, serialization.NoEncryption()).decode()
	locked = signing.private_key(Secret(PRIVATE)).private_bytes(
		encoding, form, serialization.BestAvailableEncryption(b"word")
	)
	for text in (plain, locked.decode()):
		with pytest.raises(ConfigurationError, match="without a passphrase"):
			signing.private_key(Secret(text))


@pytest.mark.parametrize("text", ["", "key", PRIVATE])
def test_what_is_no_public_key(text: str) -> None:
	with pytest.raises(ConfigurationError, match="public key"):
		signing.public_key(text)

"""Signatures of Salt Edge: of our requests, and of its callbacks.

Both are RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017), in base64. Salt Edge's published examples
(github.com/saltedge/saltedge-examples) show what is signed.
"""

from __future__ import annotations

import base64
import binascii
from datetime import datetime, timedelta

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from dokos_banksync.core.errors import ConfigurationError
from dokos_banksync.core.provider import Secret
from dokos_banksync.providers import private_keys

LIFE = timedelta(seconds=60)
"""How long a signed request is good for; Salt Edge takes up to an hour."""


def private_key(pem: Secret) -> rsa.RSAPrivateKey:
	"""Return the key of a PEM text. Raises `ConfigurationError` for anything else, or one with a passphrase."""
	try:
		key = private_keys.load(pem)
	except (ValueError, TypeError, UnsupportedAlgorithm):
		key = None
	if not isinstance(key, rsa.RSAPrivateKey):
		raise ConfigurationError(
			"The private key of the provider cannot be read. Paste an RSA key in PEM format, without a passphrase."
		) from None
	return key


def public_key(pem: str) -> rsa.RSAPublicKey:
	"""Return the key of a PEM text. Raises `ConfigurationError` for anything else."""
	try:
		key = serialization.load_pem_public_key(pem.strip().encode())
	except (ValueError, UnsupportedAlgorithm):
		key = None
	if not isinstance(key, rsa.RSAPublicKey):
		raise ConfigurationError(
			"Salt Edge's public key cannot be read. Copy it from Salt Edge's documentation or dashboard, in PEM format."
		) from None
	return key


def request_headers(
	key: rsa.RSAPrivateKey, now: datetime, method: str, url: str, body: bytes
) -> dict[str, str]:
	"""Return the headers that sign a request. `url` and `body` must be exactly what is sent."""
	expires_at = str(int((now + LIFE).timestamp()))
	text = f"{expires_at}|{method.upper()}|{url}|".encode() + body
	signature = base64.b64encode(key.sign(text, padding.PKCS1v15(), hashes.SHA256())).decode()
	return {"Expires-at": expires_at, "Signature": signature}


def signed_by(key: rsa.RSAPublicKey, callback_url: str, body: bytes, signature: str) -> bool:
	"""Return whether the owner of a key signed a callback to this address, with this raw body."""
	try:
		raw = base64.b64decode(signature.strip(), validate=True)
		key.verify(raw, callback_url.encode() + b"|" + body, padding.PKCS1v15(), hashes.SHA256())
	except (InvalidSignature, binascii.Error, ValueError):
		return False
	return True

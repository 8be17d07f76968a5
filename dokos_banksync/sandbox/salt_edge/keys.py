"""Signatures: RSASSA-PKCS1-v1_5 with SHA-256 over a text, in base64 (as in Salt Edge's published examples)."""

from __future__ import annotations

import base64
import functools

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

KEY_VERSION = "6.0"


@functools.cache
def service_key() -> rsa.RSAPrivateKey:
	"""Salt Edge's own key, one for the life of the process."""
	return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def public_pem(key: rsa.RSAPrivateKey) -> str:
	"""Return the public half of a key as PEM."""
	return (
		key.public_key()
		.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
		.decode()
	)


def sign(key: rsa.RSAPrivateKey, text: bytes) -> str:
	"""Return the signature of a text in base64."""
	return base64.b64encode(key.sign(text, padding.PKCS1v15(), hashes.SHA256())).decode()


def verifies(pem: str, text: bytes, signature: str) -> bool:
	"""Was the text signed by the owner of a public key?"""
	key = serialization.load_pem_public_key(pem.encode())
	assert isinstance(key, rsa.RSAPublicKey)  # noqa: S101 - a client's setting
	try:
		key.verify(base64.b64decode(signature, validate=True), text, padding.PKCS1v15(), hashes.SHA256())
	except (InvalidSignature, ValueError):
		return False
	return True

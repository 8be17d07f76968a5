"""JSON Web Signatures as the providers use them: RFC 7515 compact form, RSA with SHA-256 or SHA-512 (RFC 7518)."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

_HASHES: dict[str, type[hashes.HashAlgorithm]] = {"RS256": hashes.SHA256, "RS512": hashes.SHA512}
_KEY_BITS = 2048


@dataclass(frozen=True)
class Jws:
	"""A compact JWS taken apart; nothing in it is verified yet."""

	header: Mapping[str, Any]
	claims: Mapping[str, Any]
	signed: bytes
	signature: bytes

	@classmethod
	def read(cls, token: str) -> Jws:
		"""Take a compact JWS apart. ValueError for anything else."""
		parts = token.split(".")
		if len(parts) != 3:
			raise ValueError("A JWS has three parts")
		header, claims = (_object(part) for part in parts[:2])
		return cls(header, claims, f"{parts[0]}.{parts[1]}".encode(), unb64url(parts[2]))

	def is_signed_by(self, key: RSAPublicKey, algorithm: str) -> bool:
		"""Return whether `algorithm` is the one in the header and the signature is the key's."""
		if self.header.get("alg") != algorithm:
			return False
		try:
			key.verify(self.signature, self.signed, padding.PKCS1v15(), _HASHES[algorithm]())
		except InvalidSignature:
			return False
		return True


def sign(header: Mapping[str, Any], claims: Mapping[str, Any], key: RSAPrivateKey) -> str:
	"""Return a compact JWS; `header` names the algorithm."""
	signed = f"{b64url(_json(header))}.{b64url(_json(claims))}"
	algorithm = _HASHES[header["alg"]]()
	return f"{signed}.{b64url(key.sign(signed.encode(), padding.PKCS1v15(), algorithm))}"


def b64url(data: bytes) -> str:
	"""Return base64url without padding."""
	return base64.urlsafe_b64encode(data).decode().rstrip("=")


def unb64url(text: str) -> bytes:
	"""ValueError for text that is not base64url."""
	try:
		return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
	except binascii.Error as error:
		raise ValueError("Not base64url") from error


@cache
def key_pair(purpose: str) -> RSAPrivateKey:  # noqa: ARG001 - the key of the cache
	"""Return a key pair for a purpose, made once in this process and kept nowhere else."""
	return rsa.generate_private_key(public_exponent=65537, key_size=_KEY_BITS)


def private_pem(key: RSAPrivateKey) -> str:
	"""Return a private key as unencrypted PKCS #8 PEM."""
	return key.private_bytes(
		serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
	).decode()


def jwk(key: RSAPublicKey, kid: str, **members: str) -> dict[str, str]:
	"""Return a public key as a JWK (RFC 7517)."""
	numbers = key.public_numbers()
	size = (numbers.n.bit_length() + 7) // 8
	return {"kty": "RSA", "kid": kid, "n": b64url(numbers.n.to_bytes(size, "big")), "e": "AQAB", **members}


def _object(part: str) -> Mapping[str, Any]:
	value = json.loads(unb64url(part))
	if not isinstance(value, dict):
		raise ValueError("Not a JSON object")  # noqa: TRY004 - callers handle one kind of error
	return value


def _json(value: Mapping[str, Any]) -> bytes:
	return json.dumps(value, separators=(",", ":")).encode()

"""The keys that sign webhooks, and their JSON Web Tokens.

https://plaid.com/docs/api/webhooks/webhook-verification/, RFC 7515 (JWS), RFC 7518 (ES256)
"""

from __future__ import annotations

import base64
import hashlib
import json
import random
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature


@dataclass
class Key:
	"""One key pair on P-256. `expired_at` is set when another has replaced it."""

	kid: str
	private: ec.EllipticCurvePrivateKey
	created_at: datetime
	expired_at: datetime | None = None

	@classmethod
	def make(cls, rng: random.Random, now: datetime) -> Key:
		"""Return a new key pair that follows from the generator."""
		private = ec.derive_private_key(rng.getrandbits(255) + 1, ec.SECP256R1())
		return cls(str(uuid.UUID(int=rng.getrandbits(128), version=4)), private, now)

	def jwk(self) -> dict[str, Any]:
		"""Return the public half, as `/webhook_verification_key/get` gives it."""
		numbers = self.private.public_key().public_numbers()
		return {
			"alg": "ES256",
			"crv": "P-256",
			"kid": self.kid,
			"kty": "EC",
			"use": "sig",
			"x": _encoded(numbers.x.to_bytes(32, "big")),
			"y": _encoded(numbers.y.to_bytes(32, "big")),
			"created_at": int(self.created_at.timestamp()),
			"expired_at": int(self.expired_at.timestamp()) if self.expired_at else None,
		}

	def token(self, body: bytes, now: datetime) -> str:
		"""Return the value of `Plaid-Verification` for a raw body."""
		claims = {"iat": int(now.timestamp()), "request_body_sha256": hashlib.sha256(body).hexdigest()}
		head = {"alg": "ES256", "kid": self.kid, "typ": "JWT"}
		signed = ".".join(_encoded(json.dumps(part).encode()) for part in (head, claims))
		r, s = decode_dss_signature(self.private.sign(signed.encode(), ec.ECDSA(hashes.SHA256())))
		return f"{signed}.{_encoded(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"


def _encoded(raw: bytes) -> str:
	return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()

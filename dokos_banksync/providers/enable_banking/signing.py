"""The JWT that every call to Enable Banking has.

https://enablebanking.com/docs/api/reference/ "JWT format and signature": RS256, `kid` is the application's id,
`iss` "enablebanking.com", `aud` "api.enablebanking.com", a life of at most 24 hours.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from dokos_banksync.core.errors import ConfigurationError
from dokos_banksync.core.provider import Secret
from dokos_banksync.providers import private_keys

ISSUER, AUDIENCE = "enablebanking.com", "api.enablebanking.com"
LIFE = timedelta(hours=1)
RENEW_EARLY = timedelta(minutes=5)
SKEW = timedelta(seconds=60)
"""A token is dated back by this much, for a clock of ours that runs ahead."""

_LEAST_BITS = 2048


class Signer:
	"""Signs as one application; a token is used again until shortly before its end."""

	def __init__(self, application_id: str, private_key: Secret) -> None:
		"""Raise `ConfigurationError` for an id or a key that cannot be any."""
		self._application_id = application_id.strip()
		if not self._application_id or not self._application_id.isascii():
			raise ConfigurationError(
				"The application ID of Enable Banking is missing. Copy it from the application's page in the "
				"control panel."
			)
		self._key = _read(private_key)
		self._token = Secret("")
		self._ends: datetime | None = None

	def token(self, now: datetime) -> Secret:
		"""Return a token that is valid at `now` (aware, UTC)."""
		if self._ends is None or now + RENEW_EARLY >= self._ends:
			self._token, self._ends = self._signed(now), now + LIFE
		return self._token

	def _signed(self, now: datetime) -> Secret:
		issued = int((now - SKEW).timestamp())
		claims = {
			"iss": ISSUER,
			"aud": AUDIENCE,
			"iat": issued,
			"exp": issued + int((LIFE + SKEW).total_seconds()),
		}
		return Secret(jwt.encode(claims, self._key, algorithm="RS256", headers={"kid": self._application_id}))


def _read(private_key: Secret) -> RSAPrivateKey:
	"""Read the key. Its text is in no variable here, for those may be shown with a traceback."""
	if "PRIVATE KEY" not in private_key.reveal():
		raise ConfigurationError(_NOT_PRIVATE if "BEGIN" in private_key.reveal() else _NO_PEM)
	try:
		key = private_keys.load(private_key)
	except TypeError:
		raise ConfigurationError(_LOCKED) from None
	except ValueError:
		raise ConfigurationError(_NO_PEM) from None
	if not isinstance(key, RSAPrivateKey) or key.key_size < _LEAST_BITS:
		raise ConfigurationError(
			"The private key of Enable Banking must be an RSA key of at least {0} bits.", _LEAST_BITS
		)
	return key


_NO_PEM = (
	"The private key of Enable Banking cannot be read. Give the whole content of the .pem file, with its BEGIN "
	"and END lines."
)
_NOT_PRIVATE = (
	"This is a certificate or a public key. Enable Banking needs the private key that belongs to it here: the "
	".pem file that was made when the application was registered."
)
_LOCKED = "The private key of Enable Banking is protected by a password. Store it without one: it is kept encrypted here."

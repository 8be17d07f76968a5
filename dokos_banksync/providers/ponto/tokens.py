"""Access tokens. They live half an hour; a refresh token works once, and using it twice ends the whole link.

The tokens of a user's authorization are in the grant of the connection, so that all processes share them. One process at
a time exchanges the refresh token: it takes the lock, reads again, exchanges, and writes both new tokens at once.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from dokos_banksync.core.errors import ConsentRevoked
from dokos_banksync.core.provider import NO_SECRET, Access, Clock, Secret, SecretStore
from dokos_banksync.providers.failures import malformed
from dokos_banksync.providers.grants import GRANT_IS_GONE
from dokos_banksync.providers.http import Http
from dokos_banksync.providers.parsing import Object, instant, mapping, text
from dokos_banksync.providers.ponto import errors

RENEW_EARLY = timedelta(seconds=60)
LEAST_LIFE = timedelta(seconds=120)

_OWN = "ponto-token"


class Grant(NamedTuple):
	"""What a connection through Ponto Connect holds. `institution_id` is the bank whose accounts it shows."""

	organization: str
	institution_id: str
	access_token: Secret
	expires_at: datetime
	refresh_token: Secret

	@classmethod
	def of_pair(cls, pair: TokenPair, organization: str = "", institution_id: str = "") -> Grant:
		"""Return the grant of tokens that the token endpoint has just given."""
		return cls(
			organization=organization,
			institution_id=institution_id,
			access_token=pair.access_token,
			expires_at=pair.expires_at,
			refresh_token=pair.refresh_token,
		)

	def seal(self) -> Secret:
		"""Return the grant as text to store."""
		fields = {
			"organization": self.organization,
			"institution_id": self.institution_id,
			"access_token": self.access_token.reveal(),
			"expires_at": self.expires_at.isoformat(),
			"refresh_token": self.refresh_token.reveal(),
		}
		return Secret(json.dumps(fields))


def read(stored: Secret | None) -> Grant:
	"""Return a stored grant. Raise `ConsentRevoked` where there is none."""
	if stored is None:
		raise ConsentRevoked(GRANT_IS_GONE)
	data = json.loads(stored.reveal())
	return Grant(
		organization=data["organization"],
		institution_id=data["institution_id"],
		access_token=Secret(data["access_token"]),
		expires_at=datetime.fromisoformat(data["expires_at"]),
		refresh_token=Secret(data["refresh_token"]),
	)


class TokenPair(NamedTuple):
	"""What the token endpoint gives; `refresh_token` is false for client credentials."""

	access_token: Secret
	expires_at: datetime
	refresh_token: Secret


class Verifier(NamedTuple):
	"""A code verifier and its challenge (RFC 7636, S256)."""

	secret: Secret
	challenge: str

	@classmethod
	def new(cls) -> Verifier:
		"""Make a verifier of 256 bits."""
		made = secrets.token_urlsafe(32)
		digest = hashlib.sha256(made.encode()).digest()
		return cls(Secret(made), base64.urlsafe_b64encode(digest).decode().rstrip("="))


class Tokens:
	"""Gives access tokens, for a connection or for the integration itself. `path` is the token endpoint."""

	def __init__(
		self, http: Http, path: str, basic: Secret, secret_store: SecretStore, clock: Clock, *, own: bool
	) -> None:
		self._http, self._path, self._basic = http, path, basic
		self._secret_store, self._clock, self._own_only = secret_store, clock, own

	def of(self, access: Access, refused: Secret = NO_SECRET) -> Secret:
		"""Return a token for the data of a connection, another one than `refused`."""
		if self._own_only:
			return self.own(refused)
		grant = read(access.grant.read())
		return grant.access_token if self._usable(grant, refused) else self._exchanged(access, refused)

	def own(self, refused: Secret = NO_SECRET) -> Secret:
		"""Return a token of the integration itself."""
		newer = self._secret_store.get(_OWN)
		if newer and newer.reveal() != refused.reveal():
			return newer
		made = self._asked({"grant_type": "client_credentials"})
		self._secret_store.put(_OWN, made.access_token, made.expires_at - RENEW_EARLY)
		return made.access_token

	def of_code(self, code: str, verifier: Secret, redirect_uri: str) -> TokenPair:
		"""Exchange an authorization code; it works once."""
		form: dict[str, str | Secret] = {"grant_type": "authorization_code", "redirect_uri": redirect_uri}
		return self._asked({**form, "code": Secret(code), "code_verifier": verifier})

	def end(self, refresh_token: Secret) -> None:
		"""End an authorization (RFC 7009)."""
		path = self._path.removesuffix("token") + "revoke"
		answer = self._http.request("POST", path, form={"token": refresh_token}, headers=self._head())
		if answer.status >= 300:
			raise errors.of_token(answer, (refresh_token,))

	def _usable(self, grant: Grant, refused: Secret) -> bool:
		fresh = self._clock() + RENEW_EARLY < grant.expires_at
		return fresh and grant.access_token.reveal() != refused.reveal()

	def _exchanged(self, access: Access, refused: Secret) -> Secret:
		"""Let one process refresh at a time: a process that waited finds the token that another one got."""
		with access.grant.lock():
			stored = access.grant.read()
			grant = read(stored)
			if self._usable(grant, refused):
				return grant.access_token
			made = self._asked({"grant_type": "refresh_token", "refresh_token": grant.refresh_token})
			renewed = grant._replace(**made._asdict())
			access.grant.write(stored, renewed.seal())
			return made.access_token

	def _asked(self, form: Mapping[str, str | Secret]) -> TokenPair:
		"""Ask the token endpoint once: a second try with the same refresh token would end the link."""
		answer = self._http.request("POST", self._path, form=form, headers=self._head(), repeatable=False)
		if answer.status >= 300:
			hidden = [one for one in form.values() if isinstance(one, Secret)]
			raise errors.of_token(answer, (self._basic, *hidden))
		return self._pair(mapping(answer.data))

	def _head(self) -> Mapping[str, str | Secret]:
		return {"Authorization": self._basic, "Accept": "application/json"}

	def _pair(self, data: Object) -> TokenPair:
		token, seconds = Secret(text(data.get("access_token"))), data.get("expires_in")
		if not token:
			raise malformed("Ponto", "access_token")
		life = timedelta(seconds=int(seconds)) if isinstance(seconds, int) else LEAST_LIFE
		return TokenPair(token, self._clock() + life, Secret(text(data.get("refresh_token"))))


def basic(client_id: str, client_secret: Secret) -> Secret:
	"""Return the value of an `Authorization` header for HTTP Basic (RFC 7617)."""
	pair = f"{client_id}:{client_secret.reveal()}".encode()
	return Secret(f"Basic {base64.b64encode(pair).decode()}")


def expiry(attributes: Object) -> datetime | None:
	"""Return when the authorization of an account is expected to end."""
	return instant(attributes.get("authorizationExpirationExpectedAt"))

"""The keys that verify webhooks. https://plaid.com/docs/api/webhooks/webhook-verification/"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from dokos_banksync.core.errors import ConfigurationError, TemporaryError
from dokos_banksync.core.provider import Clock, RateLimitStore, Secret, SecretStore
from dokos_banksync.providers.parsing import mapping
from dokos_banksync.providers.plaid.client import Client

_LIFE = timedelta(hours=24)
_KEY_ID = re.compile(r"[A-Za-z0-9-]{1,64}")
_CALLS, _SECONDS = 20, 60.0
"""Anybody can call with an invented key id: so many are looked up a minute."""


class VerificationKeys:
	"""Keys by id, looked up once a day each."""

	def __init__(self, client: Client, store: SecretStore, rate_limits: RateLimitStore, clock: Clock) -> None:
		self._client, self._store, self._rate_limits, self._clock = client, store, rate_limits, clock

	def key(self, key_id: str) -> Mapping[str, Any]:
		"""Return a JSON Web Key.

		Raises `ConfigurationError` for one that Plaid does not know, `TemporaryError` after too many look-ups.
		"""
		if not _KEY_ID.fullmatch(key_id):
			raise _unknown()
		stored = self._store.get(f"plaid webhook key {key_id}")
		if stored is not None:
			found: Mapping[str, Any] = json.loads(stored.reveal())
			return found
		return self._look_up(key_id)

	def _look_up(self, key_id: str) -> Mapping[str, Any]:
		now = self._clock()
		if self._rate_limits.acquire("plaid webhook keys", _CALLS, _SECONDS, now) is not None:
			raise TemporaryError(
				"Too many webhook calls with unknown keys arrived. They are refused for a minute."
			)
		found = mapping(self._client.post("/webhook_verification_key/get", {"key_id": key_id}).get("key"))
		if not found:
			raise _unknown()
		self._store.put(
			f"plaid webhook key {key_id}", Secret(json.dumps(dict(found), default=str)), now + _LIFE
		)
		return found


def _unknown() -> ConfigurationError:
	return ConfigurationError("A webhook call was refused: Plaid does not know its key.")

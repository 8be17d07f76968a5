"""What a host stores for a provider: short-lived secrets, counts of calls, the grant of each connection."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import NamedTuple, Protocol

from dokos_banksync.core.subscription import Secret


class SecretStore(Protocol):
	"""Short-lived values that a provider needs again in another process. The host encrypts them."""

	def get(self, key: str) -> Secret | None:
		"""Return the value, or None when there is none or it has expired."""
		...

	def put(self, key: str, value: Secret, expires_at: datetime) -> None:
		"""Store a value until an instant (UTC)."""
		...

	def forget(self, key: str) -> None:
		"""Delete a value; harmless when there is none."""
		...

	def preload(self, keys: Sequence[str]) -> None:
		"""Read values that `get` is going to be asked for at once."""
		...


class Usage(NamedTuple):
	"""Calls that count against one limit at present; `resets_at` is when the earliest of them no longer counts (UTC)."""

	key: str
	used: int
	limit: int
	resets_at: datetime


class RateLimitStore(Protocol):
	"""Counts calls in sliding windows, over all processes of a host."""

	def acquire(self, key: str, limit: int, seconds: float, now: datetime) -> datetime | None:
		"""Count one call. Return None when it may go; else, without counting, when the next one may (UTC)."""
		...

	def state(self, stated: Usage, seconds: float) -> None:
		"""Replace the count of a key by what the provider itself says: its limit, its count, and when that ends.

		The provider's window has `seconds`; all that it counts no longer counts at `stated.resets_at`.
		"""
		...


class GrantStore(Protocol):
	"""What the provider granted for one connection (tokens, a session id): encrypted, without expiry.

	One `write` replaces the grant atomically. A grant that is used up by its use (a rotating refresh token) is
	replaced inside `lock`, so that one process at a time exchanges it: take the lock, read again, exchange, write.
	"""

	def read(self) -> Secret | None:
		"""Return the grant, or None when there is none."""
		...

	def write(self, expected: Secret | None, grant: Secret) -> bool:
		"""Replace the grant if it still is `expected` (compare-and-set). Return whether it was replaced."""
		...

	def lock(self) -> AbstractContextManager[None]:
		"""Wait until no other process exchanges this grant, then exclude them. Raises `Busy` after too long."""
		...


class NoGrant:
	"""The grant store of a connection that does not exist yet."""

	def read(self) -> Secret | None:
		"""Return None: there is no grant yet."""
		return None

	def write(self, expected: Secret | None, grant: Secret) -> bool:
		"""Store nothing, and return False."""
		return False

	def lock(self) -> AbstractContextManager[None]:
		"""Raise: there is nothing to exclude anybody from."""
		raise RuntimeError("There is no connection whose grant could be locked")


def grant_digest(grant: Secret) -> str:
	"""Return a short digest of a grant, to name a connection where only its grant is known."""
	return hashlib.sha256(grant.reveal().encode()).hexdigest()[:16]

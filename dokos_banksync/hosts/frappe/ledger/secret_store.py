"""Stores what providers share between processes: short-lived secrets, and counts of calls."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from typing import Any
from uuid import uuid4

import frappe
from frappe.utils.password import (
	decrypt,
	get_decrypted_password,
	remove_encrypted_password,
	set_encrypted_password,
)
from redis import Redis

from dokos_banksync.core.errors import ConfigurationError
from dokos_banksync.core.provider import Clock, Secret
from dokos_banksync.core.provider_stores import Usage
from dokos_banksync.hosts.frappe.ledger import locks, sql
from dokos_banksync.hosts.storage.sql import CONNECTION, PROVIDER

STORE_PREFIX = "banksync "
"""How the fields begin under which short-lived secrets are stored, many for each connection."""
CREDENTIAL_PREFIX = "credential_"
"""How the fields begin under which a provider's declared secrets are stored; `forget_all` leaves them."""
_GRANT = "banksync_grant"

# A call that lies further ahead than the window was counted by a clock that has been set back since.
_SPEND = """
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[1] - ARGV[3])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '(' .. (ARGV[1] + ARGV[3]), '+inf')
local oldest = redis.call('ZREVRANGE', KEYS[1], ARGV[2] - 1, ARGV[2] - 1, 'WITHSCORES')
if oldest[2] then return oldest[2] end
redis.call('ZADD', KEYS[1], ARGV[1], ARGV[4])
redis.call('EXPIRE', KEYS[1], math.ceil(ARGV[3]) + 1)
redis.call('HSET', KEYS[2], ARGV[5], ARGV[2] .. ' ' .. ARGV[3])
redis.call('EXPIRE', KEYS[2], 172800)
return false
"""

# The members are numbered: a set of Redis has each of them once.
_STATE = """
redis.call('DEL', KEYS[1])
for number = 1, tonumber(ARGV[2]) do redis.call('ZADD', KEYS[1], ARGV[1], number) end
redis.call('EXPIRE', KEYS[1], math.ceil(ARGV[4]) + 1)
redis.call('HSET', KEYS[2], ARGV[5], ARGV[3] .. ' ' .. ARGV[4])
redis.call('EXPIRE', KEYS[2], 172800)
"""


class FrappeSecretStore:
	"""`SecretStore` of one provider, encrypted with the site's key beside the site's other secrets."""

	def __init__(self, provider: str, clock: Clock) -> None:
		self._provider, self._clock = provider, clock
		self._read: dict[str, str | None] = {}

	def get(self, key: str) -> Secret | None:
		"""Return a value; None if there is none, it has expired, or the site's key cannot decrypt it."""
		if key not in self._read:
			self.preload((key,))
		stored = self._read[key]
		if not stored:
			return None
		until, value = json.loads(stored)
		return Secret(value) if datetime.fromisoformat(until) > self._clock() else None

	def preload(self, keys: Sequence[str]) -> None:
		"""See `SecretStore.preload`."""
		fields = {_field(key): key for key in keys}
		query = f"""
			SELECT fieldname, password FROM `__Auth`
			WHERE doctype = %s AND name = %s AND fieldname IN ({sql.placeholders(list(fields))}) AND encrypted = 1
		"""
		self._read.update(dict.fromkeys(keys))
		for row in sql.rows(query, (PROVIDER, self._provider, *fields)):
			self._read[fields[row["fieldname"]]] = _opened(row["password"])

	def put(self, key: str, value: Secret, expires_at: datetime) -> None:
		"""Store a secret encrypted until an instant, and commit."""
		until = expires_at.astimezone(timezone.utc).isoformat()
		# It is in no variable: a site's Error Log shows the variables of every frame.
		self._read[key] = json.dumps([until, value.reveal()])
		set_encrypted_password(PROVIDER, self._provider, self._read[key], _field(key))
		sql.commit()

	def forget(self, key: str) -> None:
		"""Delete a secret, and commit."""
		self._read.pop(key, None)
		remove_encrypted_password(PROVIDER, self._provider, _field(key))
		sql.commit()


def _opened(locked: str | None) -> str | None:
	"""Return what is stored, decrypted; None where the site's key cannot."""
	try:
		return decrypt(locked) if locked else None
	except frappe.ValidationError:
		frappe.clear_last_message()
		return None


def forget_all(provider: str) -> None:
	"""Delete the stored secrets of a provider, because its keys were replaced."""
	frappe.db.sql(
		"DELETE FROM `__Auth` WHERE doctype = %s AND name = %s AND fieldname LIKE %s",
		(PROVIDER, provider, f"{STORE_PREFIX}%"),
	)


def _field(key: str) -> str:
	"""The names of fields are 140 characters at most, and case and accents count for nothing in them."""
	return STORE_PREFIX + hashlib.sha256(key.encode()).hexdigest()


class FrappeRateLimitStore:
	"""`RateLimitStore` of one provider: a sliding window in Redis, that all processes of the site share."""

	def __init__(self, provider: str) -> None:
		self._provider = provider

	def acquire(self, key: str, limit: int, seconds: float, now: datetime) -> datetime | None:
		"""Count a call; return None, or when a full limit has room again."""
		cache = _cache()
		place = cache.make_key(self._place(key))
		limits = cache.make_key(self._limits)
		spend = cache.register_script(_SPEND)
		oldest = spend([place, limits], [now.timestamp(), limit, seconds, uuid4().hex, key])
		if oldest is None:
			return None
		free = datetime.fromtimestamp(float(oldest), timezone.utc) + timedelta(seconds=seconds)
		return max(free, now)

	def state(self, stated: Usage, seconds: float) -> None:
		"""Replace the count of a key by what the provider itself says."""
		cache = _cache()
		places = [cache.make_key(self._place(stated.key)), cache.make_key(self._limits)]
		instant = (stated.resets_at - timedelta(seconds=seconds)).timestamp()
		values = [instant, stated.used, stated.limit, seconds, stated.key]
		cache.register_script(_STATE)(places, values)

	def usage(self, now: datetime) -> list[Usage]:
		"""Return what is counted at present under each key, those with nothing counted left out.

		Frappe replaces some of Redis's methods by its own, which make keys and unpickle values: here Redis's are called.
		"""
		cache, instant = _cache(), now.timestamp()
		found = []
		for name, stated in sorted(Redis.hgetall(cache, cache.make_key(self._limits)).items()):
			key, (limit, seconds) = name.decode(), map(float, stated.split())
			place, bounds = cache.make_key(self._place(key)), (f"({instant - seconds}", instant + seconds)
			counted = Redis.zrangebyscore(cache, place, min=bounds[0], max=bounds[1], withscores=True)
			if counted:
				free = datetime.fromtimestamp(counted[0][1] + seconds, timezone.utc)
				found.append(Usage(key, len(counted), int(limit), free))
		return found

	@property
	def _limits(self) -> str:
		return f"banksync_limits|{self._provider}"

	def _place(self, key: str) -> str:
		return f"banksync_calls|{self._provider}|{key}"


def _cache() -> Any:
	return frappe.cache() if callable(frappe.cache) else frappe.cache


class FrappeGrantStore:
	"""The grant of one connection, encrypted beside the site's other secrets under the Sync Connection."""

	def __init__(self, connection: str) -> None:
		self._connection = connection

	def read(self) -> Secret | None:
		"""Return the grant, or None when there is none. Raises `ConfigurationError` for another site's key."""
		try:
			found = get_decrypted_password(CONNECTION, self._connection, _GRANT, raise_exception=False)
		except frappe.ValidationError:
			frappe.clear_last_message()
			raise ConfigurationError(
				"The access to {0} cannot be opened with this site's encryption key: reconnect the bank",
				self._connection,
			) from None
		return Secret(found) if found else None

	def write(self, expected: Secret | None, grant: Secret) -> bool:
		"""Replace the grant if it still is `expected`. Return whether it was replaced. Commits."""
		with locks.hold(f"write grant {self._connection}", wait=10):
			sql.commit()
			held = self.read()
			if (held and held.reveal()) != (expected and expected.reveal()):
				return False
			set_encrypted_password(CONNECTION, self._connection, grant.reveal(), _GRANT)
			sql.commit()
		return True

	@contextmanager
	def lock(self) -> Iterator[None]:
		"""Exclude all other processes of this site from exchanging the grant. Raises `Busy` after a minute.

		Commits, so that the next `read` sees what another process wrote meanwhile.
		"""
		with locks.hold(f"grant {self._connection}", wait=60):
			sql.commit()
			yield

	def forget(self) -> None:
		"""Delete the grant; harmless when there is none."""
		remove_encrypted_password(CONNECTION, self._connection, _GRANT)
		sql.commit()

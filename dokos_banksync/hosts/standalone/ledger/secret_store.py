"""What providers store between processes: short-lived secrets, and counts of calls."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import datetime, timedelta, timezone

from dokos_banksync.core.provider import Clock, Secret
from dokos_banksync.core.provider_stores import Usage
from dokos_banksync.hosts.standalone.ledger.database import Database
from dokos_banksync.hosts.standalone.ledger.locks import wait_for
from dokos_banksync.hosts.standalone.ledger.values import instant_in
from dokos_banksync.hosts.standalone.ledger.vault import Vault

_WINDOW = "provider = ? AND key = ? AND at > ? AND at <= ?"
"""A call that lies further ahead than the window was counted by a clock that has been set back since."""
_STALE = "provider = ? AND key = ? AND NOT (at > ? AND at <= ?)"
_SPEND = f"""
	INSERT INTO provider_call SELECT ?, ?, ? WHERE (SELECT count(*) FROM provider_call WHERE {_WINDOW}) < ?
	RETURNING (SELECT count(*) FROM provider_call WHERE {_STALE}) stale, EXISTS (
		SELECT 1 FROM provider_limit WHERE provider = ? AND key = ? AND calls = ? AND seconds = ?
	) stated
"""
_FORGET_STALE = f"DELETE FROM provider_call WHERE {_STALE}"
_STALE_CALLS = 20
"""So many calls of a key that count no more are deleted together."""


class SqliteSecretStore:
	"""`SecretStore` of one provider, encrypted. What was read or written once is not read again: a run has its own store."""

	def __init__(self, db: Database, vault: Vault, provider: str, clock: Clock) -> None:
		self._db, self._vault, self._provider, self._clock = db, vault, provider, clock
		self._known: dict[str, tuple[bytes, datetime] | None] = {}
		"""Values as they are stored, each with when it expires; None where there is none."""

	def get(self, key: str) -> Secret | None:
		"""Return a secret that has not expired, or None."""
		if key not in self._known:
			self.preload((key,))
		stored = self._known[key]
		return self._vault.open(stored[0]) if stored and stored[1] > self._clock() else None

	def preload(self, keys: Sequence[str]) -> None:
		"""See `SecretStore.preload`."""
		marks = ", ".join("?" * len(keys))
		query = f"SELECT key, value, expires_at FROM provider_secret WHERE provider = ? AND key IN ({marks})"
		rows = self._db.rows(query, (self._provider, *keys))
		self._known.update(dict.fromkeys(keys))
		self._known.update(
			{row["key"]: (row["value"], datetime.fromisoformat(row["expires_at"])) for row in rows}
		)

	def put(self, key: str, value: Secret, expires_at: datetime) -> None:
		"""Store a secret encrypted until an instant. A new key makes room: what has expired is deleted."""
		locked = self._vault.lock(value)
		self._known[key] = (locked, expires_at)
		sealed = (locked, instant_in(expires_at))
		query = "UPDATE provider_secret SET value = ?, expires_at = ? WHERE provider = ? AND key = ?"
		if self._db.run(query, (*sealed, self._provider, key)).rowcount:
			return
		with self._db.write():
			self._db.run("DELETE FROM provider_secret WHERE expires_at <= ?", (instant_in(self._clock()),))
			self._db.run(
				"INSERT OR REPLACE INTO provider_secret VALUES (?, ?, ?, ?)", (self._provider, key, *sealed)
			)

	def forget(self, key: str) -> None:
		"""Delete a secret."""
		self._known.pop(key, None)
		with self._db.write():
			self._db.run("DELETE FROM provider_secret WHERE provider = ? AND key = ?", (self._provider, key))


class SqliteRateLimitStore:
	"""`RateLimitStore` of one provider: a sliding window that all processes of the home folder share."""

	def __init__(self, db: Database, provider: str) -> None:
		self._db, self._provider = db, provider

	def acquire(self, key: str, limit: int, seconds: float, now: datetime) -> datetime | None:
		"""Count a call; return None, or when a full limit has room again.

		One statement where there is room, which SQLite executes as a transaction of its own.
		"""
		instant, place = now.timestamp(), (self._provider, key)
		window = (*place, instant - seconds, instant + seconds)
		counted = self._db.row(_SPEND, (*place, instant, *window, limit, *window, *place, limit, seconds))
		if counted is None:
			return self._wait(key, limit, seconds, now)
		if counted["stale"] > _STALE_CALLS:
			self._db.run(_FORGET_STALE, window)
		if not counted["stated"]:
			self._allow(key, limit, seconds)
		return None

	def _wait(self, key: str, limit: int, seconds: float, now: datetime) -> datetime | None:
		"""Return when a full limit has room again; None, with the call counted, where it has by now."""
		instant = now.timestamp()
		with self._db.write():
			self._db.run(_FORGET_STALE, (self._provider, key, instant - seconds, instant + seconds))
			at = self._db.rows(
				"SELECT at FROM provider_call WHERE provider = ? AND key = ? ORDER BY at DESC LIMIT ?",
				(self._provider, key, limit),
			)
			if len(at) >= limit:
				free = datetime.fromtimestamp(at[-1]["at"], timezone.utc) + timedelta(seconds=seconds)
				return max(free, now)
			self._db.run("INSERT INTO provider_call VALUES (?, ?, ?)", (self._provider, key, instant))
			self._allow(key, limit, seconds)
		return None

	def state(self, stated: Usage, seconds: float) -> None:
		"""Replace the count of a key by what the provider itself says."""
		instant = (stated.resets_at - timedelta(seconds=seconds)).timestamp()
		with self._db.write():
			self._db.run(
				"DELETE FROM provider_call WHERE provider = ? AND key = ?", (self._provider, stated.key)
			)
			counted = [(self._provider, stated.key, instant)] * stated.used
			self._db.run_many("INSERT INTO provider_call VALUES (?, ?, ?)", counted)
			self._allow(stated.key, stated.limit, seconds)

	def _allow(self, key: str, limit: int, seconds: float) -> None:
		self._db.run(
			"""
			INSERT INTO provider_limit VALUES (?, ?, ?, ?) ON CONFLICT (provider, key) DO UPDATE
			SET calls = excluded.calls, seconds = excluded.seconds
			WHERE calls <> excluded.calls OR seconds <> excluded.seconds
			""",
			(self._provider, key, limit, seconds),
		)

	def usage(self, now: datetime) -> list[Usage]:
		"""Return what is counted at present under each key, those with nothing counted left out."""
		rows = self._db.rows(
			"""
			SELECT l.key, l.calls, l.seconds, count(*) AS used, min(c.at) AS earliest
			FROM provider_limit l JOIN provider_call c ON c.provider = l.provider AND c.key = l.key
			WHERE l.provider = ? AND c.at > ? - l.seconds AND c.at <= ? + l.seconds GROUP BY l.key ORDER BY l.key
			""",
			(self._provider, now.timestamp(), now.timestamp()),
		)
		return [
			Usage(
				key=row["key"],
				used=row["used"],
				limit=row["calls"],
				resets_at=datetime.fromtimestamp(row["earliest"] + row["seconds"], timezone.utc),
			)
			for row in rows
		]


class SqliteGrantStore:
	"""The grant of one connection, in the vault."""

	_FIELD = "grant"

	def __init__(self, db: Database, vault: Vault, connection: str) -> None:
		self._db, self._vault, self._connection = db, vault, connection
		self._owner = f"connection {connection}"

	def read(self) -> Secret | None:
		"""Return the grant, or None when there is none."""
		sql = "SELECT value FROM vault WHERE owner = ? AND field = ?"
		stored = self._db.value(sql, (self._owner, self._FIELD))
		return self._vault.open(stored) if stored else None

	def write(self, expected: Secret | None, grant: Secret) -> bool:
		"""Replace the grant if it still is `expected`. Return whether it was replaced."""
		with self._db.write():
			held = self.read()
			if (held and held.reveal()) != (expected and expected.reveal()):
				return False
			values = (self._owner, self._FIELD, self._vault.lock(grant))
			self._db.run("INSERT OR REPLACE INTO vault VALUES (?, ?, ?)", values)
			return True

	def lock(self) -> AbstractContextManager[None]:
		"""Wait until no other process of this home exchanges the grant, then exclude them."""
		return wait_for(self._db.path.with_name("locks"), f"grant of {self._connection}")

	def forget(self) -> None:
		"""Delete the grant; harmless when there is none."""
		with self._db.write():
			self._db.run("DELETE FROM vault WHERE owner = ?", (self._owner,))

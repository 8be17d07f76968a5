"""What is remembered of webhook calls."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from threading import Lock

from dokos_banksync.core.provider import Clock
from dokos_banksync.hosts.standalone.ledger.database import Database
from dokos_banksync.hosts.standalone.ledger.values import instant_in


class SqliteCallStore:
	"""`CallStore` of the standalone site.

	Keys outlive the server. Calls are counted in memory: one process answers them, and a stranger's call is to cost no
	write.
	"""

	def __init__(self, db: Database, clock: Clock) -> None:
		self._db, self._clock = db, clock
		self._lock = Lock()
		self._minute = ""
		self._calls: dict[str, int] = {}

	def claim(self, key: str, lifetime: timedelta) -> bool:
		"""See `CallStore.claim`."""
		now = self._clock()
		stored = _stored(key)
		with self._db.write():
			self._db.run("DELETE FROM mark WHERE expires_at <= ?", (instant_in(now),))
			new = self._db.row("SELECT 1 FROM mark WHERE key = ?", (stored,)) is None
			if new:
				self._db.run("INSERT INTO mark VALUES (?, ?)", (stored, instant_in(now + lifetime)))
		return new

	def release(self, key: str) -> None:
		"""See `CallStore.release`."""
		with self._db.write():
			self._db.run("DELETE FROM mark WHERE key = ?", (_stored(key),))

	def count(self, key: str, now: datetime) -> int:
		"""See `CallStore.count`."""
		with self._lock:
			if self._minute != f"{now:%d %H:%M}":
				self._minute, self._calls = f"{now:%d %H:%M}", {}
			self._calls[key] = self._calls.get(key, 0) + 1
			return self._calls[key]


def _stored(key: str) -> str:
	"""Return what is stored of a key: what it says is not written down."""
	return hashlib.sha256(key.encode()).hexdigest()

"""Sessions of browsers that opened the site with a token of `EntryTokens`.

A browser that shows a valid token gets a session: a random cookie that no script can read. Sessions live in memory.
They end after twelve hours, when the user logs out, and with the server.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock

from dokos_banksync.core.clock import utc_now
from dokos_banksync.core.provider import Clock
from dokos_banksync.hosts.standalone.entry_tokens import EntryTokens

LASTS = timedelta(hours=12)


@dataclass
class Session:
	"""One browser. `outcomes` holds, by key, the outcomes of consent sessions for its next page."""

	ends: datetime
	csrf_token: str = field(default_factory=secrets.token_urlsafe)
	user: str = ""
	language: str = ""
	email: str = ""
	outcomes: dict[str, Mapping[str, object]] = field(default_factory=dict)


class Sessions:
	"""All browsers that are logged in. A session's id is never stored, only its digest."""

	def __init__(self, tokens: EntryTokens, clock: Clock = utc_now) -> None:
		self._tokens = tokens
		self.clock = clock
		self._known: dict[str, Session] = {}
		self._lock = Lock()

	def open(self, token: str) -> str | None:
		"""Return the id of a new session, or None for a token that is unknown, used or expired."""
		if not self._tokens.redeem(token):
			return None
		session_id = secrets.token_urlsafe(32)
		digest, now = _digest(session_id), self.clock()
		with self._lock:
			self._known = {key: one for key, one in self._known.items() if now < one.ends}
			self._known[digest] = Session(ends=now + LASTS, user=digest)
		return session_id

	def find(self, session_id: str) -> Session | None:
		"""Return the session of a cookie, or None where it has ended."""
		with self._lock:
			found = self._known.get(_digest(session_id))
		return found if found and self.clock() < found.ends else None

	def close(self, session: Session) -> None:
		"""End a session: its cookie opens nothing any more."""
		with self._lock:
			self._known.pop(session.user, None)


def _digest(session_id: str) -> str:
	return hashlib.sha256(session_id.encode(errors="surrogatepass")).hexdigest()

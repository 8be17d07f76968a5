"""Who may use the site: whoever opened it with the token that the command printed.

A browser that shows the token gets a session: a random cookie that no script can read. Sessions live in
memory and end with the server.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock


@dataclass
class Session:
	"""One browser. `arrivals` keeps, by bank, what its next page tells about a visit that has ended."""

	csrf_token: str = field(default_factory=secrets.token_urlsafe)
	person: str = ""
	language: str = ""
	email: str = ""
	arrivals: dict[str, Mapping[str, object]] = field(default_factory=dict)


class Sessions:
	"""All browsers that showed the token. A session's id is never kept, only its digest."""

	def __init__(self, token: str) -> None:
		self._token = token
		self._known: dict[str, Session] = {}
		self._lock = Lock()

	def open(self, token: str) -> str | None:
		"""The id of a new session, or None when the token is wrong."""
		if not hmac.compare_digest(token.encode(), self._token.encode()):
			return None
		session_id = secrets.token_urlsafe(32)
		digest = _digest(session_id)
		with self._lock:
			self._known[digest] = Session(person=digest)
		return session_id

	def find(self, session_id: str) -> Session | None:
		"""Return the session of a cookie, or None."""
		with self._lock:
			return self._known.get(_digest(session_id))


def _digest(session_id: str) -> str:
	return hashlib.sha256(session_id.encode()).hexdigest()

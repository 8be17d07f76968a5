"""Pending sessions: which user opened a provider's page for which connection. Only that user may complete one."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from threading import Lock
from typing import NamedTuple

from dokos_banksync.core.errors import NotFound
from dokos_banksync.core.provider import NO_SECRET, Clock, Secret, SecretStore

LIFE = timedelta(hours=1)
"""How long a user may take on the provider's page."""

_FIELDS = 4
"""What is stored of a session: connection, user, when it ends, and what the connection was at the provider."""


class PendingSession(NamedTuple):
	"""A session on a provider's page that is not completed: its connection, its user, and until when it is valid."""

	provider: str
	connection: str
	user: str
	until: datetime
	session: Secret = NO_SECRET
	"""What the provider needs to complete it."""
	remote_id: str = ""
	"""What the connection was at the provider when the session was opened; empty for a new one."""


class ConnectAttempt(NamedTuple):
	"""What makes two attempts to connect the same one."""

	bank: str
	institution_id: str
	user: str
	company: str = ""


STATE_KEYS = ("context", "state")
"""Names of the query parameter that holds the state."""


def state_of(query: Mapping[str, str]) -> str:
	"""Return the state in the query of a return, or empty."""
	return next((query[key] for key in STATE_KEYS if query.get(key)), "")


class PendingSessions:
	"""Stores pending sessions in the secret store of their provider, so that any process may complete one.

	`taking` is a lock; the default is enough where one process completes all sessions.
	"""

	def __init__(
		self,
		secret_store: Callable[[str], SecretStore],
		providers: Callable[[], Iterable[str]],
		clock: Clock,
		taking: AbstractContextManager[object] | None = None,
	) -> None:
		self._secret_store = secret_store
		self._providers = providers
		self._clock = clock
		self._taking = taking or Lock()

	def begin(self, provider: str, connection: str, user: str, remote_id: str = "") -> str:
		"""Return the state of a new session: 32 hexadecimal digits, valid for one return of the same user."""
		state, until = secrets.token_hex(16), self._clock() + LIFE
		self.put_back(state, PendingSession(provider, connection, user, until, remote_id=remote_id))
		return state

	def store_session(self, state: str, provider: str, session: Secret) -> None:
		"""Store what the provider needs to complete a session that has begun."""
		if session:
			self._secret_store(provider).put(_key(["session", state]), session, self._clock() + LIFE)

	def put_back(self, state: str, pending: PendingSession) -> None:
		"""Store a session again, so that its state may be used once more after a temporary failure."""
		stored = json.dumps([pending.connection, pending.user, pending.until.isoformat(), pending.remote_id])
		self._secret_store(pending.provider).put(_key(["state", state]), Secret(stored), pending.until)
		self.store_session(state, pending.provider, pending.session)

	def take(self, state: str, user: str) -> PendingSession:
		"""Return a session and delete it. Raises `NotFound` for a state that is unknown, used, too old or not theirs."""
		with self._taking:
			return self._take(state, user)

	def _take(self, state: str, user: str) -> PendingSession:
		for provider in self._providers() if state else ():
			secret_store = self._secret_store(provider)
			stored = secret_store.get(_key(["state", state]))
			if stored is None:
				continue
			fields = json.loads(stored.reveal())
			if len(fields) != _FIELDS:
				break  # an earlier version opened the session
			connection, owner, until, remote_id = fields
			if owner != user:
				break
			secret_store.forget(_key(["state", state]))
			session = secret_store.get(_key(["session", state])) or NO_SECRET
			secret_store.forget(_key(["session", state]))
			return PendingSession(
				provider=provider,
				connection=connection,
				user=user,
				until=datetime.fromisoformat(until),
				session=session,
				remote_id=remote_id,
			)
		raise NotFound("This return belongs to no open session: open the bank and connect it again")

	def same(self, provider: str, attempt: ConnectAttempt) -> str:
		"""Return the connection that the same user began for the same bank and did not finish, or empty."""
		stored = self._secret_store(provider).get(_key(attempt))
		return stored.reveal() if stored else ""

	def remember(self, provider: str, connection: str, attempt: ConnectAttempt) -> None:
		"""Store which connection a user began for a bank, to continue it at the next attempt."""
		self._secret_store(provider).put(_key(attempt), Secret(connection), self._clock() + LIFE)


def _key(parts: Sequence[str]) -> str:
	return "pending session " + hashlib.sha256("\0".join(parts).encode()).hexdigest()

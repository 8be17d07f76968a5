"""A user's visits to a provider's page: who left for which connection, so that nobody else comes back for it."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from threading import Lock
from typing import NamedTuple

from dokos_banksync.core.errors import NotFound
from dokos_banksync.core.provider import NO_SECRET, Clock, Secret, SecretStore

LIFE = timedelta(hours=1)
"""How long a user may take on the provider's page."""


class PendingSession(NamedTuple):
	"""A visit that is under way: its connection, who left, and until when the return counts."""

	provider: str
	connection: str
	user: str
	until: datetime
	session: Secret = NO_SECRET
	"""What the provider wants back with the return."""


STATE_KEYS = ("context", "state")
"""Under which names providers give the state back."""


def state_of(query: Mapping[str, str]) -> str:
	"""The state that a return bears, or empty."""
	return next((query[key] for key in STATE_KEYS if query.get(key)), "")


class PendingSessions:
	"""Visits under way, in the encrypted memory of their provider, so that any process may take the return.

	`taking` lets one taker in at a time; the default is enough where one process takes all returns.
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

	def begin(self, provider: str, connection: str, user: str) -> str:
		"""Return a state for a new visit: 32 hexadecimal digits, good for one return by the same user."""
		state = secrets.token_hex(16)
		self.put_back(state, PendingSession(provider, connection, user, self._clock() + LIFE))
		return state

	def store_session(self, state: str, provider: str, session: Secret) -> None:
		"""Store what the provider wants back with the return of a visit that has begun."""
		if session:
			self._secret_store(provider).put(_key("session", state), session, self._clock() + LIFE)

	def put_back(self, state: str, visit: PendingSession) -> None:
		"""Let the state be used again: its return could not be dealt with for a passing reason."""
		message = json.dumps([visit.connection, visit.user, visit.until.isoformat()])
		self._secret_store(visit.provider).put(_key(state), Secret(message), visit.until)
		self.store_session(state, visit.provider, visit.session)

	def take(self, state: str, user: str) -> PendingSession:
		"""The visit, which then is over. Raises `NotFound` for a state that is unknown, used, too old or not theirs."""
		with self._taking:
			return self._take(state, user)

	def _take(self, state: str, user: str) -> PendingSession:
		for provider in self._providers() if state else ():
			secret_store = self._secret_store(provider)
			message = secret_store.get(_key(state))
			if message is None:
				continue
			connection, owner, until = json.loads(message.reveal())
			if owner != user:
				break
			secret_store.forget(_key(state))
			session = secret_store.get(_key("session", state)) or NO_SECRET
			secret_store.forget(_key("session", state))
			return PendingSession(
				provider=provider,
				connection=connection,
				user=user,
				until=datetime.fromisoformat(until),
				session=session,
			)
		raise NotFound(
			"This return belongs to no visit that is under way: open the bank and connect it again"
		)

	def same(self, provider: str, *who: str) -> str:
		"""The connection that the same user began for the same bank and never finished, or empty."""
		message = self._secret_store(provider).get(_key(*who))
		return message.reveal() if message else ""

	def remember(self, provider: str, connection: str, *who: str) -> None:
		"""Store which connection a user began for a bank, to continue it at the next attempt."""
		self._secret_store(provider).put(_key(*who), Secret(connection), self._clock() + LIFE)

	def forget(self, provider: str, *who: str) -> None:
		"""Delete what `remember` stored."""
		self._secret_store(provider).forget(_key(*who))


def _key(*parts: str) -> str:
	return "visit " + hashlib.sha256("\0".join(parts).encode()).hexdigest()

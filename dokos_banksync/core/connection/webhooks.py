"""Webhook calls of providers: who may call, how often, and what follows: a run, or a refresh of the state. Never data.

A signature proves the sender, not the time: a recorded call can be replayed. A call is therefore accepted once, and only
while it is recent. A replay could do little anyway, because a call only causes a request to the provider.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol

from dokos_banksync.core.connection.follow_up import ScheduleStore, bring_forward
from dokos_banksync.core.errors import SyncError
from dokos_banksync.core.model import ConnectionStatus
from dokos_banksync.core.provider import Event, EventKind, WebhookRequest
from dokos_banksync.core.records import ConnectionRecord

BODY_LIMIT = 256 * 1024
"""Bytes; what providers send is a fraction of that."""

REMEMBERED = timedelta(days=3)
"""How long a call is recognised. Providers try for two days; older calls are ignored."""

CALLS_A_MINUTE = 600
"""Of one address: one refresh of a bank is a handful of calls, and they come in bursts."""

DEBOUNCE = timedelta(minutes=5)
"""One refresh of a bank is reported in several calls; those that follow a run this closely wait for the schedule."""

_AHEAD = timedelta(hours=1)
_DATA = frozenset(
	{
		EventKind.CONNECTION_CREATED,
		EventKind.CONNECTION_REFRESHED,
		EventKind.ACCOUNT_CREATED,
		EventKind.ACCOUNT_REFRESHED,
		EventKind.ACCOUNT_UPDATED,
		EventKind.ACCOUNT_REMOVED,
	}
)
"""There may be new data to fetch."""
_STATE = frozenset({EventKind.CONNECTION_REMOVED, EventKind.USER_REMOVED})
"""Only the state of the connection is new."""


class Reader(Protocol):
	"""The part of a provider that reads webhook calls."""

	def events(self, request: WebhookRequest) -> list[Event]:
		"""Verify the signature and return the events."""
		...


class Reaction(NamedTuple):
	"""What to do for a connection: fetch, or only refresh its state."""

	connection: str
	fetch: bool


class Answer(NamedTuple):
	"""The HTTP status for the provider, a short text for its log, and what is to be done."""

	status: int
	text: str
	reactions: Sequence[Reaction] = ()


REFUSED = Answer(401, "not accepted")
"""No such provider, no valid signature, or a content that cannot be read."""


class Call(NamedTuple):
	"""One HTTP request. `length` is its Content-Length; the body is read only when it is needed."""

	provider: str
	address: str
	length: int
	read: Callable[[], WebhookRequest]


class CallStore(Protocol):
	"""Keys of calls and runs that are remembered for a while, shared by all processes of a host that answer calls."""

	def claim(self, key: str, lifetime: timedelta) -> bool:
		"""Remember a key for a time and return whether it is new. Of two callers at once, one gets True."""
		...

	def release(self, key: str) -> None:
		"""Forget a key: what it was claimed for has failed, and may be tried again."""
		...

	def count(self, key: str, now: datetime) -> int:
		"""Count one more call of a key, and return how many there were in this minute."""
		...


class Host(Protocol):
	"""What the reactions need of a host."""

	def is_known(self, provider: str) -> bool:
		"""Return whether there is an enabled provider of this name."""
		...

	def reader(self, provider: str) -> Reader:
		"""Return the provider. Raises `SyncError` if it cannot be used."""
		...

	def connections(self, provider: str) -> Iterable[ConnectionRecord]:
		"""Return the connections of a provider."""
		...

	def fetch(self, connection: str) -> bool:
		"""Start a run; False where one is under way."""
		...

	def refresh_state(self, connection: str) -> bool:
		"""Start to refresh the state; False where a job of the connection is under way."""
		...


def answer(call: Call, host: Host, store: CallStore, schedule_store: ScheduleStore, now: datetime) -> Answer:
	"""Answer a call, and start what follows from it.

	Until a signature is verified, every refusal is the same, so that it does not reveal which providers exist.
	"""
	if call.length > BODY_LIMIT:
		return Answer(413, "too large")
	if store.count(call.address, now) > CALLS_A_MINUTE:
		return Answer(429, "too many calls")
	try:
		if not call.provider or not host.is_known(call.provider):
			return REFUSED
		reader = host.reader(call.provider)
	except SyncError:
		# Keys that cannot be read. The provider tries again, as after any answer but 200.
		return REFUSED
	try:
		return _answer_known(call, reader, host, store=store, schedule_store=schedule_store, now=now)
	except SyncError:
		# A queue that does not answer: the provider is to try again.
		return Answer(503, "not now")


def _answer_known(
	call: Call, reader: Reader, host: Host, store: CallStore, schedule_store: ScheduleStore, now: datetime
) -> Answer:
	request = call.read()

	def key() -> str:
		"""Return the key of the call; a body that is refused is not even hashed."""
		return f"call|{call.provider}|{hashlib.sha256(request.body).hexdigest()}"

	def connections() -> Iterable[ConnectionRecord]:
		"""Return the connections of the provider that sent the event."""
		return host.connections(call.provider)

	given = receive(reader, request, connections, first_time=lambda: store.claim(key(), REMEMBERED), now=now)
	with _released_if_failed(store, key()):
		for name, fetch in given.reactions:
			started = _fetch_once(host, store, name) if fetch else host.refresh_state(name)
			if not started:
				bring_forward(schedule_store, name, now + DEBOUNCE)
	return given


def _fetch_once(host: Host, store: CallStore, connection: str) -> bool:
	key = f"run|{connection}"
	if not store.claim(key, DEBOUNCE):
		return False
	with _released_if_failed(store, key):
		return host.fetch(connection)


@contextmanager
def _released_if_failed(store: CallStore, key: str) -> Iterator[None]:
	"""Release a claimed key on an error: the provider sends the call again, and the second one must count."""
	try:
		yield
	except SyncError:
		store.release(key)
		raise


def receive(
	reader: Reader,
	request: WebhookRequest,
	connections: Callable[[], Iterable[ConnectionRecord]],
	first_time: Callable[[], bool],
	now: datetime,
) -> Answer:
	"""Answer a call: the signature first. `connections` are those of the provider, asked for only when needed.

	`first_time` records the call and returns whether it is new. Providers retry after any answer but 200, so a call whose
	retry would have the same result is answered 200.
	"""
	if len(request.body) > BODY_LIMIT:
		return Answer(413, "too large")
	try:
		all_events = reader.events(request)
	except SyncError:
		return REFUSED
	events = [event for event in all_events if event.kind != EventKind.TEST]
	if not events:
		return Answer(200, "test" if all_events else "unknown event")
	if not all(_is_young(event, now) for event in events):
		return Answer(200, "old")
	if not first_time():
		return Answer(200, "repeated")
	found = reactions(events, connections())
	return Answer(200, "accepted" if found else "unknown connection", found)


def reactions(events: Iterable[Event], connections: Iterable[ConnectionRecord]) -> list[Reaction]:
	"""Return one reaction for each connection that an event is about; a fetch includes the refresh of the state."""
	held = list(connections)
	wanted: dict[str, bool] = {}
	for event in events:
		for record in held:
			if _is_about(event, record) and event.kind in _DATA | _STATE:
				fetch = event.kind in _DATA and _may_fetch(record)
				wanted[record.name] = wanted.get(record.name, False) or fetch
	return [Reaction(name, fetch) for name, fetch in wanted.items()]


def _is_about(event: Event, record: ConnectionRecord) -> bool:
	"""By the connection's id; by the user's where we do not know the id yet, or where the whole user is meant."""
	if event.remote_id and record.remote_id:
		return event.remote_id == record.remote_id
	return bool(event.remote_user) and event.remote_user == record.remote_user


def _may_fetch(record: ConnectionRecord) -> bool:
	"""A user who turned automatic fetching off fetches by hand."""
	return record.automatic and record.status not in (
		ConnectionStatus.CONNECTING,
		ConnectionStatus.DISCONNECTED,
	)


def _is_young(event: Event, now: datetime) -> bool:
	return event.at is not None and now - REMEMBERED < event.at < now + _AHEAD

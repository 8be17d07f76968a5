"""What a provider's webhook leads to: a run, or a look at the state. Never data.

A signature says who speaks, not when: whoever overhears a call can repeat it. So a call counts once, and only
while it is young; as no more than a question to the provider follows from it, a repeat could do little anyway.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol

from dokos_banksync.core.errors import ConfigurationError, SyncError
from dokos_banksync.core.model import ConnectionStatus
from dokos_banksync.core.provider import Event, WebhookRequest
from dokos_banksync.core.records import ConnectionRecord

BODY_LIMIT = 256 * 1024
"""Bytes; what providers send is a fraction of that."""

REMEMBERED = timedelta(days=3)
"""How long a call is known again. Providers try for two days; older ones are left alone."""

_AHEAD = timedelta(hours=1)
_DATA = ("connection.created", "connection.refreshed", "account.")
_STATE = ("connection.removed", "user.removed")


class Reader(Protocol):
	"""The part of a provider that reads webhook calls."""

	def events(self, request: WebhookRequest) -> list[Event]:
		"""Verify the signature and return the events."""
		...


class Reaction(NamedTuple):
	"""What to do for a connection: fetch, or only look at its state."""

	connection: str
	fetch: bool


class Answer(NamedTuple):
	"""The HTTP status for the provider, a word for its log, and what is to be done."""

	status: int
	word: str
	reactions: Sequence[Reaction] = ()


def receive(
	reader: Reader,
	request: WebhookRequest,
	connections: Callable[[], Iterable[ConnectionRecord]],
	first_time: Callable[[str], bool],
	now: datetime,
) -> Answer:
	"""Answer a call: the signature first. `connections` are those of the provider, asked for only when needed.

	`first_time` takes a call's mark and tells whether it is new, remembering it for `REMEMBERED`. Providers try
	again on any answer but 200, so what would come out the same again is answered 200.
	"""
	if len(request.body) > BODY_LIMIT:
		return Answer(413, "too large")
	try:
		told = reader.events(request)
	except ConfigurationError:
		return Answer(401, "bad signature")
	except SyncError:
		return Answer(400, "unreadable")
	events = [event for event in told if event.kind != "test"]
	if not events:
		return Answer(200, "test" if told else "unknown event")
	if not all(_is_young(event, now) for event in events):
		return Answer(200, "old")
	if not first_time(hashlib.sha256(request.body).hexdigest()):
		return Answer(200, "repeated")
	found = reactions(events, connections())
	return Answer(200, "taken" if found else "unknown connection", found)


def reactions(events: Iterable[Event], connections: Iterable[ConnectionRecord]) -> list[Reaction]:
	"""One reaction for each connection that an event is about; to fetch outweighs to look."""
	held = list(connections)
	wanted: dict[str, bool] = {}
	for event in events:
		for record in held:
			if _is_about(event, record) and event.kind.startswith((*_DATA, *_STATE)):
				fetch = event.kind.startswith(_DATA) and _may_fetch(record)
				wanted[record.name] = wanted.get(record.name, False) or fetch
	return [Reaction(name, fetch) for name, fetch in wanted.items()]


def _is_about(event: Event, record: ConnectionRecord) -> bool:
	"""By the connection's id; by the user's where we do not know the id yet, or where the whole user is meant."""
	if event.remote_id and record.remote_id:
		return event.remote_id == record.remote_id
	return bool(event.remote_user) and event.remote_user == record.remote_user


def _may_fetch(record: ConnectionRecord) -> bool:
	"""Whoever turned automatic fetching off wants to fetch by hand."""
	return record.automatic and record.status not in (
		ConnectionStatus.CONNECTING,
		ConnectionStatus.DISCONNECTED,
	)


def _is_young(event: Event, now: datetime) -> bool:
	return event.at is not None and now - REMEMBERED < event.at < now + _AHEAD

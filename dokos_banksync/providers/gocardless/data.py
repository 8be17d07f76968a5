"""Transactions. Every reading asks the bank itself; there are no pages and no cursor, but the days to ask for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from functools import partial

from dokos_banksync.core.errors import (
	ConfigurationError,
	ConsentExpired,
	ConsentRevoked,
	SyncError,
	TemporaryError,
)
from dokos_banksync.core.model import FetchRequest, Line, LineState, Page
from dokos_banksync.providers import periods, rawjson
from dokos_banksync.providers.failures import malformed
from dokos_banksync.providers.gocardless.client import Client
from dokos_banksync.providers.gocardless.consent import Grant
from dokos_banksync.providers.gocardless.rows import Reader
from dokos_banksync.providers.http import Query
from dokos_banksync.providers.parsing import Object, mapping
from dokos_banksync.providers.periods import Period

_parse_rows = partial(rawjson.loads_rows, key=("transactions", "booked", "pending"))

OF_ALL = (ConfigurationError, ConsentExpired, ConsentRevoked)
"""Errors that meet every account alike."""


def changes(client: Client, grant: Grant, requests: Sequence[FetchRequest]) -> Iterator[Page]:
	"""Yield the rows of each requested account, one account after the other. Raise when every one failed."""
	failed: dict[str, SyncError] = {}
	for request in requests:
		try:
			yield from _rows_of(client, grant, request)
		except OF_ALL:
			raise
		except SyncError as error:
			if type(error) is TemporaryError:  # GoCardless itself cannot be reached
				raise
			failed[request.remote_account] = error
	if failed and len(failed) == len(requests):
		raise next(iter(failed.values()))
	if failed:
		yield Page((), errors=failed)


def _rows_of(client: Client, grant: Grant, request: FetchRequest) -> Iterator[Page]:
	account, today = request.remote_account, client.now().date()
	period = periods.period(request.cursor, request.first_day, today)
	answer = client.read(account, "transactions", _query(period, grant, today), _parse_rows)
	found = mapping(answer.get("transactions"))
	reader = Reader(account, today)
	lines, rejected = reader.read(_list(found, "booked"), LineState.BOOKED)
	requested = [line for line in lines if request.first_day is None or line.date >= request.first_day]
	pending, unread = reader.read(_list(found, "pending"), LineState.PENDING)
	since = periods.complete_from(_oldest(requested))
	yield Page(
		[*requested, *pending],
		[*rejected, *unread],
		cursors={account: periods.next_cursor(request.cursor, period, today)},
		complete_from={account: since} if since else {},
		pending_complete=frozenset({account}),
		unstable_ids=frozenset({account}),
	)


def _query(period: Period, grant: Grant, today: date) -> Query | None:
	"""Ask for a period, or for all that the agreement allows; a day before its history is refused."""
	if period.longest or period.since is None:
		return None
	earliest = today - timedelta(days=grant.historical_days - 1)
	return {"date_from": max(period.since, earliest).isoformat()}


def _list(found: Object, name: str) -> list[rawjson.Row]:
	rows = found.get(name, [])
	if not isinstance(rows, list) or (name == "booked" and name not in found):
		raise malformed("GoCardless", "booked")
	return rows


def _oldest(lines: Sequence[Line]) -> date | None:
	return min((line.date for line in lines), default=None)

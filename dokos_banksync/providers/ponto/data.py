"""Transactions, as Ponto keeps them.

Ponto reads the banks itself, several times a day, and keeps what it has read. Its list is whole and newest first, so a
fetch goes back a window and knows that every row of the window is there. Rows that the last synchronization created or
changed on older days come from its own list. Pending rows are a list of their own, which is always whole.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from dokos_banksync.core.errors import ConsentRevoked, NotFound, ProviderBug, SyncError
from dokos_banksync.core.model import FetchRequest, LineState, Page
from dokos_banksync.core.provider import Access
from dokos_banksync.providers import rawjson
from dokos_banksync.providers.parsing import Object, day, identifier, mapping, text
from dokos_banksync.providers.ponto import accounts, rows
from dokos_banksync.providers.ponto.client import Client

OVERLAP = timedelta(days=60)
"""How much is read again: Ponto's own copy costs no call at the bank."""
UNORDERED = timedelta(days=14)
"""The list is ordered by one of a row's dates; the others lie no further apart than this."""

ALONE = (ConsentRevoked, NotFound, ProviderBug)
"""Errors that may meet one account and not the others."""


class Cursor(NamedTuple):
	"""A cursor, read: the day of the last fetch, and the last synchronization that it knew."""

	until: date
	synchronization: str


def read_cursor(cursor: str) -> Cursor | None:
	"""Return what a cursor remembers; None for no cursor, and for one that cannot be read."""
	try:
		data = mapping(json.loads(cursor)) if cursor else {}
	except ValueError:
		data = {}
	until = day(data.get("until"))
	return Cursor(until, text(data.get("synchronization"))) if until else None


def changes(client: Client, access: Access, requests: Sequence[FetchRequest]) -> Iterator[Page]:
	"""Yield the rows of each requested account. Raise when every one failed."""
	if not requests:
		return
	known = {identifier(row.get("id")): row for row in accounts.shown(client, access)}
	failed: dict[str, SyncError] = {}
	for request in requests:
		try:
			yield from _Fetch(client, access, request, known.get(request.remote_account)).pages()
		except ALONE as error:
			failed[request.remote_account] = error
	if len(failed) == len(requests):
		raise next(iter(failed.values()))
	if failed:
		yield Page((), errors=failed)


class _Fetch:
	"""One fetch of one account."""

	def __init__(self, client: Client, access: Access, request: FetchRequest, row: Object | None) -> None:
		if row is None:
			raise NotFound("This account is no longer shared with the integration. Share it in Ponto.")
		self._client, self._access, self._name = client, access, request.remote_account
		self._today = client.now().date()
		self._cursor_before = read_cursor(request.cursor)
		self._since = self._cursor_before.until - OVERLAP if self._cursor_before else request.first_day
		self._latest = mapping(mapping(row.get("meta")).get("latestSynchronization"))
		self._oldest: date | None = None

	def pages(self) -> Iterator[Page]:
		"""Yield the window, what is new on older days, the pending rows, and the cursor."""
		yield from self._window()
		yield from self._updated()
		yield from self._list(f"/accounts/{self._name}/pending-transactions", LineState.PENDING)
		latest = identifier(self._latest.get("id"))
		cursor = json.dumps({"until": self._today.isoformat(), "synchronization": latest})
		since = self._since or self._oldest
		yield Page(
			(),
			cursors={self._name: cursor},
			complete_from={self._name: since} if since else {},
			pending_complete=frozenset({self._name}),
		)

	def _window(self) -> Iterator[Page]:
		"""Yield pages until one lies before the window as a whole; a list that is not in order is read to its end."""
		ordered = True
		for found in self._client.rows(f"/accounts/{self._name}/transactions", self._access):
			page = self._page(found, LineState.BOOKED)
			days = [line.date for line in page.lines]
			ordered = ordered and self._follows(days)
			yield self._within(page)
			if ordered and self._since and days and max(days) < self._since - UNORDERED:
				return

	def _follows(self, days: Sequence[date]) -> bool:
		"""Note the days of a page; whether they go on backwards, but for what one row's dates may differ."""
		follows = True
		for on in days:
			follows = follows and (self._oldest is None or on <= self._oldest + UNORDERED)
			self._oldest = min(on, self._oldest or on)
		return follows

	def _within(self, page: Page) -> Page:
		"""Leave out what a first fetch was not asked for, and what no longer belongs to the window."""
		if self._since is None:
			return page
		return Page([line for line in page.lines if line.date >= self._since], page.rejected)

	def _updated(self) -> Iterator[Page]:
		"""Yield what the last synchronization changed, on whatever day, unless the last fetch saw it."""
		attributes = mapping(self._latest.get("attributes"))
		latest = identifier(self._latest.get("id"))
		read_rows = text(attributes.get("subtype")).startswith("accountTransactions")
		if (
			self._cursor_before is None
			or not read_rows
			or latest in ("", self._cursor_before.synchronization)
		):
			return
		try:
			yield from self._list(f"/synchronizations/{latest}/updated-transactions", LineState.BOOKED)
		except NotFound:  # Ponto forgets synchronizations after a while
			return

	def _list(self, path: str, state: LineState) -> Iterator[Page]:
		for found in self._client.rows(path, self._access):
			yield self._page(found, state)

	def _page(self, found: Sequence[rawjson.Row], state: LineState) -> Page:
		return Page(*rows.lines(found, self._name, state, self._today))

"""Transactions, as Ponto keeps them.

Ponto reads the banks itself, several times a day, and keeps what it has read. Its list is whole and newest first, so a
fetch goes back a window and knows that every row of the window is there. When Ponto has synchronized since, the fetch
reads the older rows as well and lists again from the oldest month that changed: Ponto names the latest synchronization
only, so what the ones before it changed cannot be asked for. Pending rows are a list of their own, which is always whole.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from dokos_banksync.core.errors import ConsentRevoked, NotFound, ProviderBug, SyncError
from dokos_banksync.core.model import FetchRequest, LineState, Page
from dokos_banksync.core.provider import Access
from dokos_banksync.providers import rawjson
from dokos_banksync.providers.parsing import Object, day, identifier, mapping, text
from dokos_banksync.providers.ponto import accounts, fingerprints, rows
from dokos_banksync.providers.ponto.client import Client

OVERLAP = timedelta(days=30)
"""How much is given again at least: the window begins with the month of this day."""
UNORDERED = timedelta(days=14)
"""The list is ordered by one of a row's dates; the others lie no further apart than this."""

ALONE = (ConsentRevoked, NotFound, ProviderBug)
"""Errors that may meet one account and not the others."""


ENDED = ("success", "error")
"""The states of a synchronization that changes nothing more."""


class Cursor(NamedTuple):
	"""A cursor, read: the day of the last fetch, the synchronization that it knew, the fingerprints of the months."""

	until: date
	synchronization: str
	months: Mapping[str, str] = {}

	def text(self) -> str:
		"""Return the cursor as it is stored."""
		months = dict(self.months)
		data = {"until": self.until.isoformat(), "synchronization": self.synchronization, "months": months}
		return json.dumps(data)


def read_cursor(cursor: str) -> Cursor | None:
	"""Return what a cursor remembers; None for no cursor, and for one that cannot be read."""
	try:
		data = mapping(json.loads(cursor)) if cursor else {}
	except ValueError:
		data = {}
	until = day(data.get("until"))
	if until is None:
		return None
	months = {name: text(one) for name, one in mapping(data.get("months")).items() if _is_month(name)}
	return Cursor(until, text(data.get("synchronization")), months)


def _is_month(name: str) -> bool:
	return name == fingerprints.REJECTED or day(f"{name}-01") is not None


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
		self._before = read_cursor(request.cursor)
		self._first = request.first_day
		self._since = _window(self._before, request.first_day)
		self._synchronization = _ended_id(mapping(mapping(row.get("meta")).get("latestSynchronization")))
		self._fingerprints = fingerprints.Fingerprints()
		self._oldest: date | None = None

	def pages(self) -> Iterator[Page]:
		"""Yield the window, older months that changed, the pending rows, and the cursor."""
		before = self._before
		known = before is not None and before.synchronization == self._synchronization != ""
		yield from self._listed(self._since, self._since if known else self._first)
		months = self._fingerprints.texts()
		since = self._since or self._oldest
		if before and known:
			months = {**before.months, **months}
		elif before and self._since:
			changed = fingerprints.changed(before.months, months, self._since)
			days = [fingerprints.first_day(month) for month in changed if month != fingerprints.REJECTED]
			listed = min((*days, self._since))
			yield from self._older(listed, self._since, rejected=fingerprints.REJECTED in changed)
			since = self._complete_from(listed, self._since)
		yield from self._pending()
		yield Page(
			(),
			cursors={self._name: Cursor(self._today, self._synchronization, months).text()},
			complete_from={self._name: since} if since else {},
			pending_complete=frozenset({self._name}),
		)

	def _listed(self, since: date | None, until: date | None) -> Iterator[Page]:
		"""Yield what lies in the window, and take the fingerprints of all rows back to `until`."""
		for page in self._pages_until(until):
			page = _from(page, self._first)
			self._fingerprints.add(page.lines, page.rejected)
			stored = _from(page, since)
			if stored.lines or self._before is None:
				yield stored

	def _complete_from(self, listed: date, window: date) -> date:
		"""Return from which day on a row that is not listed was removed.

		Before the window that is the day after the oldest row: Ponto may have dropped the end of its list.
		"""
		end = self._oldest + timedelta(days=1) if self._oldest else window
		return min(window, max(listed, end, self._first or listed))

	def _older(self, since: date, window: date, *, rejected: bool) -> Iterator[Page]:
		"""Read the list once more: yield what lies between a day and the window, and rejected rows where asked for."""
		if since >= window and not rejected:
			return
		for page in self._pages_until(self._first if rejected else since):
			in_window = any(line.date >= window for line in page.lines)
			lines = [line for line in page.lines if since <= line.date < window]
			yield Page(lines, page.rejected if rejected and not in_window else ())

	def _pages_until(self, until: date | None) -> Iterator[Page]:
		"""Yield pages until one lies before a day as a whole; a list that is not in order is read to its end."""
		ordered = True
		oldest: date | None = None
		for found in self._client.rows(f"/accounts/{self._name}/transactions", self._access):
			page = self._page(found, LineState.BOOKED)
			days = [line.date for line in page.lines]
			for on in days:
				ordered = ordered and (oldest is None or on <= oldest + UNORDERED)
				oldest = min(on, oldest or on)
			self._oldest = oldest
			yield page
			if ordered and until and days and max(days) < until - UNORDERED:
				return

	def _pending(self) -> Iterator[Page]:
		for found in self._client.rows(f"/accounts/{self._name}/pending-transactions", self._access):
			yield self._page(found, LineState.PENDING)

	def _page(self, found: Sequence[rawjson.Row], state: LineState) -> Page:
		lines, rejected = rows.lines(found, self._name, state, self._today)
		return Page(lines, rejected)


def _window(cursor: Cursor | None, first: date | None) -> date | None:
	"""Return the first day of the window: whole months, but nothing before the first day that was asked for."""
	if cursor is None:
		return first
	since = (cursor.until - OVERLAP).replace(day=1)
	return max(since, first) if first else since


def _ended_id(latest: Object) -> str:
	"""Return the id of the latest synchronization; empty while it runs, as it may still change rows."""
	status = text(mapping(latest.get("attributes")).get("status"))
	return identifier(latest.get("id")) if status in ENDED else ""


def _from(page: Page, since: date | None) -> Page:
	"""Leave out the rows before a day."""
	return Page([line for line in page.lines if since is None or line.date >= since], page.rejected)

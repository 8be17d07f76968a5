"""Salt Edge's transactions, as pages of lines.

Three lists are read: the booked rows since a mark (see `cursors`), the pending rows, and the rows that Salt Edge found
to be duplicates. Pending rows get another id at every fetch of Salt Edge's: here they get one made of their content,
and the list replaces the one before. An account that was never read is read alone; the others share the calls.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from typing import Any, NamedTuple

from dokos_banksync.core.model import FetchRequest, Line, LineState, Page, RejectedRow
from dokos_banksync.providers import rawjson
from dokos_banksync.providers.parsing import identifier, mapping
from dokos_banksync.providers.salt_edge import cursors, lines
from dokos_banksync.providers.salt_edge.client import Client

TRANSACTIONS = "/transactions"
_BOOKED_LATER = timedelta(days=62)
"""How long after it was made a row may be booked (cards with deferred debit): Salt Edge filters by the former."""

_parse = partial(rawjson.loads_rows, key="data")
Row = tuple[Any, str]


class _Plan(NamedTuple):
	"""One list of booked rows: the accounts wanted of it, Salt Edge's filters, and the marks of those accounts.

	Without marks it is the first read of one account.
	"""

	requests: Sequence[FetchRequest]
	query: Mapping[str, str | int]
	marks: Mapping[str, Sequence[cursors.Mark]] = {}


def changes(
	client: Client, connection_id: str, requests: Sequence[FetchRequest], today: date, *, idle: bool
) -> Iterator[Page]:
	"""Yield what changed in the requested accounts.

	`idle`: no fetch of Salt Edge's is under way, so that a list that is read whole is whole.
	"""
	if not requests:
		return
	wanted = frozenset(one.remote_account for one in requests)
	base: dict[str, str | int] = {"connection_id": connection_id}
	plans = list(_plans(requests, base, today))
	first = any(not plan.marks for plan in plans)
	imported = _highest_imported(client, base) if first and idle else 0
	for plan in plans:
		yield from _booked(client, plan, today, imported, idle=idle)
	yield _duplicates(client, base, wanted)
	yield _pending(client, base, wanted, idle=idle)


def _plans(requests: Sequence[FetchRequest], base: Mapping[str, str | int], today: date) -> Iterator[_Plan]:
	marks = {one.remote_account: cursors.read(one.cursor) for one in requests}
	known = [one for one in requests if marks[one.remote_account]]
	for request in requests:
		if request in known:
			continue
		query = {**base, "account_id": request.remote_account}
		if request.first_day:
			query["from_date"] = (request.first_day - _BOOKED_LATER).isoformat()
		yield _Plan([request], query)
	if known:
		first = min(cursors.start(marks[one.remote_account], today).id for one in known)
		yield _Plan(known, {**base, "from_id": str(first)}, marks)


def _highest_imported(client: Client, base: Mapping[str, str | int]) -> int:
	"""Return the highest id of a booked row of all accounts of the connection, as far as the accounts tell it.

	Read before the rows: every row up to this id is then among them, on whatever account.
	"""
	extras = (mapping(mapping(row).get("extra")) for row in client.rows("/accounts", base))
	found = [identifier(extra.get("last_posted_transaction_id")) for extra in extras]
	return max((int(one) for one in found if one.isdecimal()), default=0)


def _booked(client: Client, plan: _Plan, today: date, imported: int, *, idle: bool) -> Iterator[Page]:
	"""Yield the rows of a plan; the last page has the cursors."""
	starts = {
		one.remote_account: cursors.start(plan.marks[one.remote_account], today).id if plan.marks else 0
		for one in plan.requests
	}
	first_day = None if plan.marks else plan.requests[0].first_day
	highest, oldest = 0, None
	for rows in client.pages(TRANSACTIONS, plan.query, _parse):
		highest = max([highest, *(_number(row) for row, _raw in rows)])
		page = _read([pair for pair in rows if _is_since(pair[0], starts)], frozenset(starts))
		oldest = min([one.date for one in page.lines] + ([oldest] if oldest else []), default=None)
		if first_day:
			page = replace(page, lines=[one for one in page.lines if one.date >= first_day])
		yield page
	reached = highest if plan.marks else max(highest, imported)
	moved = {
		account: cursors.moved(plan.marks.get(account, ()), reached, today)
		for account in starts
		if reached or plan.marks
	}
	yield Page((), cursors=moved, complete_from=_complete_from(plan, oldest, today) if idle else {})


def _is_since(row: object, starts: Mapping[str, int]) -> bool:
	"""Whether a row is not from before its own account's mark; one that is in doubt is kept."""
	number = _number(row)
	return not number or number >= starts.get(identifier(mapping(row).get("account_id")), 0)


def _complete_from(plan: _Plan, oldest: date | None, today: date) -> dict[str, date]:
	"""Return since when the list holds every booked row of its accounts."""
	if plan.marks:
		starts = {
			one.remote_account: cursors.start(plan.marks[one.remote_account], today) for one in plan.requests
		}
		return {account: mark.day + cursors.AHEAD for account, mark in starts.items()}
	request = plan.requests[0]
	if oldest is None:
		return {}
	return {request.remote_account: max(oldest, request.first_day or oldest)}


def _duplicates(client: Client, base: Mapping[str, str | int], wanted: frozenset[str]) -> Page:
	"""Return the rows that Salt Edge found to be duplicates: they are undone."""
	found = []
	for row in client.rows(TRANSACTIONS, {**base, "duplicated": "true"}):
		account, remote_id = identifier(mapping(row).get("account_id")), identifier(mapping(row).get("id"))
		if account in wanted and remote_id and mapping(row).get("duplicated") is True:
			found.append((account, remote_id))
	return Page((), removed=found)


def _pending(client: Client, base: Mapping[str, str | int], wanted: frozenset[str], *, idle: bool) -> Page:
	"""Return all pending rows, under ids that last."""
	found: list[Line] = []
	rejected: list[RejectedRow] = []
	seen: Counter[str] = Counter()
	for rows in client.pages(TRANSACTIONS, {**base, "pending": "true"}, _parse):
		page = _read(rows, wanted)
		rejected += page.rejected
		for line in page.lines:
			content = _content(line)
			seen[content] += 1
			found.append(
				line._replace(remote_id=f"pending-{content}-{seen[content]}", state=LineState.PENDING)
			)
	return Page(found, rejected, pending_complete=wanted if idle else frozenset())


def _read(rows: Sequence[Row], wanted: frozenset[str]) -> Page:
	found: list[Line] = []
	rejected: list[RejectedRow] = []
	for row, raw in rows:
		account = identifier(mapping(row).get("account_id"))
		if account and account not in wanted:
			continue
		line = lines.line(row, raw)
		if isinstance(line, Line):
			found.append(line)
		else:
			rejected.append(
				RejectedRow(account or min(wanted), identifier(mapping(row).get("id")), line, raw)
			)
	return Page(found, rejected)


def _content(line: Line) -> str:
	parts = (line.remote_account, line.date.isoformat(), str(line.amount), line.currency, line.original)
	return hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()[:20]


def _number(row: object) -> int:
	number = identifier(mapping(row).get("id"))
	return int(number) if number.isdecimal() else 0

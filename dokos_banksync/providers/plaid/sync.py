"""Plaid's transactions since a cursor. https://plaid.com/docs/api/products/transactions/#transactionssync

Each account is read as a stream of its own (`options.account_id`), so that one that is linked later gets its whole
history. A loop over pages whose data changed meanwhile is refused by Plaid and starts again from its first cursor;
what it gave before is void. A cursor that Plaid no longer takes is dropped: the account is read again from its
beginning.

The feed of an account that is no longer shared, or that has another id now, would report all its transactions as
removed. Such an account is not read: they stay, and the account's own error says why.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any

from dokos_banksync.core.errors import NotFound, ProviderBug, TemporaryError
from dokos_banksync.core.model import FetchRequest, Line, Page, RejectedRow
from dokos_banksync.core.provider import Secret
from dokos_banksync.providers import rawjson
from dokos_banksync.providers.failures import malformed
from dokos_banksync.providers.parsing import identifier, mapping, text
from dokos_banksync.providers.plaid import errors, lines
from dokos_banksync.providers.plaid.categories import category_of
from dokos_banksync.providers.plaid.client import Client

PAGE_SIZE = 500
RESTARTS = 4
"""How often a loop starts again before its stored cursor is given up, or the fetch."""

_COMPLETE = "HISTORICAL_UPDATE_COMPLETE"
_parse = partial(rawjson.loads_rows, key=("added", "modified"))


def changes(
	client: Client, token: Secret, requests: Sequence[FetchRequest], shared: Collection[str]
) -> Iterator[Page]:
	"""Yield what changed in the requested accounts. `shared` are those that the bank shows at present.

	While Plaid has no data of an account yet, its cursor stays.
	"""
	for request in requests:
		if request.remote_account in shared:
			yield from _account(client, token, request)
		else:
			gone = NotFound(
				"The bank no longer shares this account, or has given it another id. Its transactions are kept: open Update "
				"bank accounts and choose the account that continues it."
			)
			yield Page((), errors={request.remote_account: gone})


def _account(client: Client, token: Secret, request: FetchRequest) -> Iterator[Page]:
	start, tries = request.cursor, 0
	while True:
		try:
			yield from _loop(client, token, request._replace(cursor=start))
		except errors.StaleCursor as error:
			if not start:
				raise ProviderBug(
					"Plaid refuses to begin at the beginning.", reference=error.reference
				) from error
			start = ""
		except errors.Mutation:
			tries += 1
			if tries > RESTARTS:
				if not start:
					raise
				start, tries = "", 0
		else:
			return
		yield Page((), restart=frozenset([request.remote_account]))


def _loop(client: Client, token: Secret, request: FetchRequest) -> Iterator[Page]:
	account, cursor, seen = request.remote_account, request.cursor, {request.cursor}
	oldest: date | None = None
	while True:
		answer = client.post("/transactions/sync", _body(account, cursor), token, parse=_parse)
		page = _read(answer, account)
		oldest = min([one.date for one in page.lines] + ([oldest] if oldest else []), default=None)
		if not request.cursor and request.first_day:
			page = replace(page, lines=[one for one in page.lines if one.date >= request.first_day])
		cursor = text(answer.get("next_cursor"))
		if answer.get("has_more") is not True:
			yield _last(page, answer, request, cursor=cursor, oldest=oldest)
			return
		yield page
		if cursor in seen:
			raise TemporaryError(
				"Plaid gives the same page of a list again and again. Nothing is lost; the next attempt is automatic."
			)
		seen.add(cursor)


def _body(account: str, cursor: str) -> dict[str, object]:
	options = {"include_original_description": True, "account_id": account}
	return {"count": PAGE_SIZE, "options": options, **({"cursor": cursor} if cursor else {})}


def _last(
	page: Page, answer: Mapping[str, Any], request: FetchRequest, cursor: str, oldest: date | None
) -> Page:
	"""Return the end of a loop. Its rows are all there are when it began at the beginning and the history is there."""
	account = request.remote_account
	page = replace(page, cursors={account: cursor} if cursor else {})
	if request.cursor or oldest is None or text(answer.get("transactions_update_status")) != _COMPLETE:
		return page
	since = max(oldest, request.first_day or oldest)
	return replace(page, complete_from={account: since}, pending_complete=frozenset([account]))


def _read(answer: Mapping[str, Any], account: str) -> Page:
	found: list[Line] = []
	rejected: list[RejectedRow] = []
	for name in ("added", "modified"):
		rows = answer.get(name)
		if not isinstance(rows, list):
			raise malformed("Plaid", name)
		for row, raw in rows:
			if lines.account_of(row) not in (account, ""):
				continue
			line = lines.line(row, category_of(mapping(row)), raw)
			if isinstance(line, Line):
				found.append(line)
			else:
				rejected.append(
					RejectedRow(account, identifier(mapping(row).get("transaction_id")), line, raw)
				)
	return Page(found, rejected, removed=[(account, one) for one in _removed(answer, account)])


def _removed(answer: Mapping[str, Any], account: str) -> list[str]:
	rows = answer.get("removed")
	pairs = [lines.removed(row) for row in rows] if isinstance(rows, list) else []
	return [pair[1] for pair in pairs if pair and pair[0] in (account, "")]

"""Plaid's transactions since a cursor. https://plaid.com/docs/api/products/transactions/#transactionssync

Each account is read as a stream of its own (`options.account_id`), so that one that is linked later gets its whole
history and one that fails leaves the others alone. A loop over pages whose data changed meanwhile is refused by
Plaid and starts again from its first cursor; what it gave before must be dropped (`restart`). A cursor that Plaid no
longer takes is dropped too: the account is read again from its beginning.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any, NamedTuple

from dokos_banksync.core.errors import ProviderBug, TemporaryError
from dokos_banksync.core.model import Line, RejectedRow
from dokos_banksync.core.provider import Secret
from dokos_banksync.providers import rawjson
from dokos_banksync.providers.parsing import identifier, mapping, text
from dokos_banksync.providers.plaid import errors, lines
from dokos_banksync.providers.plaid.categories import category_of
from dokos_banksync.providers.plaid.client import Client

PAGE_SIZE = 500
RESTARTS = 4
"""How often a loop starts again before its stored cursor is given up, or the fetch."""

_COMPLETE = "HISTORICAL_UPDATE_COMPLETE"
_parse = partial(rawjson.loads_rows, key=("added", "modified"))


class Batch(NamedTuple):
	"""A part of what a fetch gives for one account.

	`cursor` is set with the last part. `restart`: what was given so far does not count. `complete_from`: every
	booked row since that day is among the parts of this fetch.
	"""

	lines: Sequence[Line] = ()
	removed: Sequence[str] = ()
	rejected: Sequence[RejectedRow] = ()
	cursor: str | None = None
	restart: bool = False
	complete_from: date | None = None


class _Bounds:
	"""The oldest day that a loop gave."""

	def __init__(self) -> None:
		self.oldest: date | None = None

	def take(self, found: Sequence[Line]) -> None:
		days = [one.date for one in found]
		self.oldest = min([*days, self.oldest] if self.oldest else days, default=None)


def changes(
	client: Client, token: Secret, account: str, cursor: str, first_day: date | None
) -> Iterator[Batch]:
	"""Yield what changed on an account since a cursor ("" for all), from `first_day` on when all is read.

	The loop's last part bears the new cursor. While Plaid has no data yet, the cursor stays.
	"""
	start, tries = cursor, 0
	while True:
		try:
			yield from _loop(client, token, account, start, first_day)
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
		yield Batch(restart=True)


def _loop(client: Client, token: Secret, account: str, start: str, first_day: date | None) -> Iterator[Batch]:
	cursor, bounds, seen = start, _Bounds(), {start}
	while True:
		page = client.post("/transactions/sync", _body(account, cursor), token, parse=_parse)
		batch = _read(page, account)
		bounds.take(batch.lines)
		if not start and first_day:
			batch = batch._replace(lines=[one for one in batch.lines if one.date >= first_day])
		cursor = text(page.get("next_cursor"))
		if page.get("has_more") is not True:
			yield _last(page, batch, start, cursor, bounds.oldest)
			return
		yield batch
		if cursor in seen:
			raise TemporaryError(
				"Plaid gives the same page of a list again and again. Nothing is lost; the next attempt is automatic."
			)
		seen.add(cursor)


def _body(account: str, cursor: str) -> dict[str, object]:
	options = {"include_original_description": True, "account_id": account}
	return {"count": PAGE_SIZE, "options": options, **({"cursor": cursor} if cursor else {})}


def _last(page: Mapping[str, Any], batch: Batch, start: str, cursor: str, oldest: date | None) -> Batch:
	"""The end of a loop. Its rows are all there are when it began at the beginning and Plaid has the history."""
	whole = not start and text(page.get("transactions_update_status")) == _COMPLETE
	return batch._replace(cursor=cursor or start, complete_from=oldest if whole else None)


def _read(page: Mapping[str, Any], account: str) -> Batch:
	found: list[Line] = []
	rejected: list[RejectedRow] = []
	for name in ("added", "modified"):
		rows = page.get(name)
		if not isinstance(rows, list):
			raise ProviderBug("Plaid answers without the list {0}.", name)
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
	return Batch(found, _removed(page, account), rejected)


def _removed(page: Mapping[str, Any], account: str) -> list[str]:
	rows = page.get("removed")
	pairs = [lines.removed(row) for row in rows] if isinstance(rows, list) else []
	return [pair[1] for pair in pairs if pair and pair[0] in (account, "")]

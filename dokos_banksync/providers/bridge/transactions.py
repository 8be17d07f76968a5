"""Bridge's transactions, as lines. https://docs.bridgeapi.io/docs/manage-your-transactions

How a fetch is cut into calls. Bridge filters by one account or not at all (then it gives the user's rows of
all banks), and 60 calls a minute are allowed. An account that was never read is read alone, for its history
may be long and others' need not come again with it. Accounts that have been read before share one call: what
changed since then is little.

All accounts of a fetch get one cursor, so that they can share the next call: see `cursors`. When nothing was
seen at all, cursors stay as they were: an account that has never given a row is read from its beginning again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import Any, NamedTuple

from dokos_banksync.core.model import FetchRequest, Line, LineState, Page, RejectedRow
from dokos_banksync.core.provider import Clock
from dokos_banksync.providers import rawjson
from dokos_banksync.providers.bridge import cursors
from dokos_banksync.providers.bridge.client import Client
from dokos_banksync.providers.bridge.connections import number
from dokos_banksync.providers.parsing import amount, day, identifier, instant, instant_text, text
from dokos_banksync.providers.rejection import NOT_A_TRANSACTION, why_rejected

TRANSACTIONS = "/v3/aggregation/transactions"

_NO_MONEY = Decimal(0)

_parse_rows = partial(rawjson.loads_rows, key="resources")


class _Call(NamedTuple):
	"""One list to read: the accounts wanted of it, and Bridge's filters."""

	wanted: Mapping[object, str]
	query: Mapping[str, str | int]


def changes(client: Client, user: str, asks: Sequence[FetchRequest], clock: Clock) -> Iterator[Page]:
	"""Yield lines as they come; the last page has the cursors of all asked accounts."""
	started = clock()
	newest: datetime | None = None
	for call in _calls(asks):
		for rows in client.pages(TRANSACTIONS, call.query, user, _parse_rows):
			page, seen = read(rows, call.wanted, started.date())
			newest = max(filter(None, (newest, seen)), default=None)
			del rows  # a page is released before the next one is read
			yield page
			del page
	ended = clock()
	reached = cursors.reached(newest, started, ended)
	moved = {ask.remote_account: cursors.moved(ask.cursor, reached, started, ended) for ask in asks}
	yield Page((), cursors={account: cursor for account, cursor in moved.items() if cursor})


def _calls(asks: Sequence[FetchRequest]) -> Iterator[_Call]:
	group: list[tuple[datetime, FetchRequest]] = []
	for ask in asks:
		if mark := cursors.read(ask.cursor):
			group.append((mark.start, ask))
		else:
			yield _alone(ask, {"min_date": ask.first_day.isoformat()} if ask.first_day else {})
	group.sort(key=lambda pair: pair[0])
	while group:
		near = [pair for pair in group if pair[0] <= group[0][0] + cursors.OVERLAP]
		yield _shared(near)
		group = group[len(near) :]


def _shared(group: Sequence[tuple[datetime, FetchRequest]]) -> _Call:
	query = {"since": instant_text(group[0][0])}
	if len(group) == 1:
		return _alone(group[0][1], query)
	return _Call({key: name for _start, ask in group for key, name in _wanted(ask).items()}, query)


def _alone(ask: FetchRequest, query: Mapping[str, str | int]) -> _Call:
	return _Call(_wanted(ask), {**query, "account_id": number(ask.remote_account)})


def _wanted(ask: FetchRequest) -> dict[object, str]:
	return {number(ask.remote_account): ask.remote_account, ask.remote_account: ask.remote_account}


# -- rows ------------------------------------------------------------------------------------------------
def read(
	rows: Sequence[rawjson.Row], wanted: Mapping[object, str], today: date
) -> tuple[Page, datetime | None]:
	"""Return the rows of wanted accounts as lines, and the newest `updated_at` among all rows.

	`wanted` holds each account under its id as number and as text. A row without an account cannot be left
	out unnoticed: it is rejected under the first wanted account.
	"""
	lines: list[Line] = []
	rejected: list[RejectedRow] = []
	newest: datetime | None = None
	for row, raw in rows:
		account = _account(row, wanted)
		updated_at = instant(row.get("updated_at")) if isinstance(row, dict) else None
		if updated_at and (newest is None or updated_at > newest):
			newest = updated_at
		if account is None:
			continue
		line = _line(row, account, updated_at, today=today, raw=raw)
		if isinstance(line, Line):
			lines.append(line)
		else:
			remote_id = identifier(row.get("id")) if isinstance(row, dict) else ""
			rejected.append(RejectedRow(account or next(iter(wanted.values())), remote_id, line, raw))
	return Page(lines, rejected), newest


def _account(row: Any, wanted: Mapping[object, str]) -> str | None:
	"""Return the wanted account of a row; None for another one, empty where the row names none."""
	named = row.get("account_id") if isinstance(row, dict) else None
	if not isinstance(named, (int, str)) or named == "":
		return ""
	return wanted.get(named)


def _line(row: Any, account: str, updated_at: datetime | None, today: date, raw: str) -> Line | str:
	"""Return the row as a line, or the reason why it is none."""
	if not isinstance(row, dict):
		return NOT_A_TRANSACTION
	get = row.get
	remote_id, currency = identifier(get("id")), text(get("currency_code"))
	money, on = amount(get("amount")), day(get("date")) or _another_day(row)
	state = LineState.FUTURE if get("future") is True else LineState.BOOKED
	if get("deleted") is True:
		# A removal is known by its id: the rest may be missing and is only filled in to make a line.
		state = LineState.REMOVED
		on = on or (updated_at.date() if updated_at else today)
		money = money or _NO_MONEY
	has_currency = currency or state is LineState.REMOVED
	if not remote_id or not account or money is None or on is None or not has_currency:
		return why_rejected(money, on, remote_id=remote_id, account=account)
	original, clean = text(get("provider_description")), text(get("clean_description"))
	return Line(
		remote_account=account,
		remote_id=remote_id,
		date=on,
		amount=money,
		currency=currency,
		description=clean or original,
		original=original or clean,
		state=state,
		value_date=day(get("value_date")),
		transaction_date=day(get("transaction_date")),
		category=identifier(get("category_id")),
		kind=text(get("operation_type")),
		updated_at=updated_at,
		raw=raw,
	)


def _another_day(row: Mapping[str, Any]) -> date | None:
	return day(row.get("booking_date")) or day(row.get("transaction_date")) or day(row.get("value_date"))

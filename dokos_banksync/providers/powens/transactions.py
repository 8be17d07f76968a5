"""What changed in the accounts of a connection.

Transactions that were updated after an instant are asked for, deleted ones included, account by account.

A card with deferred debit appears in one of two ways. Either it is an account of its own: its rows (`deferred_card`)
belong there, and its monthly debit (`summary_card`) belongs to the current account. Or both kinds of row are in the
current account: then the balance moves by the monthly debit alone, and its purchases are the detail of it. Booking both
would count the spending twice. An account that has a monthly debit therefore books that one, and its `deferred_card` rows
stay lines without a bank transaction. Where no monthly debit was ever seen, each purchase is booked. When the first one
comes later, the account is read again from the beginning.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from datetime import timezone
from typing import NamedTuple

from dokos_banksync.core.errors import LoginRequired, NotFound
from dokos_banksync.core.model import FetchRequest, Line, LineState, Page
from dokos_banksync.core.provider import Access, Secret
from dokos_banksync.providers import rawjson
from dokos_banksync.providers.grants import stored_grant
from dokos_banksync.providers.parsing import mapping, text
from dokos_banksync.providers.powens import accounts, cursors, rows
from dokos_banksync.providers.powens.accounts import Account
from dokos_banksync.providers.powens.client import Client
from dokos_banksync.providers.powens.cursors import Cursor

DEFERRED, SUMMARY = "deferred_card", "summary_card"


class Reader(NamedTuple):
	"""Reads accounts of one user. `categories`: ask for them; domains without that product may refuse the question."""

	client: Client
	token: Secret
	categories: bool

	def changes(self, account: Account, request: FetchRequest) -> Iterator[Page]:
		"""Yield what changed in an account since its cursor."""
		known = cursors.read(request.cursor)
		end = yield from self._fetch(account, known, _query(request, known))
		if end.summary and known.seen and not known.summary:
			yield Page((), restart=frozenset({account.remote_id}))
			end = yield from self._fetch(account, Cursor(summary=True), _query(request, Cursor()))
		cursor = end.written()
		yield Page((), cursors={account.remote_id: cursor} if cursor else {})

	def _fetch(
		self, account: Account, known: Cursor, query: Mapping[str, str]
	) -> Generator[Page, None, Cursor]:
		"""Yield the pages; return the cursor. Deferred purchases come last, once it is known how they count."""
		today = self.client.now().astimezone(timezone.utc).date()
		deferred: list[Line] = []
		seen, summary = known.seen, known.summary
		asked = {**query, **({"expand": "categories"} if self.categories else {})}
		for page in self.client.transactions(self.token, account.remote_id, asked):
			seen = _newest(seen, page)
			lines, rejected = rows.read(page, account, today)
			if account.kind != accounts.CARD_TYPE:
				summary = summary or any(_books(one, SUMMARY) for one in lines)
				deferred += [one for one in lines if _books(one, DEFERRED)]
				lines = [one for one in lines if not _books(one, DEFERRED)]
			yield Page(lines, rejected)
		if deferred:
			state = LineState.FUTURE if summary else LineState.BOOKED
			yield Page([one._replace(state=state) for one in deferred])
		return Cursor(seen, summary)


def changes(
	client: Client, access: Access, requests: Sequence[FetchRequest], *, categories: bool
) -> Iterator[Page]:
	"""Yield what changed in the requested accounts. One that is gone or no longer shared fails alone."""
	if not requests:
		return
	known = accounts.by_id(client, access)
	reader = Reader(client, stored_grant(access), categories)
	for request in requests:
		account = known.get(request.remote_account)
		if account is None:
			error = NotFound("Powens no longer has this account. Reconnect the bank, or unlink the account.")
			yield Page((), errors={request.remote_account: error})
		elif not account.shared:
			hidden = LoginRequired("This account is no longer shared. Reconnect the bank and choose it.")
			yield Page((), errors={request.remote_account: hidden})
		else:
			yield from reader.changes(account, request)


def _query(request: FetchRequest, known: Cursor) -> dict[str, str]:
	since = known.since()
	if since:
		return {"last_update": since}
	if request.first_day:
		return {"filter": "date", "min_date": request.first_day.isoformat()}
	return {}


def _books(line: Line, kind: str) -> bool:
	return line.kind == kind and line.state is LineState.BOOKED


def _newest(seen: str, page: Sequence[rawjson.Row]) -> str:
	for row, _raw in page:
		seen = cursors.newest(seen, text(mapping(row).get("last_update")))
	return seen

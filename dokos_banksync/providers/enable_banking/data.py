"""Accounts with their balances, and transactions. Every reading asks the bank itself.

An account may fail alone. What concerns the consent or the keys ends the whole fetch.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta

from dokos_banksync.core.errors import (
	ConfigurationError,
	ConsentExpired,
	ConsentRevoked,
	LoginRequired,
	NotFound,
	RateLimited,
	SyncError,
	TemporaryError,
	UnsupportedByInstitution,
)
from dokos_banksync.core.model import FetchRequest, Line, LineState, Page, RemoteAccount
from dokos_banksync.core.provider import Access, Context
from dokos_banksync.providers import periods
from dokos_banksync.providers.enable_banking import balances, presence
from dokos_banksync.providers.enable_banking.client import Client
from dokos_banksync.providers.enable_banking.errors import (
	REPEATED_PAGE,
	HeadersRefused,
	PagingLost,
	PeriodRefused,
)
from dokos_banksync.providers.enable_banking.grant import Grant
from dokos_banksync.providers.enable_banking.identity import SessionAccount
from dokos_banksync.providers.enable_banking.rows import Reader
from dokos_banksync.providers.http import Headers, Query
from dokos_banksync.providers.parsing import Object, mapping
from dokos_banksync.providers.periods import Period

OF_THE_CONSENT = (ConfigurationError, ConsentExpired, ConsentRevoked)
"""Errors that meet every account alike."""

WHOLE_HISTORY = timedelta(hours=1)
"""How long after a consent every bank gives its whole history."""


# -- accounts ----------------------------------------------------------------------------------------
def accounts(client: Client, grant: Grant, access: Access, context: Context) -> list[RemoteAccount]:
	"""Return the accounts of a consent. A balance that the bank does not give now is None.

	So is that of an account that is not imported, unless the user is present: then it counts against no quota.
	"""
	with_user = [headers for headers in _presences(grant, context) if headers]
	found = []
	for one in grant.accounts:
		presences = _presences(grant, context) if access.imports(one.key) else with_user
		found.append(_account(client, one, presences))
	return found


def _account(client: Client, one: SessionAccount, presences: Sequence[Headers]) -> RemoteAccount:
	shown = RemoteAccount(
		remote_id=one.key,
		account_name=one.name,
		kind=one.kind,
		currency=one.currency,
		iban=one.iban,
		failed=not one.uid or one.ambiguous,
		details={"holder": one.holder} if one.holder else {},
	)
	if shown.failed or not presences:
		return shown
	found = _balances(client, one, presences)
	return replace(shown, balance=found.booked, balance_available=found.available, balance_at=found.at)


def _balances(client: Client, one: SessionAccount, presences: Sequence[Headers]) -> balances.Balances:
	"""A bank may refuse balances and give transactions, want its customer there, or take no more calls: then there
	is none.
	"""
	try:
		rows = _read_balances(client, one, presences)
	except OF_THE_CONSENT:
		raise
	except (RateLimited, TemporaryError, UnsupportedByInstitution, NotFound, LoginRequired):
		return balances.Balances()
	found = balances.choose(rows, one.currency)
	return found if found.at or not rows else found._replace(at=client.now())


def _read_balances(client: Client, one: SessionAccount, presences: Sequence[Headers]) -> list[Object]:
	for headers in presences:
		try:
			rows = client.read(one.uid, "balances", one.key, headers).get("balances")
		except HeadersRefused:
			continue
		return [mapping(row) for row in rows] if isinstance(rows, list) else []
	return []


def _presences(grant: Grant, context: Context) -> list[Headers]:
	"""Return the headers of a user who is there, then none, for a bank that refuses them."""
	known = presence.headers(context.ip_address, context.user_agent, grant.psu_headers)
	return [known, {}] if context.user_present and known else [{}]


# -- transactions ------------------------------------------------------------------------------------
def changes(
	client: Client, grant: Grant, requests: Sequence[FetchRequest], context: Context
) -> Iterator[Page]:
	"""Yield the rows of each requested account, one account after the other. Raise when every one failed."""
	failed: dict[str, SyncError] = {}
	for request in requests:
		try:
			yield from _Fetch(client, grant, request, context).pages()
		except OF_THE_CONSENT:
			raise
		except SyncError as error:
			if type(error) is TemporaryError:  # Enable Banking itself cannot be reached
				raise
			failed[request.remote_account] = error
	if failed and len(failed) == len(requests):
		raise next(iter(failed.values()))
	if failed:
		yield Page((), errors=failed)


class _Fetch:
	"""One fetch of one account."""

	def __init__(self, client: Client, grant: Grant, request: FetchRequest, context: Context) -> None:
		self._client, self._grant, self._request, self._context = client, grant, request, context
		self._name = request.remote_account
		self._account = _readable(grant.account(request.remote_account))
		self._today = client.now().date()
		self._oldest: date | None = None
		age = grant.age(client.now())
		self._fresh = age is None or age <= WHOLE_HISTORY

	def pages(self) -> Iterator[Page]:
		"""Yield the rows of the period; one that the bank refuses as too long is made shorter."""
		asked = self._request
		period: Period | None = periods.period(asked.cursor, asked.first_day, self._today, fresh=self._fresh)
		while period is not None:
			try:
				yield from self._of_period(period)
			except PeriodRefused:
				shorter = periods.shorter(period, self._today)
				if shorter is None:
					raise
				period = shorter
			else:
				yield self._end(period)
				return

	def _of_period(self, period: Period) -> Iterator[Page]:
		"""Yield the rows; headers that the bank refuses are left out, and a list that was lost is read again."""
		presences = _presences(self._grant, self._context)
		for headers in presences:
			try:
				yield from self._twice(headers, period)
			except HeadersRefused:
				if headers is presences[-1]:
					raise
			else:
				return

	def _twice(self, headers: Headers, period: Period) -> Iterator[Page]:
		try:
			yield from self._once(headers, period)
		except PagingLost:
			yield Page((), restart=frozenset({self._name}))
			yield from self._once(headers, period)

	def _once(self, headers: Headers, period: Period) -> Iterator[Page]:
		account, query = self._account, _query(period)
		reader = Reader(self._name, account.currency, self._today)
		self._oldest = None
		earlier: set[tuple[object, ...]] = set()
		for rows in self._client.pages(account.uid, account.key, headers, query):
			lines, rejected = reader.read(rows)
			_refuse_repeated(lines, earlier)
			days = [line.date for line in lines if line.state is LineState.BOOKED]
			self._oldest = min([*days, *filter(None, [self._oldest])], default=None)
			yield Page(lines, rejected, unstable_ids=frozenset({self._name}))

	def _end(self, period: Period) -> Page:
		"""Return what the whole fetch shows: the next cursor, the pending rows, and how far back nothing is missing."""
		since, asked = periods.complete_from(self._oldest), self._request
		limited = periods.limited_to(
			asked.cursor, asked.first_day, self._today, oldest=self._oldest, fresh=self._fresh
		)
		cursor = periods.next_cursor(asked.cursor, period, self._today, limited=limited)
		return Page(
			(),
			cursors={self._name: cursor},
			complete_from={self._name: since} if since else {},
			limited_to={self._name: limited} if limited else {},
			pending_complete=frozenset({self._name}),
			unstable_ids=frozenset({self._name}),
		)


def _refuse_repeated(lines: Sequence[Line], earlier: set[tuple[object, ...]]) -> None:
	"""Raise `PagingLost` for a page that came before: its rows have no lasting ids, so that each would count twice.

	A page of one kind of row proves nothing: equal rows of one day may fill it.
	"""
	page = tuple((one.date, one.amount, one.state, one.description, one.original) for one in lines)
	if page in earlier and len(set(page)) > 1:
		raise PagingLost(REPEATED_PAGE)
	earlier.add(page)


def _readable(account: SessionAccount | None) -> SessionAccount:
	if account is None:
		raise NotFound("The consent does not include this account. Renew it and share the account.")
	if account.ambiguous:
		raise UnsupportedByInstitution(
			"The bank gives two accounts named {0} that cannot be distinguished. Unlink them in Update bank accounts, and "
			"import statement files for them.",
			account.name,
		)
	if not account.uid:
		raise UnsupportedByInstitution(
			"The bank shows {0}, but gives no data of it (blocked or closed). Ask the bank, or unlink it in Update bank "
			"accounts and import statement files.",
			account.name,
		)
	return account


def _query(period: Period) -> Query:
	query = {"strategy": "longest"} if period.longest else {}
	return {**query, "date_from": period.since.isoformat()} if period.since else query

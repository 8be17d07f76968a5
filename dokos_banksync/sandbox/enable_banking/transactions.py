"""`GET /accounts/{uid}/transactions`: periods, strategies and continuation keys."""

from __future__ import annotations

from datetime import date, timedelta

from dokos_banksync.sandbox.enable_banking.banks import Quirks
from dokos_banksync.sandbox.enable_banking.calls import Call
from dokos_banksync.sandbox.enable_banking.errors import ApiError
from dokos_banksync.sandbox.enable_banking.model import Account, Session
from dokos_banksync.sandbox.enable_banking.rows import Row, RowMaker
from dokos_banksync.sandbox.enable_banking.state import Listing

LATER_DAYS = 90
"""How far back a bank goes once the first hours after the consent are over."""
USUAL_DAYS = 30
"""The "meaningful default" without a period."""
_SLOW_DAYS = 30
_STATUSES = frozenset({"BOOK", "CNCL", "HOLD", "OTHR", "PDNG", "RJCT", "SCHD"})


def list_transactions(call: Call, uid: str) -> Row:
	"""Answer a `HalTransactions` page: a new list, or the next page of one under way."""
	session, account, quirks = call.account(uid, "transactions")
	key = call.request.args.get("continuation_key")
	if key is not None:
		return _page(call, quirks, _resumed(call, key, session, uid))
	since, until = _period(call, session, account, quirks)
	listing = Listing(
		session, uid, _rows(call, session, account=account, quirks=quirks, since=since, until=until)
	)
	return _page(call, quirks, listing)


def _resumed(call: Call, key: str, session: Session, uid: str) -> Listing:
	listing = call.face.listings.get(key)
	if listing is None or listing.session is not session or listing.uid != uid:
		raise ApiError("WRONG_CONTINUATION_KEY")
	return listing


def _period(call: Call, session: Session, account: Account, quirks: Quirks) -> tuple[date, date]:
	today = call.face.world.clock.today()
	since, until = call.day("date_from"), call.day("date_to")
	_check_order(since, until, today)
	if quirks.refuses_date_to and until is not None:
		raise ApiError("ASPSP_ERROR", "date_to is not supported")
	earliest = _earliest(call, session, account=account, quirks=quirks, today=today)
	if call.request.args.get("strategy", "default") == "longest":
		return max(since or earliest, earliest), today
	if since is not None and since < earliest:
		raise ApiError("WRONG_TRANSACTIONS_PERIOD", f"Transactions are available since {earliest}")
	return since or max(earliest, today - timedelta(days=USUAL_DAYS)), until or today


def _check_order(since: date | None, until: date | None, today: date) -> None:
	if until is not None and since is None:
		raise ApiError("DATE_TO_WITHOUT_DATE_FROM")
	if since is not None and since > today:
		raise ApiError("DATE_FROM_IN_FUTURE")
	if since is not None and until is not None and since > until:
		raise ApiError("WRONG_DATE_INTERVAL")


def _earliest(call: Call, session: Session, account: Account, quirks: Quirks, today: date) -> date:
	if call.face.now() - session.created <= timedelta(hours=quirks.first_hours):
		return account.real.facts.since - timedelta(days=365)
	return today - timedelta(days=LATER_DAYS)


def _rows(
	call: Call, session: Session, account: Account, quirks: Quirks, since: date, until: date
) -> list[Row]:
	"""Return the rows of a period. A bank whose history is slow gives little on the day of the consent, without a word."""
	today, institution = call.face.world.clock.today(), session.institution
	if institution.slow_history and session.created.date() == today:
		since = max(since, today - timedelta(days=_SLOW_DAYS))
	call.face.calls += 1
	maker = RowMaker(account.real, institution.dates, quirks=quirks, today=today, call=call.face.calls)
	rows = [
		*maker.pending(account.real.coming(today)),
		*maker.booked(account.real.movements(until, after=since - timedelta(days=1))),
	]
	wanted = call.request.args.get("transaction_status")
	if wanted is not None and wanted not in _STATUSES:
		raise ApiError("WRONG_REQUEST_PARAMETERS", "transaction_status")
	return [row for row in rows if wanted is None or row["status"] == wanted]


def _page(call: Call, quirks: Quirks, listing: Listing) -> Row:
	"""Give the next page; a copy of the listing with a new key stands for what follows."""
	empty = quirks.empty_pages and listing.pages % 2 == 0
	end = listing.at if empty else listing.at + quirks.page_size
	shown = listing.rows[listing.at : end]
	if end >= len(listing.rows) and not empty:
		return {"transactions": shown, "continuation_key": None}
	key = call.face.new_uuid()
	call.face.listings[key] = Listing(
		listing.session, listing.uid, rows=listing.rows, at=end, pages=listing.pages + 1
	)
	return {"transactions": shown, "continuation_key": key}

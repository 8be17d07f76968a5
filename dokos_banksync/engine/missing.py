"""What the provider has now, held against what the ledger has: what is missing, and what is there too much.

Nothing is written by looking. Taking looks again first, so that what is stored is what the provider has at that time.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import NamedTuple, Protocol

from dokos_banksync.connectors.contract import Access, Clock, Connector
from dokos_banksync.engine.coverage import Covered
from dokos_banksync.engine.feeds import feeding, feeds_of
from dokos_banksync.engine.model import (
	Ask,
	Decision,
	Line,
	LineState,
	Page,
	Reason,
	Refusal,
	Verdict,
)
from dokos_banksync.engine.plan import Feed, plan_new
from dokos_banksync.engine.proof import absorbed
from dokos_banksync.engine.settle import Settling, close_failed
from dokos_banksync.engine.sound import checked
from dokos_banksync.engine.spool import Spool
from dokos_banksync.errors import InvalidData, NotFound, SyncError
from dokos_banksync.ledgers.contract import AccountRecord, Ledger, RunRecord
from dokos_banksync.ledgers.review import ReviewLedger


class ReviewedLedger(Ledger, ReviewLedger, Protocol):
	"""A ledger that also keeps a journal."""


class Kind(str, Enum):
	"""How a line at the provider stands to the ledger."""

	MISSING = "Missing here"
	"""Booked at the bank, and no bank transaction."""
	RENUMBERED = "Under another id"
	"""There, under an id that the provider no longer lists."""
	ELSEWHERE = "There by another way"
	"""There by a file, by another connection or by hand, and not tied to this line yet."""
	HELD = "Held back"
	"""Known as a line, with a reason why it is no bank transaction."""
	PENDING = "Pending"
	"""Not booked: shown, and nothing to import."""
	GONE = "Gone at the bank"
	"""A bank transaction whose line the provider no longer lists."""


TAKEN_UNASKED = (Kind.MISSING, Kind.RENUMBERED, Kind.ELSEWHERE)
"""What taking all takes; the others are taken when they are named."""


class Seen(NamedTuple):
	"""One line, and how it stands. `transaction` is the bank transaction concerned, where there is one."""

	kind: Kind
	line: Line
	reason: Reason
	transaction: str
	note: str
	old: Line | None = None
	"""The line that the provider no longer lists."""


@dataclass(frozen=True)
class AccountView:
	"""One account, from a day on. `there` counts the lines that are as they should be."""

	account: AccountRecord
	since: date
	seen: Sequence[Seen]
	refused: Sequence[Refusal]
	there: int


def look(
	ledger: ReviewedLedger,
	connector: Connector,
	connection: str,
	since: date,
	clock: Clock,
	*,
	bank_account: str = "",
) -> list[AccountView]:
	"""Every account of a connection that feeds a bank account, or one of them. Writes nothing.

	Raises `NotFound` for a connection that has no account that feeds, and whatever the connector raises.
	"""
	return [view for view, _ in _looks(ledger, connector, connection, since, clock, bank_account)]


def take(
	ledger: ReviewedLedger,
	connector: Connector,
	connection: str,
	since: date,
	clock: Clock,
	chosen: Collection[str] | None = None,
	*,
	bank_account: str = "",
) -> RunRecord:
	"""Import what is missing: the lines of the chosen ids, or all that nothing speaks against; of all accounts of
	the connection, or of those that feed one bank account.

	A chosen line that is held back is taken all the same, whatever the start date, the lock date or an earlier
	decision say; one that is gone at the bank is removed. Raises `NotFound` for an id that is not there to be
	taken, `InvalidData` for one that is pending or in another currency.
	"""
	with ledger.hold(connection):
		run = ledger.begin_run(connection, "missing", clock())
		try:
			_take(ledger, connector, run, since, clock, chosen, bank_account)
		except SyncError as error:
			close_failed(ledger, run, clock, error.code, str(error), error.reference)
			raise
		except BaseException as error:
			close_failed(ledger, run, clock, SyncError.code, f"Interrupted: {type(error).__name__}")
			raise
	return run


def _take(
	ledger: ReviewedLedger,
	connector: Connector,
	run: RunRecord,
	since: date,
	clock: Clock,
	chosen: Collection[str] | None,
	bank_account: str,
) -> None:
	found = list(_looks(ledger, connector, run.connection, since, clock, bank_account))
	wanted = {view.account.source: list(_wanted(view, chosen)) for view, _ in found}
	left = set(chosen or ()) - {seen.line.remote_id for all_of in wanted.values() for seen in all_of}
	if left:
		raise NotFound("There is no line {0} to take: look again", ", ".join(sorted(left)))
	settling = Settling(ledger, run, clock)
	for view, feed in found:
		held = absorbed(ledger, feed.bank_account, _names(ledger, feed, wanted[view.account.source]))
		_store(settling, feed, wanted[view.account.source])
		_take_off(ledger, feed.bank_account, held)
		# Some rows taken, others left: no ground to found an opening balance on.
		settling.incomplete.add(feed.bank_account)
		if chosen is None:
			account, today = view.account, clock().date()
			ledger.cover(
				[
					Covered(
						run.name,
						account.source,
						account.bank_account,
						min(since, today),
						today,
						complete=True,
					)
				]
			)
	# The balance that was stored with the last run knows nothing of rows that came since.
	for account in ledger.save_accounts(run.connection, connector.accounts(_access(ledger, run.connection))):
		if feeding(account):
			settling.compare(account)
	run.status, run.ended_at = "Success", clock()
	ledger.save_run(run)


def _names(ledger: ReviewedLedger, feed: Feed, wanted: Sequence[Seen]) -> frozenset[str]:
	"""Names of the lines that are held."""
	held = [seen.line.remote_id for seen in wanted if seen.kind is Kind.HELD]
	with ledger.batch() as batch:
		return frozenset(known.name for known in batch.lines(feed.source, held)) if held else frozenset()


def _take_off(ledger: ReviewedLedger, bank_account: str, amount: Decimal) -> None:
	"""What the opening balance held of lines that are bank transactions now counts twice."""
	target = ledger.bank_account(bank_account)
	if amount and target.opening_balance is not None and target.opening_date is not None:
		ledger.set_opening(bank_account, target.opening_balance - amount, target.opening_date)


def _wanted(view: AccountView, chosen: Collection[str] | None) -> Iterator[Seen]:
	for seen in view.seen:
		if seen.kind in TAKEN_UNASKED if chosen is None else seen.line.remote_id in chosen:
			if seen.reason is Reason.AMBIGUOUS:
				raise InvalidData(
					"{0} may be one of several bank transactions: answer the question instead",
					seen.line.remote_id,
				)
			if seen.kind is Kind.PENDING or seen.reason is Reason.CURRENCY:
				raise InvalidData("{0} cannot be taken: {1}", seen.line.remote_id, seen.reason.value)
			yield seen


def _store(settling: Settling, feed: Feed, wanted: Sequence[Seen]) -> None:
	"""As one database transaction; what is chosen is bound by no date."""
	settling.run.fetched += len(wanted)
	if not wanted:
		return
	freed = {seen.transaction: seen.old for seen in wanted if seen.old}
	lines = [seen.line for seen in wanted if seen.kind is not Kind.GONE]
	revived = {seen.transaction for seen in wanted if seen.kind is Kind.HELD}
	free = feed._replace(start_date=None, lock_date=None)
	with settling.ledger.batch() as batch:
		near = settling.near(batch, feed, [*lines, *freed.values()])
		known = [k for k in near if not (k.deleted and k.name in revived)]
		settling.apply(batch, plan_new(free, lines, freed, known))


def _access(ledger: Ledger, connection: str) -> Access:
	record = ledger.connection(connection)
	return Access(record.remote_user, record.remote_id)


class _Fetched(NamedTuple):
	"""What the provider told of one account: ids, and rows that could not be read."""

	ids: frozenset[str]
	refused: Sequence[Refusal]


def _looks(
	ledger: ReviewedLedger,
	connector: Connector,
	connection: str,
	since: date,
	clock: Clock,
	bank_account: str,
) -> Iterator[tuple[AccountView, Feed]]:
	accounts = [
		account
		for account in ledger.accounts(connection)
		if feeding(account) and bank_account in ("", account.bank_account)
	]
	access = _access(ledger, connection)
	if not access.remote_id or not accounts:
		raise NotFound("No account of {0} feeds a bank account: link one first", connection)
	feeds = feeds_of(ledger, connector.provider_type, accounts)
	for account in accounts:
		feed = feeds[account.source]
		with Spool() as spool:
			pages = connector.pages(access, [Ask(account.remote.remote_id, "", since)])
			fetched = _fetch(spool, feed.source, pages)
			yield _view(ledger, account, feed, since, spool, fetched, clock), feed


def _fetch(spool: Spool, source: str, pages: Iterator[Page]) -> _Fetched:
	ids: set[str] = set()
	refused: list[Refusal] = []
	for page in map(checked, pages):
		ids.update(line.remote_id for line in page.lines)
		refused += page.refused
		spool.put((source, line) for line in page.lines)
	return _Fetched(frozenset(ids), refused)


def _view(
	ledger: ReviewedLedger,
	account: AccountRecord,
	feed: Feed,
	since: date,
	spool: Spool,
	fetched: _Fetched,
	clock: Clock,
) -> AccountView:
	"""A dry run over the answer, in which what the provider no longer lists counts as taken back."""
	tied = [known.line for known in ledger.tied(feed.source, since)]
	unlisted = [line for line in tied if line.remote_id not in fetched.ids]
	spool.put((feed.source, line._replace(state=LineState.REMOVED)) for line in unlisted)
	decisions: list[Decision] = []
	run = RunRecord("", account.connection, "missing", clock())
	Settling(ledger, run, clock, preview=decisions.append).settle(spool, {feed.source: feed})
	fetched_only = [d for d in decisions if d.line.remote_id in fetched.ids or d.verdict is Verdict.REMOVE]
	seen = list(_seen(fetched_only))
	there = sum(d.verdict in (Verdict.SAME, Verdict.UPDATE) and not d.reason for d in decisions)
	return AccountView(account, since, seen, fetched.refused, there)


def _seen(decisions: Sequence[Decision]) -> Iterator[Seen]:
	freed = {d.transaction: d.line for d in decisions if d.verdict is Verdict.REMOVE and d.transaction}
	adopted = {d.transaction for d in decisions if d.verdict is Verdict.ADOPT}
	for made in decisions:
		kind = _kind(made, freed, adopted)
		if kind is not None:
			old = freed.get(made.transaction) if kind in (Kind.RENUMBERED, Kind.GONE) else None
			yield Seen(kind, made.line, made.reason, made.transaction, made.note, old)


def _kind(made: Decision, freed: Mapping[str, Line], adopted: Collection[str]) -> Kind | None:
	"""None for a line that is as it should be, and for the old half of a renumbered one."""
	if made.verdict is Verdict.NEW:
		return Kind.MISSING
	if made.verdict is Verdict.ADOPT:
		return Kind.RENUMBERED if made.transaction in freed else Kind.ELSEWHERE
	if made.verdict is Verdict.REMOVE:
		return Kind.GONE if made.transaction and made.transaction not in adopted else None
	if made.reason in (Reason.PENDING, Reason.FUTURE):
		return Kind.PENDING
	held = made.reason is not Reason.NONE and made.line.state is not LineState.REMOVED
	return Kind.HELD if held else None

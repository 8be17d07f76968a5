"""The difference between what the provider lists now and what the ledger has: missing and surplus rows.

Nothing is written by looking. Taking looks again first, so that what is stored is what the provider has at that time.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import NamedTuple

from dokos_banksync.core.connection_state import connected
from dokos_banksync.core.errors import InvalidData, NotFound
from dokos_banksync.core.importing.access import access_to_linked
from dokos_banksync.core.importing.failed_runs import closed_when_failed
from dokos_banksync.core.importing.feeds import feeding, feeds_of
from dokos_banksync.core.importing.fetched_days import covered
from dokos_banksync.core.importing.fetching import Fetch
from dokos_banksync.core.importing.importer import Importer
from dokos_banksync.core.importing.plan import Feed, plan_by_content
from dokos_banksync.core.importing.staging import Staging
from dokos_banksync.core.importing.validation import checked_accounts
from dokos_banksync.core.ledger import Ledger
from dokos_banksync.core.model import (
	Action,
	Decision,
	FetchRequest,
	Line,
	LineState,
	Page,
	Reason,
	RejectedRow,
)
from dokos_banksync.core.progress import Progress, Stage
from dokos_banksync.core.provider import UNATTENDED, Access, Clock, Context, Provider
from dokos_banksync.core.records import AccountRecord, RunRecord, RunStatus
from dokos_banksync.core.review.proof import absorbed
from dokos_banksync.core.trigger import Trigger


class Kind(str, Enum):
	"""How a line at the provider stands to the ledger."""

	MISSING = "Missing here"
	"""Booked at the bank, and no bank transaction."""
	RENUMBERED = "Under another id"
	"""There, under an id that the provider no longer lists."""
	ELSEWHERE = "Matched to an existing transaction"
	"""There by a file, by another connection or by hand, and not linked to this line yet."""
	HELD = "Not imported"
	"""Known as a line, with a reason why it is not a bank transaction."""
	PENDING = "Pending"
	"""Not booked: shown, and nothing to import."""
	GONE = "Gone at the bank"
	"""A bank transaction whose line the provider no longer lists."""


TAKEN_UNASKED = (Kind.MISSING, Kind.RENUMBERED, Kind.ELSEWHERE)
"""What taking all takes; the others are taken when they are named."""


class Finding(NamedTuple):
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
	"""One account, from a day on. `correct` counts the lines that are as they should be."""

	account: AccountRecord
	since: date
	findings: Sequence[Finding]
	refused: Sequence[RejectedRow]
	correct: int


def look(
	ledger: Ledger,
	provider: Provider,
	connection: str,
	since: date,
	clock: Clock,
	*,
	bank_account: str = "",
	context: Context = UNATTENDED,
	progress: Progress | None = None,
) -> list[AccountView]:
	"""Return every account of a connection that feeds a bank account, or one of them. Writes nothing.

	Raises `Disconnected`, `NotFound` for a connection that has no account that feeds, and the errors of the provider.
	"""
	search = _Search(
		ledger=ledger,
		provider=provider,
		connection=connection,
		since=since,
		clock=clock,
		bank_account=bank_account,
		context=context,
		progress=progress,
	)
	return [view for view, _ in _looks(search)]


def take(
	ledger: Ledger,
	provider: Provider,
	connection: str,
	since: date,
	clock: Clock,
	chosen: Collection[str] | None = None,
	*,
	bank_account: str = "",
	progress: Progress | None = None,
) -> RunRecord:
	"""Import what is missing: the lines of the chosen ids, or all that were neither deleted nor
	left out by a user; of all accounts of the connection, or of those that feed one bank account.

	A chosen line that is held back is taken all the same, whatever the start date, the lock date or an earlier
	decision say; one that is gone at the bank is removed. Raises `NotFound` for an id that is not there to be
	taken, `InvalidData` for one that is pending or in another currency.
	"""
	search = _Search(
		ledger=ledger,
		provider=provider,
		connection=connection,
		since=since,
		clock=clock,
		bank_account=bank_account,
		progress=progress,
	)
	with ledger.hold(connection):
		run = ledger.begin_run(connection, Trigger.MISSING, clock())
		with closed_when_failed(ledger, run, clock):
			_take(search, run, chosen)
	return run


@dataclass(frozen=True)
class _Search:
	"""What is asked of which provider. `bank_account` is empty for all that the connection feeds."""

	ledger: Ledger
	provider: Provider
	connection: str
	since: date
	clock: Clock
	bank_account: str = ""
	context: Context = UNATTENDED
	progress: Progress | None = None

	@property
	def access(self) -> Access:
		"""Return the access to the connection at the provider."""
		return access_to_linked(self.ledger, self.ledger.connection(self.connection))

	def accounts(self) -> list[AccountRecord]:
		"""Return the accounts that feed, or feed the one bank account."""
		return [
			account
			for account in self.ledger.accounts(self.connection)
			if feeding(account) and self.bank_account in ("", account.bank_account)
		]


def _take(search: _Search, run: RunRecord, chosen: Collection[str] | None) -> None:
	"""Nothing is stored, and the search may be cancelled, until all accounts have been read."""
	ledger, clock = search.ledger, search.clock
	found = list(_looks(search))
	wanted = {view.account.source: list(_wanted(view, chosen)) for view, _ in found}
	left = set(chosen or ()) - {finding.line.remote_id for all_of in wanted.values() for finding in all_of}
	if left:
		raise NotFound("There is no row {0} to import: search again", ", ".join(sorted(left)))
	importer = Importer(ledger, run, clock)
	for view, feed in found:
		held = absorbed(ledger, feed.bank_account, _names(ledger, feed, wanted[view.account.source]))
		_store(importer, feed, wanted[view.account.source])
		_take_off(ledger, feed.bank_account, held)
		# Some rows taken, others left: no ground to found an opening balance on.
		importer.incomplete.add(feed.bank_account)
		if chosen is None:
			ledger.cover([covered(run, view.account, first=search.since, today=clock().date())])
	# The balance that was stored with the last run does not include rows that came since.
	remote = checked_accounts(search.provider.accounts(search.access))
	for account in ledger.save_accounts(run.connection, remote):
		if feeding(account):
			importer.compare(account)
	run.status, run.ended_at = RunStatus.SUCCESS, clock()
	ledger.save_run(run)


def _names(ledger: Ledger, feed: Feed, wanted: Sequence[Finding]) -> frozenset[str]:
	"""Return the names of the lines that are held."""
	held = [finding.line.remote_id for finding in wanted if finding.kind is Kind.HELD]
	with ledger.batch() as batch:
		return frozenset(known.name for known in batch.lines(feed.source, held)) if held else frozenset()


def _take_off(ledger: Ledger, bank_account: str, amount: Decimal) -> None:
	"""What the opening balance held of lines that are bank transactions now counts twice."""
	target = ledger.bank_account(bank_account)
	if amount and target.opening_balance is not None and target.opening_date is not None:
		ledger.set_opening(bank_account, target.opening_balance - amount, target.opening_date)


def _wanted(view: AccountView, chosen: Collection[str] | None) -> Iterator[Finding]:
	for finding in view.findings:
		if finding.kind in TAKEN_UNASKED if chosen is None else finding.line.remote_id in chosen:
			if finding.reason is Reason.AMBIGUOUS:
				raise InvalidData(
					"{0} may be one of several bank transactions: answer the question instead",
					finding.line.remote_id,
				)
			if finding.kind is Kind.PENDING or finding.reason is Reason.CURRENCY:
				raise InvalidData("{0} cannot be imported: {1}", finding.line.remote_id, finding.reason)
			yield finding


def _store(importer: Importer, feed: Feed, wanted: Sequence[Finding]) -> None:
	"""As one database transaction; what is chosen is bound by no date."""
	importer.run.fetched += len(wanted)
	if not wanted:
		return
	released = {finding.transaction: finding.old for finding in wanted if finding.old}
	lines = [finding.line for finding in wanted if finding.kind is not Kind.GONE]
	revived = {finding.transaction for finding in wanted if finding.kind is Kind.HELD}
	free = importer.bounded(feed)._replace(start_date=None, lock_date=None)
	with importer.ledger.batch() as batch:
		near = importer.near(batch, feed, [*lines, *released.values()])
		known = [k for k in near if not (k.deleted and k.name in revived)]
		importer.apply(batch, plan_by_content(free, lines, released, known))


def _looks(search: _Search) -> Iterator[tuple[AccountView, Feed]]:
	connected(search.ledger, search.connection)
	accounts, access = search.accounts(), search.access
	if not access.remote_id or not accounts:
		raise NotFound("No account of {0} feeds a bank account: link one first", search.connection)
	feeds = feeds_of(search.ledger, search.provider.provider_type, accounts)
	for account in accounts:
		feed = feeds[account.source]
		with Staging() as staging:
			refused = _Read(search, staging, account).rows(access)
			yield _view(search, account, feed, staging=staging, refused=refused), feed


class _Read:
	"""Reads one account into the staging area as a run would."""

	def __init__(self, search: _Search, staging: Staging, account: AccountRecord) -> None:
		self._search = search
		self._remote_id = account.remote.remote_id
		self._refused: list[RejectedRow] = []
		accounts = {self._remote_id: account}
		self._fetch = Fetch(search.ledger, staging, accounts, reject=self._reject, count=self._count)

	def _reject(self, page: Page) -> None:
		self._refused += page.rejected

	def _count(self, fetched: int) -> None:
		if self._search.progress:
			self._search.progress(Stage.FETCH, fetched, None)

	def rows(self, access: Access) -> list[RejectedRow]:
		"""Stage what the provider has; return the rows that could not be read.

		Raises the error of an account that failed alone: without its rows all of it would look gone at the bank.
		"""
		search = self._search
		asked = [FetchRequest(self._remote_id, "", search.since)]
		fetched = self._fetch.read(search.provider, access, asked, search.context)
		if self._remote_id in fetched.errors:
			raise fetched.errors[self._remote_id]
		return self._refused


def _view(
	search: _Search, account: AccountRecord, feed: Feed, staging: Staging, refused: Sequence[RejectedRow]
) -> AccountView:
	"""Return a dry run over the answer, in which what the provider no longer lists counts as undone."""
	ledger = search.ledger
	linked = [known.line for known in ledger.linked(feed.source, search.since)]
	listed = staging.holds(feed.source, [line.remote_id for line in linked])
	no_longer_listed = [line for line in linked if line.remote_id not in listed]
	staging.put((feed.source, line._replace(state=LineState.REMOVED)) for line in no_longer_listed)
	decisions: list[Decision] = []
	run = RunRecord("", account.connection, Trigger.MISSING, search.clock())
	importer = Importer(ledger, run, search.clock, progress=search.progress, preview=decisions.append)
	importer.import_rows(staging, {feed.source: feed})
	unlisted = {line.remote_id for line in no_longer_listed}
	fetched_only = [d for d in decisions if d.line.remote_id not in unlisted or d.action is Action.REMOVE]
	findings = list(_findings(fetched_only))
	correct = sum(d.action in (Action.SAME, Action.UPDATE) and not d.reason for d in decisions)
	return AccountView(
		account=account, since=search.since, findings=findings, refused=refused, correct=correct
	)


def _findings(decisions: Sequence[Decision]) -> Iterator[Finding]:
	released = {d.transaction: d.line for d in decisions if d.action is Action.REMOVE and d.transaction}
	linked = {d.transaction for d in decisions if d.action is Action.LINK}
	for made in decisions:
		kind = _kind(made, released, linked)
		if kind is not None:
			old = released.get(made.transaction) if kind in (Kind.RENUMBERED, Kind.GONE) else None
			yield Finding(
				kind=kind,
				line=made.line,
				reason=made.reason,
				transaction=made.transaction,
				note=made.note,
				old=old,
			)


def _kind(made: Decision, released: Mapping[str, Line], linked: Collection[str]) -> Kind | None:
	"""None for a line that is as it should be, and for the old half of a renumbered one."""
	if made.action is Action.NEW:
		return Kind.MISSING
	if made.action is Action.LINK:
		return Kind.RENUMBERED if made.transaction in released else Kind.ELSEWHERE
	if made.action is Action.REMOVE:
		return Kind.GONE if made.transaction and made.transaction not in linked else None
	if made.reason in (Reason.PENDING, Reason.FUTURE):
		return Kind.PENDING
	held = made.reason is not Reason.NONE and made.line.state is not LineState.REMOVED
	return Kind.HELD if held else None

"""One run: fetch what the provider has, decide, store, and compare the result with the bank's balance.

A run may be killed at any instant and started again: lines go in by batches, each with its decisions in one
database transaction, and the cursors move with the last one. What was stored before is then known by its id.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime

from dokos_banksync.core.connection_state import failed_state, save_state_of_run
from dokos_banksync.core.errors import (
	ConsentRevoked,
	LoginRequired,
	NotFound,
	PlanChanged,
	RateLimited,
	SyncError,
	TemporaryError,
)
from dokos_banksync.core.importing import categories, lookback
from dokos_banksync.core.importing.access import access_to, access_to_linked
from dokos_banksync.core.importing.apply_approved import Refused, apply_approved, require_scope
from dokos_banksync.core.importing.approved_plan import ApprovedPlan
from dokos_banksync.core.importing.begun_run import begun
from dokos_banksync.core.importing.failed_accounts import record_failed
from dokos_banksync.core.importing.failed_runs import closed_when_failed
from dokos_banksync.core.importing.feeds import feeding_open, feeds_of, listed, open_targets, silent
from dokos_banksync.core.importing.fetched_days import record_days, record_lookback
from dokos_banksync.core.importing.fetching import Fetch, Fetched, rejected_of
from dokos_banksync.core.importing.importer import Importer, Preview
from dokos_banksync.core.importing.limited_history import with_limits
from dokos_banksync.core.importing.old_readings import with_readings
from dokos_banksync.core.importing.plan import Feed
from dokos_banksync.core.importing.staging import Staging
from dokos_banksync.core.importing.unlisted import ask_about_unlisted
from dokos_banksync.core.importing.unreadable import waiting
from dokos_banksync.core.importing.validation import checked_accounts, checked_state
from dokos_banksync.core.ledger import Ledger
from dokos_banksync.core.model import (
	NEXT_STEP,
	ConnectionStatus,
	FetchRequest,
	NextStep,
	Page,
	Reason,
	RemoteAccount,
	RemoteConnection,
)
from dokos_banksync.core.progress import Progress, Stage
from dokos_banksync.core.provider import UNATTENDED, Clock, Context, Provider
from dokos_banksync.core.records import (
	AccountRecord,
	BankAccountRecord,
	ConnectionRecord,
	RunRecord,
	RunStatus,
)
from dokos_banksync.core.trigger import Trigger


def sync(
	ledger: Ledger,
	provider: Provider,
	connection: str,
	*,
	clock: Clock,
	trigger: Trigger = Trigger.MANUAL,
	progress: Progress | None = None,
	preview: Preview | None = None,
	plan: ApprovedPlan | None = None,
	context: Context | None = None,
	listed_at: datetime | None = None,
) -> RunRecord:
	"""Import what changed at the provider into the bank accounts of a connection.

	Without a `context`, a run that was started by hand has a user present.
	With `preview` nothing is written: it is called with each decision instead. With `plan` exactly what a user
	approved is done (see `preview`), or `PlanChanged` is raised and no line is stored. The run is stored in any
	case; a `SyncError` is raised again after that. Raises `Busy` while another run uses the connection, and
	`FetchedMeanwhile` where another process has fetched it since it was listed as due, at `listed_at`.
	"""
	if plan:
		require_scope(plan, connection)
	context = context or Context(user_present=trigger is Trigger.MANUAL)
	with ledger.hold(connection):
		record, run = begun(
			ledger, RunRecord("", connection, trigger, clock()), store=not preview, listed_at=listed_at
		)
		fetch = _Run(
			ledger=ledger,
			provider=provider,
			record=record,
			run=run,
			clock=clock,
			progress=progress,
			preview=preview,
			plan=None if preview else plan,
			context=context,
		)
		return fetch.perform() if preview else _recorded(fetch)


def _recorded(fetch: _Run) -> RunRecord:
	"""Perform a run; a failure is stored with it, with the days that it asked for and with its connection."""
	ledger, run, clock = fetch.ledger, fetch.run, fetch.clock
	try:
		with closed_when_failed(ledger, run, clock):
			return fetch.perform()
	except PlanChanged:
		raise  # nothing is wrong with the connection: a user looks again
	except SyncError as error:
		record_days(ledger, run, feeding_open(ledger, ledger.accounts(run.connection)), clock, complete=False)
		save_state_of_run(ledger, fetch.record, failed_state(fetch.record, error))
		raise


@dataclass
class _Run:
	ledger: Ledger
	provider: Provider
	record: ConnectionRecord
	run: RunRecord
	clock: Clock
	progress: Progress | None
	preview: Preview | None
	plan: ApprovedPlan | None = None
	context: Context = UNATTENDED

	def __post_init__(self) -> None:
		self.failed: dict[str, SyncError] = {}
		"""Accounts that failed alone, by the provider's id."""
		self.refused: list[Refused] = []
		self.targets: dict[str, BankAccountRecord] = {}
		"""The open Bank Accounts that are fed, by source."""
		self.categories_read: Callable[[], None] = lambda: None
		self.secret_store = self.ledger.secret_store(self.record.provider)
		self.limited_to: Mapping[str, date] = {}
		self.listed: dict[str, RemoteAccount] = {}
		"""The accounts as the provider lists them now, by its ids."""
		self.importer = Importer(
			ledger=self.ledger, run=self.run, clock=self.clock, progress=self.progress, preview=self.preview
		)

	def perform(self) -> RunRecord:
		"""Fetch, import and check one connection. Raise `NotFound` where it was never connected."""
		record = self.record
		if not record.remote_id:
			raise NotFound("{0} is not connected yet: open the bank and click Connect your bank", record.name)
		# The accounts are read here only where a provider spares its calls.
		self.access = (access_to if self._may_reread else access_to_linked)(self.ledger, record)
		self._refresh()
		remote = self._remote_state(record)
		accounts = self._accounts(record)
		self.missing = [account for account in accounts if silent(account)]
		self._read_categories()
		fed = open_targets(self.ledger, accounts)
		self.targets = {account.source: target for account, target in fed}
		linked = {account.remote.remote_id: account for account, _target in fed}
		self._lines(linked)
		self._check_balances(accounts)
		remote = with_readings(remote, [self.listed[one] for one in linked], self.clock())
		self._finish(with_limits(self.ledger, self.run, remote, accounts=linked, limited_to=self.limited_to))
		return self.run

	def _refresh(self) -> None:
		"""Have the provider read the bank now, for a user who asked. What is there already is fetched in any case."""
		if self.provider.capabilities.refresh and self.context.user_present and not self.preview:
			with suppress(RateLimited, TemporaryError):
				self.provider.refresh(self.access, self.context)

	def _remote_state(self, record: ConnectionRecord) -> RemoteConnection:
		remote = checked_state(self.provider.status(self.access))
		if remote.status is ConnectionStatus.DISCONNECTED:
			raise ConsentRevoked("The access to {0} was ended: connect the bank again", record.bank)
		return remote

	def _accounts(self, record: ConnectionRecord) -> list[AccountRecord]:
		remote = checked_accounts(self.provider.accounts(self.access, self.context))
		self.listed = now = {account.remote_id: account for account in remote}
		if not self.preview:
			return self.ledger.save_accounts(record.name, remote)
		held = self.ledger.accounts(record.name)
		return [replace(a, remote=now[a.remote.remote_id]) for a in held if a.remote.remote_id in now]

	def _read_categories(self) -> None:
		if self.provider.capabilities.categories and not self.preview:
			self.secret_store.preload((categories.READ, lookback.key(self.run.connection)))
			self.categories_read = categories.read_categories(
				self.ledger, self.provider, self.secret_store, self.clock
			)

	def _lines(self, accounts: dict[str, AccountRecord]) -> None:
		if not accounts:
			return
		kind, linked = self.provider.provider_type, accounts.values()
		feeds = feeds_of(self.ledger, kind, linked, targets=self.targets)
		remote_ids = {account.source: remote for remote, account in accounts.items()}
		if self._may_reread:
			self.importer.list_current_ids = lambda source, since: listed(
				self.provider, self.access, remote_ids[source], since
			)
		with Staging() as staging:
			asks = [FetchRequest(a.remote.remote_id, a.cursor, a.start_date) for a in linked]
			fetched = self._read(staging, accounts, asks)
			self.limited_to = fetched.limited_to
			if self.plan:
				apply_approved(self.importer, staging, feeds, approved=self.plan, refused=self.refused)
			else:
				self.importer.import_rows(staging, feeds)
		if self.preview:
			return
		self._move_cursors(accounts, fetched)
		if not self.plan and self._may_reread:
			self._look_back(accounts, feeds)
		ask_about_unlisted(self.ledger, self.run, feeds.values(), self.clock)

	def _move_cursors(self, accounts: Mapping[str, AccountRecord], fetched: Fetched) -> None:
		"""Record the days that were fetched, and move the cursors except where rows could not be read."""
		unreadable = waiting(self.secret_store, [accounts[one] for one in fetched.unreadable], self.clock())
		partly = [
			one for remote, one in accounts.items() if remote in self.failed or one.source in unreadable
		]
		whole = [one for one in accounts.values() if one not in partly]
		# All rows are stored. Days without their cursor are right, so that these need no transaction of their own.
		with self.ledger.batch(atomic=False) as batch:
			record_days(self.ledger, self.run, whole, self.clock, complete=True)
			record_days(self.ledger, self.run, partly, self.clock, complete=False)
			batch.move_cursors({at: to for at, to in fetched.cursors.items() if at not in unreadable})

	def _look_back(self, accounts: dict[str, AccountRecord], feeds: Mapping[str, Feed]) -> None:
		"""Once a week, after what is new is safe. Where it fails the next run tries again."""
		if not lookback.is_due(self.secret_store, self.run.connection, self.clock()):
			return
		today = self.clock().date()
		readable = [account for remote, account in accounts.items() if remote not in self.failed]
		if asks := lookback.asks(readable, today):
			with Staging() as staging:
				if self._read_back(staging, accounts, asks):
					looked = [accounts[a.remote_account] for a in asks if a.remote_account not in self.failed]
					self._drop_unlisted(staging, looked, today)
					self.importer.import_rows(staging, feeds)
					record_lookback(self.ledger, self.run, looked, today)
		lookback.looked(self.secret_store, self.run.connection, self.clock())

	def _read_back(
		self, staging: Staging, accounts: dict[str, AccountRecord], asks: Sequence[FetchRequest]
	) -> bool:
		"""Return whether the provider gives days so far back. If not, what is new is imported all the same, the run
		records it, and the days are requested again a week later.
		"""
		try:
			self._read(staging, accounts, asks)
		except lookback.SKIPPED_ERRORS as error:
			self.run.error_code, self.run.error_message = error.code, error.message
			self.run.error_reference = error.reference
			return False
		return True

	def _drop_unlisted(self, staging: Staging, accounts: Sequence[AccountRecord], today: date) -> None:
		for account in accounts:
			held = self.ledger.held(account.source, (Reason.PENDING, Reason.FUTURE))
			listed = staging.holds(account.source, [known.line.remote_id for known in held])
			gone = lookback.no_longer_listed(held, listed, lookback.first_day(account, today), today)
			staging.put((account.source, line) for line in gone)

	@property
	def _may_reread(self) -> bool:
		"""Whether calls may be made that are not needed: not where the provider counts them."""
		return self.provider.capabilities.reread

	def _read(
		self, staging: Staging, accounts: dict[str, AccountRecord], asks: Sequence[FetchRequest]
	) -> Fetched:
		"""Stage every page."""
		fetch = Fetch(
			ledger=self.ledger,
			staging=staging,
			accounts={ask.remote_account: accounts[ask.remote_account] for ask in asks},
			reject=lambda page: self._refuse(page, accounts),
			count=lambda fetched: self.importer.report_progress(Stage.FETCH, fetched, None),
		)
		fetched = fetch.read(self.provider, self.access, asks, self.context)
		self.failed.update(fetched.errors)
		record_failed(self.run, self.failed, {one: accounts[one].remote.account_name for one in self.failed})
		return fetched

	def _refuse(self, page: Page, accounts: dict[str, AccountRecord]) -> None:
		self.run.refused += sum(r.remote_account not in accounts for r in page.rejected)
		for remote_account, account in accounts.items():
			refused = rejected_of(page, remote_account)
			if self.plan:
				self.refused.append((account.source, account.bank_account, refused))
			else:
				self.importer.refuse(account.source, account.bank_account, refused)

	def _check_balances(self, accounts: list[AccountRecord]) -> None:
		self._compare(self.ledger.accounts(self.run.connection) if self.preview else accounts)
		if any(not check.complete for check in self.run.checks) and not self.preview and self._may_reread:
			# The bank may have been read again between the accounts and the lines.
			again = checked_accounts(self.provider.accounts(self.access, self.context))
			self._compare(self.ledger.save_accounts(self.run.connection, again))

	def _compare(self, accounts: list[AccountRecord]) -> None:
		self.run.checks = []
		for account in accounts:
			if account.source in self.targets:
				self.importer.compare(account)

	def _finish(self, remote: RemoteConnection) -> None:
		now = self.clock()
		self.run.ended_at = now
		needs_user = NEXT_STEP[remote.status] in (NextStep.RECONNECT, NextStep.CONFIGURE)
		if not needs_user and self.missing:
			needs_user, remote = True, self._with_missing(remote)
		partly = needs_user or self.run.refused or self.run.error_code
		self.run.status = RunStatus.PARTIAL if partly else RunStatus.SUCCESS
		if needs_user:
			self.run.error_code, self.run.error_message = remote.code, remote.message
			self.run.error_reference = remote.reference
		if self.preview:
			return
		with self.ledger.batch(atomic=False):
			self.ledger.save_run(self.run)
			save_state_of_run(self.ledger, self.record, remote, success_at=now)
			self.categories_read()

	def _with_missing(self, remote: RemoteConnection) -> RemoteConnection:
		"""Report linked accounts that are no longer shown: they bring no rows, as if nothing were new."""
		names = ", ".join(account.remote.account_name for account in self.missing)
		error = LoginRequired(
			"The bank no longer shows {0}: reconnect and share it again, or unlink it", names
		)
		return replace(
			remote,
			status=ConnectionStatus.ACTION_REQUIRED,
			code=error.code,
			message=error.message,
			reference="",
		)

"""One run: fetch what the provider has, decide, store, and hold the result against the bank's balance.

A run may be killed at any instant and started again: lines go in by batches, each with its decisions in one
database transaction, and the cursors move with the last one. What was stored before is then known by its id.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Protocol

from dokos_banksync.connectors.contract import Access, Clock, Connector, Secret
from dokos_banksync.engine.balance import check_balance
from dokos_banksync.engine.categories import plan_categories
from dokos_banksync.engine.model import (
	ACTIONS,
	Ask,
	ConnectionStatus,
	Decision,
	Line,
	Page,
	Reason,
	RemoteConnection,
	Verdict,
)
from dokos_banksync.engine.plan import NEAR_DAYS, Feed, plan_known, plan_new
from dokos_banksync.engine.sound import checked
from dokos_banksync.engine.spool import Spool
from dokos_banksync.engine.state import failed_state, save_state
from dokos_banksync.errors import ConsentRevoked, NotFound, SyncError
from dokos_banksync.ledgers.contract import (
	AccountRecord,
	BalanceCheck,
	BankAccountRecord,
	Batch,
	ConnectionRecord,
	Ledger,
	RunRecord,
)

BATCH = 2_000
"""Lines to a database transaction: large enough to be quick, small enough to keep nobody waiting."""

CATEGORIES_STAY = timedelta(hours=20)
"""How long a provider's category tree is taken as read."""

_RETRIED = (Reason.LOCKED, Reason.CURRENCY)
_COUNTED = {
	Verdict.NEW: "created",
	Verdict.ADOPT: "adopted",
	Verdict.UPDATE: "updated",
	Verdict.SAME: "unchanged",
	Verdict.REMOVE: "removed",
	Verdict.HOLD: "held",
}
_log = logging.getLogger(__name__)


class Progress(Protocol):
	"""Told now and then how far a run is; `total` is None while it is not known."""

	def __call__(self, stage: str, done: int, total: int | None) -> None: ...


Preview = Callable[[Decision], None]


def sync(
	ledger: Ledger,
	connector: Connector,
	connection: str,
	*,
	clock: Clock,
	trigger: str = "manual",
	progress: Progress | None = None,
	preview: Preview | None = None,
) -> RunRecord:
	"""Bring the bank accounts of a connection in step with the provider.

	With `preview` nothing is written: each decision is handed to it instead. The run is stored whatever
	happens; a `SyncError` is raised again after that. Raises `Busy` while another run holds the connection.
	"""
	with ledger.hold(connection):
		if preview:
			run = RunRecord("", connection, trigger, clock())
			return _Run(ledger, connector, run, clock, progress, preview).perform()
		run = ledger.begin_run(connection, trigger, clock())
		try:
			return _Run(ledger, connector, run, clock, progress, None).perform()
		except SyncError as error:
			_close(ledger, run, clock, error.code, str(error), error.reference)
			save_state(ledger, connection, failed_state(ledger.connection(connection), error))
			raise
		except BaseException as error:
			_close(ledger, run, clock, SyncError.code, f"Interrupted: {type(error).__name__}", "")
			raise


def _close(ledger: Ledger, run: RunRecord, clock: Clock, code: str, message: str, reference: str) -> None:
	run.status, run.ended_at = "Failed", clock()
	run.error_code, run.error_message, run.error_reference = code, message, reference
	ledger.save_run(run)
	_log.warning("run %s failed: %s %s", run.name, code, message)


@dataclass
class _Run:
	ledger: Ledger
	connector: Connector
	run: RunRecord
	clock: Clock
	progress: Progress | None
	preview: Preview | None

	def perform(self) -> RunRecord:
		record = self.ledger.connection(self.run.connection)
		if not record.remote_id:
			raise NotFound("{0} is not connected yet: open the bank and click Connect your bank", record.name)
		self.access = Access(record.remote_user, record.remote_id)
		remote = self._remote_state(record)
		accounts = self._accounts(record)
		self._read_categories(record)
		self._lines({account.remote.remote_id: account for account in accounts if _feeds(account)})
		self._check_balances()
		self._finish(remote)
		return self.run

	def _remote_state(self, record: ConnectionRecord) -> RemoteConnection:
		remote = self.connector.connection(self.access)
		if remote.status is ConnectionStatus.DISCONNECTED:
			raise ConsentRevoked("The access to {0} was ended: connect the bank again", record.bank)
		return remote

	def _accounts(self, record: ConnectionRecord) -> list[AccountRecord]:
		remote = self.connector.accounts(self.access)
		if not self.preview:
			return self.ledger.save_accounts(record.name, remote)
		now = {account.remote_id: account for account in remote}
		held = self.ledger.accounts(record.name)
		return [replace(a, remote=now[a.remote.remote_id]) for a in held if a.remote.remote_id in now]

	def _read_categories(self, record: ConnectionRecord) -> None:
		memory = self.ledger.memory(record.provider)
		if self.preview or memory.get("categories read"):
			return
		kind = self.connector.provider_type
		changes = plan_categories(self.connector.categories(), self.ledger.categories(kind))
		if changes:
			self.ledger.change_categories(kind, changes)
		memory.put("categories read", Secret("yes"), self.clock() + CATEGORIES_STAY)

	def _lines(self, accounts: dict[str, AccountRecord]) -> None:
		if not accounts:
			return
		feeds = self._feeds(accounts.values())
		with Spool() as spool:
			cursors = self._fetch(spool, accounts)
			self.run.fetched = spool.count()
			self._settle(spool, feeds)
		if not self.preview:
			with self.ledger.batch() as batch:
				batch.move_cursors(cursors)

	def _feeds(self, accounts: Iterable[AccountRecord]) -> dict[str, Feed]:
		held = self.ledger.categories(self.connector.provider_type)
		categories = {c.remote_id: c.name for c in held if c.remote_id and not c.removed}
		feeds = {}
		for account in accounts:
			target = self.ledger.bank_account(account.bank_account)
			feeds[account.source] = Feed(
				*(account.source, target.name, target.currency),
				*(account.start_date, target.lock_date, categories),
			)
		return feeds

	def _fetch(self, spool: Spool, accounts: dict[str, AccountRecord]) -> dict[str, str]:
		"""Spool every page; the cursors by source, once all is read."""
		cursors: dict[str, str] = {}
		asks = [Ask(a.remote.remote_id, a.cursor, a.start_date) for a in accounts.values()]
		fetched = 0
		for page in self.connector.pages(self.access, asks):
			fetched += len(page.lines)
			page = checked(page)
			spool.put((accounts[line.remote_account].source, line) for line in page.lines)
			self._refuse(page, accounts)
			cursors.update({accounts[remote].source: cursor for remote, cursor in page.cursors.items()})
			self._tell("fetch", fetched, None)
		return cursors

	def _refuse(self, page: Page, accounts: dict[str, AccountRecord]) -> None:
		self.run.refused += len(page.refused)
		if not page.refused or self.preview:
			return
		with self.ledger.batch() as batch:
			for remote_account, account in accounts.items():
				refused = [r for r in page.refused if r.remote_account == remote_account]
				if refused:
					batch.refuse(self.run.name, account.source, refused, self.clock())

	def _settle(self, spool: Spool, feeds: dict[str, Feed]) -> None:
		"""First what the ids decide, then what the content decides."""
		done, total = 0, self.run.fetched
		for source, lines in spool.by_id(BATCH):
			self._settle_known(spool, feeds[source], lines)
			done += len(lines)
			self._tell("match", done, total)
		self._settle_waiting(spool, feeds)
		done = 0
		for source, fresh, freed in spool.by_amount(BATCH):
			with self.ledger.batch() as batch:
				self._settle_new(batch, feeds[source], fresh, freed)
			done += len(fresh) + len(freed)
			self._tell("store", done, total)

	def _settle_known(self, spool: Spool, feed: Feed, lines: list[Line]) -> None:
		with self.ledger.batch() as batch:
			known = {
				k.line.remote_id: k for k in batch.lines(feed.source, [line.remote_id for line in lines])
			}
			out = plan_known(feed, lines, known)
			self._apply(batch, out.decisions)
		spool.fresh(feed.source, out.fresh)
		spool.freed(feed.source, out.freed)

	def _settle_waiting(self, spool: Spool, feeds: dict[str, Feed]) -> None:
		"""Lines held back earlier, whose reason may be gone by now (a period opened again)."""
		for feed in feeds.values():
			with self.ledger.batch() as batch:
				held = batch.held(feed.source, _RETRIED)
			out = plan_known(feed, [k.line for k in held], {k.line.remote_id: k for k in held})
			spool.put_fresh((feed.source, line) for line in out.fresh)

	def _settle_new(self, batch: Batch, feed: Feed, fresh: list[Line], freed: dict[str, Line]) -> None:
		both = [*fresh, *freed.values()]
		near = timedelta(days=NEAR_DAYS)
		days = [line.date for line in both]
		known = batch.transactions(
			feed.bank_account, list({line.amount for line in both}), min(days) - near, max(days) + near
		)
		self._apply(batch, plan_new(feed, fresh, freed, known))

	def _apply(self, batch: Batch, decisions: list[Decision]) -> None:
		for decision in decisions:
			name = _COUNTED[decision.verdict]
			setattr(self.run, name, getattr(self.run, name) + 1)
		if self.preview:
			for decision in decisions:
				self.preview(decision)
			return
		written = [d for d in decisions if d.verdict is not Verdict.SAME]
		if written:
			batch.apply(self.run.name, written, self.clock())

	def _check_balances(self) -> None:
		self._compare(self.ledger.accounts(self.run.connection))
		if any(not check.complete for check in self.run.checks) and not self.preview:
			# The bank may have been read again between the accounts and the lines.
			again = self.connector.accounts(self.access)
			self._compare(self.ledger.save_accounts(self.run.connection, again))

	def _compare(self, accounts: list[AccountRecord]) -> None:
		self.run.checks = []
		for account in filter(_feeds, accounts):
			target = self.ledger.bank_account(account.bank_account)
			first = self.ledger.first_day(target.name) or target.opening_date or self.clock().date()
			older = self.ledger.movements(target.name, before=target.opening_date)
			check = check_balance(account, target, self.ledger.movements(target.name), older)
			if check:
				self.run.checks.append(check)
				self._keep_opening(target, check, first)

	def _keep_opening(self, target: BankAccountRecord, check: BalanceCheck, first: date) -> None:
		"""The opening moves only with a proof that adds up, and never to a later day."""
		day = min(first, target.opening_date or first)
		known = (target.opening_balance, target.opening_date)
		if check.complete and known != (check.opening, day) and not self.preview:
			self.ledger.set_opening(target.name, check.opening, day)

	def _finish(self, remote: RemoteConnection) -> None:
		now = self.clock()
		self.run.ended_at = now
		needs_person = ACTIONS[remote.status] in ("reconnect", "configure")
		self.run.status = "Partial" if needs_person or self.run.refused else "Success"
		if needs_person:
			self.run.error_code, self.run.error_message = remote.code, remote.message
			self.run.error_reference = remote.reference
		if self.preview:
			return
		self.ledger.save_run(self.run)
		save_state(self.ledger, self.run.connection, remote, success_at=now)

	def _tell(self, stage: str, done: int, total: int | None) -> None:
		if self.progress:
			self.progress(stage, done, total)


def _feeds(account: AccountRecord) -> bool:
	return bool(account.bank_account) and account.remote.enabled and not account.gone

"""What a run does with the lines it has staged, whether a feed or a file gave them: decide, count, store."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta

from dokos_banksync.core.batch import Batch
from dokos_banksync.core.importing.approved_plan import left_out, row_id
from dokos_banksync.core.importing.balance_evidence import KnownBalance
from dokos_banksync.core.importing.compared_balance import compare_balance
from dokos_banksync.core.importing.counts import COUNTED
from dokos_banksync.core.importing.doubtful_rows import DoubtfulRows
from dokos_banksync.core.importing.earlier_rows import EarlierRows
from dokos_banksync.core.importing.first_listed import with_first_days
from dokos_banksync.core.importing.given_ids import link_by_given_id
from dokos_banksync.core.importing.overlay import DryRunOverlay
from dokos_banksync.core.importing.plan import (
	NEAR_DAYS,
	Feed,
	plan_by_content,
	plan_by_id,
	plan_merged,
	still_ambiguous,
)
from dokos_banksync.core.importing.possible_duplicates import with_hints
from dokos_banksync.core.importing.renumbered import equals, find_renumbered, possible_repeats
from dokos_banksync.core.importing.shared_ids_of_files import known_by_shared_id
from dokos_banksync.core.importing.sole_matches import link_sole
from dokos_banksync.core.importing.split_days import LastDay, decide_unproven, is_postponed, total_if_shared
from dokos_banksync.core.importing.staging import Staging
from dokos_banksync.core.importing.unchanged_lines import FEW_LINES, RETRIED, UnchangedLines
from dokos_banksync.core.importing.unseen import find_unseen, insert_first
from dokos_banksync.core.ledger import Ledger
from dokos_banksync.core.matching.known_days import KnownDays
from dokos_banksync.core.matching.windows import LISTED_DAYS, around
from dokos_banksync.core.model import (
	SUPPRESSED,
	Action,
	Decision,
	ExistingLine,
	ExistingTransaction,
	Line,
	Reason,
	RejectedRow,
)
from dokos_banksync.core.progress import Progress, Stage
from dokos_banksync.core.provider import Clock
from dokos_banksync.core.records import AccountRecord, RunRecord

Preview = Callable[[Decision], None]
ListCurrentIds = Callable[[str, date], frozenset[str]]
"""Gives the ids that the provider lists now of a source, from a day on."""


@dataclass
class Importer:
	"""The part of a run that decides and stores. With `preview` nothing is written."""

	ledger: Ledger
	run: RunRecord
	clock: Clock
	progress: Progress | None = None
	preview: Preview | None = None
	incomplete: set[str] = field(default_factory=set)  # bank accounts with refused rows
	list_current_ids: ListCurrentIds | None = None
	postponed: dict[str, list[Line]] = field(default_factory=dict)
	leave_out: frozenset[str] = frozenset()  # rows of the plan (see `approved_plan`) that a user leaves out
	whole: Batch | None = None  # the one batch of a run that is stored completely or not at all
	decided: list[Decision] | None = None  # all decisions, if the caller needs them
	overlay: DryRunOverlay = field(default_factory=DryRunOverlay)
	balances: Mapping[str, KnownBalance] = field(default_factory=dict)  # of the bank, by source
	last_days: Mapping[str, LastDay] = field(default_factory=dict)  # of each file, by source
	unproven: dict[str, list[Decision]] = field(default_factory=dict)  # may be proven or refuted at the end
	known_days: dict[str, KnownDays] = field(default_factory=dict)  # covered, by bank account; read once
	earlier: EarlierRows = field(default_factory=EarlierRows)
	doubtful: DoubtfulRows = field(default_factory=DoubtfulRows)

	def __post_init__(self) -> None:
		self.unchanged = UnchangedLines(self.ledger)

	def import_rows(self, staging: Staging, feeds: Mapping[str, Feed]) -> None:
		"""Import the staged rows: first what the ids decide, then what the content decides. Counts on the run."""
		feeds = with_first_days(self.ledger, staging, feeds)
		done, total = 0, staging.count()
		self.run.fetched += total
		unseen = frozenset[str]()
		if total > FEW_LINES:
			with self.batch() as batch:
				unseen = find_unseen(batch, map(self.bounded, feeds.values()), self.earlier)
			unseen -= self.doubtful.repeated.keys()
		for source, lines in staging.by_id(self.ledger.batch_rows, without=unseen):
			self._import_by_id(staging, feeds[source], lines)
			done += len(lines)
			self.report_progress(Stage.MATCH, done, total)
		self._import_waiting(staging, feeds)
		done = 0
		for source in () if self._shows_decisions else sorted(unseen):
			for new in insert_first(self.ledger, staging, feeds[source], run=self.run.name, clock=self.clock):
				self.run.created += new
				done += new
				self.report_progress(Stage.STORE, done, total)
		for number, chunk in enumerate(staging.by_amount(self.ledger.batch_rows)):
			if not number:
				self._read_balances(feeds)
			with self.batch() as batch:
				done += len(chunk.rows)
				feed = feeds[chunk.source]
				fresh = self._store_held(batch, feed, chunk.fresh) if chunk.source in unseen else chunk.fresh
				if fresh or chunk.released:
					self._import_new(batch, feed, fresh, chunk.released)
			self.report_progress(Stage.STORE, done, total)
		self._import_possible_repeats(staging, feeds)
		self._import_doubtful(feeds)
		self._import_unproven(feeds)

	def _store_held(self, batch: Batch, feed: Feed, lines: Sequence[Line]) -> list[Line]:
		"""Store the lines of an unseen source that never become bank transactions; return the others."""
		out = plan_by_id(feed, lines, {})
		self.apply(batch, out.decisions)
		return out.fresh

	@property
	def _shows_decisions(self) -> bool:
		"""Whether each decision is shown, compared or changed before it is stored."""
		return bool(self.preview or self.leave_out) or self.whole is not None or self.decided is not None

	def bounded(self, feed: Feed) -> Feed:
		"""Return the feed with the days that the sources of its bank account cover."""
		if (name := feed.bank_account) not in self.known_days:
			self.known_days[name] = KnownDays(self.ledger.covered(name))
		return feed._replace(known_days=self.known_days[name])

	def refuse(self, source: str, bank_account: str, refused: Sequence[RejectedRow]) -> None:
		"""Store rows that could not be read, and count them."""
		if not refused:
			return
		self.run.refused += len(refused)
		self.incomplete.add(bank_account)
		if not self.preview:
			with self.batch() as batch:
				batch.refuse(self.run.name, source, refused, now=self.clock(), bank_account=bank_account)

	def compare(self, account: AccountRecord, until: date | None = None) -> None:
		"""Compare the bank's balance (at the end of the day `until`, else of all days) with the ledger."""
		days = self.known_days.get(account.bank_account)
		check = compare_balance(
			self.ledger,
			account,
			incomplete=account.bank_account in self.incomplete,
			until=until,
			today=self.clock().date(),
			store=not self.preview,
			own=total_if_shared(self.last_days.get(account.source), days, until),
		)
		if check:
			self.run.checks.append(check)

	@contextmanager
	def batch(self) -> Iterator[Batch]:
		"""Yield the batch of each write one after the other, or the one for all."""
		if self.whole is not None:
			yield self.whole
			return
		with self.ledger.batch() as batch:
			yield batch

	def report_progress(self, stage: Stage, done: int, total: int | None) -> None:
		"""Report progress: the stage, rows done, and rows in all where that is known. A preview stores nothing."""
		if self.progress:
			self.progress(Stage.PLAN if self.preview and stage is Stage.STORE else stage, done, total)

	def _import_by_id(self, staging: Staging, feed: Feed, lines: list[Line]) -> None:
		unchanged = self.unchanged.decided(feed, lines) if self.whole is None else None
		if unchanged is not None:
			self._counted(unchanged)
			staging.decided(feed.source, lines)
			return
		with self.batch() as batch:
			known = {
				k.line.remote_id: k for k in batch.lines(feed.source, [line.remote_id for line in lines])
			}
			out = plan_by_id(feed, lines, known)
			by_id = self._by_bank_id(batch, feed, out.fresh)
			self.apply(batch, self._decided(batch, feed, [*out.decisions, *by_id.values()]))
		fresh = {line.remote_id for line in out.fresh} - by_id.keys()
		staging.decided(feed.source, (line for line in lines if line.remote_id not in fresh))
		staging.released(feed.source, out.released)

	def _by_bank_id(self, batch: Batch, feed: Feed, fresh: Sequence[Line]) -> dict[str, Decision]:
		"""Return the decisions about lines whose id another file, or another tool, has stored."""
		shared = known_by_shared_id(batch, self.bounded(feed), fresh)
		return shared | self.earlier.by_id(batch, feed, fresh)

	def _read_balances(self, feeds: Mapping[str, Feed]) -> None:
		"""A fetch that stores at once knows the balances that it has just stored; a dry run cannot know them."""
		if self.balances or self.preview or self.whole is not None or not self.run.connection:
			return
		accounts = self.ledger.accounts(self.run.connection)
		self.balances = {
			a.source: KnownBalance(a.remote.balance, None)
			for a in accounts
			if a.source in feeds and a.remote.balance is not None and not a.remote.failed
		}

	def _import_doubtful(self, feeds: Mapping[str, Feed]) -> None:
		for source in self.doubtful.sources:
			feed, unproven = self.bounded(feeds[source]), self.unproven.setdefault(source, [])
			reserved = {made.transaction or made.proposed for made in unproven}
			with self.batch() as batch:
				new, asked = self.doubtful.decided(batch, feed, self.overlay, reserved)
				unproven += asked
				self.apply(batch, self._decided(batch, feed, new))

	def _import_unproven(self, feeds: Mapping[str, Feed]) -> None:
		for source, decisions in self.unproven.items():
			feed = self.bounded(feeds[source])
			balance, last = self.balances.get(source), self.last_days.get(source)
			planned = self.overlay.moved
			with self.batch() as batch:
				decided = decide_unproven(
					self.ledger, batch, feed, decisions, balance=balance, last=last, planned=planned
				)
				self.apply(batch, self._decided(batch, feed, decided))
		self.unproven = {}

	def _import_waiting(self, staging: Staging, feeds: Mapping[str, Feed]) -> None:
		"""Lines held back earlier, whose reason may be gone by now (a period opened again)."""
		for feed in feeds.values():
			if feed.source in self.unchanged.without_held:
				continue
			held = self.ledger.held(feed.source, RETRIED)
			self.doubtful.asked_before(feed.source, held)
			out = plan_by_id(feed, [k.line for k in held], {k.line.remote_id: k for k in held})
			if not out.fresh:
				continue
			with self.batch() as batch:
				by_id = self._by_bank_id(batch, feed, out.fresh)
				self.apply(batch, self._decided(batch, feed, list(by_id.values())))
			staging.add_waiting((feed.source, line) for line in out.fresh if line.remote_id not in by_id)

	def _import_new(self, batch: Batch, feed: Feed, fresh: list[Line], released: dict[str, Line]) -> None:
		feed = self.bounded(feed)
		sole = link_sole(batch, feed, fresh, released=released, overlay=self.overlay)
		known = sole.without_linked(self.near(batch, feed, [*sole.left, *released.values()]))
		by_id, rest, left = link_by_given_id(feed, sole.left, known)
		decided = plan_by_content(feed, rest, released, left)
		decided = with_hints(decided, left, feed.source) if self.preview else decided
		decided = self.doubtful.sift(batch, feed, sole.with_others(decided), left)
		decided = self._postpone(feed, decided, released)
		decisions = by_id + self._decided(batch, feed, decided)
		if self.list_current_ids:
			ambiguous = possible_repeats(feed.source, decisions, released, known)
			self.postponed.setdefault(feed.source, []).extend(ambiguous)
			ids = {line.remote_id for line in ambiguous}
			decisions = [d for d in decisions if d.action is not Action.NEW or d.line.remote_id not in ids]
		self.apply(batch, self.doubtful.sift_feed(batch, feed, decisions, known))

	def _postpone(self, feed: Feed, decisions: list[Decision], released: Container[str]) -> list[Decision]:
		"""Postpone what the balance or the other rows of a day may prove or refute; return the rest."""
		last, has = self.last_days.get(feed.source), feed.source in self.balances
		waits = {
			id(d) for d in decisions if is_postponed(d, feed, last=last, released=released, has_balance=has)
		}
		self.unproven.setdefault(feed.source, []).extend(d for d in decisions if id(d) in waits)
		return [d for d in decisions if id(d) not in waits]

	def _decided(self, batch: Batch, feed: Feed, decisions: list[Decision]) -> list[Decision]:
		"""A question that a user was asked already is not asked again."""
		decisions = self.earlier.ask_about_signs(batch, feed, decisions, self.near)
		ambiguous = [d.line.remote_id for d in decisions if d.reason is Reason.AMBIGUOUS]
		if not ambiguous:
			return decisions
		known = {k.line.remote_id: k for k in batch.lines(feed.source, ambiguous)}
		return [still_ambiguous(d, known.get(d.line.remote_id)) for d in decisions]

	def near(self, batch: Batch, feed: Feed, lines: Sequence[Line]) -> list[ExistingTransaction]:
		"""Return what the lines may be: equal amounts, a few days around."""
		windows = around(lines, timedelta(days=LISTED_DAYS if self.preview else NEAR_DAYS))
		known = batch.transactions(feed.bank_account, windows)
		return self.overlay.over(known, feed, windows) if self.preview else known

	def _import_possible_repeats(self, staging: Staging, feeds: Mapping[str, Feed]) -> None:
		"""Lines that equal what their source gave before: new ones, or the same under another id. Ask the provider which.

		Bank transactions that decisions waiting for the balance link or propose are not free for these lines.
		"""
		for source, lines in self.postponed.items():
			if not lines:
				continue
			released, merged = find_renumbered(lines, self._gone(staging, source, lines), source)
			feed, rest = self.bounded(feeds[source]), [one for one in lines if one.remote_id not in merged]
			with self.batch() as batch:
				reserved = {d.transaction or d.proposed for d in self.unproven.get(source, ())}
				near = self.near(batch, feed, [*lines, *released.values()])
				known = [one for one in near if one.name not in reserved]
				decisions = plan_by_content(feed, rest, released, known)
				decisions += plan_merged(feed, lines, merged)
				left = self.doubtful.sift_feed(batch, feed, decisions, known)
				self.apply(batch, self._decided(batch, feed, left))
		self.postponed = {}

	def _gone(self, staging: Staging, source: str, lines: Sequence[Line]) -> list[ExistingLine]:
		"""Return lines on the same places that the provider listed before and does not list now."""
		since = min(line.date for line in lines)
		with self.batch() as batch:
			known = equals(lines, [*self.ledger.linked(source, since), *batch.held(source, SUPPRESSED)])
		unseen = known.keys() - staging.holds(source, known)
		now = self.list_current_ids(source, since) if unseen and self.list_current_ids else frozenset[str]()
		listed = now.issuperset(line.remote_id for line in lines)
		return [known[i] for i in sorted(unseen - now)] if listed else []

	def apply(self, batch: Batch, decisions: list[Decision]) -> None:
		"""Count decisions, and store them or show them."""
		if written := self._counted(decisions):
			refused = len(batch.apply(self.run.name, written, self.clock()))
			self.run.created -= refused
			self.run.refused += refused

	def _counted(self, decisions: list[Decision]) -> list[Decision]:
		"""Count decisions, or show them; return those that are to be stored."""
		for decision in decisions:
			name = COUNTED[decision.action]
			setattr(self.run, name, getattr(self.run, name) + 1)
		if self.preview:
			for decision in decisions:
				self.preview(decision)
				self.overlay.add(decision)
			return []
		if self.decided is not None:
			self.decided += decisions
		return [self._unless_left_out(d) for d in decisions if d.action is not Action.SAME]

	def _unless_left_out(self, made: Decision) -> Decision:
		"""What was agreed to be left out is counted as held."""
		if not self.leave_out or row_id(made.source, made.line.remote_id) not in self.leave_out:
			return made
		counted = COUNTED[made.action]
		setattr(self.run, counted, getattr(self.run, counted) - 1)
		self.run.held += 1
		return left_out(made)

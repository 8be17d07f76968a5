"""New rows that may be questions; most of them wait until all others are decided, for only these show it."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import timedelta

from dokos_banksync.core.batch import Batch
from dokos_banksync.core.importing.collective_rows import CollectiveRows
from dokos_banksync.core.importing.cut_numbers import ask_about_cut_numbers
from dokos_banksync.core.importing.overlay import DryRunOverlay
from dokos_banksync.core.importing.plan import NEAR_DAYS, Feed, plan_by_content
from dokos_banksync.core.importing.renewed_references import RenewedReferences
from dokos_banksync.core.importing.repeated_rows import ask_about_repeated
from dokos_banksync.core.importing.shifted_days import ShiftedDays
from dokos_banksync.core.matching.windows import around
from dokos_banksync.core.model import Action, Decision, ExistingLine, ExistingTransaction, Reason, is_file


@dataclass
class DoubtfulRows:
	"""Rows whose reference may be a new one, rows whose day may be, sums and their parts, and rows under one id."""

	repeated: Mapping[str, Set[str]] = field(default_factory=dict)
	"""Ids of rows that a file gives again under the id of another row, by source."""
	renewed: RenewedReferences = field(default_factory=RenewedReferences)
	shifted: ShiftedDays = field(default_factory=ShiftedDays)
	collective: CollectiveRows = field(default_factory=CollectiveRows)
	_compared: set[str] = field(default_factory=set)
	"""The bank transactions that the waiting rows were compared with."""
	_asked: set[tuple[str, str]] = field(default_factory=set)
	"""Source and id of the rows that a user was asked about in an earlier run."""

	def asked_before(self, source: str, held: Iterable[ExistingLine]) -> None:
		"""Record held rows of a source: neither the file again nor the answers to others answer an open question. Those of
		a feed end when there is nothing left to ask.
		"""
		asked = [one for one in held if one.reason is Reason.AMBIGUOUS]
		if is_file(source):
			self._asked |= {(source, one.line.remote_id) for one in asked}
		else:
			self.collective.asked_before(source, asked)

	def sift(
		self, batch: Batch, feed: Feed, decisions: list[Decision], known: Sequence[ExistingTransaction]
	) -> list[Decision]:
		"""Return the decisions without those that wait."""
		if repeated := self.repeated.get(feed.source):
			decisions = ask_about_repeated(decisions, repeated)
		decisions = ask_about_cut_numbers(feed, decisions, known)
		left = self.shifted.sift(feed, self.renewed.sift(feed, decisions, known), known)
		if is_file(feed.source):
			left = self.collective.sift(batch, feed, left)
		return self._without_waiting(decisions, left, known)

	def sift_feed(
		self, batch: Batch, feed: Feed, decisions: list[Decision], known: Sequence[ExistingTransaction]
	) -> list[Decision]:
		"""Return the decisions without those of a feed that wait, once the provider was asked about renumbered rows."""
		if is_file(feed.source):
			return decisions
		return self._without_waiting(decisions, self.collective.sift(batch, feed, decisions), known)

	def _without_waiting(
		self, decisions: list[Decision], left: list[Decision], known: Sequence[ExistingTransaction]
	) -> list[Decision]:
		"""Return what is `left`, and record what the others were compared with."""
		if len(left) < len(decisions):
			stay = {id(made) for made in left}
			amounts = {made.line.amount for made in decisions if id(made) not in stay}
			self._compared.update(one.name for one in known if one.amount in amounts)
		return left

	def decided(
		self, batch: Batch, feed: Feed, overlay: DryRunOverlay, reserved: Container[str]
	) -> tuple[list[Decision], list[Decision]]:
		"""Return what waited of one of the `sources`: new transactions, and questions. The bank transactions that are
		`reserved` are linked later in this run.
		"""
		source = feed.source
		new, asked = [], []
		for made, is_question in (
			*self.renewed.take(source),
			*self.shifted.take(source),
			*self.collective.take(batch, feed, overlay, reserved),
		):
			if is_question or (source, made.line.remote_id) in self._asked:
				asked.append(made._replace(action=Action.HOLD, reason=Reason.AMBIGUOUS))
			else:
				new.append(made._replace(proposed=""))
		return self._compared_again(batch, feed, new, overlay=overlay, reserved=reserved), asked

	def _compared_again(
		self,
		batch: Batch,
		feed: Feed,
		new: list[Decision],
		*,
		overlay: DryRunOverlay,
		reserved: Container[str],
	) -> list[Decision]:
		"""Decide again about rows that equal what another run has stored while they waited."""
		windows = around([made.line for made in new], timedelta(days=NEAR_DAYS))
		stored = overlay.over(batch.transactions(feed.bank_account, windows) if new else (), feed, ())
		free = [one for one in stored if feed.source not in one.sources and one.name not in reserved]
		fresh = [one for one in free if one.name not in self._compared]
		amounts = {one.amount for one in fresh}
		again = [made.line for made in new if made.line.amount in amounts]
		left = [made for made in new if made.line.amount not in amounts]
		return [*left, *plan_by_content(feed, again, {}, fresh)] if again else new

	@property
	def sources(self) -> list[str]:
		"""Return the sources with rows that wait."""
		return sorted({*self.renewed.sources, *self.shifted.sources, *self.collective.sources})

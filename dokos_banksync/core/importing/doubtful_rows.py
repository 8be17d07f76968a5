"""New rows of files that wait until all others are decided, for only these show whether they are questions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from dokos_banksync.core.importing.plan import Feed
from dokos_banksync.core.importing.renewed_references import RenewedReferences
from dokos_banksync.core.importing.shifted_days import ShiftedDays
from dokos_banksync.core.model import Action, Decision, ExistingLine, ExistingTransaction, Reason


@dataclass
class DoubtfulRows:
	"""Rows whose reference may be a new one, and rows whose day may be."""

	renewed: RenewedReferences = field(default_factory=RenewedReferences)
	shifted: ShiftedDays = field(default_factory=ShiftedDays)
	_asked: set[tuple[str, str]] = field(default_factory=set)
	"""Source and id of the rows that a user was asked about in an earlier run."""

	def asked_before(self, source: str, held: Iterable[ExistingLine]) -> None:
		"""Record held rows of a source: neither the file again nor the answers to others answer an open question."""
		self._asked |= {(source, one.line.remote_id) for one in held if one.reason is Reason.AMBIGUOUS}

	def sift(
		self, feed: Feed, decisions: list[Decision], known: Sequence[ExistingTransaction]
	) -> list[Decision]:
		"""Return the decisions without those that wait."""
		return self.shifted.sift(feed, self.renewed.sift(feed, decisions, known), known)

	def decided(self, source: str) -> tuple[list[Decision], list[Decision]]:
		"""Return what waited of one of the `sources`: new transactions, and questions."""
		new, asked = [], []
		for made, is_question in (*self.renewed.take(source), *self.shifted.take(source)):
			if is_question or (source, made.line.remote_id) in self._asked:
				asked.append(made._replace(action=Action.HOLD, reason=Reason.AMBIGUOUS))
			else:
				new.append(made._replace(proposed=""))
		return new, asked

	@property
	def sources(self) -> list[str]:
		"""Return the files with rows that wait."""
		return sorted({*self.renewed.sources, *self.shifted.sources})

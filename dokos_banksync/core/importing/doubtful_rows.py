"""New rows of files that wait until all others are decided, for only these show whether they are questions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from dokos_banksync.core.importing.plan import Feed
from dokos_banksync.core.importing.renewed_references import RenewedReferences
from dokos_banksync.core.importing.shifted_days import ShiftedDays
from dokos_banksync.core.model import Decision, ExistingLine, ExistingTransaction


@dataclass
class DoubtfulRows:
	"""Rows whose reference may be a new one, and rows whose day may be."""

	renewed: RenewedReferences = field(default_factory=RenewedReferences)
	shifted: ShiftedDays = field(default_factory=ShiftedDays)

	def asked_before(self, source: str, held: Sequence[ExistingLine]) -> None:
		"""Record the rows of a source that a user was asked about in an earlier run."""
		self.renewed.asked_before(source, held)
		self.shifted.asked_before(source, held)

	def sift(
		self, feed: Feed, decisions: list[Decision], known: Sequence[ExistingTransaction]
	) -> list[Decision]:
		"""Return the decisions without those that wait."""
		return self.shifted.sift(feed, self.renewed.sift(feed, decisions, known), known)

	def decided(self, source: str) -> tuple[list[Decision], list[Decision]]:
		"""Return what waited of one of the `sources`: new transactions, and questions."""
		new: list[Decision] = []
		asked: list[Decision] = []
		for one in (self.renewed, self.shifted):
			if source in one.sources:
				also_new, also_asked = one.decided(source)
				new += also_new
				asked += also_asked
		return new, asked

	@property
	def sources(self) -> list[str]:
		"""Return the files with rows that wait."""
		return sorted({*self.renewed.sources, *self.shifted.sources})

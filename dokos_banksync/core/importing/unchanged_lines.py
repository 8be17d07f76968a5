"""Lines that are stored as they are, which is all that most runs bring: they are found before a transaction is opened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from dokos_banksync.core.importing.plan import Feed, plan_by_id
from dokos_banksync.core.ledger import Ledger
from dokos_banksync.core.model import Action, Decision, Line, Reason

RETRIED = (Reason.LOCKED, Reason.CURRENCY, Reason.HOST, Reason.AMBIGUOUS)
"""Why a line is held back that a later run tries again."""
FEW_LINES = 200
"""So many at most are compared: the other lines are likely to be new ones."""


@dataclass
class UnchangedLines:
	"""Compares a few lines of a source with what is stored of them. Other writers do not wait for it."""

	ledger: Ledger
	without_held: set[str] = field(default_factory=set)
	"""The sources of which no line was held for one of the `RETRIED` reasons when their lines were read."""

	def decided(self, feed: Feed, lines: Sequence[Line]) -> list[Decision] | None:
		"""Return the decision of each line where all are stored as they are, else None."""
		self.without_held.discard(feed.source)
		if len(lines) > FEW_LINES:
			return None
		known, any_held = self.ledger.stored_lines(feed.source, [line.remote_id for line in lines], RETRIED)
		out = plan_by_id(feed, lines, {k.line.remote_id: k for k in known})
		if out.fresh or out.released or any(one.action is not Action.SAME for one in out.decisions):
			return None
		if not any_held:
			self.without_held.add(feed.source)
		return out.decisions

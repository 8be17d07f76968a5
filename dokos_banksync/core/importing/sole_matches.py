"""Lines that are decided by a join alone: the only ones of their amount and day, as is the bank transaction of that place.

Most lines of a file that overlaps a feed are of this kind. The decisions are those of `matching.same_day`, for which the
bank transactions near each line would be read, with their lines.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from dokos_banksync.core.batch import Batch, Place, SoleTransaction
from dokos_banksync.core.importing.overlay import DryRunOverlay
from dokos_banksync.core.importing.plan import Feed, link_of_day
from dokos_banksync.core.matching.fuzzy import NEAR_DAYS
from dokos_banksync.core.matching.labels import label_of
from dokos_banksync.core.matching.same_day import are_equal
from dokos_banksync.core.matching.same_reference import evidence_of_sole
from dokos_banksync.core.model import Decision, ExistingTransaction, Line

MANY = 200
"""Lines from which on one statement more costs less than it saves."""


@dataclass(frozen=True)
class SoleMatches:
	"""The lines that were asked about, the decisions about some of them by id, and the other lines."""

	lines: Sequence[Line]
	decided: Mapping[str, Decision]
	left: Sequence[Line]

	def without_linked(self, known: list[ExistingTransaction]) -> list[ExistingTransaction]:
		"""Return the bank transactions that no line was linked to."""
		if not self.decided:
			return known
		linked = {made.transaction for made in self.decided.values()}
		return [one for one in known if one.name not in linked]

	def with_others(self, decisions: list[Decision]) -> list[Decision]:
		"""Return all decisions, given those about the lines that are left, in the order of the lines."""
		if not self.decided:
			return decisions
		by_id = {**self.decided, **{made.line.remote_id: made for made in decisions}}
		return [by_id[line.remote_id] for line in self.lines]


def link_sole(
	batch: Batch, feed: Feed, lines: Sequence[Line], *, released: Iterable[str], overlay: DryRunOverlay
) -> SoleMatches:
	"""Link the lines of one feed that are the only ones of their amount and day with such bank transactions.

	None where the run has `released` bank transactions, or where lines have an id that other tools may have stored: these
	go first. What a dry run would have stored, the `overlay`, is not in the ledger that is asked.
	"""
	if len(lines) < MANY or released or any(line.given_id for line in lines):
		return SoleMatches(lines, {}, lines)
	counts = Counter(map(_place, lines))
	places = [place for place, count in counts.items() if count == 1]
	found = batch.sole(feed.bank_account, places, source=feed.source)
	decided: dict[str, Decision] = {}
	for line in lines:
		row = found.get(_place(line))
		if row and are_equal(line, row) and overlay.leaves(feed.bank_account, row.name, line.amount):
			decided[line.remote_id] = link_of_day(feed, line, row.name, evidence_of_sole(line, row))
	if decided:
		_leave_neighbours(lines, decided, found)
	return SoleMatches(lines, decided, [line for line in lines if line.remote_id not in decided])


def _leave_neighbours(
	lines: Sequence[Line], decided: dict[str, Decision], found: Mapping[Place, SoleTransaction]
) -> None:
	"""Take away the decisions about bank transactions near a line that is left and says the same: see `matching.chains`."""
	at = {
		(line.amount, line.date.toordinal()): line for line in lines if line.remote_id in decided
	}  # one line for each, as they are the only ones
	for line in [line for line in lines if line.remote_id not in decided]:
		day = line.date.toordinal()
		for near in range(day - NEAR_DAYS, day + NEAR_DAYS + 1):
			other = at.get((line.amount, near))
			if other and label_of(found[_place(other)].original).text == label_of(line.original).text:
				decided.pop(other.remote_id, None)


def _place(line: Line) -> Place:
	return line.amount, line.date

"""Lines that are decided by a join alone: the only ones of their amount and day, as is the bank transaction of that place.

Most lines of a file that overlaps a feed are of this kind. The decisions are those of `matching.same_day`, for which the
bank transactions near each line would be read, with their lines.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from dokos_banksync.core.batch import Batch, Place
from dokos_banksync.core.importing.overlay import DryRunOverlay
from dokos_banksync.core.importing.plan import Feed, link_of_day
from dokos_banksync.core.matching.fuzzy import NEAR_DAYS
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
	_leave_neighbours(lines, decided)
	return SoleMatches(lines, decided, [line for line in lines if line.remote_id not in decided])


def _leave_neighbours(lines: Sequence[Line], decided: dict[str, Decision]) -> None:
	"""Take away the decisions about lines near another one of the amount that is left: see `matching.chains`."""
	reach = range(-NEAR_DAYS, NEAR_DAYS + 1)
	left = [line for line in lines if line.remote_id not in decided]
	near = {(line.amount, line.date.toordinal() + far) for line in left for far in reach}
	for line in lines:
		if line.remote_id in decided and (line.amount, line.date.toordinal()) in near:
			del decided[line.remote_id]


def _place(line: Line) -> Place:
	return line.amount, line.date

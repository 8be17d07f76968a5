"""New rows of which another source gives the sum, or the parts: they wait until all others are decided.

Both sources list every row of a day that they cover. Where one of them has a row that the other lacks, and the other has
several that add up to its amount, they are the same money: a batch of payments, or the settlement of a day.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, field
from datetime import date

from dokos_banksync.core.batch import Batch
from dokos_banksync.core.importing.overlay import DryRunOverlay
from dokos_banksync.core.importing.plan import Feed
from dokos_banksync.core.importing.sum_notes import Noted, note_of, noted
from dokos_banksync.core.importing.sums_of_feeds import (
	Known,
	as_row,
	ended,
	repeats,
	still_asked,
	without_counted,
)
from dokos_banksync.core.importing.sums_of_feeds import notes as notes_of
from dokos_banksync.core.matching.fuzzy import NEAR_DAYS
from dokos_banksync.core.matching.shared_borders import is_half_known
from dokos_banksync.core.matching.sums import Row, Sum, equal_sums
from dokos_banksync.core.matching.sums_of_days import sums_of_days
from dokos_banksync.core.model import (
	Action,
	Decision,
	ExistingLine,
	ExistingTransaction,
	Line,
	MatchEvidence,
	Reason,
	is_file,
)

MOST_WAITING = 5_000
"""New rows that wait: of so many more, another source has not the parts."""
MOST_READ = 5_000
"""Bank transactions of other sources that are read: where a source lacks more of them, it lists other rows than they do."""

_FAR = 400
_LAST = date.max.toordinal()


@dataclass
class CollectiveRows:
	"""New rows on days that another source covers, or near rows that no source gives."""

	_waiting: dict[str, list[Decision]] = field(default_factory=dict)
	_too_many: set[str] = field(default_factory=set)
	_by_hand: dict[str, tuple[date, date, Set[date]]] = field(default_factory=dict)
	"""Days on which rows have no source, between two days, by bank account."""
	_asked: dict[str, dict[str, Noted]] = field(default_factory=dict)
	"""What is asked about rows of a feed, by source and id."""

	def asked_before(self, source: str, held: Iterable[ExistingLine]) -> None:
		"""Record the questions of a feed about sums."""
		found = {one.line.remote_id: of_sum for one in held if (of_sum := noted(one.note))}
		self._asked.setdefault(source, {}).update(found)

	def sift(self, batch: Batch, feed: Feed, decisions: list[Decision]) -> list[Decision]:
		"""Return the decisions without those that wait."""
		days = {made.line.date for made in decisions if made.action is Action.NEW}
		if feed.source in self._too_many or not days:
			return decisions
		shared = self._shared_days(batch, feed, days)
		left = []
		waiting = self._waiting.setdefault(feed.source, [])
		asked = self._asked.get(feed.source, {})
		for made in decisions:
			if made.action is Action.NEW and (made.line.date in shared or made.line.remote_id in asked):
				waiting.append(made)
			else:
				left.append(made)
		if len(waiting) > MOST_WAITING:
			self._too_many.add(feed.source)
			left += self._waiting.pop(feed.source)
		return left

	def _shared_days(self, batch: Batch, feed: Feed, days: Set[date]) -> Set[date]:
		"""Return the days that another source covers, or near which there are bank transactions without a source."""
		shared = {day for day in days if _is_covered(feed, day)}
		left = days - shared
		if not left:
			return shared
		by_hand = self._days_by_hand(batch, feed.bank_account, left)
		return shared | {day for day in left if by_hand and not by_hand.isdisjoint(near_days([day]))}

	def _days_by_hand(self, batch: Batch, bank_account: str, days: Set[date]) -> Set[date]:
		"""Return the days near others of which rows have no source. They are read for years, as each batch has the rows of some
		amounts and of any day.
		"""
		first, last, found = self._by_hand.get(bank_account, (date.max, date.min, frozenset()))
		wanted = _moved(min(days), -NEAR_DAYS), _moved(max(days), NEAR_DAYS)
		if first > wanted[0] or last < wanted[1]:
			first, last = min(first, _moved(wanted[0], -_FAR)), max(last, _moved(wanted[1], _FAR))
			found = batch.days_by_hand(bank_account, first, last)
			self._by_hand[bank_account] = first, last, found
		return found

	def take(
		self, batch: Batch, feed: Feed, overlay: DryRunOverlay, reserved: Container[str]
	) -> Iterator[tuple[Decision, bool]]:
		"""Yield each row that waited of a source, and whether it is a question.

		The bank transactions that are `reserved` are linked later in this run.
		"""
		waiting = self._waiting.pop(feed.source, [])
		if not waiting:
			return
		lines = [made.line for made in waiting]
		near = near_days(line.date for line in lines)
		others = batch.on_days(feed.bank_account, near, without=feed.source, most=MOST_READ)
		known = overlay.over(others, feed, ())
		free = [one for one in known if is_of_others(one, feed.source) and one.name not in reserved]
		if is_file(feed.source) or not free:
			notes = dict(notes_of(all_sums(lines, free, feed)))
		else:
			notes = self._notes_of_feed(batch, feed, lines, free)
		for made in waiting:
			note = notes.get(made.line.remote_id, "")
			yield (_asked(made, note), True) if note else (made, False)

	def _notes_of_feed(
		self, batch: Batch, feed: Feed, lines: Sequence[Line], free: Sequence[ExistingTransaction]
	) -> dict[str, str]:
		"""Return the notes of the questions about rows of a feed, by id. Its bank transactions are further parts."""
		asked = self._asked.get(feed.source, {})
		known = known_near(batch, feed.bank_account, feed.source, lines=lines, others=free)
		stay = still_asked(lines, asked, known)
		stay |= repeats(lines, asked, stay, known)
		settled = {*stay, *ended(lines, asked, known)}
		known = without_counted(known, stay)
		rows = [line for line in lines if line.remote_id not in settled]
		near = near_days(line.date for line in lines)
		shared = self._shared_days(batch, feed, {one.date for one in known.own if one.date in near})
		rows += [as_row(one) for one in known.own if one.date in shared]
		found = dict(notes_of(all_sums(rows, known.others, feed)))
		return found | {one: self._note(named) for one, named in stay.items()}

	@staticmethod
	def _note(named: Noted) -> str:
		return note_of(named.counted_in, named.imported, is_sum=len(named.counted_in) > 1)

	@property
	def sources(self) -> list[str]:
		"""Return the sources with rows that wait."""
		return sorted(source for source, waiting in self._waiting.items() if waiting)


def is_of_others(one: ExistingTransaction, source: str) -> bool:
	"""Return whether a bank transaction is given by other sources alone, or by none."""
	return source not in one.sources and not one.deleted


def near_days(days: Iterable[date]) -> list[date]:
	"""Return the days on which counterparts of rows of some days may be."""
	reach = range(-NEAR_DAYS, NEAR_DAYS + 1)
	return sorted({_moved(day, far) for day in {*days} for far in reach})


def _moved(day: date, days: int) -> date:
	"""Return a day some days away: the first or the last one that there is, where that lies beyond."""
	return date.fromordinal(min(max(day.toordinal() + days, 1), _LAST))


def known_near(
	batch: Batch,
	bank_account: str,
	source: str,
	*,
	lines: Iterable[Line],
	others: Sequence[ExistingTransaction],
) -> Known:
	"""Return what is stored near rows of a feed, beside the bank transactions of others: further parts of what a row is in
	may lie as far on the other side of that.
	"""
	near = near_days(near_days(line.date for line in lines))
	all_rows = batch.on_days(bank_account, near, without="", most=MOST_READ)
	return Known(
		others=others,
		own=[one for one in all_rows if one.sources == {source}],
		answered=[one for one in batch.held(source, (Reason.DUPLICATE,)) if one.line.date in near],
	)


def _is_covered(feed: Feed, day: date) -> bool:
	number = day.toordinal()
	return feed.known_days is not None and any(
		source != feed.source for source in feed.known_days.sources_near(number, number)
	)


def all_sums(
	lines: Sequence[Line], known: Sequence[ExistingTransaction], feed: Feed | None = None
) -> Iterator[Sum]:
	"""Yield the sums of each day, then those that one source books a few days after the parts, and those of several days.

	With `feed`, the days that its source does not cover have no counterpart in it.
	"""
	mine, theirs = _by_day(lines), _by_day(known)
	for far in sorted(range(-NEAR_DAYS, NEAR_DAYS + 1), key=abs):
		for day in sorted(mine):
			other = _moved(day, far)
			if not (mine[day] and theirs.get(other)) or (feed and not feed.own_days.holds(other.toordinal())):
				continue
			whole = bool(far) or (
				feed is not None and is_half_known(feed.known_days, feed.own_days, feed.source, day)
			)
			for same in equal_sums(mine[day], theirs[other], whole=whole):
				mine[day] = [one for one in mine[day] if one not in same.lines]
				theirs[other] = [one for one in theirs[other] if one not in same.transactions]
				yield same
	if feed:
		theirs = {day: rows for day, rows in theirs.items() if feed.own_days.holds(day.toordinal())}
	yield from sums_of_days(mine, theirs)


def _by_day(rows: Iterable[Row]) -> dict[date, list[Row]]:
	found: dict[date, list[Row]] = {}
	for one in rows:
		found.setdefault(one.date, []).append(one)
	return found


def _asked(made: Decision, note: str) -> Decision:
	return made._replace(note=note, evidence=MatchEvidence.EQUAL_SUM)

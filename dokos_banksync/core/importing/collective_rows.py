"""New rows of a file of which another source gives the sum, or the parts: they wait until all others are decided.

Both sources list every row of a day that they cover. Where one of them has a row that the other lacks, and the other has
several that add up to its amount, they are the same money: a batch of payments, or the settlement of a day.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from dokos_banksync.core.batch import Batch
from dokos_banksync.core.importing.overlay import DryRunOverlay
from dokos_banksync.core.importing.plan import Feed
from dokos_banksync.core.matching.fuzzy import NEAR_DAYS
from dokos_banksync.core.matching.sums import Row, Sum, equal_sums
from dokos_banksync.core.model import Action, Decision, ExistingTransaction, Line, MatchEvidence, is_file

IS_SUM = "Another source gives several rows that add up to its amount"
IS_PART = "With other rows it adds up to the amount of a row that another source gives"

MOST_WAITING = 5_000
"""New rows that wait: of so many more, another source has not the parts."""
MOST_READ = 5_000
"""Bank transactions of other sources that are read: where a file lacks more of them, it lists other rows than they do."""


@dataclass
class CollectiveRows:
	"""New rows of files on days that another source covers."""

	_waiting: dict[str, list[Decision]] = field(default_factory=dict)
	_too_many: set[str] = field(default_factory=set)

	def sift(self, feed: Feed, decisions: list[Decision]) -> list[Decision]:
		"""Return the decisions without those that wait."""
		if not is_file(feed.source) or feed.source in self._too_many:
			return decisions
		covered: dict[date, bool] = {}
		left = []
		waiting = self._waiting.setdefault(feed.source, [])
		for made in decisions:
			day = made.line.date
			if made.action is Action.NEW and covered.setdefault(day, _is_shared(feed, day)):
				waiting.append(made)
			else:
				left.append(made)
		if len(waiting) > MOST_WAITING:
			self._too_many.add(feed.source)
			left += self._waiting.pop(feed.source)
		return left

	def take(
		self, batch: Batch, feed: Feed, overlay: DryRunOverlay, reserved: Container[str]
	) -> Iterator[tuple[Decision, bool]]:
		"""Yield each row that waited of a source, and whether it is a question.

		The bank transactions that are `reserved` are linked later in this run.
		"""
		waiting = self._waiting.pop(feed.source, [])
		if not waiting:
			return
		days = {made.line.date for made in waiting}
		near = sorted({day + timedelta(far) for day in days for far in range(-NEAR_DAYS, NEAR_DAYS + 1)})
		others = batch.on_days(feed.bank_account, near, without=feed.source, most=MOST_READ)
		known = overlay.over(others, feed, ())
		free = [one for one in known if is_of_others(one, feed.source) and one.name not in reserved]
		notes: dict[str, str] = {}
		for same in all_sums([made.line for made in waiting], free, feed):
			note = IS_SUM if len(same.lines) == 1 else IS_PART
			notes |= {line.remote_id: note for line in same.lines}
		for made in waiting:
			note = notes.get(made.line.remote_id, "")
			yield (_asked(made, note), True) if note else (made, False)

	@property
	def sources(self) -> list[str]:
		"""Return the files with rows that wait."""
		return sorted(source for source, waiting in self._waiting.items() if waiting)


def is_of_others(one: ExistingTransaction, source: str) -> bool:
	"""Return whether a bank transaction is given by other sources alone."""
	return bool(one.sources) and source not in one.sources and not one.deleted


def _is_shared(feed: Feed, day: date) -> bool:
	number = day.toordinal()
	return feed.known_days is not None and any(
		source != feed.source for source in feed.known_days.sources_near(number, number)
	)


def _is_half_known(feed: Feed, day: date) -> bool:
	"""Return whether a day is a border of all sources that cover it: each may have a part of it only."""
	borders = day.toordinal() in feed.own_days
	return borders and feed.known_days is not None and feed.known_days.ends_on(day)


def all_sums(
	lines: Sequence[Line], known: Sequence[ExistingTransaction], feed: Feed | None = None
) -> Iterator[Sum]:
	"""Yield the sums of each day, and then those that one source books a few days after the parts.

	With `feed`, the days that its source does not cover have no counterpart in it.
	"""
	mine, theirs = _by_day(lines), _by_day(known)
	for far in sorted(range(-NEAR_DAYS, NEAR_DAYS + 1), key=abs):
		for day in sorted(mine):
			other = day + timedelta(far)
			if not (mine[day] and theirs.get(other)) or (feed and not feed.own_days.holds(other.toordinal())):
				continue
			whole = bool(far) or (feed is not None and _is_half_known(feed, day))
			for same in equal_sums(mine[day], theirs[other], whole=whole):
				mine[day] = [one for one in mine[day] if one not in same.lines]
				theirs[other] = [one for one in theirs[other] if one not in same.transactions]
				yield same


def _by_day(rows: Iterable[Row]) -> dict[date, list[Row]]:
	found: dict[date, list[Row]] = {}
	for one in rows:
		found.setdefault(one.date, []).append(one)
	return found


def _asked(made: Decision, note: str) -> Decision:
	return made._replace(note=note, evidence=MatchEvidence.EQUAL_SUM)

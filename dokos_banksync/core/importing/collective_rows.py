"""New rows of a file of which another source gives the sum, or the parts: they wait until all others are decided.

Both sources list every row of a day that they cover. Where one of them has a row that the other lacks, and the other has
several that add up to its amount, they are the same money: a batch of payments, or the settlement of a day.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from dokos_banksync.core.batch import Batch
from dokos_banksync.core.importing.overlay import DryRunOverlay
from dokos_banksync.core.importing.plan import Feed
from dokos_banksync.core.matching.sums import equal_sums
from dokos_banksync.core.model import Action, Decision, ExistingTransaction, Line, MatchEvidence, is_file

IS_SUM = "Another source gives several rows of this day that add up to its amount"
IS_PART = "With other rows of this day it adds up to the amount of a row that another source gives"

MOST_WAITING = 5_000
"""New rows that wait: of so many more, another source has not the parts."""


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
		by_day: dict[date, list[Decision]] = {}
		for made in self._waiting.pop(feed.source, ()):
			by_day.setdefault(made.line.date, []).append(made)
		if not by_day:
			return
		known = overlay.over(batch.on_days(feed.bank_account, sorted(by_day)), feed, ())
		free: dict[date, list[ExistingTransaction]] = {}
		for one in known:
			if is_of_others(one, feed.source) and one.name not in reserved:
				free.setdefault(one.date, []).append(one)
		for day, rows in by_day.items():
			notes = _notes([made.line for made in rows], free.get(day, ()), whole=_is_half_known(feed, day))
			for made in rows:
				note = notes.get(made.line.remote_id)
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


def _notes(lines: Sequence[Line], known: Sequence[ExistingTransaction], *, whole: bool) -> dict[str, str]:
	found: dict[str, str] = {}
	for same in equal_sums(lines, known, whole=whole):
		note = IS_SUM if len(same.lines) == 1 else IS_PART
		found |= {line.remote_id: note for line in same.lines}
	return found


def _asked(made: Decision, note: str) -> Decision:
	return made._replace(note=note, evidence=MatchEvidence.EQUAL_SUM)

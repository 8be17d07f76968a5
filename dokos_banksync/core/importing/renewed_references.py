"""Exports whose references change with each download: all rows that two files share differ in their references alone.

Two different references make two transactions, so that such a file would be imported a second time. Where no row of
the overlap has its old reference, and fewer rows than these are in the file alone, each of them is a question.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from dokos_banksync.core.importing.plan import Feed
from dokos_banksync.core.matching.exact import label_key
from dokos_banksync.core.matching.references import contradict, identifies
from dokos_banksync.core.model import (
	Action,
	Decision,
	ExistingTransaction,
	Line,
	is_file,
)

_FEWEST = 2
"""One pair of different references is two transactions of one day."""

_Content = tuple[date, Decimal, str, str]


@dataclass
class RenewedReferences:
	"""New rows of files that equal a bank transaction of another source but for the reference; they wait for the others."""

	_waiting: dict[str, list[Decision]] = field(default_factory=dict)
	_kept: dict[str, set[date]] = field(default_factory=dict)
	"""Days of the rows that a file has under the same reference."""
	_alone: dict[str, list[date]] = field(default_factory=dict)
	"""Days of the rows that a file has alone: some may have been booked after the other file was made."""

	def sift(
		self, feed: Feed, decisions: list[Decision], known: Iterable[ExistingTransaction]
	) -> list[Decision]:
		"""Return the decisions without those that wait."""
		if not is_file(feed.source):
			return decisions
		free = self._free(feed, decisions, known)
		left = []
		for made in decisions:
			equal = _take_equal(made, free)
			if equal is not None:
				waiting = made._replace(proposed=equal.name, note="")
				self._waiting.setdefault(feed.source, []).append(waiting)
				continue
			left.append(made)
			if made.action is Action.NEW:
				self._alone.setdefault(feed.source, []).append(made.line.date)
			elif made.action is Action.LINK and identifies(made.line.reference):
				self._kept.setdefault(feed.source, set()).add(made.line.date)
		return left

	@staticmethod
	def _free(
		feed: Feed, decisions: Sequence[Decision], known: Iterable[ExistingTransaction]
	) -> dict[_Content, list[ExistingTransaction]]:
		"""Return the bank transactions that no row of the file is, by their content."""
		if not any(made.action is Action.NEW and identifies(made.line.reference) for made in decisions):
			return {}
		taken = {made.transaction or made.proposed for made in decisions}
		free: dict[_Content, list[ExistingTransaction]] = {}
		for one in known:
			if one.sources and feed.source not in one.sources and not one.deleted and one.name not in taken:
				free.setdefault(_content(one), []).append(one)
		return free

	def take(self, source: str) -> Iterator[tuple[Decision, bool]]:
		"""Yield each row that waited of a source, and whether it is a question: where the references may have changed."""
		waiting = self._waiting.pop(source, [])
		if waiting:
			are_new = self._are_new(source, waiting)
			yield from ((made, not are_new) for made in waiting)

	def _are_new(self, source: str, waiting: Sequence[Decision]) -> bool:
		"""Return whether the references identify the rows: there is one row, one kept its reference, or most are alone."""
		first, last = min(one.line.date for one in waiting), max(one.line.date for one in waiting)
		kept = any(first <= day <= last for day in self._kept.pop(source, ()))
		alone = sum(first <= day <= last for day in self._alone.pop(source, ()))
		return kept or len(waiting) < _FEWEST or alone >= len(waiting)

	@property
	def sources(self) -> list[str]:
		"""Return the files with rows that wait."""
		return sorted(self._waiting)


def _take_equal(
	made: Decision, free: dict[_Content, list[ExistingTransaction]]
) -> ExistingTransaction | None:
	"""Take the bank transaction that a new row equals but for its reference; None without one."""
	if made.action is not Action.NEW or not free:
		return None
	rows = free.get(_content(made.line), [])
	for one in rows:
		if contradict([made.line.reference], [one.reference]):
			rows.remove(one)
			return one
	return None


def _content(row: Line | ExistingTransaction) -> _Content:
	return row.date, row.amount, row.currency, label_key(row.original)

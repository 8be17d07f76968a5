"""What a line is, whatever its id: the same transaction keeps its day, amount and label when ids change.

Every true transaction of a bank account appears once in each source (a feed, another provider's feed, a
file). So lines of one source are matched one to one with the bank transactions that this source does not
hold yet, and counted: two equal coffees on one day are two transactions and stay two.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Sequence
from typing import NamedTuple

from dokos_banksync.core.matching.candidate_pool import CandidatePool
from dokos_banksync.core.matching.fuzzy import resolve
from dokos_banksync.core.matching.labels import alike, label_key
from dokos_banksync.core.model import ExistingTransaction, Line

__all__ = ["NEAR_DAYS", "RULES", "Match", "Matched", "alike", "candidates", "label_key", "match", "same"]

NEAR_DAYS = 4
"""How far the days of one transaction may lie apart in two sources (booked, value, a weekend)."""

_SAME, _ALIKE = 1, 0.5


class Match(NamedTuple):
	"""A line and the bank transaction it is, with the rule that said so."""

	line: Line
	transaction: ExistingTransaction
	note: str


class _Rule(NamedTuple):
	note: str
	reach: int
	"""How many days apart."""
	least: float
	"""How alike the labels must be."""


RULES = (
	_Rule("Same day, amount and label", 0, _SAME),
	_Rule("Same amount and label, a few days apart", NEAR_DAYS, _SAME),
	_Rule("Same day and amount, label alike", 0, _ALIKE),
	_Rule("Same amount, label alike, a few days apart", NEAR_DAYS, _ALIKE),
)
"""From the surest to the least sure; each is tried on all lines before the next one."""


class Matched(NamedTuple):
	"""What was tied, and lines of which nobody can say what they are."""

	matches: Sequence[Match]
	ambiguous: Sequence[Line]


def match(
	lines: Sequence[Line],
	known: Iterable[ExistingTransaction],
	source: str,
	released: Container[str] = (),
) -> Matched:
	"""Tie new lines of one source to bank transactions of equal amount and currency, one to one.

	`known` may hold bank transactions that the source holds already; those are taken. `freed` names those that
	it has just given back. The order of `lines` and `known` does not change which bank transactions are found.
	What is alike in all that matters is handed out counted; a line that is as like to one as to another which is
	not the same is in doubt.
	"""
	free = [k for k in known if source not in k.sources]
	if not free:
		return Matched([], [])
	matching = _Matching(
		CandidatePool(free, released), sorted(lines, key=lambda line: (line.date, line.remote_id))
	)
	for rule in RULES[:2]:
		for apart in range(rule.reach + 1):
			matching.match_equal(rule, apart)
	matching.match_similar(RULES[2:])
	return Matched(matching.matches, matching.ambiguous)


def candidates(line: Line, known: Iterable[ExistingTransaction], source: str) -> list[ExistingTransaction]:
	"""What a line of a source may be by any of the rules, the likeliest first."""
	near = [k for k in known if source not in k.sources and _may_be(line, k)]
	return sorted(
		near, key=lambda k: (-_similarity(line, k), abs((k.date - line.date).days), k.deleted, k.name)
	)


def _may_be(line: Line, known: ExistingTransaction) -> bool:
	return (
		(line.amount, line.currency) == (known.amount, known.currency)
		and abs((known.date - line.date).days) <= NEAR_DAYS
		and _similarity(line, known) >= _ALIKE
	)


def _similarity(line: Line, known: ExistingTransaction) -> float:
	return max(alike(line.original, known.original), alike(line.description, known.description))


def same(
	lines: Sequence[Line], known: Iterable[ExistingTransaction], source: str
) -> list[tuple[Line, ExistingTransaction]]:
	"""Those that the surest rule alone ties, whatever else may be doubted."""
	free = [k for k in known if source not in k.sources]
	matching = _Matching(CandidatePool(free), sorted(lines, key=lambda line: (line.date, line.remote_id)))
	matching.hand_out(RULES[0], 0)
	return [found[:2] for found in matching.matches]


class _Matching:
	"""Lines that wait, and what they were tied to so far."""

	def __init__(self, pool: CandidatePool, waiting: Sequence[Line]) -> None:
		self.pool, self.waiting = pool, waiting
		self.matches: list[Match] = []
		self.ambiguous: list[Line] = []

	def match_equal(self, rule: _Rule, apart: int) -> None:
		"""Tie what bears the same label so many days apart, unless it is in doubt which."""
		self._hand_back(rule, [apart])
		places = Counter(map(_place, self.waiting))
		doubted = {
			place
			for line in self.waiting
			if (place := _place(line)) in places
			and not _contested(place, apart, places)
			and self.pool.in_doubt(line, _days(line, apart), places[place])
		}
		self.ambiguous += [line for line in self.waiting if _place(line) in doubted]
		self.waiting = [line for line in self.waiting if _place(line) not in doubted]
		self.hand_out(rule, apart)

	def match_similar(self, rules: Sequence[_Rule]) -> None:
		"""Tie what bears a label that is alike: what the source gave back itself, then what stands out."""
		for rule in rules:
			self._hand_back(rule, range(rule.reach + 1))
		found = resolve(self.pool, self.waiting, NEAR_DAYS, _ALIKE)
		self.matches += [Match(tie.line, tie.transaction, rules[tie.apart > 0].note) for tie in found.ties]
		self.ambiguous += found.ambiguous
		self.waiting = sorted(found.too_many, key=lambda line: (line.date, line.remote_id))
		for rule in rules:
			for apart in range(rule.reach + 1):
				self.hand_out(rule, apart)

	def _hand_back(self, rule: _Rule, distances: Iterable[int]) -> None:
		"""What the source has just given back goes to its own lines before it is lost: no question about that."""
		given = self.pool.given_back()
		if given is None:
			return
		pool, self.pool, before = self.pool, given, len(self.matches)
		for apart in distances:
			self.hand_out(rule, apart)
		self.pool = pool
		pool.drop({found.transaction.name for found in self.matches[before:]})

	def hand_out(self, rule: _Rule, apart: int) -> None:
		"""Tie what one rule ties at a distance of so many days, one by one."""
		left = []
		for line in self.waiting:
			found = self.pool.take(line, _days(line, apart), rule.least)
			if found is None:
				left.append(line)
			else:
				self.matches.append(Match(line, found, rule.note))
		self.waiting = left


_Place = tuple[int, str, str]


def _place(line: Line) -> _Place:
	"""Lines of one place are alike in all that the rules see."""
	return line.date.toordinal(), line.currency, label_key(line.original)


def _days(line: Line, apart: int) -> list[int]:
	day = line.date.toordinal()
	return sorted({day - apart, day + apart})


def _contested(place: _Place, apart: int, places: Container[_Place]) -> bool:
	"""Whether equal lines of other days reach for the same: among these it is counted."""
	day, *rest = place
	return apart > 0 and any((day + 2 * side * apart, *rest) in places for side in (-1, 1))

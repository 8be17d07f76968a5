"""Which existing bank transaction a line is, whatever its id.

Every true transaction of a bank account appears once in each source (a provider's feed, another feed, a file) that
covers its day. So lines of one source are matched one to one with the bank transactions that this source does not hold
yet, and counted: two equal coffees on one day are two transactions and stay two. Each match carries its evidence; what
the evidence does not prove is a proposal, and a question to the user.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple, TypeVar

from dokos_banksync.core.matching.candidate_pool import CandidatePool, Row
from dokos_banksync.core.matching.fuzzy import NEAR_DAYS, resolve
from dokos_banksync.core.matching.known_days import ALWAYS, KnownDays, Span
from dokos_banksync.core.matching.labels import ALIKE, alike, label_key, label_of
from dokos_banksync.core.matching.same_day import match_same_day
from dokos_banksync.core.matching.same_reference import have_other_numbers, match_same_reference
from dokos_banksync.core.model import ExistingTransaction, Line, MatchEvidence

_WithAmount = TypeVar("_WithAmount", Line, ExistingTransaction)

__all__ = ["NEAR_DAYS", "Match", "Matched", "alike", "by_amount", "candidates", "label_key", "match", "same"]


class Match(NamedTuple):
	"""A line, the bank transaction it is, and what shows it."""

	line: Line
	transaction: ExistingTransaction
	evidence: MatchEvidence

	@property
	def note(self) -> str:
		"""Return the evidence as it is stored with the match."""
		return self.evidence.value


@dataclass
class Matched:
	"""`matches` are proven. `proposals` are likely matches that are not, and `ambiguous` lines may be one of several:
	both are questions.
	"""

	matches: list[Match] = field(default_factory=list)
	proposals: list[Match] = field(default_factory=list)
	ambiguous: list[Line] = field(default_factory=list)


def match(
	lines: Sequence[Line],
	known: Iterable[ExistingTransaction],
	source: str,
	released: Container[str] = (),
	*,
	known_days: KnownDays | None = None,
	own_days: Span = ALWAYS,
) -> Matched:
	"""Match new lines of one source with bank transactions of equal amount and currency, one to one, each amount by itself.

	`known` may include bank transactions that the source has already; those are not free. `released` names those
	that it has just released. `known_days` and `own_days` are the days that the other sources and this one cover; without
	them each covers every day. The order of `lines` and `known` does not change which bank transactions are found.
	Bank transactions without a relevant difference are counted; a line that matches two different ones equally well
	is ambiguous.
	"""
	free = [k for k in known if source not in k.sources]
	out = Matched()
	if not free:
		return out
	again = {k.amount for k in free if k.name in released} if released else ()
	if referenced := match_same_reference(lines, free, without=again):
		ids = {line.remote_id for line, _ in referenced}
		names = {known.name for _, known in referenced}
		lines = [line for line in lines if line.remote_id not in ids]
		free = [k for k in free if k.name not in names]
	counted = match_same_day(lines, free, without=again)
	for pair in referenced:
		found = Match(*pair, MatchEvidence.SAME_REFERENCE)
		(out.proposals if have_other_numbers(*pair) else out.matches).append(found)
	out.matches += [Match(*pair, MatchEvidence.SAME_DAY_SAME_LABEL) for pair in counted.matches]
	out.ambiguous = counted.ambiguous
	left = by_amount(counted.known)
	for amount, group in by_amount(counted.lines).items():
		if near := _within_reach(left.get(amount, ()), group):
			_Matching(CandidatePool(near, released, known_days, own_days), _sorted(group), out).match()
	return out


def _within_reach(known: Iterable[ExistingTransaction], lines: Iterable[Line]) -> list[ExistingTransaction]:
	"""Return the bank transactions that are near the day of any line."""
	days = {line.date.toordinal() for line in lines}
	reach = range(-NEAR_DAYS, NEAR_DAYS + 1)
	return [k for k in known if any(k.date.toordinal() + far in days for far in reach)]


def candidates(line: Line, known: Iterable[ExistingTransaction], source: str) -> list[ExistingTransaction]:
	"""Return what a line of a source may be by any of the rules, the likeliest first."""
	near = [k for k in known if source not in k.sources and _may_be(line, k)]
	return sorted(
		near, key=lambda k: (-_similarity(line, k), abs((k.date - line.date).days), k.deleted, k.name)
	)


def _may_be(line: Line, known: ExistingTransaction) -> bool:
	return (
		(line.amount, line.currency) == (known.amount, known.currency)
		and abs((known.date - line.date).days) <= NEAR_DAYS
		and _similarity(line, known) >= ALIKE
	)


def _similarity(line: Line, known: ExistingTransaction) -> float:
	return max(
		label_of(line.original).closeness(label_of(known.original)),
		label_of(line.description).closeness(label_of(known.description)),
	)


def same(
	lines: Sequence[Line], known: Iterable[ExistingTransaction], source: str
) -> list[tuple[Line, ExistingTransaction]]:
	"""Return the matches of equal day, amount and label alone, whatever else may be ambiguous."""
	free = by_amount(k for k in known if source not in k.sources)
	found: list[tuple[Line, ExistingTransaction]] = []
	for amount, group in by_amount(lines).items():
		matching = _Matching(CandidatePool(free.get(amount, ())), _sorted(group), Matched())
		matching.match_one_by_one(0, equal=True)
		found += [one[:2] for one in matching.out.matches]
	return found


def by_amount(rows: Iterable[_WithAmount]) -> dict[Decimal, list[_WithAmount]]:
	"""Return lines or bank transactions grouped by their amount: only equal amounts can match."""
	groups: dict[Decimal, list[_WithAmount]] = {}
	for row in rows:
		groups.setdefault(row.amount, []).append(row)
	return groups


def _sorted(lines: Iterable[Line]) -> list[Line]:
	return sorted(lines, key=lambda line: (line.date, line.remote_id))


class _Matching:
	"""Lines that wait, and what they were matched with so far."""

	def __init__(self, pool: CandidatePool, waiting: Sequence[Line], out: Matched) -> None:
		self.pool, self.waiting, self.out = pool, waiting, out

	def match(self) -> None:
		"""Match by all rules, the surest first."""
		for distance in range(NEAR_DAYS + 1):
			if not self.waiting:
				return
			self.match_equal(distance)
		self.match_similar()

	def match_equal(self, distance: int) -> None:
		"""Match equal labels at a distance of so many days, unless the match is ambiguous."""
		self._match_released([distance], equal=True)
		groups: dict[_Place, list[Line]] = {}
		for line in self.waiting:
			groups.setdefault(_place(line), []).append(line)
		doubted = {
			place
			for place, lines in groups.items()
			if not _contested(place, distance, groups)
			and any(self.pool.is_ambiguous(line, _days(line, distance), len(lines)) for line in lines)
		}
		if doubted:
			self.out.ambiguous += [line for line in self.waiting if _place(line) in doubted]
			self.waiting = [line for line in self.waiting if _place(line) not in doubted]
		self.match_one_by_one(distance, equal=True, proven=True)

	def match_similar(self) -> None:
		"""Match labels that are alike: what the source gave back itself, then what stands out."""
		self._match_released(range(NEAR_DAYS + 1), equal=False)
		found = resolve(self.pool, self.waiting)
		for line, transaction, distance in found.assigned:
			if distance:
				self.out.proposals.append(Match(line, transaction, MatchEvidence.SIMILAR))
			else:
				evidence = MatchEvidence.SAME_DAY_SIMILAR_LABEL
				self.out.matches.append(Match(line, transaction, evidence))
		self.out.ambiguous += found.ambiguous
		self.waiting = _sorted(found.too_many)
		self.match_one_by_one(0, equal=False)
		before = len(self.out.matches)
		for distance in range(1, NEAR_DAYS + 1):
			self.match_one_by_one(distance, equal=False)
		self.out.proposals += self.out.matches[before:]
		del self.out.matches[before:]

	def _match_released(self, distances: Iterable[int], *, equal: bool) -> None:
		"""What the source has just released goes to its own lines before it is lost, without a question."""
		given = self.pool.released_again()
		if given is None:
			return
		pool, self.pool, before = self.pool, given, len(self.out.matches)
		for distance in distances:
			self.match_one_by_one(distance, equal=equal)
		self.pool = pool
		pool.drop({found.transaction.name for found in self.out.matches[before:]})

	def match_one_by_one(self, distance: int, *, equal: bool, proven: bool = False) -> None:
		"""Match at a distance of so many days, one by one."""
		left = []
		for line in self.waiting:
			found = self.pool.take(line, _days(line, distance), equal=equal, proven=proven)
			if found is None:
				left.append(line)
			else:
				transaction, row = found
				self.out.matches.append(Match(line, transaction, self._evidence(line, row, equal=equal)))
		self.waiting = left

	def _evidence(self, line: Line, row: Row, *, equal: bool) -> MatchEvidence:
		if row.day == line.date.toordinal():
			return MatchEvidence.SAME_DAY_SAME_LABEL if equal else MatchEvidence.SAME_DAY_SIMILAR_LABEL
		if not equal:
			return MatchEvidence.SIMILAR
		within = row.features.span is not None and row.features.span.holds(line.date.toordinal())
		return MatchEvidence.SHIFTED_SAME_LABEL if within else MatchEvidence.SHIFTED_BUSINESS_DAY


_Place = tuple[int, str, str]


def _place(line: Line) -> _Place:
	"""Lines of one place are alike in all that the rules see."""
	return line.date.toordinal(), line.currency, label_of(line.original).text


def _days(line: Line, distance: int) -> list[int]:
	day = line.date.toordinal()
	return sorted({day - distance, day + distance})


def _contested(place: _Place, distance: int, places: Container[_Place]) -> bool:
	"""Whether equal lines of other days may be the same: among these it is counted."""
	day, *rest = place
	return distance > 0 and any((day + 2 * side * distance, *rest) in places for side in (-1, 1))

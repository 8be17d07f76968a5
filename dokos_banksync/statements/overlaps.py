"""Rows that several statements of one account give in one file: a report of the day and the statement of that day,
reports that each repeat the earlier one, notifications beside the statement.

Statements whose balances enclose their rows hold exactly these rows. The rows of all others are compared with them and
with each other. What the bank gives under one id is one transaction; what an enclosing statement holds is counted there;
everything else that may be the same is marked as doubtful.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from dokos_banksync.core.matching.labels import ALIKE, label_key, label_of
from dokos_banksync.core.matching.shared_ids import NEAR_ID_DAYS, identifies
from dokos_banksync.core.message import Message
from dokos_banksync.core.model import LineState
from dokos_banksync.core.packed_lines import PackedLines
from dokos_banksync.core.repeated_keys import RepeatedKeys
from dokos_banksync.core.staged_row import AMOUNT, CURRENCY, DATE, RAW, REFERENCE, REMOTE_ID, STATE, StagedRow

if TYPE_CHECKING:
	from dokos_banksync.statements.parts import Part

REPEATED = "{0} rows stand in several statements of the file under the same id: they were read once"
IN_STATEMENT = "{0} rows of reports stand in the statement of their day: they were read once"
NOT_IN_STATEMENT = (
	"A report has {0} rows, the first of them {1} of {2}, that the statement of these days lacks"
)
_MOST_COMPARED = 200
"""Rows of one day and amount that a row is compared with: the effort must not grow with the square of their number."""
_LABEL = 6
"""The place of the bank's label in a row."""
_BOOKED = LineState.BOOKED.value


class Overlaps(NamedTuple):
	"""The lines of an account. `twice` has the places of those that may be the line of an earlier place again."""

	lines: PackedLines
	twice: Mapping[int, int]
	mismatches: Sequence[str] = ()
	proven: Sequence[Part] = ()
	"""The statements that hold all of these lines; empty where others have some of their own."""
	further_days: Container[str] = ()
	"""Days on which others have booked lines of their own beside such statements."""


def without_overlaps(parts: Sequence[Part], remarks: list[str]) -> Overlaps:
	"""Return the lines of the statements, each transaction once."""
	if len(parts) == 1:
		return Overlaps(parts[0].lines, {})
	proven = {place for place, part in enumerate(parts) if part.is_proven}
	if len(proven) == len(parts):
		return Overlaps(_all(parts), {})
	comparison = _Comparison(parts, proven)
	comparison.run()
	return comparison.result(remarks)


def _all(parts: Iterable[Part]) -> PackedLines:
	lines = PackedLines()
	for part in parts:
		lines.add_all(part.lines)
	return lines


@dataclass
class _Seen:
	"""A row that was taken: of which statement, and its place among all rows of the account."""

	row: StagedRow
	part: int
	place: int


@dataclass
class _Comparison:
	parts: Sequence[Part]
	proven: set[int]
	dropped: set[int] = field(default_factory=set)
	twice: dict[int, int] = field(default_factory=dict)
	lacking: list[StagedRow] = field(default_factory=list)
	own: int = 0
	"""Rows that other statements than the proven ones have for themselves."""
	own_days: set[str] = field(default_factory=set)
	by_id: int = 0
	in_statement: int = 0

	def __post_init__(self) -> None:
		self._ids: dict[str, list[_Seen]] = {}
		self._contents: dict[tuple[str, ...], list[_Seen]] = {}
		self._without_id: dict[tuple[str, ...], list[_Seen]] = {}
		self._repeated = self._repeated_keys()
		self._spans = [(place, *_days(self.parts[place])) for place in sorted(self.proven)]

	def _repeated_keys(self) -> frozenset[int]:
		keys = RepeatedKeys()
		for part in self.parts:
			for row in part.lines.rows():
				keys.add("".join(_content(row)))
				if row[REMOTE_ID]:
					keys.add(f"id {row[REMOTE_ID]}")
		return keys.hashes()

	def run(self) -> None:
		"""Take the rows of the proven statements, then those of the others."""
		starts = self._starts()
		for place in sorted(range(len(self.parts)), key=lambda one: one not in self.proven):
			taken: set[int] = set()
			for number, row in enumerate(self.parts[place].lines.rows(), starts[place]):
				seen = _Seen(row, place, number)
				if place in self.proven or not self._is_known(seen, taken):
					self._keep(seen, taken)

	def _starts(self) -> list[int]:
		starts, count = [], 0
		for part in self.parts:
			starts.append(count)
			count += len(part.lines)
		return starts

	def _keep(self, seen: _Seen, taken: set[int]) -> None:
		row = seen.row
		taken.add(seen.place)
		if seen.part not in self.proven:
			self._count_own(row)
			if row[STATE] == _BOOKED and self._is_covered(row[DATE]):
				self.lacking.append(row)
		if row[REMOTE_ID] and hash(f"id {row[REMOTE_ID]}") in self._repeated:
			self._ids.setdefault(row[REMOTE_ID], []).append(seen)
		if hash("".join(_content(row))) in self._repeated:
			for index in (self._contents, *(() if row[REMOTE_ID] else (self._without_id,))):
				index.setdefault(_content(row), []).append(seen)

	def _count_own(self, row: StagedRow) -> None:
		self.own += 1
		if self.proven and row[STATE] == _BOOKED:
			self.own_days.add(row[DATE])

	def _is_known(self, seen: _Seen, taken: set[int]) -> bool:
		"""Whether the row needs no place of its own, since another statement has it."""
		row = seen.row
		same = (
			one
			for one in self._ids.get(row[REMOTE_ID], ())
			if one.place not in taken and _is_same(one.row, row)
		)
		if known := next(same, None):
			taken.add(known.place)
			self.by_id += 1
			newer = known.row[STATE] != _BOOKED == row[STATE]
			self.dropped.add(known.place if newer else seen.place)
			return not newer
		index = self._without_id if row[REMOTE_ID] else self._contents
		equal = index.get(_content(row), ())[:_MOST_COMPARED]
		found = [one for one in equal if one.place not in taken and self._may_be(one, seen)]
		if not found:
			return False
		known = max(found, key=lambda one: (one.row[RAW] == row[RAW], _closeness(one.row, row)))
		taken.add(known.place)
		if known.part in self.proven and self._is_before_end(known.part, row[DATE]):
			self.in_statement += 1
			self.dropped.add(seen.place)
		else:
			self._count_own(seen.row)
			self.twice[seen.place] = known.place
		return True

	def _may_be(self, known: _Seen, seen: _Seen) -> bool:
		one, other = known.row, seen.row
		if known.part == seen.part or one[STATE] != _BOOKED or other[STATE] != _BOOKED:
			return False
		if one[REMOTE_ID] and other[REMOTE_ID]:
			return False  # two ids
		if one[REFERENCE] and other[REFERENCE] and one[REFERENCE] != other[REFERENCE]:
			return False
		kinds = {self.parts[place].kind for place in (known.part, seen.part)}
		return one[RAW] == other[RAW] or len(kinds) > 1 or _closeness(one, other) >= ALIKE

	def _is_before_end(self, place: int, day: str) -> bool:
		return any(day <= last for part, _, last in self._spans if part == place)

	def _is_covered(self, day: str) -> bool:
		return any(first <= day <= last for _, first, last in self._spans)

	def result(self, remarks: list[str]) -> Overlaps:
		"""Return the lines that are left, and note on the others."""
		for sentence, count in ((REPEATED, self.by_id), (IN_STATEMENT, self.in_statement)):
			remarks += [Message(sentence, count)] if count else []
		first = self.lacking[0] if self.lacking else None
		mismatches = (
			[Message(NOT_IN_STATEMENT, len(self.lacking), Decimal(first[AMOUNT]), first[DATE])]
			if first
			else []
		)
		left = [] if self.own else [self.parts[place] for place in sorted(self.proven)]
		lines, places = PackedLines(), dict[int, int]()
		for place, row in enumerate(_rows_of(self.parts)):
			if place not in self.dropped:
				places[place] = len(lines)
				lines.add(row)
		twice = {places[place]: places[known] for place, known in self.twice.items()}
		return Overlaps(
			lines=lines, twice=twice, mismatches=mismatches, proven=left, further_days=self.own_days
		)


def _days(part: Part) -> tuple[str, str]:
	"""Return the first and the last day whose rows a proven statement has all of."""
	opening, closing, days = part.opening, part.closing, part.lines.booked_days
	after = opening.day + timedelta(days=1) if opening else date.max
	first = min(after, days[0]) if days else after
	last = closing.day if closing else date.min
	return first.isoformat(), (last if part.whole_days else last - timedelta(days=1)).isoformat()


def _rows_of(parts: Iterable[Part]) -> Iterator[StagedRow]:
	for part in parts:
		yield from part.lines.rows()


def _content(row: StagedRow) -> tuple[str, str, str]:
	return row[DATE], str(Decimal(row[AMOUNT]).normalize()), row[CURRENCY]


def _is_same(one: StagedRow, other: StagedRow) -> bool:
	"""Whether two rows under one id are one transaction."""
	if one[RAW] == other[RAW]:
		return True
	money = Decimal(one[AMOUNT]) == Decimal(other[AMOUNT]) and one[CURRENCY] == other[CURRENCY]
	if not money or not identifies(one[REMOTE_ID]):
		return False
	apart = abs(date.fromisoformat(one[DATE]) - date.fromisoformat(other[DATE])).days
	return not apart or (apart <= NEAR_ID_DAYS and label_key(one[_LABEL]) == label_key(other[_LABEL]))


def _closeness(one: StagedRow, other: StagedRow) -> float:
	return label_of(one[_LABEL]).closeness(label_of(other[_LABEL]))

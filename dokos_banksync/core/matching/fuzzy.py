"""Lines whose labels are only alike to those of bank transactions: maximum bipartite matching, component by component.

Lines and bank transactions that may be one form a graph. In it, what stands out for both sides is assigned: nearer by
day and not less alike, or more alike on the same day. Of the rest, a component with as many lines as bank transactions
is assigned as a whole. Whatever would leave one over that is not the same as the others is ambiguous.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from dokos_banksync.core.matching.candidate_pool import CandidatePool, Row
from dokos_banksync.core.model import ExistingTransaction, Line

NEAR_DAYS = 4
"""How many days one transaction may differ by in two sources (booking day, value day, a weekend)."""

MARGIN = 0.15
"""Difference of similarity from which on a label stands out."""

MAX_EDGES = 40
"""A line with more candidates than this is matched on its own day only: one price and like labels, by the thousand."""

MAX_COMPONENT = 300
"""So are the lines of a component of more lines than this: one amount, day after day for a year."""


class Assignment(NamedTuple):
	"""A line, what it is, and how many days lie between."""

	line: Line
	transaction: ExistingTransaction
	distance: int


@dataclass
class Resolved:
	"""`ambiguous` lines may be one of several; `too_many` are those of components that were too large to examine."""

	assigned: list[Assignment] = field(default_factory=list)
	ambiguous: list[Line] = field(default_factory=list)
	too_many: list[Line] = field(default_factory=list)


class _Edge(NamedTuple):
	distance: int
	similarity: float
	deleted: bool

	def beats(self, other: _Edge) -> bool:
		"""Return whether this edge is clearly better. If all else is equal, an existing bank transaction beats a deleted one."""
		return self._nearer(other) or (other.deleted and not self.deleted and not other._nearer(self))

	def _nearer(self, other: _Edge) -> bool:
		if self.distance != other.distance:
			return self.distance < other.distance and self.similarity > other.similarity - MARGIN
		return self.similarity >= other.similarity + MARGIN


class _Node:
	"""Lines, or bank transactions, that are the same in all that matters."""

	def __init__(self, key: Hashable) -> None:
		self.key = key
		self.lines: list[Line] = []
		self.waiting: list[ExistingTransaction] = []
		self.edges: dict[_Node, _Edge] = {}

	def __len__(self) -> int:
		return len(self.lines) or len(self.waiting)

	def best(self) -> _Node | None:
		"""Return the neighbour that is clearly better than all others, or None."""
		for other, edge in self.edges.items():
			if all(edge.beats(rival) for one, rival in self.edges.items() if one is not other):
				return other
		return None

	def leave(self) -> None:
		"""Remove this node's edges from the graph."""
		for other in self.edges:
			del other.edges[self]
		self.edges = {}


def resolve(pool: CandidatePool, lines: Sequence[Line]) -> Resolved:
	"""Assign lines to the bank transactions that remain in a pool, as far as the evidence decides, and remove these from it."""
	out = Resolved()
	for nodes in _components(_build_graph(pool, lines, out)):
		if sum(map(len, nodes)) > MAX_COMPONENT:
			out.too_many += [line for node in nodes for line in node.lines]
		else:
			_settle(nodes, out)
	taken = {one.transaction.name for one in out.assigned}
	if taken:
		pool.drop(taken)
	return out


def _build_graph(pool: CandidatePool, lines: Sequence[Line], out: Resolved) -> list[_Node]:
	"""Return a node for each kind of line that has a candidate."""
	ours: dict[Hashable, _Node] = {}
	theirs: dict[Hashable, _Node] = {}
	too_many: set[Hashable] = set()
	for line in lines:
		key = (line.date, line.currency, line.original, line.description)
		if key in too_many:
			out.too_many.append(line)
		elif key in ours:
			ours[key].lines.append(line)
		else:
			rows = _rows(pool, line)
			if len(rows) > MAX_EDGES:
				too_many.add(key)
				out.too_many.append(line)
			elif rows:
				ours[key] = _add_edges(line, key, rows, theirs)
	return list(ours.values())


def _rows(pool: CandidatePool, line: Line) -> list[Row]:
	day = line.date.toordinal()
	rows = []
	for row in pool.rows(line, range(day - NEAR_DAYS, day + NEAR_DAYS + 1), equal=False):
		rows.append(row)
		if len(rows) > MAX_EDGES:
			break
	return rows


def _add_edges(line: Line, key: Hashable, rows: Sequence[Row], theirs: dict[Hashable, _Node]) -> _Node:
	node = _Node(key)
	node.lines.append(line)
	for row in rows:
		distance, similarity = abs(row.day - line.date.toordinal()), row.similarity(line)
		for other in _of_row(row, theirs):
			edge = _Edge(distance, similarity, other.waiting[0].deleted)
			node.edges[other] = other.edges[node] = edge
	return node


def _of_row(row: Row, theirs: dict[Hashable, _Node]) -> list[_Node]:
	"""Bank transactions of one label and day may differ in what a user did with them."""
	by_traits: Mapping[Hashable, list[ExistingTransaction]] = defaultdict(list)
	for _, known in sorted(row.waiting, key=lambda entry: entry[0]):
		by_traits[row.features, row.traits(known), known.deleted].append(known)
	for key, waiting in by_traits.items():
		if key not in theirs:
			theirs[key] = _Node(key)
			theirs[key].waiting = waiting
	return [theirs[key] for key in by_traits]


def _components(nodes: Sequence[_Node]) -> Iterator[list[_Node]]:
	"""Yield the connected components, each as its nodes of lines."""
	seen: set[_Node] = set()
	for start in nodes:
		if start in seen:
			continue
		piece, stack = [], [start]
		seen.add(start)
		while stack:
			node = stack.pop()
			if node.lines:
				piece.append(node)
			fresh = [other for other in node.edges if other not in seen]
			seen.update(fresh)
			stack += fresh
		yield sorted(piece, key=lambda node: repr(node.key))


def _settle(ours: list[_Node], out: Resolved) -> None:
	assigned = True
	while assigned:
		assigned = False
		for node in ours:
			assigned |= bool(node.lines) and _assign_unique_best(node, out)
	for piece in _components([node for node in ours if node.lines and node.edges]):
		_assign_rest(piece, out)


def _assign_unique_best(node: _Node, out: Resolved) -> bool:
	"""Assign what stands out for both sides."""
	other = node.best()
	if other is None or other.best() is not node:
		return False
	edge = node.edges[other]
	count = min(len(node.lines), len(other.waiting))
	out.assigned += [Assignment(node.lines.pop(0), other.waiting.pop(0), edge.distance) for _ in range(count)]
	for side in (node, other):
		if not len(side):
			side.leave()
	return True


def _assign_rest(ours: list[_Node], out: Resolved) -> None:
	theirs = sorted({other for node in ours for other in node.edges}, key=lambda one: repr(one.key))
	lines, waiting = sum(map(len, ours)), sum(map(len, theirs))
	counted = (len(ours) == 1 and lines >= waiting) or (len(theirs) == 1 and waiting >= lines)
	found = _maximum_matching(ours) if counted or lines == waiting else []
	if len(found) == min(lines, waiting):
		out.assigned += found
	else:
		out.ambiguous += [line for node in ours for line in node.lines]


def _maximum_matching(ours: Sequence[_Node]) -> list[Assignment]:
	"""Maximum bipartite matching by augmenting paths, highest similarity first."""
	holder: dict[tuple[_Node, int], tuple[_Node, int]] = {}

	def place(unit: tuple[_Node, int], tried: set[tuple[_Node, int]]) -> bool:
		"""Find a free slot for a unit, moving units placed earlier; return whether there is one."""
		options = sorted(
			unit[0].edges.items(), key=lambda e: (-e[1].similarity, e[1].distance, repr(e[0].key))
		)
		for other, _ in options:
			for slot in ((other, index) for index in range(len(other.waiting))):
				if slot in tried:
					continue
				tried.add(slot)
				if slot not in holder or place(holder[slot], tried):
					holder[slot] = unit
					return True
		return False

	for node in ours:
		for index in range(len(node.lines)):
			place((node, index), set())
	return [
		Assignment(node.lines[index], other.waiting[slot], node.edges[other].distance)
		for (other, slot), (node, index) in holder.items()
	]

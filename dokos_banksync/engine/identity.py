"""What a line is, whatever its id: the same transaction keeps its day, amount and label when ids change.

Every true transaction of a bank account appears once in each source (a feed, another provider's feed, a
file). So lines of one source are matched one to one with the bank transactions that this source does not
hold yet, and counted: two equal coffees on one day are two transactions and stay two.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from dokos_banksync.engine.labels import alike, label_key
from dokos_banksync.engine.model import KnownTransaction, Line
from dokos_banksync.engine.shelf import Shelf

__all__ = ["NEAR_DAYS", "RULES", "Match", "alike", "candidates", "label_key", "match", "same"]

NEAR_DAYS = 4
"""How far the days of one transaction may lie apart in two sources (booked, value, a weekend)."""

_SAME, _ALIKE = 1, 0.5


class Match(NamedTuple):
	"""A line and the bank transaction it is, with the rule that said so."""

	line: Line
	transaction: KnownTransaction
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


def match(lines: Sequence[Line], known: Iterable[KnownTransaction], source: str) -> list[Match]:
	"""Tie new lines of one source to bank transactions of equal amount and currency, one to one.

	`known` may hold bank transactions that the source holds already; those are taken. The order of `lines`
	and `known` does not change which bank transactions are found.
	"""
	free = [k for k in known if source not in k.sources]
	if not free:
		return []
	shelf = Shelf(free)
	waiting = sorted(lines, key=lambda line: (line.date, line.remote_id))
	matches: list[Match] = []
	for rule in RULES:
		for apart in range(rule.reach + 1):
			waiting = _tie(rule, apart, waiting, shelf, matches)
	return matches


def candidates(line: Line, known: Iterable[KnownTransaction], source: str) -> list[KnownTransaction]:
	"""What a line of a source may be by any of the rules, the likeliest first."""
	near = [k for k in known if source not in k.sources and _may_be(line, k)]
	return sorted(
		near, key=lambda k: (-_likeness(line, k), abs((k.date - line.date).days), k.deleted, k.name)
	)


def _may_be(line: Line, known: KnownTransaction) -> bool:
	return (
		(line.amount, line.currency) == (known.amount, known.currency)
		and abs((known.date - line.date).days) <= NEAR_DAYS
		and _likeness(line, known) >= _ALIKE
	)


def _likeness(line: Line, known: KnownTransaction) -> float:
	return max(alike(line.original, known.original), alike(line.description, known.description))


def same(
	lines: Sequence[Line], known: Iterable[KnownTransaction], source: str
) -> list[tuple[Line, KnownTransaction]]:
	"""Those that the surest rule alone ties."""
	return [found[:2] for found in match(lines, known, source) if found.note == RULES[0].note]


def _tie(rule: _Rule, apart: int, waiting: list[Line], shelf: Shelf, matches: list[Match]) -> list[Line]:
	"""Tie what one rule ties at a distance of so many days; gives the lines that still wait."""
	left = []
	for line in waiting:
		day = line.date.toordinal()
		found = shelf.take(line, sorted({day - apart, day + apart}), rule.least)
		if found is None:
			left.append(line)
		else:
			matches.append(Match(line, found, rule.note))
	return left

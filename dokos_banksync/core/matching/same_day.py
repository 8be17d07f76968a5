"""Matches of one day and label, found by counting: most lines of an import need no comparison with any other day.

The decisions are those of `exact.match` at a distance of no day, without a candidate pool.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TypeVar

from dokos_banksync.core.batch import SoleTransaction
from dokos_banksync.core.matching.labels import label_of
from dokos_banksync.core.matching.references import contradict
from dokos_banksync.core.model import ExistingTransaction, Line

_Dated = TypeVar("_Dated", Line, ExistingTransaction)


@dataclass
class SameDay:
	"""What was decided, and the lines and bank transactions that are left. The ambiguous lines are decided too."""

	matches: list[tuple[Line, ExistingTransaction]] = field(default_factory=list)
	ambiguous: list[Line] = field(default_factory=list)
	lines: list[Line] = field(default_factory=list)
	known: list[ExistingTransaction] = field(default_factory=list)


def match_same_day(
	lines: Iterable[Line], free: Iterable[ExistingTransaction], without: Container[Decimal] = ()
) -> SameDay:
	"""Match lines with free bank transactions of their amount, day, currency and label, one to one.

	Amounts in `without` are left as they are: those of bank transactions that the source of the lines has released in
	this run. So is a day on which counter-parties or descriptions could make a difference.
	"""
	theirs = _by_day(free)
	out = SameDay()
	for place, group in _by_day(lines).items():
		rows = theirs.get(place)
		if rows is None or place[1] in without:
			out.lines += group
		else:
			theirs[place] = _match_day(group, rows, out)
	out.known = [row for rows in theirs.values() for row in rows]
	return out


def _by_day(rows: Iterable[_Dated]) -> dict[tuple[date, Decimal], list[_Dated]]:
	found: dict[tuple[date, Decimal], list[_Dated]] = {}
	for row in rows:
		found.setdefault((row.date, row.amount), []).append(row)
	return found


def _match_day(lines: list[Line], rows: list[ExistingTransaction], out: SameDay) -> list[ExistingTransaction]:
	"""Decide one day as far as counting does; return the bank transactions that are left."""
	if len(lines) == len(rows) == 1 and are_equal(lines[0], rows[0]):
		out.matches.append((lines[0], rows[0]))
		return []
	if not _can_be_counted(lines, rows):
		out.lines += lines
		return rows
	by_label: dict[tuple[str, str], list[ExistingTransaction]] = {}
	for row in rows:
		by_label.setdefault((row.currency, label_of(row.original).text), []).append(row)
	asked: dict[tuple[str, str], list[Line]] = {}
	for line in lines:
		asked.setdefault((line.currency, label_of(line.original).text), []).append(line)
	for place, group in asked.items():
		if place in by_label:
			by_label[place] = _match_label(group, by_label[place], out)
		else:
			out.lines += group
	return [row for left in by_label.values() for row in left]


def are_equal(line: Line, row: ExistingTransaction | SoleTransaction) -> bool:
	"""Return whether currency and label are equal even before the label is normalised, and no counter-party or reference differs."""
	if line.currency != row.currency or (line.party_iban and row.party_iban):
		return False
	if contradict([line.reference], [row.reference]):
		return False
	return line.original == row.original or line.original.casefold() == row.original.casefold()


def _can_be_counted(lines: Iterable[Line], rows: Sequence[ExistingTransaction]) -> bool:
	"""Return whether each bank transaction has one label, and no counter-party or reference has to be compared."""
	if any(row.party_iban for row in rows) and any(line.party_iban for line in lines):
		return False
	if contradict((line.reference for line in lines), (row.reference for row in rows)):
		return False
	return all(
		row.description == row.original or label_of(row.description).text == label_of(row.original).text
		for row in rows
	)


def _match_label(
	lines: list[Line], rows: list[ExistingTransaction], out: SameDay
) -> list[ExistingTransaction]:
	"""Match lines and bank transactions that are equal, existing ones before deleted ones; return those that are left.

	If some existing ones are left over and differ in what a user did with them, the lines are ambiguous.
	"""
	existing = [row for row in rows if not row.deleted]
	if len(lines) < len(existing) and len({_traits(row) for row in existing}) > 1:
		out.ambiguous += lines
		return rows
	if len(lines) > 1:
		lines = sorted(lines, key=lambda line: line.remote_id)
	if len(rows) > 1:
		rows = sorted(rows, key=lambda row: (row.deleted, row.name))
	count = min(len(lines), len(rows))
	out.matches += zip(lines[:count], rows[:count], strict=True)
	out.lines += lines[count:]
	return rows[count:]


def _traits(row: ExistingTransaction) -> tuple[bool, str, bool]:
	return row.reconciled, row.category, not row.sources

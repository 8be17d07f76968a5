"""An id of its own for each line of an account: the bank's where it is one, else one made of the row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence, Set
from typing import NamedTuple, TypeAlias

from dokos_banksync.core.message import Message
from dokos_banksync.core.packed_lines import PackedLines
from dokos_banksync.core.repeated_keys import RepeatedKeys
from dokos_banksync.core.staged_row import RAW, REMOTE_ID, StagedRow
from dokos_banksync.statements.contract import Refused
from dokos_banksync.statements.ids import Ids

SHARED = "The id {0} stands on different rows: it was not used"
REPEATED = "{0} rows stand in several statements of the file under the same id: they were read once"
_NAMED = 20
"""Shared ids that are named in remarks."""

Rows: TypeAlias = tuple[PackedLines, Sequence[Refused]]
"""The lines of one statement, with the bank's ids or without any, and its rejected rows."""


class BankIds(Set[str]):
	"""The ids that the bank gave to the lines of an account. They are collected only where they are asked for."""

	def __init__(self, lines: PackedLines, shared: frozenset[str]) -> None:
		self._lines, self._shared = lines, shared

	def _ids(self) -> frozenset[str]:
		found = {row[REMOTE_ID] for chunk in self._lines.chunks() for row in chunk}
		return frozenset(found - self._shared - {""})

	def __contains__(self, value: object) -> bool:
		return value in self._ids()

	def __iter__(self) -> Iterator[str]:
		return iter(self._ids())

	def __len__(self) -> int:
		return len(self._ids())


class Identified(NamedTuple):
	"""Lines and rejected rows that each have an id, and those ids that the bank gave."""

	lines: PackedLines
	refused: tuple[Refused, ...]
	bank_ids: Set[str]


def identified(parts: Sequence[Rows], remarks: list[str]) -> Identified:
	"""Give every line of an account an id of its own.

	A bank's id on rows that differ, or on several rows of one statement, names none of them. The same row under the
	same id in a later statement is the same transaction.
	"""
	given = _without_repeats([lines for lines, _ in parts], remarks)
	shared = _shared(given)
	remarks += [Message(SHARED, own) for own in sorted(shared)[:_NAMED]]
	refused = [row for _, rows in parts for row in rows]
	ids = Ids()
	named = _named(given, shared, ids, refused)
	done = tuple(row if row.id else row._replace(id=ids.next()) for row in refused)
	return Identified(named, done, BankIds(given, shared))


def _rows(lines: PackedLines) -> Iterator[StagedRow]:
	for chunk in lines.chunks():
		yield from chunk


def _shared(lines: PackedLines) -> frozenset[str]:
	"""Return the ids that stand on several rows."""
	keys = RepeatedKeys()
	for row in _rows(lines):
		if own := row[REMOTE_ID]:
			keys.add(own)
	repeated = keys.hashes()
	if not repeated:
		return frozenset()
	uses = Counter(row[REMOTE_ID] for row in _rows(lines) if hash(row[REMOTE_ID]) in repeated)
	return frozenset(own for own, count in uses.items() if own and count > 1)


def _named(lines: PackedLines, shared: frozenset[str], ids: Ids, refused: Sequence[Refused]) -> PackedLines:
	"""Return the lines, with ids made of them where the bank's do not name them; the texts of `refused` are added to `ids`."""
	without = 0
	for row in _rows(lines):
		if not row[REMOTE_ID] or row[REMOTE_ID] in shared:
			ids.add(row[RAW].strip())
			without += 1
	for one in refused:
		if not one.id:
			ids.add(one.text.strip())
	if not without:
		return lines
	named = PackedLines()
	for row in _rows(lines):
		own = row[REMOTE_ID]
		named.add((row[0], ids.next(), *row[2:]) if not own or own in shared else row)
	return named


def _without_repeats(parts: Sequence[PackedLines], remarks: list[str]) -> PackedLines:
	"""Return the lines of all statements; a row that an earlier one has under the same id is left out."""
	if len(parts) == 1:
		return parts[0]
	keys = RepeatedKeys()
	for part in parts:
		for row in _rows(part):
			keys.add(row[REMOTE_ID])
	repeated = keys.hashes()
	unique = PackedLines()
	seen: dict[str, str] = {}
	left_out = 0
	for part in parts:
		own: dict[str, str] = {}
		for row in _rows(part):
			if not row[REMOTE_ID] or hash(row[REMOTE_ID]) not in repeated:
				unique.add(row)
				continue
			if seen.get(row[REMOTE_ID]) == row[RAW]:
				left_out += 1
			else:
				unique.add(row)
			own[row[REMOTE_ID]] = row[RAW]
		seen.update(own)
	if left_out:
		remarks.append(Message(REPEATED, left_out))
	return unique

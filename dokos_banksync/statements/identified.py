"""An id of its own for each line of an account: the bank's where it is one, else one made of the row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Set
from typing import NamedTuple

from dokos_banksync.core.matching.repeated_ids import repeated_id
from dokos_banksync.core.message import Message
from dokos_banksync.core.packed_lines import PackedLines
from dokos_banksync.core.repeated_keys import RepeatedKeys
from dokos_banksync.core.staged_row import RAW, REMOTE_ID
from dokos_banksync.statements.contract import Refused
from dokos_banksync.statements.ids import Ids

SHARED = "The id {0} stands on different rows: it was not used"
_NAMED = 20
"""Shared ids that are named in remarks."""


class BankIds(Set[str]):
	"""The ids that the bank gave to the lines of an account. They are collected only where they are asked for."""

	def __init__(self, lines: PackedLines, shared: frozenset[str]) -> None:
		self._lines, self._shared = lines, shared

	def _ids(self) -> frozenset[str]:
		found = {row[REMOTE_ID] for row in self._lines.rows()}
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
	doubtful: frozenset[str]
	"""Ids of lines that may be another line of the account again."""


def identified(
	given: PackedLines, refused: Sequence[Refused], remarks: list[str], twice: Mapping[int, int]
) -> Identified:
	"""Give every line of an account an id of its own.

	A bank's id on several rows names none of them. `twice` has the places of lines that may be the same as that of an
	earlier place: their ids say so.
	"""
	shared = _shared(given)
	remarks += [Message(SHARED, own) for own in sorted(shared)[:_NAMED]]
	ids = Ids()
	named = _named(given, shared, ids, refused)
	done = tuple(row if row.id else row._replace(id=ids.next()) for row in refused)
	again = _again(named, twice) if twice else {}
	if again:
		named = _renamed(named, again)
	return Identified(named, done, BankIds(given, shared), frozenset(again.values()))


def _again(lines: PackedLines, twice: Mapping[int, int]) -> dict[int, str]:
	"""Return the ids of the lines that may be an earlier one, by place."""
	firsts = set(twice.values())
	ids = {place: row[REMOTE_ID] for place, row in enumerate(lines.rows()) if place in firsts}
	times: Counter[int] = Counter()
	made: dict[int, str] = {}
	for place, first in twice.items():
		times[first] += 1
		made[place] = repeated_id(ids[first], times[first] + 1)
	return made


def _renamed(lines: PackedLines, again: Mapping[int, str]) -> PackedLines:
	renamed = PackedLines()
	for place, row in enumerate(lines.rows()):
		renamed.add((row[0], again.get(place, row[REMOTE_ID]), *row[2:]))
	return renamed


def _shared(lines: PackedLines) -> frozenset[str]:
	"""Return the ids that stand on several rows."""
	keys = RepeatedKeys()
	for row in lines.rows():
		if own := row[REMOTE_ID]:
			keys.add(own)
	repeated = keys.hashes()
	if not repeated:
		return frozenset()
	uses = Counter(row[REMOTE_ID] for row in lines.rows() if hash(row[REMOTE_ID]) in repeated)
	return frozenset(own for own, count in uses.items() if own and count > 1)


def _named(lines: PackedLines, shared: frozenset[str], ids: Ids, refused: Sequence[Refused]) -> PackedLines:
	"""Return the lines, with ids made of them where the bank's do not name them; the texts of `refused` are added to `ids`."""
	without = 0
	for row in lines.rows():
		if not row[REMOTE_ID] or row[REMOTE_ID] in shared:
			ids.add(row[RAW].strip())
			without += 1
	for one in refused:
		if not one.id:
			ids.add(one.text.strip())
	if not without:
		return lines
	named = PackedLines()
	for row in lines.rows():
		own = row[REMOTE_ID]
		named.add((row[0], ids.next(), *row[2:]) if not own or own in shared else row)
	return named

"""What a line is, whatever its id: the same transaction keeps its day, amount and label when ids change.

Every true transaction of a bank account appears once in each source (a feed, another provider's feed, a
file). So lines of one source are matched one to one with the bank transactions that this source does not
hold yet, and counted: two equal coffees on one day are two transactions and stay two.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from dokos_banksync.engine.model import KnownTransaction, Line

NEAR_DAYS = 4
"""How far the days of one transaction may lie apart in two sources (booked, value, a weekend)."""

_ALIKE = 0.5
_NOT_A_WORD = re.compile(r"[^a-z0-9]+")


class Match(NamedTuple):
	"""A line and the bank transaction it is, with the rule that said so."""

	line: Line
	transaction: KnownTransaction
	note: str


class _Rule(NamedTuple):
	note: str
	near: bool
	fits: Callable[[Line, KnownTransaction], bool]


@lru_cache(maxsize=65536)
def label_key(label: str) -> str:
	"""The label without case, accents, punctuation and spacing: `CB Café 12/03` gives `cb cafe 12 03`."""
	text = unicodedata.normalize("NFKD", label).encode("ascii", "ignore").decode().lower()
	return _NOT_A_WORD.sub(" ", text).strip()


def alike(one: str, other: str) -> float:
	"""Share of words that two labels have in common, from 0 to 1."""
	words, others = set(label_key(one).split()), set(label_key(other).split())
	return len(words & others) / max(len(words | others), 1)


def _same_label(line: Line, known: KnownTransaction) -> bool:
	key = label_key(line.original)
	return key in (label_key(known.original), label_key(known.description))


def _alike(line: Line, known: KnownTransaction) -> bool:
	return max(alike(line.original, known.original), alike(line.description, known.description)) >= _ALIKE


RULES = (
	_Rule("Same day, amount and label", near=False, fits=_same_label),
	_Rule("Same amount and label, a few days apart", near=True, fits=_same_label),
	_Rule("Same day and amount, label alike", near=False, fits=_alike),
	_Rule("Same amount, label alike, a few days apart", near=True, fits=_alike),
)
"""From the surest to the least sure; each is tried on all lines before the next one."""


def match(lines: Sequence[Line], known: Iterable[KnownTransaction], source: str) -> list[Match]:
	"""Tie new lines of one source to bank transactions of equal amount and currency, one to one.

	`known` may hold bank transactions that the source holds already; those are taken. The order of `lines`
	and `known` does not change which bank transactions are found.
	"""
	free = sorted((k for k in known if source not in k.sources), key=lambda k: (k.date, k.name))
	if not free:
		return []
	waiting = sorted(lines, key=lambda line: (line.date, line.remote_id))
	matches: list[Match] = []
	for rule in RULES:
		matches += _tie(rule, waiting, free)
	return matches


def _tie(rule: _Rule, waiting: list[Line], free: list[KnownTransaction]) -> list[Match]:
	"""Tie what one rule ties, nearest day first, and take it off both lists."""
	pairs = sorted(
		(abs((line.date - known.date).days), i, j)
		for i, line in enumerate(waiting)
		for j, known in _reachable(line.date, free, NEAR_DAYS if rule.near else 0)
		if line.currency == known.currency and rule.fits(line, known)
	)
	tied: dict[int, int] = {}
	taken: set[int] = set()
	for _, i, j in pairs:
		if i not in tied and j not in taken:
			tied[i] = j
			taken.add(j)
	matches = [Match(waiting[i], free[j], rule.note) for i, j in tied.items()]
	waiting[:] = [line for i, line in enumerate(waiting) if i not in tied]
	free[:] = [known for j, known in enumerate(free) if j not in taken]
	return matches


def _reachable(day: date, free: Sequence[KnownTransaction], reach: int) -> list[tuple[int, KnownTransaction]]:
	"""The bank transactions at most `reach` days from `day`, with their places; `free` is sorted by day."""
	start = _first_from(free, day.toordinal() - reach)
	found = []
	for j in range(start, len(free)):
		if free[j].date.toordinal() > day.toordinal() + reach:
			break
		found.append((j, free[j]))
	return found


def _first_from(free: Sequence[KnownTransaction], ordinal: int) -> int:
	low, high = 0, len(free)
	while low < high:
		middle = (low + high) // 2
		if free[middle].date.toordinal() < ordinal:
			low = middle + 1
		else:
			high = middle
	return low

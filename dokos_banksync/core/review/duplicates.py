"""Bank transactions that may be one and the same: which, how likely, and why.

Two rows that one source gave together are two, however alike: the bank has counted them. What came by different ways,
or at different times, may be one. Each bank transaction is paired with one other at most, so that two coffees that
came twice are two pairs, not six.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import combinations, groupby
from typing import NamedTuple, Protocol

from dokos_banksync.core.matching.exact import NEAR_DAYS, alike
from dokos_banksync.core.matching.labels import label_key
from dokos_banksync.core.matching.windows import LISTED_DAYS, may_be_listed
from dokos_banksync.core.progress import Progress, Stage
from dokos_banksync.core.records import Candidate, Near

LIKELY = 0.5
"""From this likeness on a pair is shown unasked."""

_REPORTED = 10_000
"""Rows from one report of the progress to the next."""

_MANY = 60
"""In larger groups only equal labels are compared: a merchant's one price makes groups of thousands."""


class Pair(NamedTuple):
	"""Two that may be one; `first` came first. `likeness` is 1 for certain."""

	first: Candidate
	second: Candidate
	similarity: float
	why: str


class Listing(Protocol):
	"""The part of `core.ledger.Ledger` that is used here."""

	def near(self, bank_account: str = "", since: date | None = None) -> Iterator[Near]:
		"""Yield the pairs of equal amounts on days close to each other."""
		...

	def same_ids(self, bank_account: str = "", since: date | None = None) -> list[list[str]]:
		"""Return the names of transactions that share a provider's id, grouped."""
		...

	def candidates(self, names: Sequence[str]) -> list[Candidate]:
		"""Return these transactions with what is compared of them."""
		...

	def separate_pairs(self) -> frozenset[tuple[str, str]]:
		"""Return the pairs that a user called separate, each in sorted order."""
		...


def find(
	ledger: Listing,
	bank_account: str = "",
	since: date | None = None,
	*,
	everything: bool = False,
	progress: Progress | None = None,
) -> list[Pair]:
	"""Return the pairs of a ledger, the most similar first; with `everything` the unlikely ones and those marked as separate
	too.
	"""
	groups = ledger.same_ids(bank_account, since)
	near = _reported(ledger.near(bank_account, since), progress)
	groups += near_groups(near, together=everything)
	names = sorted({name for group in groups for name in group})
	found: dict[str, Candidate] = {}
	for at in range(0, len(names), _REPORTED):
		if progress:
			progress(Stage.DUPLICATES, at, len(names))
		found |= {one.known.name: one for one in ledger.candidates(names[at : at + _REPORTED])}
	separate_pairs = frozenset[tuple[str, str]]() if everything else ledger.separate_pairs()
	return pairs(groups, found, separate_pairs, 0 if everything else LIKELY)


def _reported(rows: Iterable[Near], progress: Progress | None) -> Iterator[Near]:
	"""Yield the rows, and report how many there were."""
	for number, row in enumerate(rows):
		if progress and number % _REPORTED == 0:
			progress(Stage.DUPLICATES, number, None)
		yield row


def near_groups(rows: Iterable[Near], *, together: bool = False) -> Iterator[list[str]]:
	"""Yield the names of those of equal amount that lie near each other; rows come sorted by place and day.

	Groups of which all came together are left out, unless `together`.
	"""
	for _, of_place in groupby(rows, key=lambda row: row.place):
		for group in _runs(of_place):
			if len(group) > 1 and (together or len({row.received for row in group}) > 1):
				yield [row.name for row in group]


def _runs(rows: Iterable[Near]) -> Iterator[list[Near]]:
	group: list[Near] = []
	for row in rows:
		if group and row.day - group[-1].day > LISTED_DAYS:
			yield group
			group = []
		group.append(row)
	yield group


def pairs(
	groups: Iterable[Sequence[str]],
	found: Mapping[str, Candidate],
	separate_pairs: frozenset[tuple[str, str]] = frozenset(),
	least: float = LIKELY,
) -> list[Pair]:
	"""Return the suggested pairs, the likeliest first.

	`separate_pairs` are pairs of names, the lesser first, that a user has marked as separate.
	"""
	scored = {
		(pair.first.known.name, pair.second.known.name): pair
		for group in groups
		for one, other in _compared([found[name] for name in group if name in found])
		if _key(one, other) not in separate_pairs and (pair := similarity(one, other)).similarity >= least
	}
	ranked = sorted(scored.items(), key=lambda item: (-item[1].similarity, item[0]))
	taken: set[str] = set()
	chosen = []
	for names, pair in ranked:
		if not taken & set(names):
			taken.update(names)
			chosen.append(pair)
	return chosen


def _key(one: Candidate, other: Candidate) -> tuple[str, str]:
	names = sorted((one.known.name, other.known.name))
	return names[0], names[1]


def _compared(group: Sequence[Candidate]) -> Iterator[tuple[Candidate, Candidate]]:
	if len(group) <= _MANY:
		yield from combinations(group, 2)
		return
	by_label = sorted(group, key=lambda one: label_key(one.known.original))
	for _, same in groupby(by_label, key=lambda one: label_key(one.known.original)):
		yield from _neighbours(list(same))


def _neighbours(same: list[Candidate]) -> Iterator[tuple[Candidate, Candidate]]:
	"""Yield the pairs of transactions received at different times, one to one by day."""
	same.sort(key=lambda one: (one.received, one.known.date, one.known.name))
	batches = [list(group) for _, group in groupby(same, key=lambda one: one.received)]
	for one, other in combinations(batches, 2):
		yield from zip(one, other, strict=False)


def similarity(one: Candidate, other: Candidate) -> Pair:
	"""Return the similarity of two of one account, currency and amount, and the evidence for a duplicate."""
	first, second = sorted((one, other), key=lambda c: (c.received, c.known.name))
	a, b = first.known, second.known
	if first.transaction_id and first.transaction_id == second.transaction_id:
		return Pair(first, second, 1.0, "The provider gives both the same id")
	label = max(alike(a.original, b.original), alike(a.description, b.description))
	days = abs((a.date - b.date).days)
	if not may_be_listed(days, label):
		return Pair(first, second, 0.0, "They are several days apart, with different labels")
	close = 0.5 + 0.3 * label + 0.2 * (1 - min(days, NEAR_DAYS + 1) / (NEAR_DAYS + 1))
	if not a.sources & b.sources:
		return Pair(first, second, close, "They came from different sources")
	if first.received != second.received:
		later = close if label == 1 and days == 0 else close * label * 0.6
		return Pair(first, second, later * 0.9, "The same source gave them at different times")
	return Pair(first, second, close * 0.3, "The same source gave them together")

"""Matches of one day, amount and reference, whatever the labels: an end-to-end id is the same in every source."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import TypeVar

from dokos_banksync.core.batch import SoleTransaction
from dokos_banksync.core.iban import normalize_iban
from dokos_banksync.core.matching.labels import label_of
from dokos_banksync.core.matching.references import identifies
from dokos_banksync.core.model import ExistingTransaction, Line, MatchEvidence

_Row = TypeVar("_Row", Line, ExistingTransaction)
_Place = tuple[date, Decimal, str, str]


def match_same_reference(
	lines: Sequence[Line], free: Sequence[ExistingTransaction], without: Container[Decimal] = ()
) -> list[tuple[Line, ExistingTransaction]]:
	"""Return the lines and free bank transactions that are the only ones of their day, amount and reference.

	A reference that several rows of a day share, as the one of a mandate, matches none. Amounts in `without` are left out.
	"""
	theirs = _by_reference(free)
	if not theirs:
		return []
	ours = _by_reference(lines)
	return [
		(group[0], theirs[place][0])
		for place, group in ours.items()
		if len(group) == len(theirs.get(place, ())) == 1
		and place[1] not in without
		and not _other_party(group[0], theirs[place][0])
	]


def _by_reference(rows: Iterable[_Row]) -> dict[_Place, list[_Row]]:
	found: dict[_Place, list[_Row]] = {}
	for row in rows:
		if row.reference and identifies(row.reference):
			found.setdefault((row.date, row.amount, row.currency, row.reference), []).append(row)
	return found


def _other_party(line: Line, row: ExistingTransaction) -> bool:
	"""Return whether both name the account of a counter-party, and the two differ."""
	ours, theirs = normalize_iban(line.party_iban), normalize_iban(row.party_iban)
	return bool(ours and theirs) and ours != theirs


def have_other_numbers(line: Line, row: ExistingTransaction) -> bool:
	"""Return whether both labels name an invoice or the like, and not the same: the reference may be of a mandate."""
	return label_of(line.original).conflicts(label_of(row.original))


def evidence_of_sole(line: Line, row: SoleTransaction) -> MatchEvidence:
	"""Return what shows that a line is the only bank transaction of its day, amount and label."""
	if line.reference == row.reference and identifies(line.reference):
		return MatchEvidence.SAME_REFERENCE
	return MatchEvidence.SAME_DAY_SAME_LABEL

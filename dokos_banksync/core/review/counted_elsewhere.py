"""Bank transactions in which the money of a line may be counted already: its first row under one id, its sum, its parts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import groupby

from dokos_banksync.core.batch import Batch
from dokos_banksync.core.importing.collective_rows import (
	MOST_READ,
	all_sums,
	is_of_others,
	known_near,
	near_days,
)
from dokos_banksync.core.importing.sum_notes import noted
from dokos_banksync.core.importing.sums_of_feeds import still_asked
from dokos_banksync.core.matching.repeated_ids import first_id
from dokos_banksync.core.matching.sums import Sum
from dokos_banksync.core.model import ExistingTransaction, Reason, is_file
from dokos_banksync.core.records import OpenLine

_SIBLINGS = (Reason.AMBIGUOUS, Reason.DUPLICATE)
"""Lines that may be further parts: those that are asked about, and those that were answered."""


def counted_elsewhere(
	batch: Batch, bank_account: str, asked: Sequence[OpenLine]
) -> dict[str, list[ExistingTransaction]]:
	"""Return the bank transactions of which a line may be a repetition or a part, or which may be its parts; by line."""
	found: dict[str, list[ExistingTransaction]] = {}
	for source, group in groupby(sorted(asked, key=_source), _source):
		lines = list(group)
		named = _named(batch, bank_account, lines)
		found |= {
			one: [known for known in near if is_of_others(known, source)] for one, near in named.items()
		}
		if is_file(source):
			found = _computed(batch, bank_account, source, lines) | found
	return {line: known for line, known in found.items() if known}


def imported_parts(
	batch: Batch, bank_account: str, asked: Sequence[OpenLine]
) -> dict[str, list[ExistingTransaction]]:
	"""Return the bank transactions that further parts of the same sum have become in earlier runs; by line."""
	sources = {one.name: one.source for one in asked}
	named = _named(batch, bank_account, asked, imported=True)
	return {line: [one for one in known if one.sources == {sources[line]}] for line, known in named.items()}


def still_adds_up(batch: Batch, bank_account: str, own: OpenLine) -> bool:
	"""Return whether what the question about a line of a feed names is still as the last run has found it; True for one that names
	nothing.
	"""
	about = noted(own.note)
	if about is None or is_file(own.source):
		return True
	held = batch.held(own.source, (Reason.AMBIGUOUS,))
	asked = {
		one.line.remote_id: found
		for one in held
		if (found := noted(one.note)) and found.counted_in == about.counted_in
	}
	lines = [one.line for one in held if one.line.remote_id in asked]
	near = near_days(line.date for line in lines)
	others = batch.on_days(bank_account, near, without=own.source, most=MOST_READ)
	known = known_near(batch, bank_account, own.source, lines=lines, others=others)
	return own.line.remote_id in still_asked(lines, asked, known)


def _named(
	batch: Batch, bank_account: str, asked: Sequence[OpenLine], *, imported: bool = False
) -> dict[str, list[ExistingTransaction]]:
	"""Return the bank transactions that the note of each question names."""
	names = {one.name: found[1 if imported else 0] for one in asked if (found := noted(one.note))}
	if not any(names.values()):
		return {}
	# Parts may lie on both sides of their sum.
	near = near_days(near_days(one.line.date for one in asked if names.get(one.name)))
	known = batch.on_days(bank_account, near, without="", most=MOST_READ)
	by_name = {one.name: one for one in known}
	return {line: [by_name[one] for one in own if one in by_name] for line, own in names.items()}


def _source(one: OpenLine) -> str:
	return one.source


def _computed(
	batch: Batch, bank_account: str, source: str, asked: Sequence[OpenLine]
) -> dict[str, list[ExistingTransaction]]:
	"""Return what the rows of a file may be counted in, by line, where their notes do not say it."""
	found: dict[str, list[ExistingTransaction]] = {}
	firsts = _first_rows(batch, source, asked)
	sums = _sums(batch, bank_account, source, [one.line.date for one in asked])
	for one in asked:
		own = one.line.remote_id
		if first := firsts.get(first_id(own)):
			found[one.name] = [first]
		elif same := next((s for s in sums if any(line.remote_id == own for line in s.lines)), None):
			found[one.name] = list(same.transactions)
	return found


def _first_rows(batch: Batch, source: str, asked: Sequence[OpenLine]) -> dict[str, ExistingTransaction]:
	ids = [first for one in asked if (first := first_id(one.line.remote_id))]
	held = batch.lines(source, ids) if ids else []
	return {one.line.remote_id: one.transaction for one in held if one.transaction}


def _sums(batch: Batch, bank_account: str, source: str, days: Sequence[date]) -> list[Sum]:
	held = [one.line for one in batch.held(source, _SIBLINGS) if one.transaction is None]
	known = batch.on_days(bank_account, near_days(days), without=source, most=MOST_READ)
	return list(all_sums(held, [one for one in known if is_of_others(one, source)]))

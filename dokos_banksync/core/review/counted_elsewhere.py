"""Bank transactions in which the money of a line may be counted already: its first row under one id, its sum, its parts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import groupby

from dokos_banksync.core.batch import Batch
from dokos_banksync.core.importing.collective_rows import MOST_READ, all_sums, is_of_others
from dokos_banksync.core.matching.fuzzy import NEAR_DAYS
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
	of_files = sorted((one for one in asked if is_file(one.source)), key=_source)
	for source, group in groupby(of_files, _source):
		lines = list(group)
		firsts = _first_rows(batch, source, lines)
		sums = _sums(batch, bank_account, source, [one.line.date for one in lines])
		for one in lines:
			own = one.line.remote_id
			if first := firsts.get(first_id(own)):
				found[one.name] = [first]
			elif same := next((s for s in sums if any(line.remote_id == own for line in s.lines)), None):
				found[one.name] = list(same.transactions)
	return found


def _source(one: OpenLine) -> str:
	return one.source


def _first_rows(batch: Batch, source: str, asked: Sequence[OpenLine]) -> dict[str, ExistingTransaction]:
	ids = [first for one in asked if (first := first_id(one.line.remote_id))]
	held = batch.lines(source, ids) if ids else []
	return {one.line.remote_id: one.transaction for one in held if one.transaction}


def _sums(batch: Batch, bank_account: str, source: str, days: Sequence[date]) -> list[Sum]:
	held = [one.line for one in batch.held(source, _SIBLINGS) if one.transaction is None]
	near = {day + timedelta(far) for day in days for far in range(-NEAR_DAYS, NEAR_DAYS + 1)}
	known = batch.on_days(bank_account, sorted(near), without=source, most=MOST_READ)
	return list(all_sums(held, [one for one in known if is_of_others(one, source)]))

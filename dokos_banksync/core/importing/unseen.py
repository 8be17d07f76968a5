"""Sources of which nothing is stored: most of their lines are new whatever they say.

The first import of an account is the largest one. Where the Bank Account holds nothing near the lines, matching has
nothing to compare, so that the lines are stored as they were staged.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from operator import itemgetter
from typing import NamedTuple

from dokos_banksync.core.batch import Batch
from dokos_banksync.core.importing.earlier_rows import EarlierRows
from dokos_banksync.core.importing.plan import NEAR_DAYS, Feed
from dokos_banksync.core.importing.shared_ids_of_files import near_files
from dokos_banksync.core.importing.staging import StagedAmounts
from dokos_banksync.core.model import Decision, Line, LineState
from dokos_banksync.core.staged_row import StagedRow, unpack

_DAY, _AMOUNT, _CURRENCY, _STATE = map(Line._fields.index, ("date", "amount", "currency", "state"))
_BOUNDS = itemgetter(_AMOUNT, _DAY)


def find_unseen(batch: Batch, feeds: Iterable[Feed], earlier: EarlierRows) -> frozenset[str]:
	"""Return the sources whose ids decide nothing: nothing of them is stored, and no other row has their ids."""
	return frozenset(
		feed.source
		for feed in feeds
		if not batch.holds(feed.source)
		and not earlier.exist(batch, feed.bank_account)
		and not near_files(feed, feed.own_days)
	)


class Split(NamedTuple):
	"""Rows that nothing holds back from becoming bank transactions, and the others."""

	plain: list[StagedRow]
	others: list[StagedRow]


def split_plain(feed: Feed, rows: Sequence[StagedRow]) -> Split:
	"""Split rows by what `plan_by_id` would hold back. The days are compared as ISO 8601 texts."""
	first = feed.start_date or date.min
	if feed.lock_date:
		first = max(first, feed.lock_date + timedelta(days=1))
	since, currency, booked = first.isoformat(), feed.currency, LineState.BOOKED.value
	plain = [
		row for row in rows if row[_STATE] == booked and row[_CURRENCY] == currency and row[_DAY] >= since
	]
	if len(plain) == len(rows):
		return Split(plain, [])
	chosen = set(map(id, plain))
	return Split(plain, [row for row in rows if id(row) not in chosen])


def nothing_near(batch: Batch, bank_account: str, rows: Sequence[StagedRow]) -> bool:
	"""Return whether the Bank Account has no bank transactions, deleted ones included, that the rows could be."""
	if not rows:
		return False
	amounts, days = map(set, zip(*map(_BOUNDS, rows), strict=True))
	numbers = [Decimal(amount) for amount in amounts]
	reach = timedelta(days=NEAR_DAYS)
	return not batch.has_any(
		bank_account,
		amounts=(min(numbers), max(numbers)),
		days=(date.fromisoformat(min(days)) - reach, date.fromisoformat(max(days)) + reach),
	)


class Inserted(NamedTuple):
	"""How many bank transactions were made, those that the host refused, and the lines that are still to be decided."""

	made: int
	refused: Sequence[Decision]
	others: list[Line]


def insert_plain(batch: Batch, run: str, feed: Feed, chunk: StagedAmounts, now: datetime) -> Inserted:
	"""Store the lines that nothing holds back, where nothing is stored that they could be."""
	plain, others = split_plain(feed, chunk.rows)
	if not nothing_near(batch, feed.bank_account, plain):
		return Inserted(0, (), chunk.fresh)
	refused = batch.insert_new(run, plain, source=feed.source, bank_account=feed.bank_account, now=now)
	return Inserted(len(plain), refused, [unpack(row) for row in others])

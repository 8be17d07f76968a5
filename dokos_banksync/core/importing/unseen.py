"""Sources of which nothing is stored: most of their lines are new whatever they say.

The first import of an account is the largest one. Where the Bank Account holds nothing on days near the lines, matching
has nothing to compare, so that the lines are stored as they were staged.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from dokos_banksync.core.batch import Batch
from dokos_banksync.core.importing.deferred_rows import PlainRows
from dokos_banksync.core.importing.earlier_rows import EarlierRows
from dokos_banksync.core.importing.plan import NEAR_DAYS, Feed
from dokos_banksync.core.importing.shared_ids_of_files import near_files
from dokos_banksync.core.importing.staging import Staging
from dokos_banksync.core.ledger import Ledger
from dokos_banksync.core.provider import Clock


def find_unseen(batch: Batch, feeds: Iterable[Feed], earlier: EarlierRows) -> frozenset[str]:
	"""Return the sources whose ids decide nothing: nothing of them is stored, and no other row has their ids."""
	return frozenset(
		feed.source
		for feed in feeds
		if not batch.holds(feed.source)
		and not earlier.exist(batch, feed.bank_account)
		and not near_files(feed, feed.own_days)
	)


def plain_of(feed: Feed) -> PlainRows:
	"""Return which rows of a feed `plan_by_id` does not hold back."""
	first = feed.start_date or date.min
	if feed.lock_date:
		first = max(first, feed.lock_date + timedelta(days=1))
	return PlainRows(feed.currency, first.isoformat())


def insert_first(ledger: Ledger, staging: Staging, feed: Feed, run: str, clock: Clock) -> Iterator[int]:
	"""Store the lines of an unseen source that nothing holds back, as long as nothing is stored that they could be.

	Yield how many bank transactions each batch made. The rows that are left are those of `staging.by_amount`.
	"""
	plain = plain_of(feed)
	days = staging.extent(feed.source, plain)
	if days is None:
		return
	near = days[0] - timedelta(days=NEAR_DAYS), days[1] + timedelta(days=NEAR_DAYS)
	version: int | None = None
	for chunk in staging.plain(feed.source, plain, ledger.batch_rows):
		with ledger.batch() as batch:
			inserter = batch.row_inserter()
			if inserter is None:
				return
			before, version = version, inserter.version()
			if version != before and inserter.has_others(feed.bank_account, near, source=feed.source):
				return
			inserter.insert_new(
				run, chunk.rows, source=feed.source, bank_account=feed.bank_account, now=clock()
			)
		staging.stored(feed.source, plain, chunk.last)
		yield len(chunk.rows)

"""From which day on a feed lists its rows.

A feed is asked for its rows from a start date on, and a bank may list fewer: after a renewal some list the last months
alone. Of a bank transaction before the first row that a feed ever listed, it is not known whether the feed has it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache, partial

from dokos_banksync.core.importing.plan import Feed
from dokos_banksync.core.importing.staging import Staging
from dokos_banksync.core.ledger import Ledger
from dokos_banksync.core.model import is_file


def with_first_days(ledger: Ledger, staging: Staging, feeds: Mapping[str, Feed]) -> dict[str, Feed]:
	"""Return the feeds, each with its first listed day, read when it is first needed. A file has its start date."""
	return {
		source: feed
		if is_file(source)
		else feed._replace(first_listed=cache(partial(_first_listed, ledger, staging, feed)))
		for source, feed in feeds.items()
	}


def _first_listed(ledger: Ledger, staging: Staging, feed: Feed) -> date | None:
	"""Return the day of the first row of a feed, of those that are stored and those of this run; None without any."""
	with ledger.batch() as batch:
		stored = batch.first_listed(feed.bank_account, feed.source)
	return min(filter(None, (stored, staging.first_day(feed.source))), default=None)

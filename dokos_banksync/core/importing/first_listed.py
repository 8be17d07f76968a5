"""From which day on a feed lists its rows.

A feed is asked for its rows from a start date on, and a bank may list fewer: after a renewal some list the last months
alone. Of a bank transaction before the first row that a feed ever listed, it is not known whether the feed has it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cached_property

from dokos_banksync.core.importing.plan import Feed
from dokos_banksync.core.importing.staging import Staging
from dokos_banksync.core.ledger import Ledger
from dokos_banksync.core.model import is_file


class FirstListedDay:
	"""The day of the first row of a feed, of those that are stored and those of this run; read when it is first needed."""

	def __init__(self, ledger: Ledger, staging: Staging, feed: Feed) -> None:
		self._ledger, self._staging, self._feed = ledger, staging, feed

	def __call__(self) -> date | None:
		"""Return the day; None for a feed without rows."""
		return self._day

	@cached_property
	def _day(self) -> date | None:
		feed = self._feed
		with self._ledger.batch() as batch:
			stored = batch.first_listed(feed.bank_account, feed.source)
		return min(filter(None, (stored, self._staging.first_day(feed.source))), default=None)


def with_first_days(ledger: Ledger, staging: Staging, feeds: Mapping[str, Feed]) -> dict[str, Feed]:
	"""Return the feeds, each with its first listed day. The first day of a file is its start date."""
	return {
		source: feed if is_file(source) else feed._replace(first_listed=FirstListedDay(ledger, staging, feed))
		for source, feed in feeds.items()
	}

"""A remote account or a file that feeds a Bank Account."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import NamedTuple

from dokos_banksync.core.matching.known_days import ALWAYS, KnownDays, Span


class Feed(NamedTuple):
	"""A remote account that feeds a bank account, and the bounds of that."""

	source: str
	bank_account: str
	currency: str
	start_date: date | None
	lock_date: date | None
	categories: Mapping[str, str]
	"""The host's category by the provider's id."""
	last_day: date | None = None
	"""The last day that the source covers: of a file, the day of its last row."""
	known_days: KnownDays | None = None
	"""The days that the sources of the bank account cover; None where it is unknown, so that each covers all."""
	first_listed: Callable[[], date | None] | None = None
	"""The day of the first row that the source ever listed; None where it lists every day from the start date on."""

	@property
	def own_days(self) -> Span:
		"""Return the days that the source itself covers."""
		first = self.start_date.toordinal() if self.start_date else ALWAYS.first
		return Span(first, self.last_day.toordinal() if self.last_day else ALWAYS.last)

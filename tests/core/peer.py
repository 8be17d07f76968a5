"""An importer as many are, in a few lines: what other projects' users report is seen to happen before we say it does not.

It reads the same pretend bank through the same provider, and keeps a plain list of rows. Each way of working is one that
the reports describe; none of it is our code.
"""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from dokos_banksync.core.errors import TemporaryError
from dokos_banksync.core.model import FetchRequest, Line, LineState
from dokos_banksync.core.provider import Access


@dataclass
class Peer:
	"""`rows` are its books."""

	provider: object
	rows: list[Line] = field(default_factory=list)
	last_day: date | None = None

	def fetch(self) -> list[Line]:
		"""All that the bank tells now, booked or not."""
		account = self.provider.accounts(Access("u", "i"))[0].remote_id
		pages = self.provider.changes(Access("u", "i"), [FetchRequest(account)])
		latest = {line.remote_id: line for page in pages for line in page.lines}
		return [line for line in latest.values() if line.state is not LineState.REMOVED]

	# -- ways of working -----------------------------------------------------------------------------
	def import_by_id(self) -> None:
		"""What has an id that is not in the books is new."""
		known = {row.remote_id for row in self.rows}
		self.rows += [line for line in self.fetch() if line.remote_id not in known and _booked(line)]

	def import_pending_too(self) -> None:
		"""Pending rows are documents like others; the booked one has another id."""
		known = {row.remote_id for row in self.rows}
		self.rows += [line for line in self.fetch() if line.remote_id not in known]

	def import_since_last_day(self, today: date) -> None:
		"""Asks for the days since the last time; and the day moves on, whatever came of it."""
		since, self.last_day = self.last_day, today
		with suppress(TemporaryError):
			known = {row.remote_id for row in self.rows}
			fetched = [line for line in self.fetch() if since is None or line.date >= since]
			self.rows += [line for line in fetched if line.remote_id not in known and _booked(line)]

	def import_by_content(self, lines: list[Line] | None = None) -> None:
		"""What is equal in day, amount and label to a row of the books is that row."""
		known = {_content(row) for row in self.rows}
		for line in self.fetch() if lines is None else lines:
			if _content(line) not in known and _booked(line):
				known.add(_content(line))
				self.rows.append(line)

	def import_file(self, lines: list[Line]) -> None:
		"""A file's rows have no ids: all of them are new."""
		self.rows += lines

	def delete(self, row: Line) -> None:
		self.rows.remove(row)

	def clear_since(self, day: date) -> None:
		"""Without a record of what an import brought, users delete by day."""
		self.rows = [row for row in self.rows if row.date < day]

	# -- what it has ---------------------------------------------------------------------------------
	def booked(self) -> Counter[tuple[date, Decimal]]:
		return Counter((row.date, row.amount) for row in self.rows)

	def total(self) -> Decimal:
		return sum((row.amount for row in self.rows), Decimal())


def _booked(line: Line) -> bool:
	return line.state is LineState.BOOKED


def _content(line: Line) -> tuple[date, Decimal, str]:
	return line.date, line.amount, line.original

"""The rows of one account while a table is read, with the figures that its balances are compared with."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from dokos_banksync.core.model import LineState
from dokos_banksync.core.packed_lines import PackedLines
from dokos_banksync.core.staged_row import CURRENCY, STATE, StagedRow
from dokos_banksync.statements.contract import Refused

_BOOKED = LineState.BOOKED.value


@dataclass
class AccountRows:
	"""The lines and the rejected rows of one account."""

	lines: PackedLines = field(default_factory=PackedLines)
	refused: list[Refused] = field(default_factory=list)
	unread: int = 0
	"""Rejected rows whose money may have moved."""
	currencies: set[str] = field(default_factory=set)
	booked: array[int] = field(default_factory=lambda: array("l"))
	"""The days of the booked lines as ordinal numbers, in the order of the rows."""
	total: Decimal = Decimal(0)
	"""The sum of the booked lines."""

	def add(self, row: StagedRow, day: date, amount: Decimal) -> None:
		"""Add a line; its day and its amount are in the row as texts."""
		self.lines.add(row)
		self.currencies.add(row[CURRENCY])
		if row[STATE] == _BOOKED:
			self.booked.append(day.toordinal())
			self.total += amount

	@property
	def moved_nothing(self) -> bool:
		"""Return whether every row is of 0.00."""
		return self.lines.zero_amounts == len(self.lines) > 0

	@property
	def days(self) -> tuple[date, date] | None:
		"""Return the first and the last day of a booked line; None without any."""
		return self.lines.booked_days

"""The lines of one statement in bounded memory, with the figures that control values are compared with."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from dokos_banksync.core.model import Line, LineState
from dokos_banksync.core.packed_lines import PackedLines
from dokos_banksync.core.staged_row import AMOUNT, CURRENCY, STATE, StagedRow

_BOOKED = LineState.BOOKED.value
_ZERO = Decimal(0)


@dataclass
class Sums:
	"""What lines add up to. `debits` is zero or negative."""

	credits: Decimal = _ZERO
	debits: Decimal = _ZERO
	rows: int = 0

	def add(self, amount: Decimal) -> None:
		"""Count one line."""
		self.rows += 1
		if amount > 0:
			self.credits += amount
		else:
			self.debits += amount


class PartLines(PackedLines):
	"""Lines, and the sums of them."""

	def __init__(self, lines: Iterable[Line] = ()) -> None:
		self.all, self.booked = Sums(), Sums()
		self.currencies: set[str] = set()
		self.moved: dict[str, Decimal] = {}
		"""The sums of the booked lines by currency."""
		super().__init__(lines)

	def add(self, row: StagedRow) -> None:
		"""See `PackedLines.add`."""
		super().add(row)
		amount, currency = Decimal(row[AMOUNT]), row[CURRENCY]
		self.currencies.add(currency)
		self.all.add(amount)
		if row[STATE] == _BOOKED:
			self.booked.add(amount)
			self.moved[currency] = self.moved.get(currency, _ZERO) + amount

	def moved_in(self, currency: str) -> Decimal:
		"""Return the sum of the booked lines in a currency; of all of them where it is empty."""
		return self.moved.get(currency, _ZERO) if currency else sum(self.moved.values(), _ZERO)

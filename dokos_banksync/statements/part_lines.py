"""The lines of one statement in bounded memory, with the figures that control values are compared with."""

from __future__ import annotations

from collections.abc import Container, Iterable
from decimal import Decimal
from typing import NamedTuple

from dokos_banksync.core.model import Line, LineState
from dokos_banksync.core.packed_lines import PackedLines
from dokos_banksync.core.staged_row import AMOUNT, CURRENCY, STATE, StagedRow

_BOOKED = LineState.BOOKED.value
_ZERO = Decimal(0)


class Sums(NamedTuple):
	"""What lines add up to. `debits` is zero or negative."""

	credits: Decimal = _ZERO
	debits: Decimal = _ZERO
	rows: int = 0


class PartLines(PackedLines):
	"""Lines, and the sums of them."""

	def __init__(self, lines: Iterable[Line] = ()) -> None:
		self._sums: dict[tuple[str, bool, int], Decimal] = {}
		"""By currency, whether they are booked, and the sign."""
		self._booked = 0
		super().__init__(lines)

	def add(self, row: StagedRow) -> None:
		"""See `PackedLines.add`."""
		super().add(row)
		amount, booked = Decimal(row[AMOUNT]), row[STATE] == _BOOKED
		key = row[CURRENCY], booked, (amount > 0) - (amount < 0)
		self._sums[key] = self._sums.get(key, _ZERO) + amount
		self._booked += booked

	@property
	def currencies(self) -> set[str]:
		"""Return the currencies of the lines."""
		return {currency for currency, _, _ in self._sums}

	@property
	def all(self) -> Sums:
		"""Return the sums of all lines."""
		return Sums(self._sum(1, (True, False)), self._sum(-1, (True, False)), len(self))

	@property
	def booked(self) -> Sums:
		"""Return the sums of the booked lines."""
		return Sums(self._sum(1, (True,)), self._sum(-1, (True,)), self._booked)

	def _sum(self, sign: int, states: Container[bool]) -> Decimal:
		found = (
			amount for (_, booked, one), amount in self._sums.items() if one == sign and booked in states
		)
		return sum(found, _ZERO)

	def moved_in(self, currency: str) -> Decimal:
		"""Return the sum of the booked lines in a currency; of all of them where it is empty."""
		found = (
			amount for (code, booked, _), amount in self._sums.items() if booked and currency in ("", code)
		)
		return sum(found, _ZERO)

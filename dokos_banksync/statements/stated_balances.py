"""Opening and closing balances that a table states in rows of their own, above, among or below its transactions."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from itertools import combinations, product

from dokos_banksync.core.message import Message
from dokos_banksync.core.model import Line
from dokos_banksync.statements.control import BALANCES, booked_sum
from dokos_banksync.statements.grid import Cell
from dokos_banksync.statements.interpret import control_amount
from dokos_banksync.statements.rows import Sorted, control_row
from dokos_banksync.statements.tables import Table
from dokos_banksync.statements.vocabulary import Control


class StatedBalances:
	"""The balances of one table that stand beside no transaction."""

	def __init__(self, table: Table, sorted_: Sorted) -> None:
		above = [found for row in table.before if (found := control_row(row))]
		self._rows = [one for one in (*above, *sorted_.controls) if one.cell is not None]

	def pairs(self) -> list[tuple[Cell, Cell]]:
		"""Return the pairs of a balance that may be the opening and one that may be the closing one."""
		opening, closing = self._cells(Control.OPENING), self._cells(Control.CLOSING)
		return list(product(opening, closing)) if opening else list(combinations(closing, 2))

	def fitting(self, total: Decimal, mark: str) -> tuple[Decimal | None, Decimal | None]:
		"""Return the opening and the closing balance that differ by the sum of the amounts; None for both without."""
		pairs = ((control_amount(o, mark), control_amount(c, mark)) for o, c in self.pairs())
		found = ((o, c) for o, c in pairs if o is not None and c is not None and o + total == c)
		return next(found, (None, None))

	def contradictions(self, lines: Sequence[Line], mark: str) -> list[str]:
		"""Return a sentence where the rows do not lead from the only opening to the only closing balance."""
		opening, closing = self._only(Control.OPENING, mark), self._only(Control.CLOSING, mark)
		moved = booked_sum(lines, "")
		if opening is None or closing is None or opening + moved == closing:
			return []
		return [Message(BALANCES, opening, moved, opening + moved, closing)]

	def _only(self, kind: Control, mark: str) -> Decimal | None:
		"""Return the amount that all balances of a kind have, None where they differ or there is none."""
		found = {control_amount(cell, mark) for cell in self._cells(kind)}
		return found.pop() if len(found) == 1 else None

	def _cells(self, kind: Control) -> list[Cell]:
		return [one.cell for one in self._rows if one.kind is kind and one.cell is not None]

"""Opening and closing balances that a table states in rows of their own, above, among or below its transactions."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from decimal import Decimal
from itertools import combinations, pairwise, product

from dokos_banksync.core.message import Message
from dokos_banksync.statements.control import BALANCES
from dokos_banksync.statements.evidence import Chain
from dokos_banksync.statements.grid import Cell
from dokos_banksync.statements.interpret import control_amount
from dokos_banksync.statements.rows import ControlRow, Sorted, control_row
from dokos_banksync.statements.tables import Table
from dokos_banksync.statements.vocabulary import CARRIED, END_OF_PERIOD, Control, control, key

OPENING = "The file states the opening balance {0}, and the balances of its rows begin with {1}"
CLOSING = "The file states the closing balance {0}, and the balances of its rows end with {1}"
PAGES = "Row {0}: a page closed with {1}, and the next one opens with {2}: rows are missing between them"


def _is_turn(one: ControlRow, other: ControlRow) -> bool:
	"""Whether two balances are the end of a page and the begin of the next one: by their words, or by the same words."""
	if (one.kind, other.kind) == (Control.CLOSING, Control.OPENING):
		return True
	names = [{key(text) for text in row.row.texts if control(text)} for row in (one, other)]
	return bool(names[0] & names[1] & CARRIED)


def _names_end(one: ControlRow) -> bool:
	return any(END_OF_PERIOD & set(key(text).split()) for text in one.row.texts)


class StatedBalances:
	"""The balances of one table that stand beside no transaction."""

	def __init__(self, table: Table, sorted_: Sorted) -> None:
		above = [found for row in table.before if (found := control_row(row))]
		self._rows = [one for one in (*above, *sorted_.controls) if one.cell is not None]

	def __bool__(self) -> bool:
		return bool(self._rows)

	def pairs(self) -> list[tuple[Cell, Cell]]:
		"""Return the pairs of a balance that may be the opening and one that may be the closing one."""
		opening, closing = self._cells(Control.OPENING), self._cells(Control.CLOSING)
		return list(product(opening, closing)) if opening else list(combinations(closing, 2))

	def fitting(self, total: Decimal, mark: str) -> tuple[Decimal | None, Decimal | None]:
		"""Return the opening and the closing balance that differ by the sum of the amounts; None for both without."""
		pairs = ((control_amount(o, mark), control_amount(c, mark)) for o, c in self.pairs())
		found = ((o, c) for o, c in pairs if o is not None and c is not None and o + total == c)
		return next(found, (None, None))

	def contradictions(self, moved: Decimal, mark: str) -> list[str]:
		"""Return a sentence where the rows, which add up to `moved`, do not lead from the only opening to the only closing balance."""
		opening, closing = self._only(Control.OPENING, mark), self._only(Control.CLOSING, mark)
		if opening is None or closing is None or opening + moved == closing:
			return []
		return [Message(BALANCES, opening, moved, opening + moved, closing)]

	def other_ends(self, chain: Chain, transactions: Collection[int], mark: str) -> list[str]:
		"""Return a sentence for the opening balance, and for the closing one, that is not that of the rows.

		`transactions` has the numbers of the rows that are transactions: a balance among them is that of a page. A closing
		balance whose name says nothing of an end may be that of the day of the export.
		"""
		first, last = min(transactions, default=0), max(transactions, default=0)
		around = [one for one in self._rows if not first < one.row.number < last]
		opening = [one for one in around if one.kind is Control.OPENING]
		closing = [one for one in around if one.kind is Control.CLOSING and _names_end(one)]
		found = (
			(OPENING, self._same(opening, mark), chain.opening),
			(CLOSING, self._same(closing, mark), chain.closing),
		)
		return [
			Message(sentence, stated, made)
			for sentence, stated, made in found
			if stated is not None and made is not None and stated != made
		]

	def broken_pages(self, transactions: Collection[int], mark: str) -> list[str]:
		"""Return a sentence for each balance among the rows that does not follow from the one before it.

		`transactions` has the numbers of the rows that are transactions. A page closes with the balance with which the
		next one opens; between them there are no rows.
		"""
		found: list[str] = []
		rows = [(one, value) for one in self._rows if (value := self._value(one, mark)) is not None]
		for (one, before), (other, after) in pairwise(sorted(rows, key=lambda pair: pair[0].row.number)):
			between = any(one.row.number < number < other.row.number for number in transactions)
			if _is_turn(one, other) and not between and before != after:
				found.append(Message(PAGES, other.row.number, before, after))
		return found

	@staticmethod
	def _value(one: ControlRow, mark: str) -> Decimal | None:
		return None if one.cell is None or one.kind is Control.TOTAL else control_amount(one.cell, mark)

	def _only(self, kind: Control, mark: str) -> Decimal | None:
		"""Return the amount that all balances of a kind have, None where they differ or there is none."""
		return self._same([one for one in self._rows if one.kind is kind], mark)

	def _same(self, rows: Sequence[ControlRow], mark: str) -> Decimal | None:
		found = {self._value(one, mark) for one in rows}
		return found.pop() if len(found) == 1 else None

	def _cells(self, kind: Control) -> list[Cell]:
		return [one.cell for one in self._rows if one.kind is kind and one.cell is not None]

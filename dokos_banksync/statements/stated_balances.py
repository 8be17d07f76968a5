"""Opening and closing balances that a table states in rows of their own, above, among or below its transactions."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import combinations, pairwise, product

from dokos_banksync.core.message import Message
from dokos_banksync.core.model import Line, LineState
from dokos_banksync.statements.balance_days import day_of, earlier
from dokos_banksync.statements.columns import is_amount
from dokos_banksync.statements.contract import Balance
from dokos_banksync.statements.control import BALANCES
from dokos_banksync.statements.control_words import CARRIED, END_OF_PERIOD, LATEST
from dokos_banksync.statements.evidence import Chain
from dokos_banksync.statements.grid import Cell, Row, written
from dokos_banksync.statements.interpret import control_amount
from dokos_banksync.statements.rows import ControlRow, Sorted, control_row
from dokos_banksync.statements.tables import Table
from dokos_banksync.statements.vocabulary import Control, control, key

OPENING = "The file states the opening balance {0}, and the balances of its rows begin with {1}"
CLOSING = "The file states the closing balance {0}, and the balances of its rows end with {1}"
PAGES = "Row {0}: a page closed with {1}, and the next one opens with {2}: rows are missing between them"
_NOT_BOOKED = (
	"dispon",
	"verfugbar",
	"available",
	"dostepn",
	"tillgang",
	"beschikba",
	"besteedba",
	"kaytettav",
)
"""Parts of the names of balances that credit limits and pending rows change."""


def _is_booked(row: ControlRow) -> bool:
	return not any(part in key(text) for text in row.row.texts if control(text) for part in _NOT_BOOKED)


def _below_titles(table: Table, notes: Sequence[Row]) -> Iterator[ControlRow]:
	"""Yield the balances in rows of their own below titles such as `Beginning Balance` and `Ending Balance`."""
	places = [(place, kind) for place, title in enumerate(table.titles) if (kind := control(title))]
	if not {Control.OPENING, Control.CLOSING} <= {kind for _, kind in places}:
		return
	for row in notes:
		found = ((kind, row.cells[place]) for place, kind in places if place < len(row.cells))
		yield from (ControlRow(row, kind, cell) for kind, cell in found if is_amount(cell))


def _with_latest(rows: Sequence[ControlRow]) -> list[ControlRow]:
	"""Return the rows; one called the latest balance is a closing one where a closing one has its amount."""
	closing = {written(one.cell) for one in rows if one.kind is Control.CLOSING and one.cell is not None}
	return [
		replace(one, kind=Control.CLOSING)
		if one.kind is Control.OPENING
		and _is_latest(one)
		and one.cell is not None
		and written(one.cell) in closing
		else one
		for one in rows
	]


def _is_latest(row: ControlRow) -> bool:
	return any(key(text) in LATEST for text in row.row.texts)


def _is_turn(one: ControlRow, other: ControlRow) -> bool:
	"""Whether two balances are the end of a page and the begin of the next one: by their words, or by the same words."""
	if (one.kind, other.kind) == (Control.CLOSING, Control.OPENING):
		return True
	names = [{key(text) for text in row.row.texts if control(text)} for row in (one, other)]
	return bool(names[0] & names[1] & CARRIED)


def _names_end(one: ControlRow) -> bool:
	return any(END_OF_PERIOD & set(key(text).split()) for text in one.row.texts)


def _sums_of_days(lines: Iterable[Line]) -> dict[date, Decimal]:
	"""Return the sums of the booked lines by day."""
	found: dict[date, Decimal] = {}
	for one in lines:
		if one.state is LineState.BOOKED:
			found[one.date] = found.get(one.date, Decimal(0)) + one.amount
	return found


def _sums_between(days: Mapping[date, Decimal], first: date, last: date) -> list[Decimal]:
	"""Return the sum of the booked lines after one day until another; also with the first day, and without the last.

	Banks date a balance with the day at whose end it held, or at whose beginning.
	"""
	at_first, at_last = days.get(first, Decimal(0)), days.get(last, Decimal(0))
	inner = sum((moved for day, moved in days.items() if first < day < last), Decimal(0))
	return [inner + at_last, at_first + inner + at_last, inner, at_first + inner]


class StatedBalances:
	"""The balances of one table that stand beside no transaction."""

	def __init__(self, table: Table, sorted_: Sorted) -> None:
		above = [found for row in table.before if (found := control_row(row))]
		titled = _below_titles(table, sorted_.notes)
		self._rows = _with_latest(
			[one for one in (*above, *sorted_.controls, *titled) if one.cell is not None and _is_booked(one)]
		)

	def __bool__(self) -> bool:
		return bool(self._rows)

	def pairs(self) -> list[tuple[Cell, Cell]]:
		"""Return the pairs of a balance that may be the opening and one that may be the closing one."""
		opening, closing = self._cells(Control.OPENING), self._cells(Control.CLOSING)
		return list(product(opening, closing)) if opening else list(self._same_name())

	def _same_name(self) -> Iterator[tuple[Cell, Cell]]:
		"""Yield pairs of balances by names that do not say which opens: by their days, in both orders without days."""
		closing = [one for one in self._rows if one.kind is Control.CLOSING]
		for one, other in combinations(closing, 2):
			first = earlier(one.row, other.row)
			if one.cell is not None and other.cell is not None:
				yield from [(one.cell, other.cell)] if first is not False else []
				yield from [(other.cell, one.cell)] if not first else []

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

	def dated(self, order: str, mark: str) -> list[Balance]:
		"""Return the balances that a day is given for, the earliest first; none of a day with two different ones."""
		found: dict[date, set[Decimal]] = {}
		for one in self._rows:
			value, day = self._value(one, mark), day_of(one.row, order)
			if value is not None and day and one.kind is Control.CLOSING:
				found.setdefault(day, set()).add(value)
		return [Balance(values.pop(), day) for day, values in sorted(found.items()) if len(values) == 1]

	def dated_contradictions(self, lines: Iterable[Line], order: str, mark: str) -> list[str]:
		"""Return a sentence for each two dated balances that the rows between their days do not connect."""
		dated = self.dated(order, mark)
		days = _sums_of_days(lines) if len(dated) > 1 else {}
		return [
			Message(BALANCES, one.amount, moved[0], one.amount + moved[0], other.amount)
			for one, other in pairwise(dated)
			if other.amount - one.amount not in (moved := _sums_between(days, one.day, other.day))
		]

	def end(self, last: date, order: str, mark: str) -> Balance | None:
		"""Return the latest dated balance, unless it is from before the last day of the rows."""
		found = [one for one in self.dated(order, mark) if one.day >= last]
		return found[-1] if found else None

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
		next one opens; between them there are no rows. Balances above all transactions are a summary.
		"""
		found: list[str] = []
		first = min(transactions, default=0)
		rows = [(one, value) for one in self._rows if (value := self._value(one, mark)) is not None]
		for (one, before), (other, after) in pairwise(sorted(rows, key=lambda pair: pair[0].row.number)):
			between = any(one.row.number < number < other.row.number for number in transactions)
			if one.row.number > first and _is_turn(one, other) and not between and before != after:
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

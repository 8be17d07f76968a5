"""Which rows of a table are transactions, which are control values, and which only text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from dokos_banksync.core.errors import InvalidData
from dokos_banksync.statements.amounts import MARKS, amount
from dokos_banksync.statements.columns import is_amount, is_day
from dokos_banksync.statements.grid import Cell, Row, written
from dokos_banksync.statements.grid_rows import GridRows
from dokos_banksync.statements.roles import FLOWS, LABELS, Places, Role
from dokos_banksync.statements.vocabulary import (
	Control,
	control,
	is_overdrawn,
	is_phrase,
	is_shop,
	is_turnover,
	side,
	state,
)

_STEMS = (
	*(
		"sald",
		"sold",
		"bal",
		"blce",
		"kontostand",
		"tot",
		"summ",
		"som",
		"sum",
		"report",
		"vortrag",
		"ubertrag",
		"übertrag",
		"transport",
		"riport",
		"suma y",
		"forward",
		"carried",
		"fwd",
		"frwd",
		"sdo",
		"sld",
		"b/d",
		"c/d",
		"position",
	),
	*(
		"razem",
		"obrot",
		"obroty",
		"i alt",
		"ialt",
		"gesamt",
		"bestand",
		"b/f",
		"b f",
		"c/f",
		"c f",
		"nouveau",
	),
	*("s a l d", "s o l d", "t o t a"),
	*("stan", "bilans", "lacznie", "łącznie", "s. ant", "s ant"),
	*("betrag", "belopp", "samlet", "podsum", "kontoauszug", "somme", "belop"),
	*(
		"turnover",
		"brengen",
		"yhteens",
		"ytett",
		"aytett",
		"statek",
		"statok",
		"stav",
		"celk",
		"spolu",
		"součet",
		"soucet",
		"súčet",
		"sucet",
		"obrat",
	),
	*("egyenleg", "sszes", "rulaj", "stanj", "ukupno", "skupaj", "λοιπο", "νολ", "μεταφορ"),
	*(
		"likut",
		"apyvart",
		"viso",
		"atlikum",
		"apgroz",
		"kopā",
		"kopa",
		"bilanc",
		"jääk",
		"jaak",
		"käive",
		"kaive",
		"kokku",
	),
)
"""What each word for a control value contains: a cheap test before the exact one."""
_STEM = re.compile("|".join(map(re.escape, _STEMS)))

_MAY_BE_SHOP = "It may be a balance, or a purchase at a shop of that name: enter it by hand if it is one"


@dataclass(frozen=True)
class ControlRow:
	"""A row that states a balance or a total. `cell` is None where it has no amount."""

	row: Row
	kind: Control
	cell: Cell | None


@dataclass
class Sorted:
	"""The rows of a table by kind. `more` holds further lines of text of a transaction, by its row number."""

	transactions: GridRows | list[Row] = field(default_factory=list)
	controls: list[ControlRow] = field(default_factory=list)
	notes: list[Row] = field(default_factory=list)
	more: dict[int, list[str]] = field(default_factory=dict)


def sort_rows(rows: Iterable[Row], roles: Places, are_texts: bool = False) -> Sorted:
	"""Return the rows by kind, given what the columns hold. `are_texts` says that all cells are text."""
	return _Sorter(roles, are_texts).sort(rows)


def _may_name_control(text: str) -> bool:
	return bool(_STEM.search(text.lower()))


def control_row(row: Row) -> ControlRow | None:
	"""Return the control value of a row that names one in a cell of its own, else None."""
	texts = (cell for cell in row.cells if isinstance(cell, str) and _may_name_control(cell))
	kind = next((kind for text in texts if (kind := control(written(text)))), None)
	if kind is None:
		return None
	places = [place for place, cell in enumerate(row.cells) if is_amount(cell) and not is_day(cell)]
	return ControlRow(row, kind, _with_side(row, places[-1]) if places else None)


def _with_side(row: Row, place: int) -> Cell:
	"""Return the amount of a control row, negative where the next cell or the name of the balance says so."""
	cell = row.cells[place]
	following = written(row.cells[place + 1]) if place + 1 < len(row.cells) else ""
	named = any(is_overdrawn(text) for text in row.texts if control(text))
	if not named and (not following or side(following) != -1):
		return cell
	return -abs(cell) if isinstance(cell, Decimal) else f"-{written(cell).lstrip('-')}"


def _has_cents(cell: Cell) -> bool:
	return is_amount(cell) and not is_day(cell) and any(mark in written(cell) for mark in MARKS)


class _Sorter:
	def __init__(self, roles: Places, are_texts: bool) -> None:
		self.day = roles.get(Role.DATE, -1)
		self.money = [roles[role] for role in (*FLOWS, Role.BALANCE) if role in roles]
		self.flow = [roles[role] for role in FLOWS if role in roles]
		self.other_days = [roles[role] for role in (Role.VALUE_DATE, Role.TRANSACTION_DATE) if role in roles]
		self.labels = [roles[role] for role in LABELS if role in roles]
		self.found = Sorted(GridRows() if are_texts else [])
		self.last: Row | None = None
		"""The last transaction."""
		self.balance, self.debit = roles.get(Role.BALANCE, -1), roles.get(Role.DEBIT, -1)
		self._parts: list[Row] = []
		"""Rows without a day and a balance right below a transaction: its parts, if they make its amount."""
		self._waiting: list[Row] = []
		"""Rows of text right below a transaction: more text of it, if another transaction follows."""

	def sort(self, rows: Iterable[Row]) -> Sorted:
		"""Sort rows into transactions, balances, repeated headers and remarks; join continuations."""
		adjacent = False
		for row in rows:
			if adjacent and self.balance >= 0 and self._is_part(row):
				self._parts.append(row)
				continue
			self._end_parts()
			if self._is_plain(row):
				self._join()
				self._add(row)
				adjacent = True
			elif not row.filled:
				adjacent = False
			else:
				adjacent = self._take(row, adjacent)
		self._end_parts()
		if all(self.day == 0 or 0 not in row.filled for row in self._waiting):
			self._join(last=True)
		self.found.notes += self._waiting
		return self.found

	def _is_plain(self, row: Row) -> bool:
		"""A cheap test that most transactions pass."""
		cells = row.cells
		if row.damage or not 0 <= self.day < len(cells) or not is_day(cells[self.day]):
			return bool(row.damage)
		for place in self.flow:
			if place < len(cells) and is_amount(cells[place]):
				return not _may_name_control("|".join([cell for cell in cells if isinstance(cell, str)]))
		return False

	def _add(self, row: Row) -> None:
		self.found.transactions.append(row)
		self.last = row

	def _take(self, row: Row, adjacent: bool) -> bool:
		found = self._control(row)
		if found and is_day(self._cell(row, self.day)) and self._names_shop(row):
			self.found.transactions.append(row._replace(damage=_MAY_BE_SHOP))
			return False
		if found:
			self.found.controls.append(found)
			return False
		if self._is_transaction(row):
			self._join()
			self._add(row)
			return True
		if adjacent and self._is_more_text(row):
			self._waiting.append(row)
			return True
		self.found.notes.append(row)
		return False

	def _is_part(self, row: Row) -> bool:
		"""Whether a row has an amount, but neither a day nor the balance that the transaction above it has."""
		above = self.last
		if above is None or row.damage or self._waiting or written(self._cell(row, self.day)):
			return False
		balances = [written(self._cell(one, self.balance)) for one in (above, row)]
		return bool(balances[0]) and not balances[1] and self._has_money(row) and not self._control(row)

	def _end_parts(self) -> None:
		"""Parts that make the amount above them are its text: a collective order. Others are rows of their own."""
		parts, self._parts = self._parts, []
		if len(parts) > 1 and self.last and self._make_up(self.last, parts):
			more = self.found.more.setdefault(self.last.number, [])
			more += [row.text.replace(" | ", " ") for row in parts]
		else:
			for row in parts:
				self._add(row)

	def _make_up(self, whole: Row, parts: Sequence[Row]) -> bool:
		"""Whether the amounts of parts make that of the whole, under one of the decimal marks."""
		for mark in MARKS:
			values = [self._amount(row, mark) for row in (whole, *parts)]
			known = [value for value in values if value is not None]
			if len(known) == len(values) and known[0] and sum(known[1:], Decimal(0)) == known[0]:
				return True
		return False

	def _amount(self, row: Row, mark: str) -> Decimal | None:
		"""Return the sum of the amounts of a row, a debit negative; None where one cannot be read."""
		sum_ = Decimal(0)
		for place in self.flow:
			cell = self._cell(row, place)
			try:
				value = cell if isinstance(cell, Decimal) else amount(written(cell) or "0", mark)
			except InvalidData:
				return None
			sum_ += -abs(value) if place == self.debit else value
		return sum_

	def _join(self, last: bool = False) -> None:
		"""Add the waiting rows to the transaction above them."""
		if self._waiting and self.last:
			if last and not self.found.more:
				return
			number = self.last.number
			texts = [row.text.replace(" | ", " ") for row in self._waiting]
			self.found.more.setdefault(number, []).extend(texts)
		self._waiting = []

	def _control(self, row: Row) -> ControlRow | None:
		"""Return a control row; a dated row with an amount that is only called `Total` is a purchase at such a shop."""
		found = control_row(row)
		if not found or not (is_day(self._cell(row, self.day)) and self._has_money(row)):
			return found
		return found if self._names_control(row, found.kind) else None

	def _names_control(self, row: Row, kind: Control) -> bool:
		"""Whether the name is the label of the row. A category or a remark named "Balance" beside a label is none."""
		labels = [text for place in self.labels if (text := written(self._cell(row, place)))]
		if kind is Control.TOTAL:
			return any(
				control(text) and (is_phrase(text) or is_turnover(text) or is_shop(text)) for text in labels
			)
		return not labels or any(control(text) for text in labels)

	def _names_shop(self, row: Row) -> bool:
		labels = [written(self._cell(row, place)) for place in self.labels]
		return any(map(is_shop, labels)) and any(is_amount(self._cell(row, place)) for place in self.flow)

	def _is_transaction(self, row: Row) -> bool:
		"""A day or a word for a state where days stand, or money where money stands."""
		day = self._cell(row, self.day)
		money = [self._cell(row, place) for place in self.flow]
		has_money = any(is_amount(cell) for cell in money)
		if is_day(day) or has_money or any(is_day(cell) and self._has_money(row) for cell in row.cells):
			return True
		if any(is_day(self._cell(row, place)) for place in self.other_days) and any(
			map(_has_cents, row.cells)
		):
			return True
		return bool(written(day)) and (
			state(written(day)) is not None or any(written(cell) for cell in money)
		)

	def _is_more_text(self, row: Row) -> bool:
		return not written(self._cell(row, self.day)) and not any(
			written(self._cell(row, p)) for p in self.money
		)

	def _has_money(self, row: Row) -> bool:
		return any(is_amount(self._cell(row, place)) for place in self.money)

	def _cell(self, row: Row, place: int) -> Cell:
		return row.cells[place] if 0 <= place < len(row.cells) else ""

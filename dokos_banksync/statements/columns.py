"""What stands in the columns of a table: days, amounts, words for a side or a state."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal

from dokos_banksync.statements.amounts import is_nothing, looks_like_amount
from dokos_banksync.statements.currencies import code_of
from dokos_banksync.statements.days import looks_like_day
from dokos_banksync.statements.grid import Cell, Row, written
from dokos_banksync.statements.roles import DAYS, MONEY, Role
from dokos_banksync.statements.vocabulary import key, side, state

_NOT_ZERO = re.compile("[1-9]")
_SAMPLE = 500
_MOSTLY = 0.8
_HALF = 0.5
_FEW = 6
"""Rows that are too few to say by their variety whose accounts they name."""
_WEAK_STATES = ("info", "contabilizzazione", "situation", "situacion", "situacao")
"""Titles of columns that hold a state in the files of some banks, and something else in those of others."""
_ADDRESS = frozenset(
	("city", "merchant city", "town", "zip", "zip code", "postcode", "postal code", "street address")
)
"""Titles beside which a column `State` is a part of an address."""


class Columns:
	"""The cells of a sample of rows, by column. Empty cells are left out."""

	def __init__(self, titles: Sequence[str], rows: Sequence[Row]) -> None:
		self.titles = titles
		self.rows = rows[:_SAMPLE]
		self.width = max([len(titles), *(len(row.cells) for row in self.rows)])
		self._cells = [self._column(place) for place in range(self.width)]

	def _column(self, place: int) -> list[Cell]:
		cells = [row.cells[place] for row in self.rows if place < len(row.cells)]
		return [cell for cell in cells if not isinstance(cell, str) or cell.strip()]

	def title(self, place: int) -> str:
		"""Return the title of a column, an empty text where it has none."""
		return self.titles[place] if place < len(self.titles) else ""

	def texts(self, place: int) -> list[str]:
		"""Return the cells of a column that hold something, as text."""
		return [written(cell) for cell in self._cells[place]] if place < self.width else []

	def is_empty(self, place: int) -> bool:
		"""Whether nothing stands in a column."""
		return place >= self.width or not self._cells[place]

	def _amounts(self, place: int) -> list[Cell]:
		"""Return the cells of a column without those that say that there is no amount."""
		cells = self._cells[place] if place < self.width else []
		return [cell for cell in cells if not isinstance(cell, str) or not is_nothing(cell)]

	def share(self, place: int, test: Callable[[Cell], bool]) -> float:
		"""Return the share of the filled cells that pass a test; 0 where none is filled."""
		cells = self._cells[place] if place < self.width else []
		return sum(test(cell) for cell in cells) / len(cells) if cells else 0.0

	def are_days(self, place: int) -> bool:
		"""Whether most of a column are days."""
		return self.share(place, is_day) >= _MOSTLY

	def are_texts(self, place: int) -> bool:
		"""Return whether most of a column are words, not all of them the same."""
		texts = self.texts(place)
		return self.share(place, _is_words) >= _MOSTLY and (len(set(texts)) > 1 or len(texts) == 1)

	def are_amounts(self, place: int) -> bool:
		"""Whether most of a column are amounts, and not days."""
		return self.share(place, is_amount) >= _MOSTLY and not self.are_days(place)

	def are_numbers(self, place: int) -> bool:
		"""Whether a column holds amounts, or numbers of accounts and the like."""
		return self.are_amounts(place) or self.share(place, _is_number) >= _MOSTLY

	def are_money(self, place: int) -> bool:
		"""Whether a column holds amounts, some of them with a decimal mark."""
		return self.are_amounts(place) and self.share(place, _has_mark) > 0

	def are_currencies(self, place: int) -> bool:
		"""Whether a column holds codes or symbols of currencies."""
		return self.share(place, _is_currency) >= _MOSTLY

	def are_sides(self, place: int) -> bool:
		"""Whether all cells of a column say money in or money out."""
		return self.share(place, lambda cell: side(written(cell)) not in (None, 0)) == 1

	def are_all_filled(self, places: Sequence[int]) -> bool:
		"""Whether each row has an amount other than zero in each of some columns."""
		return all(len(row.texts) > p and _NOT_ZERO.search(row.texts[p]) for row in self.rows for p in places)

	def is_signed(self, place: int) -> bool:
		"""Whether an amount of the column has a minus or parentheses."""
		return self.share(place, _is_negative) > 0

	def fits(self, place: int, role: Role) -> bool:
		"""Whether what stands in a column may be what a role means."""
		if role in DAYS:
			return self.share(place, is_day) >= _HALF
		if role in MONEY:
			return self._may_be_money(place, role)
		if role == Role.DIRECTION:
			return self.share(place, lambda cell: side(written(cell)) not in (None, 0)) >= _HALF
		if role == Role.STATE:
			return self._may_be_state(place)
		if role == Role.CURRENCY:
			return self.is_empty(place) or self.are_currencies(place)
		if role == Role.ACCOUNT:
			return self._names_own_account(place)
		if role == Role.PARTY:
			return self.share(place, _is_number) < _HALF
		if role == Role.DETAILS:
			return not self.is_empty(place) and not self.are_days(place)
		if role == Role.PARTY_IBAN:
			return (
				self.is_empty(place) or len(set(self.texts(place))) > 1 or not self._names_own_account(place)
			)
		return role != Role.LABEL or not (self.is_empty(place) or self.are_days(place))

	def _may_be_money(self, place: int, role: Role) -> bool:
		cells = self._amounts(place)
		if not cells:
			return role in (Role.DEBIT, Role.CREDIT)
		return sum(map(is_amount, cells)) >= _HALF * len(cells) and not self.are_days(place)

	def _may_be_state(self, place: int) -> bool:
		if self.is_empty(place):
			return False
		known = self.share(place, lambda cell: state(written(cell)) is not None) > 0
		title = key(self.titles[place])
		of_address = title == "state" and not _ADDRESS.isdisjoint(map(key, self.titles))
		return known or not (of_address or title in _WEAK_STATES)

	def _names_own_account(self, place: int) -> bool:
		"""Whether a column holds the file's accounts, few and on every row, and not those of other parties."""
		texts = self.texts(place)
		different = len(set(texts))
		filled = len(texts) >= _MOSTLY * sum(bool(row.filled) for row in self.rows)
		return bool(texts) and filled and (different * 2 <= len(texts) or len(texts) < _FEW)


def is_day(cell: Cell) -> bool:
	"""Whether a cell is a day, or text of a day."""
	return isinstance(cell, date) or (isinstance(cell, str) and looks_like_day(cell))


def is_amount(cell: Cell) -> bool:
	"""Whether a cell is a number, or text of an amount."""
	return isinstance(cell, Decimal) or (isinstance(cell, str) and looks_like_amount(cell.strip()))


def _is_currency(cell: Cell) -> bool:
	return bool(code_of(written(cell)))


def _is_words(cell: Cell) -> bool:
	"""Whether a cell is a text of letters for the most part, and not a day."""
	text = written(cell).replace(" ", "")
	return sum(letter.isalpha() for letter in text) * 2 > len(text) and not is_day(cell)


def _is_number(cell: Cell) -> bool:
	"""Whether a cell is an account's number, not a name."""
	text = written(cell).replace(" ", "")
	return sum(letter.isdigit() for letter in text) * 2 > len(text)


def _has_mark(cell: Cell) -> bool:
	return isinstance(cell, Decimal) or (isinstance(cell, str) and ("," in cell or "." in cell))


def _is_negative(cell: Cell) -> bool:
	if isinstance(cell, Decimal):
		return cell < 0
	return isinstance(cell, str) and any(sign in cell for sign in "-−–(")

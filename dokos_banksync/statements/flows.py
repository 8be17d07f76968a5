"""The signed amount of each row, under one of the readings that a table allows."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from itertools import repeat

from dokos_banksync.core.errors import InvalidData
from dokos_banksync.statements.amount_lists import AmountList, BalanceList, MoneyList
from dokos_banksync.statements.amounts import Money, is_nothing, money, plain_money
from dokos_banksync.statements.contract import NORMAL, REVERSED, UNSIGNED
from dokos_banksync.statements.grid import Cell, Row, written
from dokos_banksync.statements.half_known_sides import Pair, half_known
from dokos_banksync.statements.roles import AMOUNT_PARTS, Places, Role
from dokos_banksync.statements.vocabulary import key, side

ZERO = Decimal(0)
_NOT_ZERO = re.compile(r"[1-9]")
_MINUS = str.maketrans("\u2212\u2013\u2012(", "----")


@dataclass(frozen=True)
class Reading:
	"""One way to understand the amounts: columns by role, the decimal mark of each column, the meaning of the sign."""

	roles: Places
	marks: Mapping[int, str]
	sign: str = NORMAL
	"""One of `ALL_SIGNS`."""
	free: frozenset[str] = field(default_factory=frozenset)
	"""What nothing in the file decides."""


class Amounts:
	"""The amounts of a table's rows; each column is parsed once per decimal mark."""

	def __init__(self, rows: Sequence[Row]) -> None:
		self.rows = rows
		self._parsed: dict[tuple[int, str], MoneyList] = {}
		self._plus: dict[int, frozenset[int]] = {}

	def column(self, place: int, mark: str) -> MoneyList:
		"""Return the amounts of a column: None for an empty cell, the error for one that is not an amount."""
		known = self._parsed.get((place, mark))
		if known is None:
			known = self._parsed[place, mark] = MoneyList(_parse(row, place, mark) for row in self.rows)
		return known

	def plus_rows(self, place: int) -> frozenset[int]:
		"""Return the rows whose amount has a plus, where others have no sign and none has a minus; else none.

		Whoever marks money in, in this way, does not mark money out.
		"""
		if place not in self._plus:
			self._plus[place] = self._find_plus(place)
		return self._plus[place]

	def _find_plus(self, place: int) -> frozenset[int]:
		signs: dict[str, list[int]] = {"+": [], "-": [], "": []}
		for index, row in enumerate(self.rows):
			text = row.cells[place] if place < len(row.cells) else ""
			if isinstance(text, str) and _NOT_ZERO.search(text):
				sign = next((one for one in "+-" if one in text.translate(_MINUS)), "")
				signs[sign].append(index)
		return frozenset(signs["+"] if signs[""] and not signs["-"] else ())

	def signed(self, reading: Reading) -> AmountList:
		"""Return the amount of each row, positive for money in; the error for a row that has none."""
		return AmountList(_Signer(self, reading).all())

	def balances(self, reading: Reading) -> BalanceList:
		"""Return the balance beside each row, None where there is none."""
		place = reading.roles.get(Role.BALANCE)
		if place is None:
			return BalanceList(repeat(None, len(self.rows)))
		column = self.column(place, reading.marks.get(place, "."))
		return BalanceList(map(_balance, column))


def _balance(found: Money | InvalidData | None) -> Decimal | None:
	if not isinstance(found, Money):
		return None
	return found.value if found.side >= 0 else -abs(found.value)


def _parse(row: Row, place: int, mark: str) -> Money | InvalidData | None:
	cell: Cell = row.cells[place] if place < len(row.cells) and not row.damage else ""
	if isinstance(cell, str):
		if plain := plain_money(cell, mark):
			return plain
		text = cell.strip()
		try:
			return None if is_nothing(text) else money(text, mark)
		except InvalidData as error:
			return error
	if isinstance(cell, Decimal):
		return Money(cell)
	return InvalidData("{0} is not an amount", written(cell))


class _Signer:
	def __init__(self, amounts: Amounts, reading: Reading) -> None:
		self.reading, self.rows = reading, amounts.rows
		self.columns = {
			role: amounts.column(place, reading.marks.get(place, "."))
			for role in AMOUNT_PARTS
			if (place := reading.roles.get(role)) is not None
		}
		self.turn = -1 if reading.sign == REVERSED else 1
		self.direction = reading.roles.get(Role.DIRECTION)
		place = reading.roles.get(Role.AMOUNT)
		self.plus = amounts.plus_rows(place) if self.turn < 0 and place is not None else frozenset[int]()

	def all(self) -> Iterator[Decimal | InvalidData]:
		"""Yield each row's signed amount, or why it has none."""
		only_amount = self.columns.keys() == {Role.AMOUNT} and self.direction is None
		if only_amount and not self.plus and not self._suffixes:
			yield from map(self._plain, self.rows, self.columns[Role.AMOUNT])
			return
		for index, row in enumerate(self.rows):
			if row.damage:
				yield InvalidData(row.damage)
				continue
			try:
				turn = 1 if index in self.plus else self.turn
				yield self._flow(index) * turn - self._fee(index)
			except InvalidData as error:
				yield error

	def _plain(self, row: Row, found: Money | InvalidData | None) -> Decimal | InvalidData:
		"""Return the amount of a row, where one column holds all that there is to know of it."""
		if row.damage:
			return InvalidData(row.damage)
		if isinstance(found, Money):
			return found.value if self.turn > 0 else -found.value
		return found or InvalidData("The row has no amount")

	def _flow(self, index: int) -> Decimal:
		amount = self._value(Role.AMOUNT, index)
		sides = self._sides(index) if self.columns.keys() & {Role.DEBIT, Role.CREDIT} else None
		if amount is None and sides is None:
			raise InvalidData("The row has no amount")
		if amount is None:
			return sides or ZERO
		own = self._directed(amount, index)
		if sides is None or not sides or own == sides:
			return own
		if abs(own) != abs(sides):
			raise InvalidData("The amount {0} and the debit or credit {1} contradict each other", own, sides)
		return sides

	def _value(self, role: Role, index: int) -> Money | None:
		column = self.columns.get(role)
		found = column[index] if column else None
		if isinstance(found, InvalidData):
			raise found
		return found

	def _sides(self, index: int) -> Decimal | None:
		"""Return the amount of a debit and a credit column; None where there are none, or both cells are empty."""
		debit, credit = self._value(Role.DEBIT, index), self._value(Role.CREDIT, index)
		if debit is None and credit is None:
			return None
		out = self._side_value(Role.DEBIT, debit)
		in_ = self._side_value(Role.CREDIT, credit)
		if out and in_:
			raise InvalidData("The row has a debit and a credit")
		return in_ - out

	def _side_value(self, role: Role, found: Money | None) -> Decimal:
		if found is None or not found.value:
			return ZERO
		if self.reading.sign == UNSIGNED:
			return abs(found.value)
		return -found.value if role is Role.DEBIT and self._minus_is_usual else found.value

	@cached_property
	def _minus_is_usual(self) -> bool:
		"""Whether the bank writes most debits with a minus."""
		column = self.columns.get(Role.DEBIT, ())
		counts = Counter((one.value > 0) - (one.value < 0) for one in column if isinstance(one, Money))
		return counts[-1] > counts[1]

	def _directed(self, amount: Money, index: int) -> Decimal:
		"""Return the amount with the sign that a word beside it, or in a column of its own, gives it."""
		said = self._said(amount, index)
		if said is None:
			return amount.value
		if amount.value >= 0:
			return amount.value * said
		if self._minus_means.get(said) == {True}:
			return abs(amount.value) * said
		raise InvalidData("The sign of {0} and its side contradict each other", amount.value)

	def _said(self, amount: Money, index: int) -> int | None:
		"""1 or -1 where a word gives the side of an amount, None where nothing does in the whole column."""
		if self.direction is None:
			if not self._suffixes:
				return None
			return amount.side or self._without_word(self._suffixes, amount)
		text = self._direction_text(index)
		found = side(text)
		if found is None and self._pair and key(text) == self._pair.unknown:
			found = -(side(self._pair.known) or 0)
		if found is None:
			raise InvalidData("{0} says neither debit nor credit", text)
		return found or self._without_word(self._words, amount)

	def _without_word(self, words: frozenset[int], amount: Money) -> int:
		"""Return the side of a row without a word: the other one, where all words of the column say the same."""
		if not amount.value:
			return 1
		other = -next(iter(words)) if len(words) == 1 else 0
		if not other or (amount.value > 0 and len(self._minus_means[other]) > 1):
			raise InvalidData("Nothing says whether {0} is a debit or a credit", amount.value)
		return other

	def _direction_text(self, index: int) -> str:
		cells = self.rows[index].cells
		return (
			written(cells[self.direction])
			if self.direction is not None and self.direction < len(cells)
			else ""
		)

	@cached_property
	def _suffixes(self) -> frozenset[int]:
		return frozenset(one.side for one in self.columns[Role.AMOUNT] if isinstance(one, Money) and one.side)

	@cached_property
	def _pair(self) -> Pair | None:
		return half_known(self._direction_text(i) for i in range(len(self.rows)))

	@cached_property
	def _words(self) -> frozenset[int]:
		return frozenset(side(self._direction_text(i)) or 0 for i in range(len(self.rows))) - {0}

	@cached_property
	def _minus_means(self) -> dict[int, set[bool]]:
		"""For each side, whether its amounts have a minus: all of them, or the sign says something else."""
		found: dict[int, set[bool]] = {}
		words = self._suffixes if self.direction is None else self._words
		other = -next(iter(words)) if len(words) == 1 else 0
		for index, one in enumerate(self.columns[Role.AMOUNT]):
			if isinstance(one, Money) and one.value:
				word = one.side or side(self._direction_text(index)) or other
				found.setdefault(word, set()).add(one.value < 0)
		return found

	def _fee(self, index: int) -> Decimal:
		"""Return what a fee in a column of its own takes from the account, with or without a minus."""
		found = self._value(Role.FEE, index)
		return abs(found.value) if found else ZERO

"""The amounts of a column, and those of the rows, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from hashlib import sha256
from typing import TypeAlias

from dokos_banksync.core.errors import InvalidData
from dokos_banksync.core.file_backed_list import FileBackedList
from dokos_banksync.core.staged_row import canonical
from dokos_banksync.statements.amounts import Money

HELD_AMOUNTS = 100_000
"""Amounts that are held in memory: each of them is read several times."""

_Packed: TypeAlias = "str | int | tuple[str, int, str] | None"
"""An amount, the number of an error, or an amount with its side and its symbol."""


class _WithErrors:
	"""Keeps errors in memory, and gives each a number: a file with many of them is refused row by row anyway."""

	def __init__(self) -> None:
		self._errors: list[InvalidData] = []

	def number_of(self, error: InvalidData) -> int:
		"""Return a number for an error."""
		self._errors.append(error)
		return len(self._errors) - 1

	def __getitem__(self, number: int) -> InvalidData:
		return self._errors[number]


class MoneyList(FileBackedList[Money | InvalidData | None]):
	"""The cells of a column: None for an empty one, the error for one that is not an amount."""

	def __init__(self, values: Iterable[Money | InvalidData | None]) -> None:
		super().__init__(HELD_AMOUNTS, self._texts, self._values)
		self._errors = _WithErrors()
		for value in values:
			self.append(value)

	def _texts(self, values: Sequence[Money | InvalidData | None]) -> list[_Packed]:
		return [
			self._errors.number_of(one)
			if isinstance(one, InvalidData)
			else one and ((str(one[0]), *one[1:]) if one.side or one.symbol else str(one[0]))
			for one in values
		]

	def _values(self, packed: Sequence[_Packed]) -> list[Money | InvalidData | None]:
		return [
			Money(Decimal(one))
			if isinstance(one, str)
			else self._errors[one]
			if isinstance(one, int)
			else one and Money(Decimal(one[0]), *one[1:])
			for one in packed
		]


class AmountList(FileBackedList[Decimal | InvalidData]):
	"""The amounts of the rows; the error for a row that has none."""

	def __init__(self, values: Iterable[Decimal | InvalidData]) -> None:
		super().__init__(HELD_AMOUNTS, self._texts, self._values)
		self._errors = _WithErrors()
		for value in values:
			self.append(value)

	def _texts(self, values: Sequence[Decimal | InvalidData]) -> list[str | int]:
		return [str(one) if isinstance(one, Decimal) else self._errors.number_of(one) for one in values]

	def _values(self, packed: Sequence[str | int]) -> list[Decimal | InvalidData]:
		return [Decimal(one) if isinstance(one, str) else self._errors[one] for one in packed]

	def digest(self) -> bytes:
		"""Return the same bytes for the same amounts; all errors are one."""
		digest = sha256()
		for chunk in self.chunks():
			texts = [(canonical(one) if one else "0") if isinstance(one, Decimal) else "" for one in chunk]
			digest.update(" ".join([*texts, ""]).encode())
		return digest.digest()


class BalanceList(FileBackedList[Decimal | None]):
	"""The balances beside the rows; None where there is none."""

	def __init__(self, values: Iterable[Decimal | None]) -> None:
		super().__init__(HELD_AMOUNTS, self._texts, self._values)
		for value in values:
			self.append(value)

	@staticmethod
	def _texts(values: Sequence[Decimal | None]) -> list[str | None]:
		return [None if one is None else str(one) for one in values]

	@staticmethod
	def _values(packed: Sequence[str | None]) -> list[Decimal | None]:
		return [None if one is None else Decimal(one) for one in packed]

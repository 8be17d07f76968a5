"""Sequences that make each value only where it is asked for."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import TypeVar, overload

T = TypeVar("T")


class ReadSequence(Sequence[T]):
	"""A sequence whose values are read by `_read`. A slice is a list."""

	@abstractmethod
	def _read(self, place: int) -> T:
		"""Return the value at a place from 0 up to the length."""

	@overload
	def __getitem__(self, index: int) -> T: ...
	@overload
	def __getitem__(self, index: slice) -> list[T]: ...
	def __getitem__(self, index: int | slice) -> T | list[T]:
		if isinstance(index, slice):
			return [self._read(place) for place in range(*index.indices(len(self)))]
		place = index + len(self) if index < 0 else index
		if not 0 <= place < len(self):
			raise IndexError(index)
		return self._read(place)

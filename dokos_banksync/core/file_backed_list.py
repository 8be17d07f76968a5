"""Values that are too many for the memory: the last ones are held, the others are in an unnamed file."""

from __future__ import annotations

import marshal
import os
import tempfile
import weakref
from array import array
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import IO, Any, Generic, TypeVar

CHUNK = 1_000
"""Values that are written and read at a time."""
HELD = 20_000
"""Values that are held in memory before the first ones are written: few files are larger."""

T = TypeVar("T")


def _same(values: Any) -> Any:
	return values


class FileBackedList(Generic[T]):
	"""Values in the order in which they were added.

	`pack` turns a list of values into tuples and lists of texts, numbers and None, and `unpack` turns it back; without
	them the values are such. The file has no name, so that no other program opens it, and it is gone when this process ends.
	"""

	def __init__(
		self,
		held: int | None = None,
		pack: Callable[[Sequence[T]], Any] = _same,
		unpack: Callable[[Any], list[T]] = _same,
	) -> None:
		self._most = HELD if held is None else held
		self._pack, self._unpack = pack, unpack
		self._tail: list[T] = []
		self._ends = array("Q", [0])
		self._file: IO[bytes] | None = None
		self._read: tuple[int, list[T]] = (-1, [])

	def append(self, value: T) -> None:
		"""Add a value at the end."""
		self._tail.append(value)
		if len(self._tail) >= self._most + CHUNK:
			self._write()

	def __len__(self) -> int:
		return (len(self._ends) - 1) * CHUNK + len(self._tail)

	def __getitem__(self, index: int) -> T:
		"""Return one value. The index is not negative; neighbours are read together."""
		number, place = divmod(index, CHUNK)
		written = len(self._ends) - 1
		if number >= written:
			return self._tail[index - written * CHUNK]
		if self._read[0] != number:
			self._read = number, self._load(number)
		return self._read[1][place]

	def __iter__(self) -> Iterator[T]:
		for chunk in self.chunks():
			yield from chunk

	def __reversed__(self) -> Iterator[T]:
		yield from reversed(self._tail)
		for number in range(len(self._ends) - 2, -1, -1):
			yield from reversed(self._load(number))

	def chunks(self) -> Iterator[list[T]]:
		"""Yield all values in lists, which the caller does not change."""
		for number in range(len(self._ends) - 1):
			yield self._load(number)
		if self._tail:
			yield self._tail

	def between(self, first: int, end: int) -> Iterator[T]:
		"""Yield the values from one place up to another."""
		written = len(self._ends) - 1
		for number in range(first // CHUNK, min(written, -(-end // CHUNK))):
			start = number * CHUNK
			yield from self._load(number)[max(first - start, 0) : end - start]
		start = written * CHUNK
		if end > start:
			yield from self._tail[max(first - start, 0) : end - start]

	def _write(self) -> None:
		"""Write all whole chunks; from then on, each one as soon as it is whole."""
		self._most = 0
		file = self._file = self._file or _open(self)
		file.seek(0, os.SEEK_END)
		whole = len(self._tail) // CHUNK * CHUNK
		for first in range(0, whole, CHUNK):
			data = marshal.dumps(self._pack(self._tail[first : first + CHUNK]))
			file.write(data)
			self._ends.append(self._ends[-1] + len(data))
		del self._tail[:whole]

	def _load(self, number: int) -> list[T]:
		if self._file is None:
			raise IndexError(number)
		first, end = self._ends[number], self._ends[number + 1]
		self._file.seek(first)
		return self._unpack(marshal.loads(self._file.read(end - first)))  # noqa: S302 - written by this object


def _open(owner: FileBackedList[Any]) -> IO[bytes]:
	"""Return a file that is closed when its owner is no longer used."""
	file = tempfile.TemporaryFile()  # noqa: SIM115 - it lives as long as its owner
	weakref.finalize(owner, partial(type(file).close, file)).atexit = False
	return file

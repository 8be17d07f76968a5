"""Values that are too many for the memory: the last ones are held, the others are in an unnamed file."""

from __future__ import annotations

import marshal
import os
import tempfile
import weakref
from array import array
from collections.abc import Iterator
from functools import partial
from typing import IO, Any

CHUNK = 1_000
"""Values that are written and read at a time."""
HELD = 20_000
"""Values that are held in memory before the first ones are written: few files are larger."""


class Spool:
	"""Tuples of texts, numbers and None, in the order in which they were added.

	The file has no name, so that no other program opens it, and it is gone when this process ends.
	"""

	def __init__(self, held: int | None = None) -> None:
		self._most = HELD if held is None else held
		self._tail: list[Any] = []
		self._ends = array("Q", [0])
		self._file: IO[bytes] | None = None
		self._read: tuple[int, list[Any]] = (-1, [])

	def append(self, value: Any) -> None:
		"""Add a value at the end."""
		self._tail.append(value)
		if len(self._tail) >= self._most + CHUNK:
			self._write()

	def __len__(self) -> int:
		return (len(self._ends) - 1) * CHUNK + len(self._tail)

	def __getitem__(self, index: int) -> Any:
		"""Return one value. The index is not negative, and neighbours are read together."""
		number, place = divmod(index, CHUNK)
		written = len(self._ends) - 1
		if number >= written:
			return self._tail[index - written * CHUNK]
		if self._read[0] != number:
			self._read = number, self._load(number)
		return self._read[1][place]

	def chunks(self) -> Iterator[list[Any]]:
		"""Yield all values in lists, which the caller does not change."""
		for number in range(len(self._ends) - 1):
			yield self._load(number)
		if self._tail:
			yield self._tail

	def chunks_from_end(self) -> Iterator[list[Any]]:
		"""Yield the lists of `chunks`, the last one first."""
		if self._tail:
			yield self._tail
		for number in range(len(self._ends) - 2, -1, -1):
			yield self._load(number)

	def _write(self) -> None:
		"""Write all whole chunks; from then on, each one as soon as it is whole."""
		self._most = 0
		file = self._file = self._file or self._open()
		file.seek(0, os.SEEK_END)
		whole = len(self._tail) // CHUNK * CHUNK
		for first in range(0, whole, CHUNK):
			data = marshal.dumps(self._tail[first : first + CHUNK])
			file.write(data)
			self._ends.append(self._ends[-1] + len(data))
		del self._tail[:whole]

	def _open(self) -> IO[bytes]:
		file = tempfile.TemporaryFile()  # noqa: SIM115 - it lives as long as this object
		weakref.finalize(self, partial(IO.close, file)).atexit = False
		return file

	def _load(self, number: int) -> list[Any]:
		if self._file is None:
			raise IndexError(number)
		first, end = self._ends[number], self._ends[number + 1]
		self._file.seek(first)
		found: list[Any] = marshal.loads(self._file.read(end - first))  # noqa: S302 - written by this object
		return found

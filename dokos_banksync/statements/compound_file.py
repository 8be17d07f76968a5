"""The chains of sectors of an old Excel file: a Compound File, [MS-CFB] of Microsoft.

A damaged chain that runs in a circle, or out of the file, would be followed without end: each chain is walked here
before a library reads the file.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Sequence

from dokos_banksync.core.errors import InvalidData

DAMAGED = "The file is damaged: download it again, or save it as XLSX"
_HEADER = 512
_NO_SECTOR = 0xFFFFFFFA
"""Numbers from here on are no sectors: they end a chain, or mark what holds tables."""
_IN_HEADER = 109
"""Sectors of the allocation table that the header names."""
_ENTRY = 128
_STREAM, _ROOT = 2, 5
_SECTOR_SIZES = (9, 12)
_MINI_SECTOR = 64


def streams_of(content: bytes) -> dict[str, bytes]:
	"""Return the streams of a file, by name.

	Raises `InvalidData` where a chain of sectors does not end, leaves the file, crosses another one, or is shorter
	than its stream.
	"""
	try:
		return dict(_CompoundFile(content).streams())
	except (struct.error, IndexError) as error:
		raise InvalidData(DAMAGED) from error


class _Chains:
	"""The number of the next sector of each sector. No sector belongs to two chains, so all of them together are short."""

	def __init__(self, following: Sequence[int], sectors: int) -> None:
		self._following, self._sectors, self._left = following, sectors, sectors

	def walk(self, sector: int) -> Iterator[int]:
		"""Yield the sectors of a chain, beginning with its first one."""
		while sector < _NO_SECTOR:
			if sector >= self._sectors or not self._left:
				raise InvalidData(DAMAGED)
			self._left -= 1
			yield sector
			sector = self._following[sector]


class _CompoundFile:
	def __init__(self, content: bytes) -> None:
		self.content = content
		(shift,) = struct.unpack_from("<H", content, 30)
		if shift not in _SECTOR_SIZES:
			raise InvalidData(DAMAGED)
		self.size = 1 << shift
		self.sectors = -(-(len(content) - self.size) // self.size)
		self.chains = _Chains(self._allocation_table(), self.sectors)

	def streams(self) -> Iterator[tuple[str, bytes]]:
		"""Yield the name and the content of each stream."""
		directory, _, limit, mini_table, mini_sectors = struct.unpack_from("<5I", self.content, 48)
		mini_numbers = self._numbers(self.chains.walk(mini_table)) if mini_sectors else []
		mini, mini_stream = _Chains(mini_numbers, len(mini_numbers)), b""
		for entry in self._entries(directory):
			kind, (first, size) = entry[66], struct.unpack_from("<II", entry, 116)
			if kind == _ROOT and size:
				mini_stream = _whole(self._read(first), size)
			elif kind == _STREAM and size >= limit:
				yield _name(entry), _whole(self._read(first), size)
			elif kind == _STREAM and size:
				pieces = (mini_stream[at * _MINI_SECTOR : (at + 1) * _MINI_SECTOR] for at in mini.walk(first))
				yield _name(entry), _whole(b"".join(pieces), size)

	def _entries(self, directory: int) -> list[bytes]:
		found = self._read(directory)
		return [found[at : at + _ENTRY] for at in range(0, len(found) - _ENTRY + 1, _ENTRY)]

	def _read(self, first: int) -> bytes:
		"""Return what a chain of sectors holds."""
		return b"".join(map(self._sector, self.chains.walk(first)))

	def _allocation_table(self) -> Sequence[int]:
		(first,) = struct.unpack_from("<I", self.content, 68)
		named = list(struct.unpack_from(f"<{_IN_HEADER}I", self.content, _HEADER - 4 * _IN_HEADER))
		for _ in range(self.sectors):
			if first >= _NO_SECTOR:
				break
			*more, first = self._numbers([first])
			named += more
		used = [sector for sector in named if sector < _NO_SECTOR]
		if len(used) > self.sectors or first < _NO_SECTOR:
			raise InvalidData(DAMAGED)
		return self._numbers(used)

	def _numbers(self, sectors: Iterable[int]) -> list[int]:
		"""Return the numbers that sectors hold."""
		layout = struct.Struct(f"<{self.size // 4}I")
		return [number for sector in sectors for number in layout.unpack(self._sector(sector))]

	def _sector(self, number: int) -> bytes:
		if number >= self.sectors:
			raise InvalidData(DAMAGED)
		start = (number + 1) * self.size
		return self.content[start : start + self.size].ljust(self.size, b"\0")


def _whole(stream: bytes, size: int) -> bytes:
	if len(stream) < size:
		raise InvalidData(DAMAGED)
	return stream[:size]


def _name(entry: bytes) -> str:
	(length,) = struct.unpack_from("<H", entry, 64)
	return entry[: max(length - 2, 0)].decode("utf-16-le", "replace")

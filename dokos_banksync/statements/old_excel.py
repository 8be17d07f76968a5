"""What a library would need for an old Excel file: its records name places, and memory is taken up to the last of them.

The records are those of [MS-XLS] of Microsoft (BIFF5 and BIFF8).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from dokos_banksync.core.errors import InvalidData
from dokos_banksync.statements.compound_file import DAMAGED, streams_of

_STREAMS = ("Workbook", "Book")
_START_OF_SHEET, _DIMENSIONS = 0x809, 0x200
_CELLS = frozenset((0x06, 0xBD, 0xD6, 0xFD, 0x203, 0x204, 0x205, 0x27E))
"""Records of cells that hold something: formulas, numbers, texts, truth values."""
_MOST_ROWS, _MOST_COLUMNS = 0x10000, 0x100
_PLACE = struct.Struct("<HH")
_BOUNDS = {10: "<HHHH", 14: "<IIHH"}
"""By its length, how a record of dimensions is written."""


def most_cells(content: bytes) -> int:
	"""Return the cells of the largest sheet, up to the last row and column that hold something.

	Raises `InvalidData` for a damaged file.
	"""
	found = streams_of(content)
	stream = next((found[name] for name in _STREAMS if name in found), b"")
	rows = columns = largest = 0
	for kind, body in _records(stream):
		if kind == _START_OF_SHEET:
			rows = columns = 0
		elif kind == _DIMENSIONS:
			_check_dimensions(body)
		elif kind in _CELLS and len(body) >= _PLACE.size:
			row, column = _PLACE.unpack_from(body)
			rows, columns = max(rows, row + 1), max(columns, column + 1)
			largest = max(largest, rows * columns)
	return largest


def _records(stream: bytes) -> Iterator[tuple[int, bytes]]:
	at = 0
	while at + _PLACE.size <= len(stream):
		kind, length = _PLACE.unpack_from(stream, at)
		at += _PLACE.size
		yield kind, stream[at : at + length]
		at += length


def _check_dimensions(body: bytes) -> None:
	layout = _BOUNDS.get(len(body) & ~3 | 2)
	if layout is None or len(body) < struct.calcsize(layout):
		return
	_, last_row, _, last_column = struct.unpack_from(layout, body)
	if last_row > _MOST_ROWS or last_column > _MOST_COLUMNS:
		raise InvalidData(DAMAGED)

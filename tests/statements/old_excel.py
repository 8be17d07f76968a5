"""Old Excel files (BIFF8 in a Compound File), made for tests: no library writes them any more."""

from __future__ import annotations

import struct

END, FREE, TABLE = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD
SECTOR = 512


def record(kind, body):
	"""Return a record of a sheet."""
	return struct.pack("<HH", kind, len(body)) + body


def cell(row, column, value):
	"""Return the record of a cell."""
	place = struct.pack("<HHH", row, column, 0)
	if isinstance(value, str):
		text = value.encode("utf-16-le")
		return record(0x204, place + struct.pack("<HB", len(value), 1) + text)
	return record(0x203, place + struct.pack("<d", value))


def workbook_stream(rows, more=b""):
	"""Return the records of a workbook with one sheet, which begins with `more` records."""
	end, name = record(0x0A, b""), b"Sheet1"
	start = record(0x809, struct.pack("<HHHHII", 0x600, 5, 0, 0, 0, 0))
	where = len(start) + 4 + 8 + len(name) + len(end)
	start += record(0x85, struct.pack("<IBBBB", where, 0, 0, len(name), 0) + name) + end
	cells = b"".join(cell(r, c, value) for r, row in enumerate(rows) for c, value in enumerate(row))
	return start + record(0x809, struct.pack("<HHHHII", 0x600, 0x10, 0, 0, 0, 0)) + more + cells + end


def _entry(name, kind, first, size, child=FREE):
	text = name.encode("utf-16-le")
	head = text.ljust(64, b"\0") + struct.pack("<HBBIII", len(text) + 2, kind, 1, FREE, FREE, child)
	return head.ljust(116, b"\0") + struct.pack("<IQ", first, size)


def compound_file(stream, table=None, size=None, first_table=END, tables=0):
	"""Return the file of a stream: sector 0 holds the allocation table, 1 the directory, 2 and on the stream.

	`table` changes numbers of the allocation table, `size` the size that the directory states.
	"""
	stream = stream.ljust(4096, b"\0")
	stream += b"\0" * (-len(stream) % SECTOR)
	count = len(stream) // SECTOR
	numbers = [TABLE, END, *range(3, 2 + count), END]
	numbers += [FREE] * (SECTOR // 4 - len(numbers))
	for place, number in (table or {}).items():
		numbers[place] = number
	directory = _entry("Root Entry", 5, END, 0, child=1) + _entry("Workbook", 2, 2, size or len(stream))
	header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".ljust(24, b"\0") + struct.pack(
		"<HHHHH", 0x3E, 3, 0xFFFE, 9, 6
	)
	header = header.ljust(44, b"\0") + struct.pack("<IIIIIIII", 1, 1, 0, 4096, END, 0, first_table, tables)
	header += struct.pack("<109I", 0, *[FREE] * 108)
	return header + struct.pack("<128I", *numbers) + directory.ljust(SECTOR, b"\0") + stream

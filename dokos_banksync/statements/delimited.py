"""CSV in its dialects: semicolon, comma, tab or bar, quoted or not.

RFC 4180 (https://www.rfc-editor.org/rfc/rfc4180) describes the one with commas; banks follow their own.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator
from itertools import islice

from dokos_banksync.core.errors import InvalidData
from dokos_banksync.statements.contract import Options, Statement
from dokos_banksync.statements.grid import Row
from dokos_banksync.statements.tabular import Source, read_grid
from dokos_banksync.statements.text import decode

DELIMITERS = {";": "semicolon", ",": "comma", "\t": "tab", "|": "bar"}
_TRIED = 200
"""Rows that are looked at to tell the delimiter."""


def knows(content: bytes) -> bool:
	"""Any text with columns."""
	try:
		text = decode(content).text
	except InvalidData:
		return True  # told better when it is read
	return bool(_delimiter(text))


def read(content: bytes, options: Options) -> Statement:
	text, encoding, remarks = decode(content)
	delimiter = _delimiter(text)
	source = Source("CSV", {"encoding": encoding, "delimiter": DELIMITERS[delimiter]}, remarks)
	return read_grid(list(_rows(text, delimiter)), source, options)


def grid(content: bytes) -> list[Row]:
	text = decode(content).text
	return list(_rows(text, _delimiter(text)))


def _delimiter(text: str) -> str:
	"""The one that parts the most rows into the same, larger number of cells; empty where none does."""
	best = max(DELIMITERS, key=lambda delimiter: _evenness(text, delimiter))
	return best if _evenness(text, best) else ""


def _evenness(text: str, delimiter: str) -> int:
	widths: Counter[int] = Counter()
	try:
		for cells in islice(csv.reader(_stream(text), delimiter=delimiter), _TRIED):
			widths[len(cells)] += 1
	except csv.Error:
		pass  # with another delimiter it may be read
	del widths[0], widths[1]
	return max((rows * (width - 1) for width, rows in widths.items()), default=0)


def _rows(text: str, delimiter: str) -> Iterator[Row]:
	reader = csv.reader(_stream(text), delimiter=delimiter)
	number = 1
	try:
		for cells in reader:
			yield Row(number, tuple(cells))
			number = reader.line_num + 1
	except csv.Error as error:
		raise InvalidData("Row {0} cannot be read as CSV: {1}", number, error) from error


def _stream(text: str) -> io.StringIO:
	return io.StringIO(text.replace("\0", ""), newline="")

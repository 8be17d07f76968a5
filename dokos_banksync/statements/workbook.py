"""XLSX: the first sheet that holds anything."""

from __future__ import annotations

import io
import math
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import closing
from datetime import date, datetime
from decimal import Decimal

from dokos_banksync.core.errors import InvalidData
from dokos_banksync.statements.contract import Options, Statement
from dokos_banksync.statements.grid import Cell, Row
from dokos_banksync.statements.tabular import Source, read_grid

_ZIP = b"PK\x03\x04"
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"
_LARGEST = 100 * 2**20
"""Bytes that a workbook may unpack to: more is an attack, not a statement."""
_MOST_CELLS = 4_000_000
"""Rows and cells up to the last one that holds something. A single cell at the far end of a sheet stands behind
seventeen thousand million others.
"""
_TOP = 100

_DAMAGED = (
	*(zipfile.BadZipFile, zlib.error, EOFError, OSError, SyntaxError, RuntimeError),
	*(LookupError, AttributeError, ArithmeticError, ValueError, TypeError),
)
"""What parts of a workbook raise that are missing, broken, locked with a password, or of another kind: those of XML
are a `SyntaxError`.
"""


def knows(content: bytes) -> bool:
	return content.startswith((_ZIP, _OLD_EXCEL))


def read(content: bytes, options: Options) -> Statement:
	if content.startswith(_OLD_EXCEL):
		raise InvalidData("The file is an old Excel workbook (XLS): save it as XLSX or CSV")
	title, rows = _first_sheet(content)
	return read_grid(rows, Source("XLSX", {"sheet": title}), options)


def grid(content: bytes) -> list[Row]:
	return _first_sheet(content)[1]


def _first_sheet(content: bytes) -> tuple[str, list[Row]]:
	"""Formulas count as what they came to when the file was saved."""
	try:
		with zipfile.ZipFile(io.BytesIO(content)) as archive:
			unpacked = sum(part.file_size for part in archive.infolist())
		if unpacked > _LARGEST:
			raise InvalidData("The workbook is too large: export fewer months at a time")
		found = next(_filled_sheets(content), None)
	except _DAMAGED as error:
		raise InvalidData("The file is no Excel workbook that can be read: save it as CSV") from error
	if found is None:
		raise InvalidData("The workbook holds no row")
	return found


def _filled_sheets(content: bytes) -> Iterator[tuple[str, list[Row]]]:
	"""Cell by cell as the file has them: what a sheet says of its own size is not believed."""
	from openpyxl import load_workbook  # type: ignore[import-untyped]  # slow to load, and seldom needed

	with warnings.catch_warnings():
		warnings.simplefilter("ignore")  # a missing style is no matter of ours
		with closing(load_workbook(io.BytesIO(content), data_only=True, read_only=True)) as book:
			for sheet in book.worksheets:
				sheet.reset_dimensions()
				rows = list(_rows(sheet.iter_rows(values_only=True)))
				if any(row.text for row in rows):
					yield str(sheet.title), rows


def _rows(values: Iterator[tuple[object, ...]]) -> Iterator[Row]:
	"""Without what is empty: at the end of rows, and between them below the top, where no row of titles is looked for."""
	left = _MOST_CELLS
	for number, values_of_row in enumerate(values, 1):
		left -= 1 + len(values_of_row)
		if left < 0:
			raise InvalidData("The workbook is too large: export fewer months at a time")
		cells = [_cell(value) for value in values_of_row]
		while cells and cells[-1] == "":
			cells.pop()
		if cells or number <= _TOP:
			yield Row(number, tuple(cells))


def _cell(value: object) -> Cell:
	"""A number loses the noise of binary fractions: it has fifteen digits that count."""
	if isinstance(value, datetime):
		return value.date()
	if isinstance(value, (int, float)) and not isinstance(value, bool):
		return Decimal(f"{value:.15g}") if math.isfinite(value) else str(value)
	if isinstance(value, date):
		return value
	return "" if value is None else str(value)

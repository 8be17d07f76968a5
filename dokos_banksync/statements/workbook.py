"""Workbooks: Excel (XLSX, XLSB, XLS) and OpenDocument (ODS), read by python-calamine."""

from __future__ import annotations

import io
import math
import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple
from xml.etree.ElementTree import ParseError

from dokos_banksync.core.errors import InvalidData
from dokos_banksync.statements.contract import ReadingOptions, ReadingQuestion, Statement
from dokos_banksync.statements.grid import Cell, Row
from dokos_banksync.statements.headers import guess, is_enough
from dokos_banksync.statements.not_a_statement import describe
from dokos_banksync.statements.old_excel import most_cells
from dokos_banksync.statements.tables import find_tables, is_dated_money
from dokos_banksync.statements.tabular import Source, read_grid

_ZIP = b"PK\x03\x04"
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"
_LARGEST = 100 * 2**20
"""Bytes that a workbook may unpack to: more is an attack, not a statement."""
_MOST_CELLS = 4_000_000
"""Cells of the rectangle up to the last one that holds something: a sheet is read as a whole."""
_CELL = re.compile(rb'<c [^>]*?r="([A-Z]{1,3})(\d{1,7})"[^>]*[^/]>')
_REPEATED = re.compile(rb"<table:(table-row|table-cell)\b([^>]*?)(/?)>")
_TIMES = re.compile(rb'number-(?:rows|columns)-repeated="(\d+)"')
_TOP = 100
_TOO_LARGE = "The workbook is too large: export fewer months at a time"
SHEETS = "The workbook holds several sheets of transactions: choose one with {0}"


class Sheet(NamedTuple):
	"""A sheet with its filled rows."""

	name: str
	rows: list[Row]


def knows(content: bytes) -> bool:
	"""Return whether the content is a workbook, or another archive that `read` refuses by name."""
	return content.startswith((_ZIP, _OLD_EXCEL))


def read(content: bytes, options: ReadingOptions) -> Statement:
	"""Return the statement of the sheet that holds transactions. Raises `InvalidData` and `ReadingQuestion`."""
	sheet = _choose(_sheets(content), options.sheet)
	return read_grid(sheet.rows, Source(_format(content), {"sheet": sheet.name}), options)


def grid(content: bytes, sheet: str = "") -> list[Row]:
	"""Return the rows of the chosen sheet, else of the first one that may hold transactions."""
	sheets = _sheets(content)
	if sheet:
		return _choose(sheets, sheet).rows
	return next((sheet.rows for sheet in sheets if _is_likely(sheet)), sheets[0].rows)


def _format(content: bytes) -> str:
	if content.startswith(_OLD_EXCEL):
		return "XLS"
	return "ODS" if b"opendocument" in content[:200] else "XLSX"


def _choose(sheets: Sequence[Sheet], wanted: str) -> Sheet:
	"""Return the sheet that the user named, the only one, or the only one with transactions."""
	if wanted:
		named = [sheet for number, sheet in enumerate(sheets, 1) if wanted in (sheet.name, str(number))]
		if not named:
			names = ", ".join(sheet.name for sheet in sheets)
			raise InvalidData("There is no sheet {0}: the workbook holds {1}", wanted, names)
		return named[0]
	likely = [sheet for sheet in sheets if _is_likely(sheet)] or [
		s for s in sheets if any(map(is_dated_money, s.rows))
	]
	if len(likely) > 1:
		options = ", ".join(f"--sheet '{sheet.name}'" for sheet in likely)
		raise ReadingQuestion(SHEETS, options, choices=[{"sheet": sheet.name} for sheet in likely])
	return likely[0] if likely else sheets[0]


def _is_likely(sheet: Sheet) -> bool:
	"""Whether a sheet has known titles above days and amounts."""
	table = find_tables(sheet.rows)[0]
	return is_enough(guess(table.titles).roles) and any(map(is_dated_money, table.rows))


def _sheets(content: bytes) -> list[Sheet]:
	"""Return the sheets that hold anything. Formulas count as what they came to when the file was saved."""
	if description := describe(content):
		raise InvalidData(
			"The file is {0}: ask the bank for an export as CSV, XLSX, CAMT or OFX", description
		)
	from python_calamine import CalamineError, CalamineWorkbook  # slow to load, and seldom needed

	try:
		_check_size(content)
		book = CalamineWorkbook.from_filelike(io.BytesIO(content))
		found = [
			Sheet(name, _rows(book.get_sheet_by_name(name).to_python(skip_empty_area=False)))
			for name in book.sheet_names
		]
	except (
		CalamineError,
		zipfile.BadZipFile,
		zlib.error,
		OSError,
		ValueError,
		RuntimeError,
		NotImplementedError,
		ParseError,
	) as error:
		raise InvalidData("The file is not a workbook that can be read: save it as CSV") from error
	filled = [sheet for sheet in found if any(row.filled for row in sheet.rows)]
	if not filled:
		raise InvalidData("The workbook holds no row")
	return filled


def _check_size(content: bytes) -> None:
	"""Raise `InvalidData` for a workbook whose sheets need more memory than a statement can."""
	if content.startswith(_OLD_EXCEL) and most_cells(content) > _MOST_CELLS:
		raise InvalidData(_TOO_LARGE)
	if not content.startswith(_ZIP):
		return
	with zipfile.ZipFile(io.BytesIO(content)) as archive:
		if sum(part.file_size for part in archive.infolist()) > _LARGEST:
			raise InvalidData(_TOO_LARGE)
		for name in archive.namelist():
			if (
				re.match(r"xl/worksheets/[^/]+\.xml$", name)
				and _cells_of_xlsx(archive.read(name)) > _MOST_CELLS
			):
				raise InvalidData(_TOO_LARGE)
			if name == "content.xml" and _cells_of_ods(archive.read(name)) > _MOST_CELLS:
				raise InvalidData(_TOO_LARGE)


def _cells_of_xlsx(sheet: bytes) -> int:
	"""Return the cells of the rectangle from the first to the last cell that holds something."""
	last_row = widest = 0
	for column, row in _CELL.findall(sheet):
		last_row, widest = max(last_row, int(row)), max(widest, _column_number(column))
	return last_row * widest


def _column_number(letters: bytes) -> int:
	number = 0
	for letter in letters:
		number = number * 26 + letter - 64
	return number


def _cells_of_ods(content: bytes) -> int:
	"""Return an upper limit of the cells that hold something, with their repetitions."""
	rows = cells = width = times = 0
	for kind, attributes, _ in _REPEATED.findall(content):
		found = _TIMES.search(attributes)
		repeated = int(found[1]) if found else 1
		if kind == b"table-row":
			cells += width * times
			rows, width, times = rows + 1, 0, repeated
		elif b"value" in attributes or repeated < _TOP:
			width += repeated
	return cells + width * times


def _rows(values: Sequence[Sequence[object]]) -> list[Row]:
	return list(_filled_rows(values))


def _filled_rows(values: Sequence[Sequence[object]]) -> Iterator[Row]:
	"""Without empty cells at the end of rows, and without long gaps between rows."""
	for number, cells_of_row in enumerate(values, 1):
		cells = [_cell(value) for value in cells_of_row]
		while cells and cells[-1] == "":
			cells.pop()
		if cells or number <= _TOP:
			yield Row(number, tuple(cells))


def _cell(value: object) -> Cell:
	"""A number loses the noise of binary fractions: it has fifteen significant digits."""
	if isinstance(value, datetime):
		return value.date()
	if isinstance(value, (int, float)) and not isinstance(value, bool):
		return Decimal(f"{value:.15g}") if math.isfinite(value) else str(value)
	if isinstance(value, date):
		return value
	return "" if value is None else str(value)

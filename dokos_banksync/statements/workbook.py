"""XLSX: the first sheet that holds anything."""

from __future__ import annotations

import io
import warnings
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal

from dokos_banksync.errors import InvalidData
from dokos_banksync.statements.contract import Options, Statement
from dokos_banksync.statements.grid import Cell, Row
from dokos_banksync.statements.tabular import Source, read_grid

_ZIP = b"PK\x03\x04"
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"
_LARGEST = 500 * 2**20
"""Bytes that a workbook may unpack to: more is an attack, not a statement."""


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
	from openpyxl import load_workbook  # type: ignore[import-untyped]  # slow to load, and seldom needed

	try:
		with zipfile.ZipFile(io.BytesIO(content)) as archive:
			unpacked = sum(part.file_size for part in archive.infolist())
		if unpacked > _LARGEST:
			raise InvalidData("The workbook is too large: export fewer months at a time")
		with warnings.catch_warnings():
			warnings.simplefilter("ignore")  # a missing style is no matter of ours
			book = load_workbook(io.BytesIO(content), data_only=True)
	except (zipfile.BadZipFile, KeyError, ValueError, TypeError, OSError) as error:
		raise InvalidData("The file is no Excel workbook that can be read: save it as CSV") from error
	for sheet in book.worksheets:
		rows = list(_rows(sheet.iter_rows(values_only=True)))
		if any(row.text for row in rows):
			return str(sheet.title), rows
	raise InvalidData("The workbook holds no row")


def _rows(values: Iterator[tuple[object, ...]]) -> Iterator[Row]:
	for number, cells in enumerate(values, 1):
		yield Row(number, tuple(_cell(value) for value in cells))


def _cell(value: object) -> Cell:
	"""A number loses the noise of binary fractions: it has fifteen digits that count."""
	if isinstance(value, datetime):
		return value.date()
	if isinstance(value, (int, float)) and not isinstance(value, bool):
		return Decimal(f"{value:.15g}")
	if isinstance(value, date):
		return value
	return "" if value is None else str(value)

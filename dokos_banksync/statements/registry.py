"""The formats of statement files, and which one a file is."""

from __future__ import annotations

from typing import cast

from dokos_banksync.core.errors import InvalidData
from dokos_banksync.statements import delimited, ofx, workbook
from dokos_banksync.statements.contract import Format, Options, Statement
from dokos_banksync.statements.layout import glance

FORMATS = (ofx, workbook, delimited)
"""The first one that knows a file reads it; a delimited table is anything else that is text."""


def read(content: bytes, options: Options) -> Statement:
	"""Raises `InvalidData` for a file of no known format, or one without a single row."""
	if not content.strip():
		raise InvalidData("The file is empty")
	for module in FORMATS:
		reader = cast(Format, module)
		if reader.knows(content):
			statement = reader.read(content, options)
			if not any(a.lines or a.refused for a in statement.accounts):
				raise InvalidData("The file holds no transaction")
			return statement
	raise InvalidData("The file is neither OFX nor a table (CSV, XLSX): ask the bank for one of these")


def table(content: bytes) -> list[list[str]]:
	"""The columns of a table, each with its title and what stands in some rows below; empty for what is no table.

	For a person to say what the columns hold, where `read` cannot tell.
	"""
	reader = next((module for module in (ofx, workbook, delimited) if module.knows(content)), ofx)
	try:
		return [] if reader is ofx else glance(reader.grid(content))
	except InvalidData:
		return []

"""The formats of statement files, and which one a file is."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

from dokos_banksync.core.errors import InvalidData
from dokos_banksync.statements import bai2, camt, cfonb, delimited, mt940, ofx, qif, workbook
from dokos_banksync.statements.contract import Format, ReadingOptions, Statement
from dokos_banksync.statements.distant_days import distant_days
from dokos_banksync.statements.tables import preview_columns
from dokos_banksync.statements.zero_amounts import without_zero_amounts

TABLES = (workbook, delimited)
"""A delimited table is any text with columns, so it comes last."""
FORMATS = (camt, ofx, mt940, cfonb, bai2, qif, *TABLES)
"""The first one that knows a file reads it. The extension of its name plays no part."""


_ONLY_BALANCE = "The file holds no transaction: its balance is compared"


def read(content: bytes, options: ReadingOptions) -> Statement:
	"""Raises `InvalidData` for a file of no known format, or one without a single row or balance."""
	if not content.strip():
		raise InvalidData("The file is empty")
	for module in FORMATS:
		reader = cast(Format, module)
		if reader.knows(content):
			statement = _with_distant_days(reader.read(content, options))
			if any(a.lines or a.refused for a in statement.accounts):
				return without_zero_amounts(statement)
			if any(a.balance for a in statement.accounts):
				return replace(statement, remarks=(*statement.remarks, _ONLY_BALANCE))
			raise InvalidData("The file holds no transaction")
	raise InvalidData(
		"The file is not a statement of a known format: ask the bank for camt.053, OFX, MT940 or a table (CSV, XLSX)"
	)


def _with_distant_days(statement: Statement) -> Statement:
	"""Return the statement; days that stand years away from all others are contradictions that the user confirms."""
	found = {id(one): distant_days(one.lines) for one in statement.accounts}
	if not any(found.values()):
		return statement
	return replace(
		statement,
		accounts=tuple(
			replace(one, mismatches=(*one.mismatches, *found[id(one)])) for one in statement.accounts
		),
	)


def table(content: bytes, sheet: str = "") -> list[list[str]]:
	"""Return the columns of a table, each with its title and what stands in some rows below; empty for what is no table.

	`sheet` is the chosen sheet or table, as in `ReadingOptions`.

	It lets a user say what the columns hold, where `read` cannot.
	"""
	known = next((module for module in FORMATS if cast(Format, module).knows(content)), None)
	try:
		return next(
			(preview_columns(module.grid(content, sheet), sheet) for module in TABLES if module is known), []
		)
	except InvalidData:
		return []

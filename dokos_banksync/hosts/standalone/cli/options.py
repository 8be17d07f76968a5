"""Kinds of values on the command line."""

from __future__ import annotations

from datetime import date, datetime, timezone

import click

from dokos_banksync.core.errors import InvalidData
from dokos_banksync.core.importing.validation import FIRST_DAY, LAST_DAY
from dokos_banksync.hosts.standalone.cli.session import Session


def day(value: str) -> date:
	"""Return a day as 2026-11-20. Raises `InvalidData` for anything else: guessing which number is the month loses money.

	So it does for a day of a century without bank transactions: one reckons with the days around it.
	"""
	try:
		day = datetime.strptime(value, "%Y-%m-%d").replace(tzinfo=timezone.utc).date()
	except ValueError:
		raise InvalidData(
			"{0} is not a date: write the year, the month and the day as 2026-11-20", value
		) from None
	if not FIRST_DAY <= day <= LAST_DAY:
		raise InvalidData("{0} is not a date", value)
	return day


ALL = -1
"""The limit of a ledger's list that has none."""

limit_option = click.option(
	"--limit",
	type=click.IntRange(0),
	help="How many at most; 0 is all. Without it, a page on a terminal, and all with --json.",
)


def limit_of(current: Session, given: int | None, shown: int) -> int:
	"""Return how many rows to list: what was asked for, else `shown` for a user and all for a machine."""
	if given is None:
		return ALL if current.json else shown
	return given or ALL


def with_more(current: Session, table: str, may_be_cut: bool) -> str:
	"""Return a table, and a hint where the limit may have cut it."""
	return f"{table}\n{current.t('There may be more: --limit 0 shows all')}" if may_be_cut else table


def month(_: click.Context, __: click.Parameter, value: str) -> date:
	"""Return the first day of a month as 2026-11. Raises `InvalidData` for anything else."""
	try:
		return day(f"{value}-01")
	except InvalidData:
		raise InvalidData("{0} is not a month: write the year and the month as 2026-11", value) from None

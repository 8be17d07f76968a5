"""Helpers for statements in the common SQL of all hosts.

The common SQL quotes names with backticks, names the table of a doctype `` `tabSync Line` `` and marks a value with
`%s`, as Frappe does. Each `Database` translates that into its own words; see `Dialect` for what differs beyond it.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import TypeVar

T = TypeVar("T")

TRANSACTION = "Bank Transaction"
ACCOUNT = "Bank Account"
CATEGORY = "Bank Transaction Category"
LINE = "Sync Line"
CONNECTION = "Sync Connection"
REMOTE = "Sync Remote Account"
PROVIDER = "Sync Provider"
RUN = "Sync Run"
JOURNAL = "Sync Journal Entry"
COVERAGE = "Sync Coverage"
PAIR = "Sync Separate Pair"
PLAN = "Sync Plan"

JOURNAL_BY_LINE, JOURNAL_BY_TRANSACTION = "banksync_journal_line", "banksync_journal_transaction"
"""Indexes of the journal on Frappe sites."""
UNMADE = "banksync_unmade"
"""Index of bank transactions on Frappe sites by what no line made."""

CHUNK = 2_500
"""Values in one statement."""
RESTORED_AT_ONCE = 8 * CHUNK
"""Documents that are restored together: what a host does once for all of them may cost as much as thousands of rows."""


class Raw(str):
	"""SQL that is written into a statement as it is."""

	__slots__ = ()


def placeholders(values: Sequence[object]) -> str:
	"""Return the placeholders of an IN list. An empty list becomes NULL, which equals nothing."""
	return ", ".join(["%s"] * len(values)) or "NULL"


def literals(values: Iterable[str]) -> str:
	"""Return an IN list of our own constants, quoted."""
	return ", ".join(f"'{value}'" for value in values)


def parts(values: Iterable[T], size: int = CHUNK) -> Iterator[list[T]]:
	"""Yield the values in lists of at most `size`."""
	rest = iter(values)
	while part := list(islice(rest, size)):
		yield part


def split_shared(
	columns: Sequence[str], rows: Sequence[Sequence[object]], key: str
) -> tuple[list[str], Iterator[list[object]], dict[str, object]]:
	"""Return the columns in which rows differ, with their values, and the values that all rows share.

	The shared ones are escaped once: most of an insert's time goes into that. `key` is never one of them.
	"""
	values = dict(zip(columns, zip(*rows, strict=True), strict=True))
	same = {name: given[0] for name, given in values.items() if name != key and len({*given}) == 1}
	own = [at for at, name in enumerate(columns) if name not in same]
	return [columns[at] for at in own], ([row[at] for at in own] for row in rows), same


def table(doctype: str) -> str:
	"""Return the name of the doctype's table in the common SQL."""
	return f"`tab{doctype}`"


def new_name() -> str:
	"""Return a unique random name. Names made one after the other sort by time, so that an index stays compact."""
	return f"{time.time_ns() // 1_000_000:011x}{secrets.token_hex(5)}"

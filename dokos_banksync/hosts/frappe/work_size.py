"""How many rows a call of a browser would go through, as far as that is cheap to know."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import TypeAlias

import frappe

from dokos_banksync.actions.arguments import Arguments
from dokos_banksync.actions.missing import LATELY, feeding_connections
from dokos_banksync.core.importing.feeds import feeding
from dokos_banksync.core.records import ConnectionRecord
from dokos_banksync.hosts.frappe.context import FrappeContext
from dokos_banksync.hosts.storage.sql import ACCOUNT, LINE, RUN, TRANSACTION

ROWS_AT_ONCE = 5_000
"""Up to so many rows a call is answered at once: a few seconds, far below the time limit of any web server."""
UNKNOWN = ROWS_AT_ONCE + 1
"""The rows of an account that was never fetched: it may be years."""
_BYTES_OF_A_ROW = 40
"""Of a statement file, at the least."""

_COUNTS = ["fetched", "created", "linked", "updated", "removed", "held"]

Size: TypeAlias = Callable[[FrappeContext, Arguments], int]


def of_run(context: FrappeContext, given: Arguments) -> int:
	"""Return the rows that a run has dealt with."""
	name = given.text("run")
	context.see(RUN, name)
	fetched, *decided = (number or 0 for number in frappe.db.get_value(RUN, name, _COUNTS))
	return max(fetched, sum(decided))


def of_connection(context: FrappeContext, given: Arguments) -> int:
	"""Return the rows that the next fetch may bring: few where all accounts have been fetched before."""
	return _unfetched(context, [context.connection(given.text("connection"))])


def of_days(context: FrappeContext, given: Arguments) -> int:
	"""Return the rows that the bank has of an account since a day."""
	account = given.text("bank_account")
	context.see(ACCOUNT, account)
	since = given.day("since") or context.site.clock().date() - LATELY
	return _unfetched(context, feeding_connections(context, account)) or _count(LINE, account, since)


def of_transactions(context: FrappeContext, given: Arguments) -> int:
	"""Return the bank transactions of an account since a day."""
	account = given.text("bank_account")
	context.see(ACCOUNT, account)
	return _count(TRANSACTION, account, given.day("since"))


def of_file(context: FrappeContext, given: Arguments) -> int:
	"""Return the most rows that a file (base64) of this size can have."""
	context.see(ACCOUNT, given.text("bank_account"))
	return len(given.optional("content")) * 3 // 4 // _BYTES_OF_A_ROW


def _unfetched(context: FrappeContext, records: Sequence[ConnectionRecord]) -> int:
	accounts = [one for record in records for one in context.site.ledger.accounts(record.name)]
	return UNKNOWN if any(feeding(one) and not one.cursor for one in accounts) else 0


def _count(doctype: str, account: str, since: date | None) -> int:
	"""Count up to `UNKNOWN`: how many more there are does not matter."""
	filters = [["bank_account", "=", account], *([["date", ">=", since]] if since else [])]
	return len(frappe.get_all(doctype, filters, pluck="name", limit_page_length=UNKNOWN))


ROWS_OF: Mapping[str, Size] = {
	"connections.preview_connection": of_connection,
	"connections.apply_preview": of_connection,
	"duplicates.find_duplicates": of_transactions,
	"files.preview_file": of_file,
	"files.import_file": of_file,
	"review.find_missing": of_days,
	"review.preview_undo": of_run,
	"review.take_missing": of_days,
	"review.undo_run": of_run,
}
"""The calls that may become a job. Merging, answering and deleting deal with one or two documents."""

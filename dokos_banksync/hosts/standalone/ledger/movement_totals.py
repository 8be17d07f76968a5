"""Running totals: what the bank transactions of each bank account and month add up to.

Triggers keep them, in the transaction of each change, whoever makes it: an import, an undo, a page, or another program
that opens the file. A balance is then the sum of a few months instead of all bank transactions.

A trigger costs as much for each row as all indexes of the table. Whoever inserts many rows at once says so with a row in
`movement_bulk`, in the same database transaction, and adds them with one statement.
"""

from __future__ import annotations

TABLE = """
CREATE TABLE IF NOT EXISTS movement_total (
	bank_account TEXT NOT NULL, month TEXT NOT NULL, amount INTEGER NOT NULL, number INTEGER NOT NULL,
	PRIMARY KEY (bank_account, month)
) WITHOUT ROWID
"""

BULK_TABLE = "CREATE TABLE IF NOT EXISTS movement_bulk (last_row INTEGER NOT NULL)"
"""Empty but within a transaction that inserts many bank transactions: the `rowid` of the last one before them."""

_GROUPS = """
	SELECT bank_account, substr(date, 1, 7) AS month, sum(coalesce(amount, 0)) AS amount, count(*) AS number
	FROM bank_transaction WHERE {where} AND date IS NOT NULL GROUP BY 1, 2
"""

RECOMPUTED = (
	"DELETE FROM movement_total",
	f"INSERT INTO movement_total {_GROUPS.format(where='bank_account IS NOT NULL')}",
)
"""Statements that make all totals anew."""

_ADDED = """
	ON CONFLICT (bank_account, month) DO UPDATE
	SET amount = amount + excluded.amount, number = number + excluded.number
"""

BEGIN_BULK = "INSERT INTO movement_bulk SELECT coalesce(max(rowid), 0) FROM bank_transaction"
"""Statement after which inserted bank transactions are not counted one by one."""
END_BULK = (
	f"""
	INSERT INTO movement_total
	{_GROUPS.format(where="rowid > (SELECT last_row FROM movement_bulk) AND bank_account IS NOT NULL")} {_ADDED}
	""",
	"DELETE FROM movement_bulk",
)
"""Statements that count the bank transactions since `BEGIN_BULK`: a new row has the largest `rowid`."""

SUMS = _GROUPS.format(where="bank_account = ?")
"""Query of the totals of a bank account as its bank transactions give them."""
KEPT = "SELECT * FROM movement_total WHERE bank_account = ? AND number <> 0"
"""Query of the totals of a bank account as they are kept."""


def _counted(row: str, sign: str) -> str:
	"""Return the statement of a trigger that adds one row (`+`) to its total, or takes it off (`-`)."""
	return f"""
		INSERT INTO movement_total
		SELECT {row}.bank_account, substr({row}.date, 1, 7), {sign}coalesce({row}.deposit - {row}.withdrawal, 0), {sign}1
		WHERE {row}.bank_account IS NOT NULL AND {row}.date IS NOT NULL {_ADDED};
	"""


def _trigger(name: str, event: str, *statements: str, when: str = "1") -> str:
	return f"""
		CREATE TRIGGER IF NOT EXISTS {name} AFTER {event} ON bank_transaction WHEN {when}
		BEGIN {"".join(statements)} END
	"""


TRIGGERS = (
	_trigger(
		"movement_added",
		"INSERT",
		_counted("NEW", "+"),
		when="NOT EXISTS (SELECT 1 FROM movement_bulk)",
	),
	_trigger("movement_removed", "DELETE", _counted("OLD", "-")),
	_trigger(
		"movement_changed",
		"UPDATE OF bank_account, date, deposit, withdrawal",
		_counted("OLD", "-"),
		_counted("NEW", "+"),
	),
)

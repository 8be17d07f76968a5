"""Running totals: what the bank transactions of each bank account, month and currency add up to.

Triggers keep them, in the transaction of each change, whoever makes it: an import, an undo, a page, or another program
that opens the file. A balance is then the sum of a few months instead of all bank transactions.

That there is a trigger on insertion doubles the cost of a new row, whatever it does: SQLite then notes all pages that the
row changes, to be able to take that row alone back. Whoever inserts thousands of rows drops the trigger, adds the rows with
one statement and makes it anew, all in one database transaction, so that nobody else sees the table without it.
"""

from __future__ import annotations

TABLE = """
CREATE TABLE IF NOT EXISTS movement_total (
	bank_account TEXT NOT NULL, month TEXT NOT NULL, currency TEXT NOT NULL,
	amount INTEGER NOT NULL, money_in INTEGER NOT NULL, number INTEGER NOT NULL,
	PRIMARY KEY (bank_account, month, currency)
) WITHOUT ROWID
"""

_GROUPS = """
	SELECT bank_account, substr(date, 1, 7) AS month, currency, sum(coalesce(amount, 0)) AS amount,
		sum(max(coalesce(amount, 0), 0)) AS money_in, count(*) AS number
	FROM bank_transaction WHERE {where} AND date IS NOT NULL GROUP BY 1, 2, 3
"""

RECOMPUTED = (
	"DELETE FROM movement_total",
	f"INSERT INTO movement_total {_GROUPS.format(where='bank_account IS NOT NULL')}",
)
"""Statements that make all totals anew."""

_ADDED = """
	ON CONFLICT (bank_account, month, currency) DO UPDATE
	SET amount = amount + excluded.amount, money_in = money_in + excluded.money_in, number = number + excluded.number
"""

LAST_ROW = "SELECT coalesce(max(rowid), 0) FROM bank_transaction"
"""Query of the number of the last row: a new one has a larger number."""
ADD_ROWS_AFTER = f"""
	INSERT INTO movement_total {_GROUPS.format(where="rowid > ? AND bank_account IS NOT NULL")} {_ADDED}
"""
"""Statement that adds all rows after a number to the totals."""

SUMS = _GROUPS.format(where="bank_account = ?")
"""Query of the totals of a bank account as its bank transactions give them."""
BY_CURRENCY = """
	SELECT currency, sum(number) AS n, sum(money_in) AS deposits, sum(money_in - amount) AS withdrawals
	FROM movement_total WHERE {where} GROUP BY 1 HAVING n <> 0 ORDER BY 1
"""
"""Query of the totals of a bank account, or of all, by currency."""
STORED = "SELECT bank_account, month, currency, amount, money_in, number FROM movement_total WHERE bank_account = ? AND number <> 0"
"""Query of the totals of a bank account as they are kept."""


def _counted(row: str, sign: str) -> str:
	"""Return the statement of a trigger that adds one row (`+`) to its total, or takes it off (`-`)."""
	amount = f"coalesce({row}.deposit - {row}.withdrawal, 0)"
	return f"""
		INSERT INTO movement_total
		SELECT {row}.bank_account, substr({row}.date, 1, 7), {row}.currency, {sign}{amount}, {sign}max({amount}, 0), {sign}1
		WHERE {row}.bank_account IS NOT NULL AND {row}.date IS NOT NULL {_ADDED};
	"""


def _trigger(name: str, event: str, *statements: str) -> str:
	return f"""
		CREATE TRIGGER IF NOT EXISTS {name} AFTER {event} ON bank_transaction BEGIN {"".join(statements)} END
	"""


ON_INSERT = _trigger("movement_added", "INSERT", _counted("NEW", "+"))
DROP_ON_INSERT = "DROP TRIGGER movement_added"

DROPPED = (
	"DROP TRIGGER IF EXISTS movement_added",
	"DROP TRIGGER IF EXISTS movement_removed",
	"DROP TRIGGER IF EXISTS movement_changed",
	"DROP TABLE IF EXISTS movement_total",
)
"""Statements that remove the totals of an earlier version."""

TRIGGERS = (
	ON_INSERT,
	_trigger("movement_removed", "DELETE", _counted("OLD", "-")),
	_trigger(
		"movement_changed",
		"UPDATE OF bank_account, date, deposit, withdrawal, currency",
		_counted("OLD", "-"),
		_counted("NEW", "+"),
	),
)

"""The days that an undone run had fetched, no longer complete until the undo is undone; and the rows that it rejected."""

from __future__ import annotations

from dokos_banksync.core.model import Reason, is_file
from dokos_banksync.core.review.journal import Key
from dokos_banksync.hosts.storage.base import Base

_CHANGED = "UPDATE `tabSync Coverage` SET complete = %s, changed_by_undo = %s WHERE complete = %s"
_BY_UNDO = "changed_by_undo <> '' AND changed_by_undo = %s"
"""SQLite has an index of those alone that are not empty, and uses it where a query says so."""

_REJECTED = f"run = %s AND reason = '{Reason.REFUSED.value}'"


def forget_days(ledger: Base, run: str, *, by_undo: str) -> None:
	"""Forget the days that a run fetched, or that it brought back as an undo of an undo.

	A file that was imported twice has its rows from the first run: once they are gone, no run of it covers a day.
	"""
	taken_back = (0, by_undo, 1)
	for of_the_run in ("run = %s", _BY_UNDO):
		ledger.db.run(f"{_CHANGED} AND {of_the_run}", (*taken_back, run))
	for source in _files_without_lines(ledger, run):
		ledger.db.run(f"{_CHANGED} AND source = %s", (*taken_back, source))


def restore_days(ledger: Base, undo: str, *, by_undo: str) -> None:
	"""Count the days as fetched again that an undo had taken away."""
	ledger.db.run(f"{_CHANGED} AND {_BY_UNDO}", (1, by_undo, 0, undo))


def rejected_keys(ledger: Base, run: str) -> list[Key]:
	"""Return the rows that a run could not read, which its undo forgets too."""
	rows = ledger.db.rows(f"SELECT source, remote_id FROM `tabSync Line` WHERE {_REJECTED}", (run,))
	return [(row["source"], row["remote_id"]) for row in rows]


def delete_rejected(ledger: Base, run: str) -> None:
	"""Forget the rows that a run could not read."""
	ledger.db.run(f"DELETE FROM `tabSync Line` WHERE {_REJECTED}", (run,))


def _files_without_lines(ledger: Base, run: str) -> list[str]:
	"""Return the files that a run imported and of which no line is left but rejected rows."""
	query = """
		SELECT DISTINCT c.source FROM `tabSync Coverage` c WHERE c.run = %s
		AND NOT EXISTS (
			SELECT 1 FROM `tabSync Line` l WHERE l.source = c.source AND coalesce(l.reason, '') <> %s
		)
	"""
	rows = ledger.db.rows(query, (run, Reason.REFUSED.value))
	return [row["source"] for row in rows if is_file(row["source"])]

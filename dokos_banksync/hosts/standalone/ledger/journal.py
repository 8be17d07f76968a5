"""The journal: what became of each line, and what was there before, so that it can be told and undone."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence

from dokos_banksync.core.review.journal import Before, Key, Row, Step, Told, tell
from dokos_banksync.hosts.standalone.ledger.database import Database

__all__ = ["Before", "Journal", "Step"]

_PUT = """
	INSERT INTO journal (run, at, source, remote_id, verdict, reason, note, bank_transaction, line_before,
		transaction_before, changed, made, undoes)
	VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_LINES = """
	SELECT l.* FROM json_each(?) asked CROSS JOIN sync_line l
	WHERE l.source = json_extract(asked.value, '$[0]') AND l.remote_id = json_extract(asked.value, '$[1]')
"""
_TRANSACTIONS = "SELECT t.* FROM json_each(?) asked CROSS JOIN bank_transaction t WHERE t.name = asked.value"
_THERE = "SELECT t.name FROM json_each(?) asked CROSS JOIN bank_transaction t WHERE t.name = asked.value"
_GENERATED = ("amount",)
_FOLLOW = ("modified", "unallocated_amount")
"""Follow from the rest; nobody wants to be told of them."""


class Journal:
	"""Entries are written in the transaction that they tell of."""

	def __init__(self, db: Database) -> None:
		self._db = db

	def before(self, keys: Iterable[Key], transactions: Iterable[str]) -> Before:
		"""To be asked before anything is changed."""
		asked = json.dumps([list(key) for key in keys])
		lines = {(row["source"], row["remote_id"]): dict(row) for row in self._db.rows(_LINES, (asked,))}
		return Before(lines, self._transactions(transactions))

	def put(self, run: str, at: str, steps: Sequence[Step], before: Before) -> None:
		"""To be told once all is changed: what the bank transactions are now is read again."""
		after = self._transactions(before.transactions)
		new = self._there({step.transaction for step in steps} - before.transactions.keys())
		told = tell(steps, before, after, new, _FOLLOW)
		self._db.run_many(_PUT, [_values(run, at, one) for one in told])

	def _there(self, names: Iterable[str]) -> set[str]:
		return {row[0] for row in self._db.rows(_THERE, (json.dumps(sorted(filter(None, names))),))}

	def _transactions(self, names: Iterable[str]) -> dict[str, Row]:
		asked = json.dumps(sorted({name for name in names if name}))
		return {row["name"]: _image(row) for row in self._db.rows(_TRANSACTIONS, (asked,))}


def _image(row: sqlite3.Row) -> Row:
	return {name: value for name, value in dict(row).items() if name not in _GENERATED}


def _values(run: str, at: str, told: Told) -> tuple[object, ...]:
	step = told.step
	return (
		*(run, at, *step.key, step.action, step.reason, step.note, step.transaction),
		*(_json(told.line), _json(told.gone), json.dumps(told.changed), told.made, step.undoes),
	)


def _json(row: Row | None) -> str | None:
	return None if row is None else json.dumps(row, ensure_ascii=False)

"""The journal: what became of each line, and what was there before, so that it can be told and undone."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from dokos_banksync.ledgers.sqlite.database import Database

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
_STAMPS = ("modified", "unallocated_amount")
"""Follow from the rest; nobody wants to be told of them."""

Key = tuple[str, str]
"""Source and remote id: a line."""
Row = dict[str, object]


class Step(NamedTuple):
	"""What is decided about one line. `transaction` is the bank transaction it is tied to before or after."""

	key: Key
	verdict: str
	reason: str
	note: str
	transaction: str
	undoes: int | None = None
	"""The entry that is undone by this one."""


class Before(NamedTuple):
	"""Lines and bank transactions as they were."""

	lines: Mapping[Key, Row]
	transactions: Mapping[str, Row]


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
		told: set[str] = set()
		values = []
		for step in steps:
			name = step.transaction
			known = name in before.transactions and name not in told
			gone, changed = _difference(before.transactions[name], after.get(name)) if known else (None, {})
			line = before.lines.get(step.key)
			decided = (run, at, *step.key, step.verdict, step.reason, step.note, name)
			made = name in new and name not in told
			told.add(name)
			values.append((*decided, _json(line), _json(gone), json.dumps(changed), made, step.undoes))
		self._db.run_many(_PUT, values)

	def _there(self, names: Iterable[str]) -> set[str]:
		return {row[0] for row in self._db.rows(_THERE, (json.dumps(sorted(filter(None, names))),))}

	def _transactions(self, names: Iterable[str]) -> dict[str, Row]:
		asked = json.dumps(sorted({name for name in names if name}))
		return {row["name"]: _image(row) for row in self._db.rows(_TRANSACTIONS, (asked,))}


def _image(row: sqlite3.Row) -> Row:
	return {name: value for name, value in dict(row).items() if name not in _GENERATED}


def _difference(old: Row, new: Row | None) -> tuple[Row | None, dict[str, list[object]]]:
	"""The whole row when it is gone, else each value that changed, before and after."""
	if new is None:
		return old, {}
	return None, {
		name: [value, new[name]] for name, value in old.items() if new[name] != value and name not in _STAMPS
	}


def _json(row: Row | None) -> str | None:
	return None if row is None else json.dumps(row, ensure_ascii=False)

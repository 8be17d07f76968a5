"""The journal: what became of each line, and what was there before, so that it can be explained and undone.

Entries are written in the database transaction that they describe, all of a batch at once.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from dokos_banksync.core.message import message_data
from dokos_banksync.core.review.journal import Before, JournalEntry, Key, Row, Step, journal_entries
from dokos_banksync.hosts.storage.base import Base
from dokos_banksync.hosts.storage.packed_rows import PackedRows
from dokos_banksync.hosts.storage.sql import JOURNAL, LINE, TRANSACTION, parts, placeholders, split_shared

CHILDREN = "children of it"
"""Key in the image of a bank transaction, beside its columns: the rows of its tables, by doctype."""
DERIVED = ("modified", "modified_by", "unallocated_amount", CHILDREN)
"""Follow from other columns; they are no change of their own."""

_COLUMNS = (
	*("source", "remote_id", "bank_account", "action", "reason", "note", "note_data"),
	*("bank_transaction", "made", "undoes", "changed", "transaction_before", "line_before"),
)

_JSON_TYPES = {str, int, float, bool, type(None)}
_encode = json.JSONEncoder(ensure_ascii=False).encode


class Journal:
	"""Reads images before a change and writes entries after it."""

	def __init__(self, ledger: Base) -> None:
		self._ledger = ledger
		self._db = ledger.db

	def before(self, keys: Iterable[Key], transactions: Iterable[str], going: Collection[str] = ()) -> Before:
		"""Return what is there; to be asked before anything is changed. `going` are bank transactions that may go."""
		images = self.transactions(transactions)
		for name, children in self._children(going).items():
			if name in images:
				images.add(name, {**images[name], CHILDREN: children})
		return Before(self._lines(keys), images)

	def _children(self, names: Collection[str]) -> dict[str, dict[str, list[Row]]]:
		"""Return the rows of the tables of bank transactions, by name and doctype."""
		found: dict[str, dict[str, list[Row]]] = {}
		for doctype, rows in self._ledger.documents.children(names):
			for row in rows:
				found.setdefault(row["parent"], {}).setdefault(doctype, []).append(plain(row))
		return found

	def put(
		self,
		run: str,
		now: datetime,
		steps: Sequence[Step],
		before: Before,
		*,
		accounts: Mapping[Key, str] | None = None,
		made: Collection[str] | None = None,
	) -> None:
		"""Write the entries once all is changed: what the bank transactions are now is read again.

		`accounts` are the bank accounts of lines that were not there before, `made` the new bank transactions, where
		they are known.
		"""
		after = self.transactions(before.transactions)
		if made is None:
			made = self._existing({step.transaction for step in steps} - before.transactions.keys())
		entries = journal_entries(steps, before, after, new=made, derived=DERIVED)
		same = {
			**self._db.stamps(now),
			"name": self._db.dialect.next_number(JOURNAL),
			"run": run,
			"at": self._ledger.codec.utc_in(now),
			"cancelled": 0,
		}
		text_in = self._ledger.codec.text_in
		for part in parts(entries):
			self._insert([_values(one, before, accounts or {}, text_in) for one in part], same)

	def _insert(self, rows: Sequence[Sequence[object]], same: Mapping[str, object]) -> None:
		"""Most of a batch is new, and differs in two columns."""
		columns, values, common = split_shared(_COLUMNS, rows, "remote_id")
		self._db.insert(JOURNAL, columns, values, same={**common, **same})

	def transactions(self, names: Iterable[str]) -> PackedRows[str]:
		"""Return the images of bank transactions that count."""
		fields = self._ledger.fields
		found = PackedRows[str]()
		query = f"SELECT {self._db.every_column(TRANSACTION, 't')} FROM `tabBank Transaction` t WHERE {fields.live}"
		for part in parts(sorted({name for name in names if name})):
			for row in self._db.rows(f"{query} AND t.name IN ({placeholders(part)})", part):
				image = plain(row)
				for name in fields.derived:
					image.pop(name, None)
				found.add(image["name"], image)
		return found

	def _lines(self, keys: Iterable[Key]) -> PackedRows[Key]:
		found = PackedRows[Key]()
		query = f"SELECT {self._db.every_column(LINE, 'l')} FROM `tabSync Line` l WHERE source = %s"
		for source, ids in by_source(keys):
			for part in parts(ids):
				for row in self._db.rows(f"{query} AND remote_id IN ({placeholders(part)})", [source, *part]):
					found.add((source, row["remote_id"]), plain(row))
		return found

	def _existing(self, names: Iterable[str]) -> set[str]:
		found: set[str] = set()
		for part in parts(sorted(filter(None, names))):
			live = f"{self._ledger.fields.live} AND t.name IN ({placeholders(part)})"
			rows = self._db.rows(f"SELECT t.name FROM `tabBank Transaction` t WHERE {live}", part)
			found.update(row["name"] for row in rows)
		return found


def by_source(keys: Iterable[Key]) -> Iterator[tuple[str, list[str]]]:
	"""Yield the ids of lines by source; keys without a source are left out."""
	found: dict[str, dict[str, None]] = {}
	for source, remote_id in keys:
		if source:
			found.setdefault(source, {})[remote_id] = None
	for source, ids in found.items():
		yield source, list(ids)


def _values(
	entry: JournalEntry, before: Before, accounts: Mapping[Key, str], text_in: Callable[[str], str]
) -> tuple[object, ...]:
	step = entry.step
	account: object = accounts.get(step.key)
	if not account:
		image = entry.line or before.transactions.get(step.transaction) or {}
		account = image.get("bank_account") or ""
	source, remote_id = step.key
	return (
		source,
		remote_id,
		account,
		step.action.value,
		step.reason,
		text_in(step.note) if step.note else "",
		message_data(step.note) if step.note else "",
		step.transaction,
		int(entry.made),
		step.undoes or 0,
		json.dumps(entry.changed) if entry.changed else "",
		_json(entry.gone),
		_json(entry.line),
	)


def _json(row: Row | None) -> str:
	return "" if row is None else _encode(row)


def plain(row: Any) -> dict[str, Any]:
	"""Return a row with values that JSON knows; days and instants as the database reads them."""
	found = dict(row)
	if not {*map(type, found.values())} <= _JSON_TYPES:
		for name, value in found.items():
			if type(value) not in _JSON_TYPES:
				found[name] = str(value)
	return found

"""The journal: what became of each line, and what was there before, so that it can be told and undone.

Entries are written in the database transaction that they tell of, all of a batch at once.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import frappe

from dokos_banksync.core.review.journal import Before, Key, Row, Step, Told, tell
from dokos_banksync.hosts.frappe.ledger import sql
from dokos_banksync.hosts.frappe.ledger.dialect import JOURNAL, LINE, TRANSACTION
from dokos_banksync.hosts.frappe.ledger.values import stamp, utc_stamp

CHILDREN = "children of it"
"""Beside the columns of a bank transaction that may go: the rows of its tables, by doctype."""
FOLLOW = ("modified", "modified_by", "unallocated_amount", CHILDREN)
"""Follow from the rest; nobody wants to be told of them."""

_COLUMNS = (
	*("source", "remote_id", "bank_account", "verdict", "reason", "note", "bank_transaction", "made"),
	*("undoes", "changed", "transaction_before", "line_before"),
)


class Journal:
	"""Of one site."""

	def before(self, keys: Iterable[Key], transactions: Iterable[str], going: Collection[str] = ()) -> Before:
		"""To be asked before anything is changed. `going` are bank transactions that may be gone then."""
		images = transaction_images(transactions)
		for doctype, rows in _children(going):
			for row in rows:
				image = images.get(row["parent"], {})
				image.setdefault(CHILDREN, {}).setdefault(doctype, []).append(plain(row))
		return Before(line_images(keys), images)

	def put(
		self,
		run: str,
		now: datetime,
		steps: Sequence[Step],
		before: Before,
		accounts: Mapping[Key, str],
		made: Collection[str] | None = None,
	) -> None:
		"""To be told once all is changed: what the bank transactions are now is read again.

		`accounts` are the bank accounts of lines that were not there before, `made` the bank transactions that are
		new, where that is known.
		"""
		after = transaction_images(before.transactions)
		if made is None:
			made = _there({step.transaction for step in steps} - before.transactions.keys())
		told = tell(steps, before, after, made, FOLLOW)
		user, at = frappe.session.user, stamp(now)
		stamps = {
			"creation": at,
			"modified": at,
			"owner": user,
			"modified_by": user,
			"docstatus": 0,
			"idx": 0,
		}
		same = {"name": sql.next_value(JOURNAL), **stamps, "run": run, "at": utc_stamp(now), "cancelled": 0}
		_insert([_entry(one, before, accounts) for one in told], same)


def _insert(rows: Sequence[Sequence[object]], same: Mapping[str, object]) -> None:
	"""What all of them have in common is escaped once: most of a batch is new, and differs in two columns."""
	if not rows:
		return
	values = dict(zip(_COLUMNS, zip(*rows, strict=True), strict=True))
	common = {
		name: given[0] for name, given in values.items() if name != "remote_id" and len(set(given)) == 1
	}
	own = [at for at, name in enumerate(_COLUMNS) if name not in common]
	names = [_COLUMNS[at] for at in own]
	sql.insert(JOURNAL, names, ([row[at] for at in own] for row in rows), same={**common, **same})


def _entry(told: Told, before: Before, accounts: Mapping[Key, str]) -> tuple[object, ...]:
	step = told.step
	image = told.line or before.transactions.get(step.transaction) or {}
	return (
		*(
			*step.key,
			accounts.get(step.key) or image.get("bank_account"),
			step.action,
			step.reason,
			step.note,
		),
		*(step.transaction, int(told.made), step.undoes or 0),
		*(json.dumps(told.changed) if told.changed else "", _json(told.gone), _json(told.line)),
	)


def _json(row: Row | None) -> str:
	return "" if row is None else json.dumps(row, ensure_ascii=False)


def plain(row: Mapping[str, Any]) -> dict[str, Any]:
	"""Values that JSON knows; days and instants as the database reads them."""
	return {
		name: value if value is None or isinstance(value, (str, int, float)) else str(value)
		for name, value in row.items()
	}


def transaction_images(names: Iterable[str]) -> dict[str, dict[str, Any]]:
	found = {}
	for part in sql.parts(sorted({name for name in names if name})):
		query = f"SELECT * FROM {sql.table(TRANSACTION)} WHERE docstatus < 2 AND name IN ({sql.marks(part)})"
		found.update({row["name"]: plain(row) for row in sql.rows(query, part)})
	return found


def line_images(keys: Iterable[Key]) -> dict[Key, Row]:
	found: dict[Key, Row] = {}
	for source, ids in by_source(keys):
		for part in sql.parts(ids):
			query = f"SELECT * FROM {sql.table(LINE)} WHERE source = %s AND remote_id IN ({sql.marks(part)})"
			found.update({(source, row["remote_id"]): plain(row) for row in sql.rows(query, [source, *part])})
	return found


def by_source(keys: Iterable[Key]) -> Iterator[tuple[str, list[str]]]:
	"""Ids of lines, those without a source left out."""
	found: dict[str, dict[str, None]] = {}
	for source, remote_id in keys:
		if source:
			found.setdefault(source, {})[remote_id] = None
	for source, ids in found.items():
		yield source, list(ids)


def _there(names: Iterable[str]) -> set[str]:
	found: set[str] = set()
	for part in sql.parts(sorted(filter(None, names))):
		query = (
			f"SELECT name FROM {sql.table(TRANSACTION)} WHERE docstatus < 2 AND name IN ({sql.marks(part)})"
		)
		found.update(row["name"] for row in sql.rows(query, part))
	return found


def _children(names: Collection[str]) -> Iterator[tuple[str, list[Any]]]:
	"""Rows of the tables in bank transactions."""
	for field in frappe.get_meta(TRANSACTION).get_table_fields() if names else ():
		for part in sql.parts(sorted(set(names))):
			query = f"SELECT * FROM {sql.table(field.options)} WHERE parenttype = %s AND parent IN ({sql.marks(part)})"
			yield field.options, sql.rows(query, [TRANSACTION, *part])

"""Entries of a run's journal with how things are now: what an undo is decided by."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from dokos_banksync.core.matching.windows import is_closed
from dokos_banksync.core.model import Action, LineState, Reason
from dokos_banksync.core.review.journal import Key
from dokos_banksync.core.review.merge import message
from dokos_banksync.hosts.storage.base import Base
from dokos_banksync.hosts.storage.counted_rows import counted_rows
from dokos_banksync.hosts.storage.dialect import Dialect
from dokos_banksync.hosts.storage.fields import HostFields
from dokos_banksync.hosts.storage.lines import IS_ACTIVE
from dokos_banksync.hosts.storage.sql import JOURNAL_BY_LINE, JOURNAL_BY_TRANSACTION, parts, placeholders

_HELD = f"action = '{Action.HOLD.value}'"
_OF_LINE = f"o.source = j.source AND o.remote_id = j.remote_id AND NOT o.{_HELD}"
# The index of the standalone site holds the entries with a bank transaction only: `o` has to say so itself.
_OF_TRANSACTION = f"o.bank_transaction = j.bank_transaction AND o.bank_transaction <> '' AND NOT o.{_HELD}"


def _later(condition: str, index: str) -> str:
	"""Return a query for the run of a later decision about the same line or bank transaction.

	For a line that was held, the undo of an earlier decision is a later one too: it put the line back to before both.
	"""
	return f"""
		SELECT COALESCE(o.run, '') FROM `tabSync Journal Entry` o {index}
		WHERE {condition} AND o.name > j.name AND COALESCE(o.run, '') <> COALESCE(j.run, '')
			AND (COALESCE(o.undoes, 0) = 0 OR (j.{_HELD} AND o.undoes < j.name)) AND o.cancelled = 0 LIMIT 1
	"""


def _query(fields: HostFields, dialect: Dialect) -> str:
	by_line, by_transaction = dialect.by_index(JOURNAL_BY_LINE), dialect.by_index(JOURNAL_BY_TRANSACTION)
	return f"""
		SELECT j.name id, j.source, j.remote_id, j.bank_account, j.action, j.reason, j.bank_transaction, j.made, j.undoes,
			j.changed, j.transaction_before, j.line_before, t.name present, t.`date` AS day, {fields.reconciled} reconciled,
			COALESCE(NULLIF(t.description, ''), NULLIF(l.description, ''), l.original, '') label,
			l.name line_name, l.state state, l.bank_transaction linked, l.deleted_transaction remembered,
			CASE WHEN {IS_ACTIVE} THEN 1 ELSE 0 END source_active,
			(
				SELECT MAX(o.name) FROM `tabSync Journal Entry` o {by_line}
				WHERE o.source = j.source AND o.remote_id = j.remote_id AND o.name > j.name AND o.{_HELD}
			) held_since,
			({_later(_OF_LINE, by_line)}) later_line,
			({_later(_OF_TRANSACTION, by_transaction)}) later_transaction,
			(
				SELECT COALESCE(x.run, '') FROM `tabSync Line` x WHERE x.bank_transaction = j.bank_transaction
				AND NOT EXISTS (
					SELECT 1 FROM `tabSync Journal Entry` own {by_line}
					WHERE own.run = j.run AND own.source = x.source AND own.remote_id = x.remote_id
				) LIMIT 1
			) other
		FROM `tabSync Journal Entry` j
		LEFT JOIN `tabBank Transaction` t ON t.name = j.bank_transaction AND {fields.live}
		LEFT JOIN `tabSync Line` l ON l.source = j.source AND l.remote_id = j.remote_id
		LEFT JOIN `tabSync Remote Account` a ON a.name = l.source
		LEFT JOIN `tabSync Connection` c ON c.name = a.parent
		WHERE j.run = %s AND j.cancelled = 0 ORDER BY j.name DESC
	"""


def entries_of(ledger: Base, run: str) -> list[dict[str, Any]]:
	"""Return the entries that are not undone, the latest first, as `core.review.undo_plan` asks for them."""
	rows = [dict(row) for row in ledger.db.rows(_query(ledger.fields, ledger.db.dialect), (run,))]
	vouchers = ledger.documents.reconciled_with(row["bank_transaction"] for row in rows if row["reconciled"])
	accounts = {row["bank_account"] for row in rows if row["bank_account"]}
	locks = ledger.documents.lock_dates(accounts)
	made = {row["bank_transaction"] for row in rows if row["made"] and row["present"]}
	counted = _counting(ledger, made, sorted(accounts))
	for row in rows:
		row["counts_for"] = counted.get(row["bank_transaction"])
		row["undoes"] = row["undoes"] or None
		row["reconciled_with"] = message(vouchers.get(row["bank_transaction"], []))
		until = locks.get(row["bank_account"])
		row["closed"] = any(is_closed(day, until) for day in _days(ledger, row))
	return rows


def _counting(ledger: Base, made: Collection[str], accounts: Sequence[str]) -> dict[str, str]:
	"""Return the bank transactions of which a user has decided that they count a row, with the run of the answer."""
	query = """
		SELECT COALESCE(o.run, '') FROM `tabSync Journal Entry` o
		WHERE o.source = %s AND o.remote_id = %s AND o.cancelled = 0 ORDER BY o.name DESC LIMIT 1
	"""
	last = {one.counted_in: one.key for one in counted_rows(ledger, made, accounts)}
	return {name: ledger.db.value(query, key) or "" for name, key in last.items()}


def _days(ledger: Base, row: Mapping[str, Any]) -> list[date]:
	"""Return the days of the bank transaction: as it is, as an undo would leave it, and as it was when it went."""
	days = [row["day"], *json.loads(row["changed"] or "{}").get("date", ())]
	if row["transaction_before"]:
		days.append(json.loads(row["transaction_before"])["date"])
	return [day for day in map(ledger.codec.day_out, days) if day is not None]


class Returned(NamedTuple):
	"""A line, by name, and the bank transaction that it is linked to again."""

	line: str
	transaction: str


def held_since(ledger: Base, entries: Sequence[Any]) -> dict[Key, Returned]:
	"""Return the lines that were held because of what is undone now, with the bank transactions that are restored.

	One line of a source for each bank transaction.
	"""
	returning: dict[str, list[Any]] = {}
	for entry in entries:
		if entry["transaction_before"]:
			remembered = entry["remembered"] or entry["bank_transaction"]
			returning.setdefault(remembered, []).append(entry)
	found: dict[tuple[str, str], Any] = {}
	for row in _held_for(ledger, sorted(returning)):
		for entry in returning[row["deleted_transaction"]]:
			if row["source"] != entry["source"] and row["held"] > entry["id"]:
				key = (entry["bank_transaction"], row["source"])
				found.setdefault(key, row)
	return {
		(row["source"], row["remote_id"]): Returned(row["name"], transaction)
		for (transaction, _source), row in found.items()
	}


def _held_for(ledger: Base, names: Sequence[str]) -> Iterator[Any]:
	"""Yield the lines that remember one of the deleted bank transactions, and the last entry that held each."""
	for part in parts(names):
		yield from ledger.db.rows(
			f"""
			SELECT l.name, l.source, l.remote_id, l.deleted_transaction, MAX(j.name) held FROM `tabSync Line` l
			JOIN `tabSync Journal Entry` j ON j.source = l.source AND j.remote_id = l.remote_id AND j.{_HELD}
			WHERE l.deleted_transaction IN ({placeholders(part)}) AND l.deleted_transaction <> ''
				AND l.reason = %s AND l.state = %s
			GROUP BY l.name, l.source, l.remote_id, l.deleted_transaction ORDER BY l.source, l.remote_id
			""",
			[*part, Reason.DELETED.value, LineState.BOOKED.value],
		)


def chain(ledger: Base, run: str, entries: Sequence[Any]) -> tuple[Mapping[int, bool], set[str]]:
	"""Return which entries stop or start to count when these of a run are undone (True: cancelled), and the runs that
	decided first, below undoings and redoings.

	An entry that is undone no longer counts; what it had undone counts again, and so on.
	"""
	cancelled = {entry["id"]: True for entry in entries}
	first = {run for entry in entries if not entry["undoes"]}
	gone, level = False, [entry["undoes"] for entry in entries if entry["undoes"]]
	while level:
		deeper: list[int] = []
		for part in parts(level):
			query = (
				f"SELECT name, run, undoes FROM `tabSync Journal Entry` WHERE name IN ({placeholders(part)})"
			)
			for row in ledger.db.rows(query, part):
				cancelled[row["name"]] = gone
				if row["undoes"]:
					deeper.append(row["undoes"])
				else:
					first.add(row["run"])
		gone, level = not gone, deeper
	return cancelled, first

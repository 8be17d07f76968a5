"""Entries of a run's journal, with how things stand now: what an undo is decided by."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from dokos_banksync.core.model import LineState, Reason
from dokos_banksync.core.review.journal import Key
from dokos_banksync.core.review.merge import told
from dokos_banksync.hosts.frappe.ledger import sql
from dokos_banksync.hosts.frappe.ledger.closed_periods import lock_date
from dokos_banksync.hosts.frappe.ledger.dialect import ACCOUNT, CONNECTION, JOURNAL, LINE, REMOTE, TRANSACTION
from dokos_banksync.hosts.frappe.ledger.lines import RECONCILED, SPEAKS
from dokos_banksync.hosts.frappe.ledger.reconciliation import reconciled_by
from dokos_banksync.hosts.frappe.ledger.values import day_out

_LATER = f"""
	SELECT o.run FROM {sql.table(JOURNAL)} o
	WHERE {{}} AND o.name > j.name AND o.run <> j.run AND o.cancelled = 0
		AND (COALESCE(o.undoes, 0) = 0 OR (j.verdict = 'Hold' AND o.undoes < j.name)) LIMIT 1
"""
"""For a line that was held, the undo of an earlier decision is a later one too: it put the line back to before both."""
_OF_LINE = "o.source = j.source AND o.remote_id = j.remote_id AND o.verdict <> 'Hold'"
_OF_TRANSACTION = (
	"o.bank_transaction = j.bank_transaction AND j.bank_transaction <> '' AND o.verdict <> 'Hold'"
)
_STATES = ", ".join(f"'{state}'" for state in RECONCILED)
_ENTRIES = f"""
	SELECT j.*, j.name id, t.name there, t.`date` AS day,
		CASE WHEN t.status IN ({_STATES}) OR COALESCE(t.allocated_amount, 0) <> 0 THEN 1 ELSE 0 END reconciled,
		l.name line_name, l.state state, l.bank_transaction tied, CASE WHEN {SPEAKS} THEN 1 ELSE 0 END speaks,
		(
			SELECT MAX(o.name) FROM {sql.table(JOURNAL)} o
			WHERE o.source = j.source AND o.remote_id = j.remote_id AND o.name > j.name AND o.verdict = 'Hold'
		) held_since,
		({_LATER.format(_OF_LINE)}) later_line,
		({_LATER.format(_OF_TRANSACTION)}) later_transaction,
		(
			SELECT COALESCE(x.run, '') FROM {sql.table(LINE)} x WHERE x.bank_transaction = j.bank_transaction
			AND NOT EXISTS (
				SELECT 1 FROM {sql.table(JOURNAL)} own
				WHERE own.run = j.run AND own.source = x.source AND own.remote_id = x.remote_id
			) LIMIT 1
		) other
	FROM {sql.table(JOURNAL)} j
	LEFT JOIN {sql.table(TRANSACTION)} t ON t.name = j.bank_transaction AND t.docstatus < 2
	LEFT JOIN {sql.table(LINE)} l ON l.source = j.source AND l.remote_id = j.remote_id
	LEFT JOIN {sql.table(REMOTE)} a ON a.name = l.source
	LEFT JOIN {sql.table(CONNECTION)} c ON c.name = a.parent
	WHERE j.run = %s AND j.cancelled = 0 ORDER BY j.name DESC
"""


def entries_of(run: str) -> list[Any]:
	"""Those that are not undone, the latest first, as `undoing` asks for them."""
	rows = sql.rows(_ENTRIES, (run,))
	settled = reconciled_by(row["bank_transaction"] for row in rows if row["reconciled"])
	locks = _locks({row["bank_account"] for row in rows if row["bank_account"]})
	for row in rows:
		row["undoes"] = row["undoes"] or None
		row["reconciled_with"] = told(settled.get(row["bank_transaction"], []))
		until = locks.get(row["bank_account"])
		row["closed"] = until is not None and any(day <= until for day in _days(row))
	return rows


def _locks(bank_accounts: set[str]) -> dict[str, date | None]:
	names = sorted(bank_accounts)
	rows = sql.rows(f"SELECT * FROM {sql.table(ACCOUNT)} WHERE name IN ({sql.marks(names)})", names)
	return {row["name"]: lock_date(row) for row in rows}


def _days(row: Any) -> list[date]:
	"""That of the bank transaction as it is, as it would be, or as it was when it went."""
	days = [row["day"], *json.loads(row["changed"] or "{}").get("date", ())]
	if row["transaction_before"]:
		days.append(json.loads(row["transaction_before"])["date"])
	return [day for day in map(day_out, days) if day is not None]


def successors_of(entries: Sequence[Any]) -> dict[Key, str]:
	"""Lines that came since and were held because of what is undone now, with what they belong to.

	One of a source for each bank transaction that comes back.
	"""
	back = {}
	for entry in entries:
		if entry["transaction_before"]:
			own = json.loads(entry["line_before"] or "{}")
			back[own.get("deleted_transaction") or entry["bank_transaction"]] = entry
	found: dict[tuple[str, str], Key] = {}
	for row in _held_for(sorted(back)):
		entry = back[row["deleted_transaction"]]
		if row["source"] != entry["source"] and row["held"] > entry["id"]:
			key = (entry["bank_transaction"], row["source"])
			found.setdefault(key, (row["source"], row["remote_id"]))
	return {line: name for (name, _source), line in found.items()}


def _held_for(names: Sequence[str]) -> Iterable[Any]:
	"""Lines that stand for what was deleted, and the last entry that held each."""
	for part in sql.parts(names):
		yield from sql.rows(
			f"""
			SELECT l.source, l.remote_id, l.deleted_transaction, MAX(j.name) held FROM {sql.table(LINE)} l
			JOIN {sql.table(JOURNAL)} j ON j.source = l.source AND j.remote_id = l.remote_id AND j.verdict = 'Hold'
			WHERE l.deleted_transaction IN ({sql.marks(part)}) AND l.reason = %s AND l.state = %s
			GROUP BY l.source, l.remote_id, l.deleted_transaction ORDER BY l.source, l.remote_id
			""",
			[*part, Reason.DELETED.value, LineState.BOOKED.value],
		)


def chain(ids: Sequence[int]) -> tuple[Mapping[int, bool], set[str]]:
	"""Entries whose counting changes when these are undone, and whether they count then; and the runs that decided
	first, below undoings and redoings.

	An entry that is undone no longer counts; what it had undone counts again, and so on.
	"""
	cancelled: dict[int, bool] = {}
	first: set[str] = set()
	gone, level = True, list(ids)
	while level:
		deeper: list[int] = []
		for part in sql.parts(level):
			query = f"SELECT name, run, undoes FROM {sql.table(JOURNAL)} WHERE name IN ({sql.marks(part)})"
			for row in sql.rows(query, part):
				cancelled[row["name"]] = gone
				if row["undoes"]:
					deeper.append(row["undoes"])
				else:
					first.add(row["run"])
		gone, level = not gone, deeper
	return cancelled, first

"""Takes back what a run did, entry by entry of its journal, and writes that into the journal too."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import frappe

from dokos_banksync.core.errors import InvalidData
from dokos_banksync.core.model import Reason, is_file
from dokos_banksync.core.records import UndoResult
from dokos_banksync.core.review import undo_plan
from dokos_banksync.core.review.journal import Key, Step
from dokos_banksync.hosts.frappe.ledger import cancel_restore, sql
from dokos_banksync.hosts.frappe.ledger.dialect import (
	ACCOUNT,
	COVERAGE,
	JOURNAL,
	LINE,
	REMOTE,
	RUN,
	TRANSACTION,
	Dialect,
	named,
)
from dokos_banksync.hosts.frappe.ledger.document_changes import Changes
from dokos_banksync.hosts.frappe.ledger.journal import Journal, by_source, transaction_images
from dokos_banksync.hosts.frappe.ledger.runs import Runs, first_agreement
from dokos_banksync.hosts.frappe.ledger.undo_entries import chain, entries_of, successors_of
from dokos_banksync.hosts.frappe.ledger.values import amount_out, money_in


class Undo(Runs):
	"""Undoes runs: those of a connection, of a file, of a person's decisions, and of an undo."""

	def plan_undo(self, run: str) -> undo_plan.Plan:
		"""Return what an undo of the run would take back and what would stay."""
		return undo_plan.plan(run, entries_of(run), {"date", *Dialect.of_site().money})

	def undo(self, run: str, *, again: bool | None = None) -> UndoResult:
		told = self.run(run)
		if told.status == "Running":
			raise InvalidData("{0} is still running: wait for its end", run)
		forget = not told.connection if again is None else again
		with self.deciding(f"undo {run}") as made:
			plan = self.plan_undo(run)
			steps = [undo_plan.step(row) for row in plan.entries]
			moved, healed = _moved(plan.entries), successors_of(plan.entries)
			steps += [Step(key, "Undo", Reason.NONE.value, "", name) for key, name in healed.items()]
			journal = Journal()
			going = [entry["bank_transaction"] for entry in plan.entries if entry["made"]]
			before = journal.before((s.key for s in steps), (s.transaction for s in steps), going)
			self._take_back(plan.entries, forget)
			if forget:
				_forget_rest(run)
			_heal(healed)
			accounts = {(e["source"], e["remote_id"]): e["bank_account"] for e in plan.entries}
			journal.put(made.name, made.started_at, steps, before, accounts)
			cancelled, first = chain([entry["id"] for entry in plan.entries])
			_cancel(cancelled)
			_move_openings(plan.entries, moved, first)
			made.status = "Success" if not plan.kept else "Partial"
			made.fetched = len(plan.entries) + len(plan.kept)
			_count(made, plan.entries)
		return UndoResult(made, plan.kept)

	def undoable(self, run: str) -> bool:
		"""Whether the run did anything that is not undone already."""
		query = f"SELECT name FROM {sql.table(JOURNAL)} WHERE run = %s AND cancelled = 0 LIMIT 1"
		return sql.value(query, (run,)) is not None

	def _take_back(self, entries: Sequence[Any], again: bool) -> None:
		"""All ties go before any comes back: two lines of one source may have changed places."""
		names = [entry["line_name"] for entry in entries if entry["line_name"]]
		for part in sql.parts(names):
			sql.run(
				f"UPDATE {sql.table(LINE)} SET bank_transaction = NULL WHERE name IN ({sql.marks(part)})",
				part,
			)
		_must_be_taken(
			cancel_restore.remove([entry["bank_transaction"] for entry in entries if entry["made"]])
		)
		gone = [json.loads(e["transaction_before"]) for e in entries if e["transaction_before"]]
		_must_be_taken(cancel_restore.restore(_with_known_categories(gone)))
		_put_values_back(entries)
		away = [entry for entry in entries if not again and undo_plan.is_suppressed_after(entry)]
		_keep_away([entry for entry in away if entry["bank_transaction"] and entry["line_name"]])
		left = {entry["id"] for entry in away}
		_put_lines_back([e for e in entries if e["line_before"] and e["id"] not in left])
		# What the bank changed meanwhile on a line that was kept away is told once more.
		_read_again(entry["source"] for entry in entries if entry["held_since"])
		if again:
			_forget([entry for entry in entries if not entry["line_before"] and entry["source"]])


def _must_be_taken(refused: Mapping[str, str]) -> None:
	"""All of it happens, or nothing."""
	for name, why in refused.items():
		raise InvalidData("{0} was refused: {1}", name, why)


# -- bank transactions ------------------------------------------------------------------------------------
def _put_values_back(entries: Sequence[Any]) -> None:
	"""As far as they are still what the run left: a person's later change stays."""
	now = transaction_images(entry["bank_transaction"] for entry in entries if entry["changed"])
	known = set(frappe.db.get_table_columns(TRANSACTION))
	told: dict[str, dict[str, object]] = {}
	for column, values in undo_plan.by_column(entries):
		for name, old, new in values if column in known else ():
			if name in now and now[name][column] == new:
				told.setdefault(column, {})[name] = old
	category = Dialect.of_site().category
	if category in told:
		rows = [{"name": name, category: value} for name, value in told[category].items()]
		told[category] = {row["name"]: row[category] for row in _with_known_categories(rows)}
	_must_be_taken(Changes(Dialect.of_site()).put(told))


def _with_known_categories(images: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
	"""A category that is gone since, or has another name, is none."""
	meta_field = frappe.get_meta(TRANSACTION).get_field(Dialect.of_site().category)
	column = meta_field.fieldname
	asked = sorted({image[column] for image in images if image.get(column)})
	known: set[str] = set()
	for part in sql.parts(asked):
		query = f"SELECT name FROM {sql.table(meta_field.options)} WHERE name IN ({sql.marks(part)})"
		known.update(row["name"] for row in sql.rows(query, part))
	return [
		{**image, column: image[column] if image.get(column) in known else None}
		if image.get(column)
		else dict(image)
		for image in images
	]


# -- lines ------------------------------------------------------------------------------------------------
def _keep_away(entries: Sequence[Any]) -> None:
	sql.change(LINE, "deleted_transaction", {e["line_name"]: e["bank_transaction"] for e in entries})
	for part in sql.parts([entry["line_name"] for entry in entries]):
		query = f"UPDATE {sql.table(LINE)} SET reason = %s WHERE name IN ({sql.marks(part)})"
		sql.run(query, [Reason.UNDONE.value, *part])


def _put_lines_back(entries: Sequence[Any]) -> None:
	"""Whole, as they were; only the bank account bears the name that it has now."""
	images = [{**json.loads(e["line_before"]), "bank_account": e["bank_account"]} for e in entries]
	_delete_lines((image["source"], image["remote_id"]) for image in images)
	known = set(frappe.db.get_table_columns(LINE))
	for part in sql.parts(images):
		columns = [name for name in part[0] if name in known and name != "raw"] + ["raw"]
		sql.insert(LINE, columns, ([image.get(name) for name in columns] for image in part))


def _delete_lines(keys: Iterable[Key]) -> None:
	for source, ids in by_source(keys):
		for part in sql.parts(ids):
			query = f"DELETE FROM {sql.table(LINE)} WHERE source = %s AND remote_id IN ({sql.marks(part)})"
			sql.run(query, [source, *part])


def _forget(entries: Sequence[Any]) -> None:
	"""As if the lines had never come; their accounts are read again from the beginning."""
	_delete_lines((entry["source"], entry["remote_id"]) for entry in entries)
	_read_again(entry["source"] for entry in entries)


def _forget_rest(run: str) -> None:
	"""The days that it asked for, and the rows that it could not read."""
	sql.run(f"UPDATE {sql.table(COVERAGE)} SET complete = 0 WHERE run = %s", (run,))
	query = f"DELETE FROM {sql.table(LINE)} WHERE run = %s AND reason = %s"
	sql.run(query, (run, Reason.REFUSED.value))


def _heal(healed: Mapping[Key, str]) -> None:
	for (source, remote_id), name in healed.items():
		sql.run(
			f"UPDATE {sql.table(LINE)} SET bank_transaction = %s, deleted_transaction = '', reason = '' "
			"WHERE source = %s AND remote_id = %s",
			(name, source, remote_id),
		)


def _read_again(sources: Iterable[str]) -> None:
	feeds = sorted({source for source in sources if source and not is_file(source)})
	for part in sql.parts(feeds):
		sql.run(f"UPDATE {sql.table(REMOTE)} SET `cursor` = '' WHERE name IN ({sql.marks(part)})", part)


# -- what follows -----------------------------------------------------------------------------------------
def _cancel(cancelled: Mapping[int, bool]) -> None:
	for value in (True, False):
		for part in sql.parts([name for name, gone in cancelled.items() if gone is value]):
			query = f"UPDATE {sql.table(JOURNAL)} SET cancelled = %s WHERE name IN ({sql.marks(part)})"
			sql.run(query, [int(value), *part])


def _count(made: Any, entries: Sequence[Any]) -> None:
	made.removed = sum(bool(entry["made"]) for entry in entries)
	made.created = sum(bool(entry["transaction_before"]) for entry in entries)
	made.updated = sum(bool(entry["changed"]) for entry in entries)


def _moved(entries: Sequence[Any]) -> dict[str, Decimal]:
	"""What the bank transactions concerned add up to, by bank account."""
	found: dict[str, Decimal] = {}
	for part in sql.parts(sorted({entry["bank_transaction"] for entry in entries})):
		rows = sql.rows(
			f"SELECT t.bank_account, CAST(SUM({Dialect.of_site().amount}) AS CHAR(40)) total "
			f"FROM {sql.table(TRANSACTION)} t WHERE t.docstatus < 2 AND t.name IN ({sql.marks(part)}) "
			"GROUP BY t.bank_account",
			part,
		)
		for row in rows:
			found[row["bank_account"]] = found.get(row["bank_account"], Decimal()) + amount_out(row["total"])
	return found


def _move_openings(entries: Sequence[Any], before: Mapping[str, Decimal], first: set[str]) -> None:
	"""An opening balance that was founded since on what a person had decided goes with the decision.

	What a feed decided is no such thing: what the bank itself tells of is in its balance, taken in or not.
	"""
	runs = sorted(first)
	query = f"SELECT MIN(name) FROM {sql.table(RUN)} WHERE COALESCE(connection, '') = '' AND name IN ({sql.marks(runs)})"
	root = sql.value(query, runs)
	after = _moved(entries)
	for account in before.keys() | after.keys() if root else ():
		difference = after.get(account, Decimal()) - before.get(account, Decimal())
		if difference and first_agreement(account) > root:
			column = named(ACCOUNT, "opening_balance")
			sql.run(
				f"UPDATE {sql.table(ACCOUNT)} SET `{column}` = `{column}` - %s WHERE name = %s",
				(money_in(difference), account),
			)
			frappe.clear_document_cache(ACCOUNT, account)

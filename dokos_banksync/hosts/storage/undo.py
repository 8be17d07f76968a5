"""Undoes a run, entry by entry of its journal, and records the undo in the journal too."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeVar

from dokos_banksync.core.errors import InvalidData
from dokos_banksync.core.journal_action import JournalAction
from dokos_banksync.core.model import Reason, is_file
from dokos_banksync.core.progress import Progress, Stage
from dokos_banksync.core.records import RunRecord, RunStatus, UndoResult
from dokos_banksync.core.review import undo_plan
from dokos_banksync.core.review.journal import Key, Row, Step
from dokos_banksync.core.trigger import Trigger
from dokos_banksync.hosts.storage.journal import Journal
from dokos_banksync.hosts.storage.restored_lines import delete_lines, restore_lines
from dokos_banksync.hosts.storage.runs import Runs
from dokos_banksync.hosts.storage.sql import (
	ACCOUNT,
	CATEGORY,
	CHUNK,
	LINE,
	RESTORED_AT_ONCE,
	TRANSACTION,
	parts,
	placeholders,
	table,
)
from dokos_banksync.hosts.storage.undo_entries import Returned, chain, entries_of, held_since
from dokos_banksync.hosts.storage.undone_days import delete_rejected, forget_days, rejected_keys, restore_days

T = TypeVar("T")


class Undo(Runs):
	"""Undoes runs: those of a connection, of a file, of a user's decisions, and of an undo."""

	def undo(self, run: str, *, again: bool | None = None, progress: Progress | None = None) -> UndoResult:
		"""See `Ledger.undo`."""
		undone = self.run(run)
		if undone.status is RunStatus.RUNNING:
			raise InvalidData("{0} is still running: wait for its end", run)
		forget = not undone.connection if again is None else again
		with self.decision(Trigger.UNDO, run) as made:
			plan = self.plan_undo(run)
			rows = _Rows(progress, plan.entries)
			returned = held_since(self, plan.entries)
			cancelled, first = chain(self, run, plan.entries)
			root = self._decided_first(first)
			totals = self._totals(plan.entries) if root else {}
			self._undo_entries(made, plan.entries, returned, rows, undone=run, forget=forget)
			self._cancel(cancelled)
			if root:
				self._move_openings(totals, self._totals(plan.entries), root)
			_count(made, plan)
		return UndoResult(made, plan.not_undone)

	def plan_undo(self, run: str) -> undo_plan.Plan:
		"""Return what an undo of the run would revert, and what it could not."""
		return undo_plan.plan(run, entries_of(self, run), {"date", *self.fields.money_columns})

	def undoable(self, run: str) -> bool:
		"""See `Ledger.undoable`."""
		query = "SELECT name FROM `tabSync Journal Entry` WHERE run = %s AND cancelled = 0 LIMIT 1"
		return self.db.value(query, (run,)) is not None

	def _undo_entries(
		self,
		made: RunRecord,
		entries: Sequence[Any],
		returned: Mapping[Key, Returned],
		rows: _Rows,
		*,
		undone: str,
		forget: bool,
	) -> None:
		steps = [undo_plan.step(row) for row in entries]
		steps += [
			Step(
				key=key,
				action=JournalAction.UNDO,
				reason=Reason.NONE.value,
				note="",
				transaction=one.transaction,
			)
			for key, one in returned.items()
		]
		steps += [
			Step(key=key, action=JournalAction.UNDO, reason=Reason.REFUSED.value, note="", transaction="")
			for key in (rejected_keys(self, undone) if forget else ())
		]
		journal = Journal(self)
		going = [entry["bank_transaction"] for entry in entries if entry["made"]]
		before = journal.before((s.key for s in steps), (s.transaction for s in steps), going)
		self._take_back(entries, before.lines, rows, forget=forget, now=made.started_at)
		restore_days(self, undone, by_undo=made.name)
		if forget:
			forget_days(self, undone, by_undo=made.name)
			delete_rejected(self, undone)
		self._assign(returned)
		accounts = {(e["source"], e["remote_id"]): e["bank_account"] for e in entries}
		journal.put(made.name, made.started_at, steps, before, accounts=accounts)

	def _take_back(
		self, entries: Sequence[Any], released: Mapping[Key, Row], rows: _Rows, *, forget: bool, now: datetime
	) -> None:
		"""All lines are released before any is assigned again: two lines of one source may have changed places."""
		suppressed = [entry for entry in entries if not forget and undo_plan.is_suppressed_after(entry)]
		self._release(entries, suppressed)
		for names in rows.parts([entry["bank_transaction"] for entry in entries if entry["made"]]):
			_must_be_accepted(self.documents.remove(names))
		gone = [entry["transaction_before"] for entry in entries if entry["transaction_before"]]
		for part in rows.parts(gone, RESTORED_AT_ONCE):
			images = self._with_known_categories([json.loads(image) for image in part])
			_must_be_accepted(self.documents.restore(images))
		self._put_values_back(entries, now)
		left = {entry["id"] for entry in suppressed}
		for lines in rows.parts([e for e in entries if e["line_before"] and e["id"] not in left]):
			self._put_lines_back(lines, released)
		# What the bank changed meanwhile on a line that was held is fetched once more.
		self._fetch_again(entry["source"] for entry in entries if entry["held_since"])
		if forget:
			self._forget(entries)

	# -- bank transactions ------------------------------------------------------------------------------
	def _put_values_back(self, entries: Sequence[Any], now: datetime) -> None:
		"""Restore values as far as they are still what the run left: a user's later change stays."""
		images = Journal(self).transactions(
			entry["bank_transaction"] for entry in entries if entry["changed"]
		)
		known = set(self.db.columns(TRANSACTION))
		restored: dict[str, dict[str, object]] = {}
		for column, values in undo_plan.by_column(entries):
			for name, old, new in values if column in known else ():
				if name in images and images[name][column] == new:
					restored.setdefault(column, {})[name] = old
		category = self.fields.category
		if category in restored:
			rows = [{"name": name, category: value} for name, value in restored[category].items()]
			restored[category] = {row["name"]: row[category] for row in self._with_known_categories(rows)}
		_must_be_accepted(self.documents.put(restored, now))

	def _with_known_categories(self, images: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
		"""Clear categories that are gone since, or have another name."""
		column = self.fields.category
		known: set[str] = set()
		for part in parts(sorted({image[column] for image in images if image.get(column)})):
			query = f"SELECT name FROM {table(CATEGORY)} WHERE name IN ({placeholders(part)})"
			known.update(row["name"] for row in self.db.rows(query, part))
		return [
			{**image, column: None} if image.get(column) and image[column] not in known else dict(image)
			for image in images
		]

	# -- lines ------------------------------------------------------------------------------------------
	def _release(self, entries: Sequence[Any], suppressed: Sequence[Any]) -> None:
		"""Take lines off their bank transactions. Suppressed ones remember what they had become, so that it does not come
		back by itself; most of them are linked to it, so that no value has to be sent for each.
		"""
		names = {
			e["line_name"]: e["bank_transaction"]
			for e in suppressed
			if e["line_name"] and e["bank_transaction"]
		}
		linked = {entry["line_name"]: entry["linked"] for entry in entries if entry["line_name"]}
		others = {line: name for line, name in names.items() if linked[line] != name}
		remembered = "deleted_transaction = bank_transaction, reason = %s, "  # before it is cleared: MariaDB sets in turn
		at_once = names.keys() - others.keys()
		for part in parts(sorted(at_once)):
			query = f"UPDATE `tabSync Line` SET {remembered}bank_transaction = NULL WHERE name IN ({placeholders(part)})"
			self.db.run(query, [Reason.UNDONE.value, *part])
		for part in parts(sorted(linked.keys() - at_once)):
			query = f"UPDATE `tabSync Line` SET bank_transaction = NULL WHERE name IN ({placeholders(part)})"
			self.db.run(query, part)
		self.db.change(LINE, "deleted_transaction", others)
		for part in parts(others):
			query = f"UPDATE `tabSync Line` SET reason = %s WHERE name IN ({placeholders(part)})"
			self.db.run(query, [Reason.UNDONE.value, *part])

	def _put_lines_back(self, entries: Sequence[Any], released: Mapping[Key, Row]) -> None:
		"""Restore lines completely, except the bank account, which may have been renamed since."""
		images = [
			{**image, "bank_account": entry["bank_account"] or image["bank_account"]}
			for entry in entries
			for image in [json.loads(entry["line_before"])]
		]
		restore_lines(self, images, released)

	def _forget(self, entries: Sequence[Any]) -> None:
		"""Delete the lines that the run brought, and read their accounts from the beginning: what the bank removed or
		changed in the run is read once more too.
		"""
		fresh = (e for e in entries if not e["line_before"] and e["source"])
		delete_lines(self, ((e["source"], e["remote_id"]) for e in fresh))
		self._fetch_again(entry["source"] for entry in entries)

	def _assign(self, returned: Mapping[Key, Returned]) -> None:
		names = {one.line: one.transaction for one in returned.values()}
		self.db.change(LINE, "bank_transaction", names)
		for part in parts(names):
			query = "UPDATE `tabSync Line` SET deleted_transaction = '', reason = '' "
			self.db.run(f"{query} WHERE name IN ({placeholders(part)})", part)

	def _fetch_again(self, sources: Iterable[str]) -> None:
		feeds = sorted({source for source in sources if source and not is_file(source)})
		for part in parts(feeds):
			query = f"UPDATE `tabSync Remote Account` SET `cursor` = '' WHERE name IN ({placeholders(part)})"
			self.db.run(query, part)

	# -- what follows -----------------------------------------------------------------------------------
	def _cancel(self, cancelled: Mapping[int, bool]) -> None:
		for value in (True, False):
			for part in parts([name for name, gone in cancelled.items() if gone is value]):
				query = (
					f"UPDATE `tabSync Journal Entry` SET cancelled = %s WHERE name IN ({placeholders(part)})"
				)
				self.db.run(query, [int(value), *part])

	def _totals(self, entries: Sequence[Any]) -> dict[str, Decimal]:
		"""Return the sum of the bank transactions concerned, by bank account."""
		fields = self.fields
		found: dict[str, Decimal] = {}
		for part in parts(sorted({entry["bank_transaction"] for entry in entries})):
			rows = self.db.rows(
				f"""
				SELECT t.bank_account, CAST(SUM({fields.amount}) AS CHAR(40)) total FROM `tabBank Transaction` t
				WHERE {fields.live} AND t.name IN ({placeholders(part)}) GROUP BY t.bank_account
				""",
				part,
			)
			for row in rows:
				total = self.codec.amount_out(row["total"])
				found[row["bank_account"]] = found.get(row["bank_account"], Decimal()) + total
		return found

	def _decided_first(self, first: set[str]) -> str:
		"""Return the earliest of the runs in which a user decided, empty where all are of feeds.

		What a feed decided does not move an opening balance: the bank's balance contains it, imported or not.
		"""
		names = sorted(first)
		query = f"SELECT MIN(name) FROM `tabSync Run` WHERE COALESCE(connection, '') = '' AND name IN ({placeholders(names)})"
		return self.db.value(query, names) or ""

	def _move_openings(
		self, before: Mapping[str, Decimal], after: Mapping[str, Decimal], decided_first: str
	) -> None:
		"""Move an opening balance that was derived, since, from what a user had decided: it changes with the decision."""
		column = self.fields.account_fields["opening_balance"]
		for account in before.keys() | after.keys():
			difference = after.get(account, Decimal()) - before.get(account, Decimal())
			if difference and self.first_complete(account) > decided_first:
				self.db.run(
					f"UPDATE `tabBank Account` SET `{column}` = `{column}` - %s WHERE name = %s",
					(self.codec.money_in(difference), account),
				)
				self.db.forget(ACCOUNT, account)


class _Rows:
	"""Counts the rows that an undo has gone through: bank transactions, and lines. Each report is a point at which a user
	may cancel it, as all of it is one database transaction.
	"""

	def __init__(self, progress: Progress | None, entries: Sequence[Any]) -> None:
		counted = ("made", "transaction_before", "line_before")
		self._progress, self._done = progress, 0
		self._total = sum(bool(entry[name]) for entry in entries for name in counted)
		self._report(0)

	def parts(self, values: Sequence[T], size: int = CHUNK) -> Iterator[list[T]]:
		"""Yield the values in lists of at most `size`, and count those that are dealt with."""
		for part in parts(values, size):
			yield part
			self._report(len(part))

	def _report(self, rows: int) -> None:
		self._done += rows
		if self._progress:
			self._progress(Stage.UNDO, self._done, self._total)


def _must_be_accepted(refused: Mapping[str, str]) -> None:
	"""All of an undo happens, or nothing. Raises `InvalidData`."""
	for name, why in refused.items():
		raise InvalidData("{0} was refused: {1}", name, why)


def _count(made: RunRecord, plan: undo_plan.Plan) -> None:
	made.status = RunStatus.SUCCESS if not plan.not_undone else RunStatus.PARTIAL
	made.fetched = len(plan.entries) + len(plan.not_undone)
	made.removed = sum(bool(entry["made"]) for entry in plan.entries)
	made.created = sum(bool(entry["transaction_before"]) for entry in plan.entries)
	made.updated = sum(bool(entry["changed"]) for entry in plan.entries)

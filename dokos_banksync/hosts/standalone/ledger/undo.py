"""Takes back what a run did, entry by entry of its journal, and writes that into the journal too."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import timezone
from typing import Any

from dokos_banksync.core.errors import InvalidData
from dokos_banksync.core.model import Reason, is_file
from dokos_banksync.core.records import UndoResult
from dokos_banksync.core.review import undo_plan
from dokos_banksync.hosts.standalone.ledger.base import Base
from dokos_banksync.hosts.standalone.ledger.journal import Journal, Step
from dokos_banksync.hosts.standalone.ledger.lines import LINE_COLUMNS, RECONCILED, SPEAKS, TRANSACTION_COLUMNS
from dokos_banksync.hosts.standalone.ledger.runs import Runs

_LATER = """
	SELECT o.run FROM journal o
	WHERE {} AND o.id > j.id AND o.run <> j.run AND o.undoes IS NULL AND NOT o.cancelled LIMIT 1
"""
_OF_LINE = "o.source = j.source AND o.remote_id = j.remote_id AND o.verdict <> 'Hold'"
_OF_TRANSACTION = (
	"o.bank_transaction = j.bank_transaction AND j.bank_transaction <> '' AND o.verdict <> 'Hold'"
)
_ENTRIES = f"""
	SELECT j.*, coalesce(t.status, '') = '{RECONCILED}' reconciled, '' reconciled_with, 0 closed,
		t.name IS NOT NULL there, line.state state, line.bank_transaction tied,
		{SPEAKS.format(line="line")} speaks,
		EXISTS (
			SELECT 1 FROM journal o
			WHERE o.source = j.source AND o.remote_id = j.remote_id AND o.id > j.id AND o.verdict = 'Hold'
		) held_since,
		({_LATER.format(_OF_LINE)}) later_line,
		({_LATER.format(_OF_TRANSACTION)}) later_transaction,
		(
			SELECT coalesce(l.run, '') FROM sync_line l WHERE l.bank_transaction = j.bank_transaction
			AND NOT EXISTS (
				SELECT 1 FROM journal own
				WHERE own.run = j.run AND own.source = l.source AND own.remote_id = l.remote_id
			) LIMIT 1
		) other
	FROM journal j LEFT JOIN bank_transaction t ON t.name = j.bank_transaction
	LEFT JOIN sync_line line ON line.source = j.source AND line.remote_id = j.remote_id
	WHERE j.run = ? AND NOT j.cancelled ORDER BY j.id DESC
"""
_RESTORE_LINE = f"""
	INSERT OR REPLACE INTO sync_line ({", ".join(LINE_COLUMNS)}) VALUES ({", ".join("?" * len(LINE_COLUMNS))})
"""
_RESTORE_TRANSACTION = f"""
	INSERT OR IGNORE INTO bank_transaction ({", ".join(TRANSACTION_COLUMNS)})
	VALUES ({", ".join("?" * len(TRANSACTION_COLUMNS))})
"""
_RESTORE_VALUE = "UPDATE bank_transaction SET {0} = ? WHERE name = ? AND {0} IS ?"
_RECKON = """
	UPDATE bank_transaction SET unallocated_amount = abs(deposit - withdrawal) - allocated_amount WHERE name = ?
"""
_CHAIN = """
	WITH RECURSIVE chain (cancelled, id, undoes) AS (
		SELECT 1, j.id, j.undoes FROM json_each(?) asked CROSS JOIN journal j WHERE j.id = asked.value
		UNION ALL
		SELECT 1 - chain.cancelled, j.id, j.undoes FROM chain CROSS JOIN journal j WHERE j.id = chain.undoes
	) SELECT cancelled, id FROM chain
"""
_HELD_SINCE = """
	SELECT json_extract(asked.value, '$[0]') name, l.source, min(l.remote_id) remote_id
	FROM json_each(?) asked
	LEFT JOIN sync_line own ON own.name = json_extract(asked.value, '$[1]')
	CROSS JOIN sync_line l
	WHERE l.deleted_transaction <> ''
		AND l.deleted_transaction = coalesce(nullif(own.deleted_transaction, ''), json_extract(asked.value, '$[0]'))
		AND l.reason = ? AND l.state = 'Booked' AND l.source <> coalesce(own.source, '')
		AND EXISTS (
			SELECT 1 FROM journal j WHERE j.source = l.source AND j.remote_id = l.remote_id
			AND j.verdict = 'Hold' AND j.id > json_extract(asked.value, '$[2]')
		)
	GROUP BY 1, 2
"""
_COME_BACK = """
	UPDATE sync_line SET bank_transaction = ?, deleted_transaction = '', reason = '' WHERE source = ? AND remote_id = ?
"""
_MOVED = """
	SELECT bank_account, sum(amount) FROM bank_transaction WHERE name IN (SELECT value FROM json_each(?)) GROUP BY 1
"""
_ROOT = """
	WITH RECURSIVE chain (run, undoes) AS (
		SELECT run, undoes FROM journal WHERE id IN (SELECT value FROM json_each(?))
		UNION ALL SELECT j.run, j.undoes FROM chain CROSS JOIN journal j WHERE j.id = chain.undoes
	) SELECT min(r.rowid) FROM chain JOIN sync_run r ON r.name = chain.run WHERE chain.undoes IS NULL
		AND r.connection IS NULL
"""
"""The place among all runs of the one that decided first, below undoings and redoings. None for a feed's run: what
the bank itself tells of is in its balance, taken in or not."""
_FIRST_CHECK = """
	SELECT coalesce(min(r.rowid), 0) FROM sync_run r, json_each(r.checks) c
	WHERE json_extract(c.value, '$.bank_account') = ? AND json_extract(c.value, '$.complete')
"""
_UNTIE = "UPDATE sync_line SET bank_transaction = NULL WHERE source = ? AND remote_id = ?"
_STAY_AWAY = "UPDATE sync_line SET reason = ?, deleted_transaction = ? WHERE source = ? AND remote_id = ?"
_FORGET = "DELETE FROM sync_line WHERE source = ? AND remote_id = ?"
_MATTERS = {"date", "deposit", "withdrawal"}


class Undo(Runs, Base):
	"""Undoes runs: those of a connection, of a file, of a person's decisions, and of an undo."""

	def plan_undo(self, run: str) -> undo_plan.Plan:
		"""Return what an undo of the run would take back and what would stay."""
		return undo_plan.plan(run, self.db.rows(_ENTRIES, (run,)), _MATTERS)

	def undo(self, run: str, *, again: bool | None = None) -> UndoResult:
		told = self.run(run)
		if told.status == "Running":
			raise InvalidData("{0} is still running: wait for its end", run)
		with self.db.write():
			plan = self.plan_undo(run)
			now = self.clock()
			made = self.begin_run("", f"undo {run}", now)
			journal = Journal(self.db)
			steps = [undo_plan.step(row) for row in plan.entries]
			moved = self._moved(plan.entries)
			healed = self._successors(plan.entries)
			steps += [Step(key, "Undo", Reason.NONE.value, "", name) for key, name in healed.items()]
			before = journal.before((s.key for s in steps), (s.transaction for s in steps))
			forget = not told.connection if again is None else again
			self._take_back(plan.entries, forget)
			if forget:
				self.db.run("UPDATE coverage SET complete = 0 WHERE run = ?", (run,))
				self.db.run("DELETE FROM sync_line WHERE run = ? AND reason = ?", (run, Reason.REFUSED.value))
			self.db.run_many(_COME_BACK, [(name, *key) for key, name in healed.items()])
			journal.put(made.name, now.astimezone(timezone.utc).isoformat(), steps, before)
			self._move_openings(plan.entries, moved)
			self._cancel(plan.entries)
			made.ended_at, made.status = now, "Success" if not plan.kept else "Partial"
			made.fetched = len(plan.entries) + len(plan.kept)
			self._count(made, plan.entries)
			self.save_run(made)
		return UndoResult(made, plan.kept)

	def _take_back(self, entries: Sequence[undo_plan.Entry], again: bool) -> None:
		"""All ties go before any comes back: two lines of one source may have changed places."""
		self.db.run_many(_UNTIE, [(e["source"], e["remote_id"]) for e in entries])
		self.db.run_many(
			"DELETE FROM bank_transaction WHERE name = ?",
			[(e["bank_transaction"],) for e in entries if e["made"]],
		)
		self.db.run_many(
			_RESTORE_TRANSACTION,
			[
				_values(e["transaction_before"], TRANSACTION_COLUMNS)
				for e in entries
				if e["transaction_before"]
			],
		)
		for column, values in undo_plan.by_column(entries):
			if column in TRANSACTION_COLUMNS:
				told = [(old, name, new) for name, old, new in values]
				self.db.run_many(_RESTORE_VALUE.format(column), told)
		self.db.run_many(_RECKON, [(e["bank_transaction"],) for e in entries if e["changed"] != "{}"])
		away = [e for e in entries if not again and undo_plan.is_suppressed_after(e)]
		self.db.run_many(
			_STAY_AWAY,
			[
				(Reason.UNDONE.value, e["bank_transaction"], e["source"], e["remote_id"])
				for e in away
				if e["bank_transaction"]
			],
		)
		left = {e["id"] for e in away}
		self.db.run_many(
			_RESTORE_LINE,
			[
				_values(e["line_before"], LINE_COLUMNS)
				for e in entries
				if e["line_before"] and e["id"] not in left
			],
		)
		# What the bank changed meanwhile on a line that was kept away is told once more.
		self._read_again(e["source"] for e in entries if e["held_since"])
		if again:
			self._forget([e for e in entries if not e["line_before"] and e["source"]])

	def _successors(self, entries: Sequence[undo_plan.Entry]) -> dict[tuple[str, str], str]:
		"""Lines that came since and were held because of what is undone now, with what they belong to.

		One of a source for each bank transaction that comes back.
		"""
		restored = [
			[e["bank_transaction"], json.loads(e["line_before"] or "{}").get("name", ""), e["id"]]
			for e in entries
			if e["transaction_before"]
		]
		found: dict[tuple[str, str], str] = {}
		for row in self.db.rows(_HELD_SINCE, (json.dumps(restored), Reason.DELETED.value)):
			found.setdefault((row["source"], row["remote_id"]), row["name"])
		return found

	def _forget(self, entries: Sequence[undo_plan.Entry]) -> None:
		"""As if the lines had never come; their accounts are read again from the beginning."""
		self.db.run_many(_FORGET, [(e["source"], e["remote_id"]) for e in entries])
		self._read_again(e["source"] for e in entries)

	def _read_again(self, sources: Iterable[str]) -> None:
		feeds = {source for source in sources if not is_file(source)}
		self.db.run_many("UPDATE sync_remote_account SET cursor = '' WHERE name = ?", [(s,) for s in feeds])

	def _moved(self, entries: Sequence[undo_plan.Entry]) -> dict[str, int]:
		"""What the bank transactions concerned add up to, by bank account."""
		names = json.dumps(sorted({entry["bank_transaction"] for entry in entries}))
		return {row[0]: row[1] for row in self.db.rows(_MOVED, (names,))}

	def _move_openings(self, entries: Sequence[undo_plan.Entry], before: Mapping[str, int]) -> None:
		"""An opening balance that was founded since on what a person had decided goes with the decision."""
		after = self._moved(entries)
		root = self.db.value(_ROOT, (json.dumps([entry["id"] for entry in entries]),))
		for account in before.keys() | after.keys():
			difference = after.get(account, 0) - before.get(account, 0)
			if difference and root and self.db.value(_FIRST_CHECK, (account,)) > root:
				self.db.run(
					"UPDATE bank_account SET opening_balance = opening_balance - ? WHERE name = ?",
					(difference, account),
				)

	def _cancel(self, entries: Sequence[undo_plan.Entry]) -> None:
		"""An entry that is undone no longer counts; what it had undone counts again, and so on."""
		chain = self.db.rows(_CHAIN, (json.dumps([entry["id"] for entry in entries]),))
		self.db.run_many("UPDATE journal SET cancelled = ? WHERE id = ?", [tuple(row) for row in chain])

	def _count(self, made: Any, entries: Sequence[undo_plan.Entry]) -> None:
		made.removed = sum(e["made"] for e in entries)
		made.created = sum(e["transaction_before"] is not None for e in entries)
		made.updated = sum(e["changed"] != "{}" for e in entries)

	def undoable(self, run: str) -> bool:
		"""Whether the run did anything that is not undone already."""
		return bool(self.db.row("SELECT 1 FROM journal WHERE run = ? AND NOT cancelled LIMIT 1", (run,)))


def _values(image: str, columns: Sequence[str]) -> list[object]:
	row = json.loads(image)
	return [row[name] for name in columns]

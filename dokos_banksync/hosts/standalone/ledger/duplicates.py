"""What a person says of two bank transactions: that they are one, or two, or that one is to go."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from datetime import date, timezone

from dokos_banksync.core.errors import InvalidData
from dokos_banksync.core.matching.exact import NEAR_DAYS
from dokos_banksync.core.model import Reason
from dokos_banksync.core.records import Candidate, Near, RunRecord
from dokos_banksync.core.review.merge import must_be_one
from dokos_banksync.hosts.standalone.ledger.journal import Before, Journal, Step
from dokos_banksync.hosts.standalone.ledger.lines import RECONCILED, TRANSACTION, transaction_out
from dokos_banksync.hosts.standalone.ledger.runs import Runs
from dokos_banksync.hosts.standalone.ledger.transactions import Transactions
from dokos_banksync.hosts.standalone.ledger.values import day_in

_ARRIVAL = "coalesce(t.creation, '') || ' ' || substr(t.origin, 1, instr(t.origin, '/'))"
"""Rows of one amount that one source gives together are stored at one instant."""
_BOUNDS = "? IN ('', bank_account) AND date >= ?"
_NEAR = f"""
	WITH day AS (
		SELECT rowid id, bank_account, amount, julianday(date) day FROM bank_transaction WHERE {_BOUNDS}
	), beside AS (
		SELECT id, day, lag(day) OVER place before, lead(day) OVER place after
		FROM day WINDOW place AS (PARTITION BY bank_account, amount ORDER BY day)
	)
	SELECT t.name, t.bank_account, t.currency, t.amount, CAST(beside.day AS INTEGER), {_ARRIVAL}
	FROM beside CROSS JOIN bank_transaction t
	WHERE t.rowid = beside.id AND (day - before <= {NEAR_DAYS} OR after - day <= {NEAR_DAYS})
	ORDER BY t.bank_account, t.currency, t.amount, t.date, t.name
"""
"""Whatever has nothing near it is passed over in the index alone; the rows themselves are read for the rest."""
_SAME_IDS = f"""
	SELECT group_concat(name, char(31)) FROM bank_transaction WHERE {_BOUNDS} AND transaction_id <> ''
	GROUP BY bank_account, transaction_id HAVING count(*) > 1
"""
_CANDIDATES = f"""
	SELECT t.*, {TRANSACTION}, {_ARRIVAL} arrival, coalesce(c.category_name, '') title
	FROM json_each(?) asked CROSS JOIN bank_transaction t
	LEFT JOIN bank_transaction_category c ON c.name = t.category WHERE t.name = asked.value
"""
_TIED_LINES = "SELECT source, remote_id FROM sync_line WHERE bank_transaction = ? ORDER BY name"
_STAND_FOR = """
	UPDATE sync_line SET reason = ?, deleted_transaction = ?, note = ?, bank_transaction = NULL
	WHERE bank_transaction = ?
"""
_MOVE = """
	UPDATE sync_line SET bank_transaction = ?1 WHERE bank_transaction = ?2
	AND source NOT IN (SELECT kept.source FROM sync_line kept WHERE kept.bank_transaction = ?1)
"""
_INHERIT = """
	UPDATE bank_transaction SET
		category = coalesce(bank_transaction.category, gone.category),
		bank_party_name = coalesce(nullif(bank_transaction.bank_party_name, ''), gone.bank_party_name),
		bank_party_iban = coalesce(nullif(bank_transaction.bank_party_iban, ''), gone.bank_party_iban),
		reference_number = coalesce(nullif(bank_transaction.reference_number, ''), gone.reference_number),
		transaction_id = coalesce(nullif(bank_transaction.transaction_id, ''), gone.transaction_id)
	FROM bank_transaction gone WHERE bank_transaction.name = ? AND gone.name = ?
"""
_STANDING_LINES = (
	"SELECT source, remote_id FROM sync_line WHERE deleted_transaction = ? AND deleted_transaction <> '' "
	"AND reason = ? ORDER BY name"
)
_STAND_ON = (
	"UPDATE sync_line SET deleted_transaction = ?, note = ? WHERE deleted_transaction = ? "
	"AND deleted_transaction <> '' AND reason = ?"
)
_CHUNK = 2_000


class Duplicates(Runs, Transactions):
	"""Finding is left to the engine; here things are listed and stored."""

	def near(self, bank_account: str = "", since: date | None = None) -> Iterator[Near]:
		for row in self.db.run(_NEAR, (bank_account, day_in(since) or "")):
			yield Near(row[0], (row[1], row[2], str(row[3])), row[4], row[5])

	def same_ids(self, bank_account: str = "", since: date | None = None) -> list[list[str]]:
		return [row[0].split("\x1f") for row in self.db.rows(_SAME_IDS, (bank_account, day_in(since) or ""))]

	def candidates(self, names: Sequence[str]) -> list[Candidate]:
		chunks = (names[at : at + _CHUNK] for at in range(0, len(names), _CHUNK))
		return [
			_candidate(row) for chunk in chunks for row in self.db.rows(_CANDIDATES, (json.dumps(chunk),))
		]

	def apart(self) -> frozenset[tuple[str, str]]:
		return frozenset((row[0], row[1]) for row in self.db.rows("SELECT one, other FROM apart"))

	def mark_distinct(self, one: str, other: str, apart: bool = True) -> None:
		if one == other:
			raise InvalidData("{0} is named twice: name two bank transactions", one)
		with self.db.write():
			for name in (one, other):
				self.status(name)
			self.db.run("DELETE FROM apart WHERE one = ? AND other = ?", sorted((one, other)))
			if apart:
				self.db.run("INSERT INTO apart VALUES (?, ?)", sorted((one, other)))

	def merge(self, keep: str, other: str) -> RunRecord:
		with self.db.write():
			must_be_one(keep, other, self.candidates([keep, other]))
			duplicate = Reason.DUPLICATE.value
			standing = self.db.rows(_STANDING_LINES, (other, duplicate))
			lines = [*self._lines_of(other), *((row[0], row[1]) for row in standing)]
			steps = [Step(key, "Merge", "", keep, other) for key in lines or [("", other)]]
			journal = Journal(self.db)
			before = journal.before(lines, [keep, other])
			self.db.run(_INHERIT, (keep, other))
			self.db.run(_MOVE, (keep, other))
			self.db.run(_STAND_FOR, (duplicate, keep, keep, other))
			self.db.run(_STAND_ON, (keep, keep, other, duplicate))
			self.db.run("DELETE FROM bank_transaction WHERE name = ?", (other,))
			kept = Step(("", keep), "Merge", "", other, keep)
			run = self._resolved(f"merge {other} into {keep}", journal, [*steps, kept], before)
			run.adopted = run.removed = 1
			self.save_run(run)
		return run

	def remove(self, name: str) -> RunRecord:
		with self.db.write():
			if self.status(name) == RECONCILED:
				raise InvalidData("{0} is reconciled: undo that first", name)
			lines = self._lines_of(name)
			steps = [Step(key, "Delete", Reason.DELETED.value, "", name) for key in lines or [("", name)]]
			journal = Journal(self.db)
			before = journal.before(lines, [name])
			self.db.run(_STAND_FOR, (Reason.DELETED.value, name, "", name))
			self.db.run("DELETE FROM bank_transaction WHERE name = ?", (name,))
			run = self._resolved(f"delete {name}", journal, steps, before)
			run.removed = 1
			self.save_run(run)
		return run

	def delete_transaction(self, name: str) -> None:
		"""Its lines remember it, so that it does not come back by itself. See `remove`."""
		self.remove(name)

	def _resolved(self, what: str, journal: Journal, steps: Sequence[Step], before: Before) -> RunRecord:
		"""A person's decision is a run, so that it is undone like one."""
		now = self.clock()
		run = self.begin_run("", what, now)
		run.status, run.ended_at = "Success", now
		journal.put(run.name, now.astimezone(timezone.utc).isoformat(), steps, before)
		return run

	def _lines_of(self, name: str) -> list[tuple[str, str]]:
		return [(row[0], row[1]) for row in self.db.rows(_TIED_LINES, (name,))]


def _candidate(row: sqlite3.Row) -> Candidate:
	return Candidate(
		*(
			transaction_out(row),
			row["bank_account"],
			row["transaction_id"],
			row["arrival"],
			row["title"],
		)
	)

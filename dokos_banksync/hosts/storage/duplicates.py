"""Pairs of bank transactions: duplicates, distinct ones, merging and deleting."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from dokos_banksync.core.errors import InvalidData, NotFound
from dokos_banksync.core.journal_action import JournalAction
from dokos_banksync.core.matching.windows import LISTED_DAYS, is_closed
from dokos_banksync.core.model import Reason
from dokos_banksync.core.records import Candidate, Near, RunRecord
from dokos_banksync.core.review.journal import Key, Step
from dokos_banksync.core.review.merge import message, must_be_one
from dokos_banksync.core.trigger import Trigger
from dokos_banksync.hosts.storage.counted_rows import CountedRow, ask_again, count_in, counted_rows
from dokos_banksync.hosts.storage.journal import Journal
from dokos_banksync.hosts.storage.lines import assignments, transaction_out
from dokos_banksync.hosts.storage.runs import Runs
from dokos_banksync.hosts.storage.sql import LINE, PAIR, TRANSACTION, parts, placeholders

_EARLIEST = date(1, 1, 1)


class Duplicates(Runs):
	"""The core finds duplicates; here they are listed and stored."""

	# -- listing ----------------------------------------------------------------------------------------
	def near(self, bank_account: str = "", since: date | None = None) -> Iterator[Near]:
		"""See `Ledger.near`."""
		amount, day = self.fields.amount, self.db.dialect.day_number("t.`date`")
		query = f"""
			WITH days AS (
				SELECT t.name, t.bank_account, {amount} amount, {day} AS day FROM `tabBank Transaction` t
				WHERE {self.fields.live} AND %s IN ('', t.bank_account) AND t.`date` >= %s
			), beside AS (
				SELECT name, day, LAG(day) OVER place earlier, LEAD(day) OVER place later
				FROM days WINDOW place AS (PARTITION BY bank_account, amount ORDER BY day)
			)
			SELECT t.name, t.bank_account, t.currency, {amount} amount, beside.day, {self._received()} received
			FROM beside JOIN `tabBank Transaction` t ON t.name = beside.name
			WHERE beside.day - beside.earlier <= {LISTED_DAYS} OR beside.later - beside.day <= {LISTED_DAYS}
			ORDER BY t.bank_account, t.currency, amount, t.`date`, t.name
		"""
		for row in self.db.rows(query, (bank_account, self.codec.day_in(since or _EARLIEST))):
			amount = str(self.codec.amount_out(row["amount"]))
			place = (row["bank_account"] or "", row["currency"] or "", amount)
			yield Near(row["name"], place, int(row["day"]), str(row["received"]))

	def same_ids(self, bank_account: str = "", since: date | None = None) -> list[list[str]]:
		"""See `Ledger.same_ids`. Lines are compared, because bank transactions of some hosts cannot share an id."""
		rows = self.db.rows(
			"""
			SELECT l.bank_account, l.remote_id, l.bank_transaction FROM `tabSync Line` l
			JOIN (
				SELECT bank_account, remote_id FROM `tabSync Line`
				WHERE bank_transaction <> '' AND %s IN ('', bank_account) AND `date` >= %s
				GROUP BY bank_account, remote_id HAVING COUNT(DISTINCT bank_transaction) > 1
			) twice ON twice.bank_account = l.bank_account AND twice.remote_id = l.remote_id
			WHERE l.bank_transaction <> '' ORDER BY l.bank_transaction
			""",
			(bank_account, self.codec.day_in(since or _EARLIEST)),
		)
		found: dict[tuple[str, str], dict[str, None]] = {}
		for row in rows:
			found.setdefault((row["bank_account"], row["remote_id"]), {})[row["bank_transaction"]] = None
		return [list(names) for names in found.values()]

	def candidates(self, names: Sequence[str]) -> list[Candidate]:
		"""See `Ledger.candidates`."""
		return [one for part in parts(names) for one in self._candidates(part)]

	def _candidates(self, names: Sequence[str]) -> list[Candidate]:
		fields = self.fields
		rows = self.db.rows(
			f"""
			SELECT {fields.columns}, t.bank_account, {self._received()} received, c.`{fields.category_title}` title,
				COALESCE(NULLIF(t.`{fields.remote_id}`, ''), (
					SELECT MIN(l.remote_id) FROM `tabSync Line` l WHERE l.bank_transaction = t.name
				)) remote_id
			FROM `tabBank Transaction` t LEFT JOIN `tabBank Transaction Category` c ON c.name = t.`{fields.category}`
			WHERE {fields.live} AND t.name IN ({placeholders(names)})
			""",
			names,
		)
		lines = assignments(self.db, self.codec, (row["t_name"] for row in rows))
		vouchers = self.documents.reconciled_with(row["t_name"] for row in rows if row["t_reconciled"])
		return [
			Candidate(
				known=transaction_out(self.codec, row, lines.get(row["t_name"], ())),
				bank_account=row["bank_account"] or "",
				transaction_id=row["remote_id"] or "",
				received=str(row["received"]),
				category=row["title"] or "",
				reconciled_by=vouchers.get(row["t_name"], ()),
			)
			for row in rows
		]

	def _received(self) -> str:
		"""Return SQL of what bank transactions have in common that one source gave together: the instant of their
		lines and the source; for one without a line, when it was made.
		"""
		concat = self.db.dialect.concat
		alone = concat("t.creation", "' '")
		return f"""
			CASE WHEN COALESCE(t.`{self.fields.origin}`, '') = '' THEN {alone} ELSE COALESCE((
				SELECT MIN({concat("l.creation", "' '", "l.source")}) FROM `tabSync Line` l
				WHERE l.bank_transaction = t.name
			), {alone}) END
		"""

	# -- pairs ------------------------------------------------------------------------------------------
	def separate_pairs(self) -> frozenset[tuple[str, str]]:
		"""See `Ledger.separate_pairs`."""
		rows = self.db.rows("SELECT `one`, `other` FROM `tabSync Separate Pair`")
		return frozenset((row["one"], row["other"]) for row in rows)

	def mark_distinct(self, one: str, other: str, separate_pairs: bool = True) -> None:
		"""See `Ledger.mark_distinct`."""
		if one == other:
			raise InvalidData("{0} is named twice: name two bank transactions", one)
		one, other = sorted((one, other))
		with self.db.write():
			account, _other = (self._transaction(name)["bank_account"] for name in (one, other))
			self.db.run("DELETE FROM `tabSync Separate Pair` WHERE `one` = %s AND `other` = %s", (one, other))
			if separate_pairs:
				stamps = self.db.stamps(self.clock())
				same = {**stamps, "name": self.db.dialect.next_number(PAIR)}
				self.db.insert(PAIR, ["bank_account", "one", "other"], [(account, one, other)], same=same)

	# -- merging and deleting ---------------------------------------------------------------------------
	def merge(self, keep: str, other: str) -> RunRecord:
		"""See `Ledger.merge`."""
		with self.decision(Trigger.MERGE, other, keep) as run:
			self._lock(keep, other)
			must_be_one(keep, other, self.candidates([keep, other]))
			self._must_be_open(other)
			linked, duplicates = self._lines_with("bank_transaction", other), self._duplicates_of(other)
			counted = self._counted_rows(other)
			keys = [*(_key(row) for row in (*linked, *duplicates)), *(one.key for one in counted)]
			journal = Journal(self)
			before = journal.before(keys, [keep, other], [other])
			self._move_lines(keep, linked, duplicates)
			count_in(self, counted, keep)
			self._remove_transaction(other)
			self._inherit(before.transactions[other], keep)
			steps = [
				Step(key=key, action=JournalAction.MERGE, reason="", note=keep, transaction=other)
				for key in keys or [("", other)]
			]
			steps.append(
				Step(key=("", keep), action=JournalAction.MERGE, reason="", note=other, transaction=keep)
			)
			journal.put(run.name, run.started_at, steps, before, made=())
			run.linked = run.removed = 1
		return run

	def remove(self, name: str) -> RunRecord:
		"""See `Ledger.remove`."""
		with self.decision(Trigger.DELETE, name) as run:
			self._lock(name)
			if self._transaction(name)["t_reconciled"]:
				raise self._is_reconciled(name)
			self._must_be_open(name)
			keys = [_key(row) for row in self._lines_with("bank_transaction", name)]
			counted = self._counted_rows(name)
			journal = Journal(self)
			before = journal.before([*keys, *(one.key for one in counted)], [name], [name])
			self.db.run(
				"UPDATE `tabSync Line` SET reason = %s, deleted_transaction = %s, note = '', note_data = '', "
				"bank_transaction = NULL "
				"WHERE bank_transaction = %s",
				(Reason.DELETED.value, name, name),
			)
			self._remove_transaction(name)
			steps = [
				Step(
					key=key,
					action=JournalAction.DELETE,
					reason=Reason.DELETED.value,
					note="",
					transaction=name,
				)
				for key in keys or [("", name)]
			]
			steps += ask_again(self, counted)
			journal.put(run.name, run.started_at, steps, before, made=())
			run.removed, run.held = 1, len(counted)
		return run

	def delete_transaction(self, name: str) -> None:
		"""Delete a bank transaction; its lines remember it. See `remove`."""
		self.remove(name)

	def _transaction(self, name: str) -> Any:
		"""Raises `NotFound`."""
		found = self.db.rows(
			f"SELECT {self.fields.columns}, t.bank_account FROM `tabBank Transaction` t "
			f"WHERE t.name = %s AND {self.fields.live}",
			(name,),
		)
		if not found:
			raise NotFound("There is no bank transaction {0}", name)
		return found[0]

	def _lock(self, *names: str) -> None:
		"""Lock the bank transactions: what is read of them from here on holds."""
		lock = f"ORDER BY name {self.db.dialect.for_update}"
		self.db.rows(
			f"SELECT name FROM `tabBank Transaction` WHERE name IN ({placeholders(names)}) {lock}", names
		)

	def _counted_rows(self, name: str) -> list[CountedRow]:
		return [*counted_rows(self, [name], [self._transaction(name)["bank_account"] or ""])]

	def _lines_with(self, column: str, name: str) -> list[Any]:
		query = f"SELECT name, source, remote_id, reason FROM `tabSync Line` WHERE `{column}` = %s AND `{column}` <> ''"
		return self.db.rows(f"{query} ORDER BY name", (name,))

	def _duplicates_of(self, name: str) -> list[Any]:
		rows = self._lines_with("deleted_transaction", name)
		return [row for row in rows if row["reason"] == Reason.DUPLICATE.value]

	def _must_be_open(self, name: str) -> None:
		row = self._transaction(name)
		account = row["bank_account"] or ""
		until = self.documents.lock_dates({account}).get(account)
		if is_closed(self.codec.day(row["t_date"]), until):
			raise InvalidData("{0} lies in a closed period: open that first", name)

	def _is_reconciled(self, name: str) -> InvalidData:
		documents = self.documents.reconciled_with([name]).get(name, [])
		if not documents:
			return InvalidData("{0} is reconciled: undo that first", name)
		return InvalidData("{0} is reconciled with {1}: undo that first", name, message(documents))

	def _remove_transaction(self, name: str) -> None:
		refused = self.documents.remove([name])
		if refused:
			raise InvalidData("{0} was refused: {1}", name, refused[name])

	def _move_lines(self, keep: str, linked: Sequence[Any], duplicates: Sequence[Any]) -> None:
		"""Move the lines of another bank transaction to `keep`. A source has one line on it; a second is a duplicate."""
		sources = {row["source"] for row in self._lines_with("bank_transaction", keep)}
		moved = {}
		second = []
		for row in linked:
			if row["source"] in sources:
				second.append(row["name"])
			else:
				moved[row["name"]] = keep
				sources.add(row["source"])
		self.db.change(LINE, "bank_transaction", moved)
		for part in parts(second):
			self.db.run(
				"UPDATE `tabSync Line` SET reason = %s, deleted_transaction = %s, note = %s, note_data = '', "
				"bank_transaction = NULL "
				f"WHERE name IN ({placeholders(part)})",
				[Reason.DUPLICATE.value, keep, keep, *part],
			)
		for part in parts([row["name"] for row in duplicates]):
			query = (
				"UPDATE `tabSync Line` SET deleted_transaction = %s, note = %s, note_data = '' "
				f"WHERE name IN ({placeholders(part)})"
			)
			self.db.run(query, [keep, keep, *part])

	def _inherit(self, gone: Any, keep: str) -> None:
		"""Give `keep` what it lacks and the other had."""
		fields = self.fields
		party = (fields.party_name, fields.party_iban, fields.party_account)
		columns = (fields.category, *party, fields.reference, fields.remote_id)
		for column in columns:
			if column and gone.get(column):
				self.db.change(TRANSACTION, column, {keep: gone[column]}, only_if_empty=True)
		self.db.forget(TRANSACTION, keep)


def _key(row: Any) -> Key:
	return row["source"], row["remote_id"]

"""What a person says of two bank transactions: that they are one, or two, or that one is to go."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

import frappe

from dokos_banksync.core.errors import InvalidData, NotFound
from dokos_banksync.core.matching.exact import NEAR_DAYS
from dokos_banksync.core.model import Reason
from dokos_banksync.core.records import Candidate, Near, RunRecord
from dokos_banksync.core.review.journal import Key, Step
from dokos_banksync.core.review.merge import must_be_one, told
from dokos_banksync.hosts.frappe.ledger import cancel_restore, sql
from dokos_banksync.hosts.frappe.ledger.categories import title_field
from dokos_banksync.hosts.frappe.ledger.closed_periods import closed
from dokos_banksync.hosts.frappe.ledger.dialect import CATEGORY, LINE, PAIR, TRANSACTION, Dialect
from dokos_banksync.hosts.frappe.ledger.journal import Journal
from dokos_banksync.hosts.frappe.ledger.lines import ties_of, transaction_columns, transaction_out
from dokos_banksync.hosts.frappe.ledger.reconciliation import reconciled_by
from dokos_banksync.hosts.frappe.ledger.runs import Runs
from dokos_banksync.hosts.frappe.ledger.values import amount_out, day_out, stamp

_EARLIEST = date(1, 1, 1)


class Duplicates(Runs):
	"""Finding is left to the engine; here things are listed and stored."""

	def near(self, bank_account: str = "", since: date | None = None) -> Iterator[Near]:
		words = Dialect.of_site()
		rows = sql.rows(
			f"""
			WITH told AS (
				SELECT t.name, t.bank_account, {words.amount} amount, {_day_number("t.`date`")} AS day
				FROM {sql.table(TRANSACTION)} t
				WHERE t.docstatus < 2 AND %s IN ('', t.bank_account) AND t.`date` >= %s
			), beside AS (
				SELECT name, day, LAG(day) OVER place earlier, LEAD(day) OVER place later
				FROM told WINDOW place AS (PARTITION BY bank_account, amount ORDER BY day)
			)
			SELECT t.name, t.bank_account, t.currency, {words.amount} amount, beside.day, {_arrival(words)} arrival
			FROM beside JOIN {sql.table(TRANSACTION)} t ON t.name = beside.name
			WHERE beside.day - beside.earlier <= %s OR beside.later - beside.day <= %s
			ORDER BY t.bank_account, t.currency, amount, t.`date`, t.name
			""",
			(bank_account, since or _EARLIEST, NEAR_DAYS, NEAR_DAYS),
		)
		for row in rows:
			place = (row["bank_account"] or "", row["currency"] or "", str(amount_out(row["amount"])))
			yield Near(row["name"], place, int(row["day"]), str(row["arrival"]))

	def same_ids(self, bank_account: str = "", since: date | None = None) -> list[list[str]]:
		"""By the lines: a host may have taken an id once only."""
		within = "bank_transaction <> '' AND %s IN ('', bank_account) AND `date` >= %s"
		bounds = (bank_account, since or _EARLIEST)
		rows = sql.rows(
			f"""
			SELECT l.bank_account, l.remote_id, l.bank_transaction FROM {sql.table(LINE)} l
			JOIN (
				SELECT bank_account, remote_id FROM {sql.table(LINE)} WHERE {within}
				GROUP BY bank_account, remote_id HAVING COUNT(DISTINCT bank_transaction) > 1
			) twice ON twice.bank_account = l.bank_account AND twice.remote_id = l.remote_id
			WHERE l.bank_transaction <> '' ORDER BY l.bank_transaction
			""",
			bounds,
		)
		found: dict[tuple[str, str], dict[str, None]] = {}
		for row in rows:
			found.setdefault((row["bank_account"], row["remote_id"]), {})[row["bank_transaction"]] = None
		return [list(names) for names in found.values()]

	def candidates(self, names: Sequence[str]) -> list[Candidate]:
		return [one for part in sql.parts(names) for one in _candidates(part)]

	def apart(self) -> frozenset[tuple[str, str]]:
		rows = sql.rows(f"SELECT `one`, `other` FROM {sql.table(PAIR)}")
		return frozenset((row["one"], row["other"]) for row in rows)

	def mark_distinct(self, one: str, other: str, apart: bool = True) -> None:
		if one == other:
			raise InvalidData("{0} is named twice: name two bank transactions", one)
		one, other = sorted((one, other))
		with self.writing():
			account, _other = (_place(name)["bank_account"] for name in (one, other))
			sql.run(f"DELETE FROM {sql.table(PAIR)} WHERE `one` = %s AND `other` = %s", (one, other))
			if apart:
				now, user = stamp(self.clock()), frappe.session.user
				stamps = {"creation": now, "modified": now, "owner": user, "modified_by": user}
				same = {"name": sql.next_value(PAIR), **stamps, "docstatus": 0, "idx": 0}
				sql.insert(PAIR, ["bank_account", "one", "other"], [(account, one, other)], same=same)

	def merge(self, keep: str, other: str) -> RunRecord:
		with self.deciding(f"merge {other} into {keep}") as run:
			_hold(keep, other)
			must_be_one(keep, other, self.candidates([keep, other]))
			_must_be_open(other)
			linked, standing = _lines("bank_transaction", other), _lines("deleted_transaction", other)
			standing = [row for row in standing if row["reason"] == Reason.DUPLICATE.value]
			keys = [_key(row) for row in (*linked, *standing)]
			journal = Journal()
			before = journal.before(keys, [keep, other], [other])
			_stand_on(keep, linked, standing)
			_take_away(other)
			_inherit(before.transactions[other], keep)
			steps = [Step(key, "Merge", "", keep, other) for key in keys or [("", other)]]
			steps.append(Step(("", keep), "Merge", "", other, keep))
			journal.put(run.name, run.started_at, steps, before, {}, ())
			run.adopted = run.removed = 1
		return run

	def remove(self, name: str) -> RunRecord:
		with self.deciding(f"delete {name}") as run:
			_hold(name)
			if _place(name)["t_reconciled"]:
				raise _reconciled(name)
			_must_be_open(name)
			keys = [_key(row) for row in _lines("bank_transaction", name)]
			journal = Journal()
			before = journal.before(keys, [name], [name])
			sql.run(
				f"UPDATE {sql.table(LINE)} SET reason = %s, deleted_transaction = %s, note = '', bank_transaction = NULL "
				"WHERE bank_transaction = %s",
				(Reason.DELETED.value, name, name),
			)
			_take_away(name)
			told = [Step(key, "Delete", Reason.DELETED.value, "", name) for key in keys or [("", name)]]
			journal.put(run.name, run.started_at, told, before, {}, ())
			run.removed = 1
		return run

	def delete_transaction(self, name: str) -> None:
		"""Its lines remember it, so that it does not come back by itself. See `remove`."""
		self.remove(name)


# -- listing ----------------------------------------------------------------------------------------------
def _day_number(column: str) -> str:
	"""SQL of a number that grows by one a day."""
	kinds = {"mariadb": f"TO_DAYS({column})", "postgres": f"({column} - DATE '1970-01-01')"}
	return kinds.get(frappe.db.db_type, f"CAST(julianday({column}) AS INTEGER)")


def _arrival(words: Dialect) -> str:
	"""SQL of what those have in common that one source gave together: their lines were stored at one instant."""
	return f"""
		CASE WHEN COALESCE(t.`{words.origin}`, '') = '' THEN CONCAT(t.creation, ' ')
		ELSE COALESCE((
			SELECT MIN(CONCAT(l.creation, ' ', l.source)) FROM {sql.table(LINE)} l WHERE l.bank_transaction = t.name
		), CONCAT(t.creation, ' ')) END
	"""


def _candidates(names: Sequence[str]) -> list[Candidate]:
	words = Dialect.of_site()
	rows = sql.rows(
		f"""
		SELECT {transaction_columns(words)}, t.bank_account, {_arrival(words)} arrival, c.`{title_field()}` title,
			COALESCE(NULLIF(t.`{words.remote_id}`, ''), (
				SELECT MIN(l.remote_id) FROM {sql.table(LINE)} l WHERE l.bank_transaction = t.name
			)) remote_id
		FROM {sql.table(TRANSACTION)} t LEFT JOIN {sql.table(CATEGORY)} c ON c.name = t.`{words.category}`
		WHERE t.docstatus < 2 AND t.name IN ({sql.marks(names)})
		""",
		names,
	)
	ties = ties_of(row["t_name"] for row in rows)
	settled = reconciled_by(row["t_name"] for row in rows if row["t_reconciled"])
	return [
		Candidate(
			transaction_out(row, ties.get(row["t_name"], [])),
			*(row["bank_account"] or "", row["remote_id"] or "", str(row["arrival"]), row["title"] or ""),
			settled.get(row["t_name"], ()),
		)
		for row in rows
	]


def _place(name: str) -> Any:
	"""Where it is booked, and whether it is reconciled."""
	found = sql.rows(
		f"SELECT {transaction_columns(Dialect.of_site())}, t.bank_account FROM {sql.table(TRANSACTION)} t "
		"WHERE t.name = %s AND t.docstatus < 2",
		(name,),
	)
	if not found:
		raise NotFound("There is no bank transaction {0}", name)
	return found[0]


def _lines(column: str, name: str) -> list[Any]:
	query = (
		f"SELECT name, source, remote_id, reason FROM {sql.table(LINE)} WHERE `{column}` = %s ORDER BY name"
	)
	return sql.rows(query, (name,))


def _key(row: Any) -> Key:
	return row["source"], row["remote_id"]


# -- changing ---------------------------------------------------------------------------------------------
def _hold(*names: str) -> None:
	"""Nobody changes them from here on: what is read of them holds."""
	query = f"SELECT name FROM {sql.table(TRANSACTION)} WHERE name IN ({sql.marks(names)}) ORDER BY name FOR UPDATE"
	sql.rows(query, names)


def _must_be_open(name: str) -> None:
	row = _place(name)
	if closed(row["bank_account"], [day_out(row["t_date"])]):
		raise InvalidData("{0} lies in a closed period: open that first", name)


def _reconciled(name: str) -> InvalidData:
	documents = reconciled_by([name]).get(name, [])
	if not documents:
		return InvalidData("{0} is reconciled: undo that first", name)
	return InvalidData("{0} is reconciled with {1}: undo that first", name, told(documents))


def _take_away(name: str) -> None:
	refused = cancel_restore.remove([name])
	if refused:
		raise InvalidData("{0} was refused: {1}", name, refused[name])


def _stand_on(keep: str, linked: Sequence[Any], standing: Sequence[Any]) -> None:
	"""The lines of another go to `keep`; of a source that tells of it already, they stand for it."""
	sources = {row["source"] for row in _lines("bank_transaction", keep)}
	moved = {}
	stay = []
	for row in linked:
		if row["source"] in sources:
			stay.append(row["name"])
		else:
			moved[row["name"]] = keep
			sources.add(row["source"])
	sql.change(LINE, "bank_transaction", moved)
	for part in sql.parts(stay):
		sql.run(
			f"UPDATE {sql.table(LINE)} SET reason = %s, deleted_transaction = %s, note = %s, bank_transaction = NULL "
			f"WHERE name IN ({sql.marks(part)})",
			[Reason.DUPLICATE.value, keep, keep, *part],
		)
	for part in sql.parts([row["name"] for row in standing]):
		sql.run(
			f"UPDATE {sql.table(LINE)} SET deleted_transaction = %s, note = %s WHERE name IN ({sql.marks(part)})",
			[keep, keep, *part],
		)


def _inherit(gone: Any, keep: str) -> None:
	"""What `keep` lacks and the other had."""
	words = Dialect.of_site()
	for column in (words.category, words.party_name, words.party_iban, words.reference, words.remote_id):
		if column and gone.get(column):
			sql.change(TRANSACTION, column, {keep: gone[column]}, only_if_empty=True)
	frappe.clear_document_cache(TRANSACTION, keep)

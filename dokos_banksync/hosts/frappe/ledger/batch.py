"""Reads what is known and stores what was decided, inside one database transaction, never a query per row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import cached_property
from typing import Any

import frappe

from dokos_banksync.core.model import (
	Action,
	Decision,
	ExistingLine,
	ExistingTransaction,
	LineState,
	Reason,
	RejectedRow,
	Window,
)
from dokos_banksync.core.review.journal import Key, Step
from dokos_banksync.hosts.frappe.ledger import sql
from dokos_banksync.hosts.frappe.ledger.bulk_insert import Writer, Written
from dokos_banksync.hosts.frappe.ledger.dialect import (
	CATEGORY,
	CONNECTION,
	LINE,
	PROVIDER,
	REMOTE,
	TRANSACTION,
	Dialect,
	named,
)
from dokos_banksync.hosts.frappe.ledger.document_changes import Changes
from dokos_banksync.hosts.frappe.ledger.document_deletion import delete_untied, successors_of
from dokos_banksync.hosts.frappe.ledger.journal import Journal
from dokos_banksync.hosts.frappe.ledger.lines import (
	CHANGED,
	LINE_COLUMNS,
	deleted_out,
	known_out,
	line_in,
	line_stamps,
	note_told,
	origin,
	ties_of,
	transaction_columns,
	transaction_out,
)
from dokos_banksync.hosts.frappe.ledger.values import money_in, stamp, text_in
from dokos_banksync.hosts.storage import rejected_rows

_TWIN_LEFT = "The bank took back the one that it was a duplicate of"
_LINKED = (Action.NEW, Action.LINK, Action.UPDATE)


class FrappeBatch:
	"""`Batch` of the contract, over an open database transaction."""

	def __init__(self, dialect: Dialect, writer: Writer) -> None:
		self._dialect = dialect
		self._writer = writer
		self._changes = Changes(dialect)
		self._journal = Journal()

	# -- what is known ----------------------------------------------------------------------------------
	def lines(self, source: str, remote_ids: Sequence[str]) -> list[ExistingLine]:
		known = []
		for ids in sql.parts(remote_ids):
			known += self._known(f"l.source = %s AND l.remote_id IN ({sql.marks(ids)})", [source, *ids])
		return known

	def held(self, source: str, reasons: Sequence[Reason]) -> list[ExistingLine]:
		told = [reason.value for reason in reasons]
		return self._known(f"l.source = %s AND l.reason IN ({sql.marks(told)})", [source, *told])

	def lines_since(self, source: str, since: date) -> list[ExistingLine]:
		"""See `Ledger.lines_since`."""
		where = "l.source = %s AND l.`date` >= %s AND l.state <> %s"
		return self._known(where, [source, since, LineState.REMOVED.value])

	def linked(self, source: str, since: date) -> list[ExistingLine]:
		"""See `Ledger.tied`."""
		return self._known("l.source = %s AND l.`date` >= %s AND l.bank_transaction <> ''", [source, since])

	def _known(self, where: str, values: list[object]) -> list[ExistingLine]:
		found = sql.rows(
			f"""
			SELECT l.*, COALESCE(a.remote_id, l.source) remote_account, {transaction_columns(self._dialect)}
			FROM {sql.table(LINE)} l
			LEFT JOIN {sql.table(REMOTE)} a ON a.name = l.source
			LEFT JOIN {sql.table(TRANSACTION)} t ON t.name = l.bank_transaction
			WHERE {where}
			""",
			values,
		)
		ties = ties_of(row["t_name"] for row in found if row["t_name"])
		return [known_out(row, ties) for row in found]

	def transactions(self, bank_account: str, windows: Sequence[Window]) -> list[ExistingTransaction]:
		into = [window for window in windows if window.amount >= 0]
		out = [window._replace(amount=-window.amount) for window in windows if window.amount < 0]
		return [
			*self._live(self._dialect.inflow, bank_account, into),
			*self._live(self._dialect.outflow, bank_account, out),
			*self._deleted(bank_account, windows),
		]

	def _live(self, column: str, bank_account: str, windows: Sequence[Window]) -> list[ExistingTransaction]:
		"""By the column that the money is in: an index leads there."""
		other = self._dialect.outflow if column == self._dialect.inflow else self._dialect.inflow
		found = _within(
			f"""
			SELECT {transaction_columns(self._dialect)} FROM asked JOIN {sql.table(TRANSACTION)} t
			ON t.bank_account = %s AND t.`{column}` = asked.amount
				AND t.`date` BETWEEN asked.first_day AND asked.last_day
				AND COALESCE(t.`{other}`, 0) = 0 AND t.docstatus < 2
			""",
			windows,
			bank_account,
		)
		ties = ties_of(row["t_name"] for row in found)
		return [transaction_out(row, ties.get(row["t_name"], [])) for row in found]

	def _deleted(self, bank_account: str, windows: Sequence[Window]) -> list[ExistingTransaction]:
		found = _within(
			f"""
			SELECT l.deleted_transaction, l.source, l.state, l.`date`, l.amount, l.currency, l.description,
				l.original
			FROM asked JOIN {sql.table(LINE)} l
			ON l.bank_account = %s AND l.deleted_transaction <> '' AND l.amount = asked.amount
				AND l.`date` BETWEEN asked.first_day AND asked.last_day
			""",
			windows,
			bank_account,
		)
		by_name: dict[str, list[object]] = {}
		for row in found:
			by_name.setdefault(row["deleted_transaction"], []).append(row)
		return [deleted_out(rows) for rows in by_name.values()]

	# -- what was decided -------------------------------------------------------------------------------
	def apply(self, run: str, decisions: Sequence[Decision], now: datetime) -> Sequence[Decision]:
		"""Moves ties before it deletes what nothing is tied to any more."""
		removed = [made for made in decisions if made.action is Action.REMOVE]
		going = [made.transaction for made in removed if made.transaction]
		self._hold_ties(decisions)
		before = self._journal.before(map(_key, decisions), (made.transaction for made in decisions), going)
		self._untie(removed)
		written = self._writer.write([m for m in decisions if m.action is Action.NEW], self._categories)
		kept = [_as_kept(made, written) for made in decisions]
		self._changes.fill([m for m in kept if m.action is Action.LINK], self._categories, self._writer)
		stayed = self._changes.make([m for m in kept if m.changes], self._categories)
		kept = [replace(m, note=stayed[m.transaction]) if m.transaction in stayed else m for m in kept]
		self._put_lines(run, [m for m in kept if m.action is not Action.SAME], written.names, stamp(now))
		self._hand_on(going, run, now)
		delete_untied(going)
		accounts = {_key(one): one.bank_account for one in kept}
		steps = [_step(one, written.names) for one in kept]
		self._journal.put(run, now, steps, before, accounts, {*written.names.values()})
		return [one for one in kept if one.reason is Reason.HOST]

	def _hold_ties(self, decisions: Sequence[Decision]) -> None:
		"""What a person has deleted or cancelled since it was read would come back: the run begins anew then."""
		adopted = sorted({made.transaction for made in decisions if made.action is Action.LINK})
		for part in sql.parts(adopted):
			alive = sql.rows(
				f"SELECT name FROM {sql.table(TRANSACTION)} WHERE docstatus < 2 AND name IN ({sql.marks(part)}) "
				"FOR UPDATE",
				part,
			)
			_still_there(len(alive) == len(part))
		for part in sql.parts(sorted(made.known for made in decisions if made.action is Action.UPDATE)):
			held = sql.rows(
				f"SELECT bank_transaction FROM {sql.table(LINE)} WHERE name IN ({sql.marks(part)}) FOR UPDATE",
				part,
			)
			_still_there(all(row["bank_transaction"] for row in held))

	def _put_lines(
		self, run: str, made: Iterable[Decision], linked: Mapping[tuple[str, str], str], now: str | None
	) -> None:
		values = {}  # a statement may not write one row twice
		for one in made:
			known = one.transaction if one.action in _LINKED else ""
			key = one.source, one.line.remote_id
			values[key] = line_in(one, self._connections.get(one.source), linked.get(key, known) or None)
		kept = sql.on_conflict(["source", "remote_id"], CHANGED, {"note": note_told()})
		sql.insert(LINE, LINE_COLUMNS, values.values(), kept, line_stamps(run, now, frappe.session.user))

	def _hand_on(self, going: Sequence[str], run: str, now: datetime) -> None:
		"""Of two rows of the bank that a person made one, the bank took back one: the other stands for it now."""
		heirs = successors_of(going)
		if not heirs:
			return
		before = self._journal.before(heirs, heirs.values())
		for key, name in heirs.items():
			sql.run(
				f"UPDATE {sql.table(LINE)} SET bank_transaction = %s, deleted_transaction = '', reason = '', note = %s "
				"WHERE source = %s AND remote_id = %s",
				(name, _TWIN_LEFT, *key),
			)
		steps = [Step(key, "Adopt", "", _TWIN_LEFT, name) for key, name in heirs.items()]
		self._journal.put(run, now, steps, before, {}, ())

	def _untie(self, removed: Sequence[Decision]) -> None:
		for part in sql.parts(removed):
			origins = [origin(one.source, one.line.remote_id) for one in part]
			column = self._dialect.origin
			sql.run(
				f"UPDATE {sql.table(TRANSACTION)} SET `{column}` = NULL WHERE `{column}` IN ({sql.marks(origins)})",
				origins,
			)
			for source in {one.source for one in part}:
				ids = [one.line.remote_id for one in part if one.source == source]
				sql.run(
					f"UPDATE {sql.table(LINE)} SET bank_transaction = NULL "
					f"WHERE source = %s AND remote_id IN ({sql.marks(ids)})",
					[source, *ids],
				)

	def move_cursors(self, cursors: Mapping[str, str]) -> None:
		if cursors:
			sql.change(REMOTE, "cursor", cursors)

	def refuse(
		self, run: str, source: str, refusals: Sequence[RejectedRow], now: datetime, bank_account: str = ""
	) -> None:
		"""A refused row has no day and no amount that can be read: it bears today's and none.

		It never takes the place of a good line of the same id.
		"""
		good: set[str] = set()
		for ids in sql.parts([refusal.remote_id for refusal in refusals]):
			good.update(
				row["remote_id"]
				for row in sql.rows(
					f"SELECT remote_id FROM {sql.table(LINE)} WHERE source = %s AND reason <> %s "
					f"AND remote_id IN ({sql.marks(ids)})",
					[source, Reason.REFUSED.value, *ids],
				)
			)
		account = bank_account or self._accounts[source]
		made = [rejected_rows.kept(source, account, one, one.remote_id in good, now) for one in refusals]
		self._put_lines(run, made, {}, stamp(now))

	# -- whose lines they are ---------------------------------------------------------------------------
	@cached_property
	def _sources(self) -> list[tuple[str, str, str, str]]:
		found = frappe.db.sql(
			f"""
			SELECT a.name, c.name, p.provider_type, a.bank_account FROM {sql.table(REMOTE)} a
			JOIN {sql.table(CONNECTION)} c ON c.name = a.parent
			LEFT JOIN {sql.table(PROVIDER)} p ON p.name = c.provider
			"""
		)
		return [(row[0], row[1], row[2] or "", row[3] or "") for row in found]

	@cached_property
	def _connections(self) -> dict[str, str]:
		return {source: connection for source, connection, _, _ in self._sources}

	@cached_property
	def _accounts(self) -> dict[str, str]:
		return {source: account for source, _, _, account in self._sources}

	@cached_property
	def _categories(self) -> dict[str, dict[str, str]]:
		"""The host's category by source and provider's id; deleted ones are none. A file knows none."""
		kind, remote_id, removed = (named(CATEGORY, one) for one in ("provider_type", "remote_id", "removed"))
		by_type: dict[str, dict[str, str]] = {}
		for row in sql.rows(
			f"SELECT `{kind}` kind, `{remote_id}` remote_id, name FROM {sql.table(CATEGORY)} "
			f"WHERE COALESCE(`{remote_id}`, '') <> '' AND COALESCE(`{removed}`, 0) = 0"
		):
			by_type.setdefault(row["kind"], {})[row["remote_id"]] = row["name"]
		return {source: by_type.get(kind, {}) for source, _, kind, _ in self._sources}


def _key(made: Decision) -> Key:
	return made.source, made.line.remote_id


def _step(made: Decision, linked: Mapping[Key, str]) -> Step:
	transaction = linked.get(_key(made), made.transaction)
	return Step(_key(made), made.action.value, made.reason.value, text_in(made.note), transaction)


def _still_there(true: bool) -> None:
	if not true:
		raise frappe.QueryDeadlockError("A bank transaction was deleted while it was compared")


def _as_kept(made: Decision, written: Written) -> Decision:
	"""What the host refused is kept as a line, and tried again by the next run."""
	why = written.refused.get((made.source, made.line.remote_id)) if made.action is Action.NEW else None
	if why is None:
		return made
	return replace(made, action=Action.HOLD, reason=Reason.HOST, note=why, changes={})


def _within(statement: str, windows: Sequence[Window], bank_account: str) -> list[Any]:
	"""Rows of a statement that joins the windows as the table `asked`."""
	found: list[Any] = []
	for part in sql.parts(windows):
		row = ", ".join(["(%s, %s, %s)"] * len(part))
		asked = [value for amount, *days in part for value in (money_in(amount), *days)]
		names = "amount, first_day, last_day"
		found += sql.rows(f"WITH asked ({names}) AS (VALUES {row}) {statement}", [*asked, bank_account])
	return found

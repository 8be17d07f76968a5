"""Reads what is known and stores what was decided, inside one database transaction, never a query per row."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timezone
from decimal import Decimal
from functools import cached_property

from dokos_banksync.core.model import (
	Action,
	Decision,
	ExistingLine,
	ExistingTransaction,
	Reason,
	RejectedRow,
	Window,
)
from dokos_banksync.hosts.standalone.ledger.database import Database
from dokos_banksync.hosts.standalone.ledger.journal import Journal, Step
from dokos_banksync.hosts.standalone.ledger.lines import (
	KNOWN,
	PUT_LINE,
	PUT_TRANSACTION,
	RECONCILED,
	SPEAKS,
	TRANSACTION,
	deleted_out,
	known_out,
	line_in,
	origin,
	transaction_in,
	transaction_out,
)
from dokos_banksync.hosts.standalone.ledger.values import instant_in, money_in
from dokos_banksync.hosts.storage import rejected_rows

_SET = {
	"date": "UPDATE bank_transaction SET date = ?, modified = ? WHERE name = ?",
	"description": "UPDATE bank_transaction SET description = ?, modified = ? WHERE name = ?",
	"category": "UPDATE bank_transaction SET category = ?, modified = ? WHERE name = ?",
	"amount": """
		UPDATE bank_transaction SET deposit = max(?1, 0), withdrawal = max(-?1, 0),
			unallocated_amount = abs(?1) - allocated_amount, modified = ?2
		WHERE name = ?3
	""",
}
_FILL = """
	UPDATE bank_transaction SET
		category = coalesce(category, ?), modified = ?,
		transaction_id = CASE transaction_id WHEN '' THEN ? ELSE transaction_id END,
		bank_party_name = CASE bank_party_name WHEN '' THEN ? ELSE bank_party_name END,
		bank_party_iban = CASE bank_party_iban WHEN '' THEN ? ELSE bank_party_iban END
	WHERE name = ?
"""
_WITHIN = """{0}.amount = json_extract(asked.value, '$[0]')
	AND {0}.date BETWEEN json_extract(asked.value, '$[1]') AND json_extract(asked.value, '$[2]')"""
_DELETE_UNTIED = f"""
	DELETE FROM bank_transaction
	WHERE name = ? AND status <> '{RECONCILED}'
		AND NOT EXISTS (
			SELECT 1 FROM sync_line l
			WHERE l.bank_transaction = bank_transaction.name AND {SPEAKS.format(line="l")}
		)
"""
_SUCCESSORS = f"""
	SELECT min(l.name) name, l.source, l.remote_id, l.deleted_transaction
	FROM json_each(?) asked CROSS JOIN sync_line l
	WHERE l.deleted_transaction = asked.value AND l.deleted_transaction <> ''
		AND l.reason = '{Reason.DUPLICATE.value}' AND l.state = 'Booked'
		AND {SPEAKS.format(line="l")}
		AND NOT EXISTS (
			SELECT 1 FROM sync_line x WHERE x.bank_transaction = asked.value AND {SPEAKS.format(line="x")}
		)
	GROUP BY l.deleted_transaction
"""
_COME_INTO = """
	UPDATE sync_line SET bank_transaction = deleted_transaction, deleted_transaction = '', reason = '', note = ?
	WHERE name = ?
"""
_TWIN_LEFT = "The bank took back the one that it was a duplicate of"
_LINKED = (Action.NEW, Action.LINK, Action.UPDATE)


class SqliteBatch:
	"""`Batch` of the contract, over an open write transaction."""

	def __init__(self, db: Database, names: Callable[[str, int, int], list[str]]) -> None:
		self._db = db
		self._names = names
		self._journal = Journal(db)

	# -- what is known --------------------------------------------------------------------------------
	def lines(self, source: str, remote_ids: Sequence[str]) -> list[ExistingLine]:
		sql = KNOWN.format("json_each(?) asked CROSS JOIN", "l.remote_id = asked.value")
		return [known_out(row) for row in self._db.rows(sql, (json.dumps(remote_ids), source))]

	def held(self, source: str, reasons: Sequence[Reason]) -> list[ExistingLine]:
		sql = KNOWN.format("", "l.reason <> '' AND l.reason IN (SELECT value FROM json_each(?))")
		return [
			known_out(row) for row in self._db.rows(sql, (source, json.dumps([r.value for r in reasons])))
		]

	def transactions(self, bank_account: str, windows: Sequence[Window]) -> list[ExistingTransaction]:
		asked = [(money_in(amount), first.isoformat(), last.isoformat()) for amount, first, last in windows]
		bounds = (json.dumps(asked), bank_account)
		live = self._db.rows(
			f"""
			SELECT {TRANSACTION} FROM json_each(?) asked CROSS JOIN bank_transaction t
			WHERE t.bank_account = ? AND {_WITHIN.format("t")}
			""",
			bounds,
		)
		deleted = self._db.rows(
			f"""
			SELECT l.deleted_transaction, min(l.date) date, l.amount, l.currency, min(l.description) description,
				min(l.original) original,
				group_concat(CASE WHEN l.state <> 'Removed' THEN l.source END, char(31)) sources
			FROM json_each(?) asked CROSS JOIN sync_line l
			WHERE l.bank_account = ? AND l.deleted_transaction <> '' AND {_WITHIN.format("l")}
			GROUP BY l.deleted_transaction
			""",
			bounds,
		)
		return [transaction_out(row) for row in live] + [deleted_out(row) for row in deleted]

	# -- what was decided -----------------------------------------------------------------------------
	def apply(self, run: str, decisions: Sequence[Decision], now: datetime) -> Sequence[Decision]:
		"""Moves ties before it deletes what nothing is tied to any more. Takes every bank transaction."""
		stamp = now.astimezone(timezone.utc).isoformat()
		before = self._journal.before(
			((m.source, m.line.remote_id) for m in decisions), (m.transaction for m in decisions)
		)
		removed = [made for made in decisions if made.action is Action.REMOVE]
		self._untie(removed)
		linked = self._insert([made for made in decisions if made.action is Action.NEW], stamp, now.year)
		self._fill([made for made in decisions if made.action is Action.LINK], stamp)
		self._change([made for made in decisions if made.changes], stamp)
		self._put_lines(run, [m for m in decisions if m.action is not Action.SAME], linked, stamp)
		self._hand_on([made.transaction for made in removed if made.transaction], run, stamp)
		self._delete([made.transaction for made in removed if made.transaction])
		self._journal.put(run, stamp, [_step(made, linked) for made in decisions], before)
		return ()

	def _insert(self, made: list[Decision], stamp: str | None, year: int) -> dict[tuple[str, str], str]:
		"""Makes bank transactions; their names by source and line."""
		if not made:
			return {}
		names = self._names(f"ACC-BTN-{year}-", 5, len(made))
		linked = {(m.source, m.line.remote_id): name for m, name in zip(made, names, strict=True)}
		self._db.run_many(
			PUT_TRANSACTION,
			(
				transaction_in(linked[m.source, m.line.remote_id], m, self._categories_of(m.source), stamp)
				for m in made
			),
		)
		return linked

	def _fill(self, made: list[Decision], stamp: str | None) -> None:
		"""An adopted bank transaction gains what it lacks, and keeps what it has."""
		self._many(
			_FILL,
			[
				(
					*(self._categories_of(m.source).get(m.line.category), stamp, m.line.remote_id),
					*(m.line.party_name, m.line.party_iban, m.transaction),
				)
				for m in made
			],
		)

	def _change(self, made: list[Decision], stamp: str | None) -> None:
		for name, sql in _SET.items():
			changed = [(m, m.changes[name]) for m in made if name in m.changes]
			self._many(sql, [(self._stored(m, name, value), stamp, m.transaction) for m, value in changed])

	def _stored(self, made: Decision, name: str, value: object) -> object:
		if name == "category":
			return self._categories_of(made.source).get(str(value))
		if isinstance(value, Decimal):
			return money_in(value)
		return value.isoformat() if isinstance(value, date) else value

	def _put_lines(
		self, run: str, made: list[Decision], linked: Mapping[tuple[str, str], str], stamp: str | None
	) -> None:
		if not made:
			return
		names = self._names("SL", 10, len(made))
		self._db.run_many(PUT_LINE, self._line_values(run, zip(made, names, strict=True), linked, stamp))

	def _line_values(
		self,
		run: str,
		named: Iterable[tuple[Decision, str]],
		linked: Mapping[tuple[str, str], str],
		stamp: str | None,
	) -> Iterator[tuple[object, ...]]:
		for made, name in named:
			transaction = made.transaction if made.action in _LINKED else ""
			transaction = linked.get((made.source, made.line.remote_id), transaction)
			yield line_in(name, made, self._connections.get(made.source), transaction or None, run, stamp)

	def _untie(self, removed: list[Decision]) -> None:
		gone = [(m.source, m.line.remote_id) for m in removed]
		self._many("UPDATE sync_line SET bank_transaction = NULL WHERE source = ? AND remote_id = ?", gone)
		self._many(
			"UPDATE bank_transaction SET origin = '' WHERE origin = ?", [(origin(*line),) for line in gone]
		)

	def _hand_on(self, transactions: list[str], run: str, stamp: str) -> None:
		"""Of two rows of the bank that a person made one, the bank took back one: the other stands for it now."""
		heirs = self._db.rows(_SUCCESSORS, (json.dumps(transactions),)) if transactions else []
		if not heirs:
			return
		steps = [
			Step((h["source"], h["remote_id"]), "Adopt", "", _TWIN_LEFT, h["deleted_transaction"])
			for h in heirs
		]
		before = self._journal.before((step.key for step in steps), transactions)
		self._db.run_many(_COME_INTO, [(_TWIN_LEFT, heir["name"]) for heir in heirs])
		self._journal.put(run, stamp, steps, before)

	def _delete(self, transactions: list[str]) -> None:
		self._many(_DELETE_UNTIED, [(name,) for name in transactions])

	def _many(self, sql: str, values: Sequence[Sequence[object]]) -> None:
		if values:
			self._db.run_many(sql, values)

	# -- the rest of a batch --------------------------------------------------------------------------
	def move_cursors(self, cursors: Mapping[str, str]) -> None:
		self._many(
			"UPDATE sync_remote_account SET cursor = ? WHERE name = ?",
			[(cursor, source) for source, cursor in cursors.items()],
		)

	def refuse(
		self, run: str, source: str, refusals: Sequence[RejectedRow], now: datetime, bank_account: str = ""
	) -> None:
		"""A refused row has no day and no amount that can be read: it bears today's and none.

		It never takes the place of a good line of the same id.
		"""
		good = {
			row["remote_id"]
			for row in self._db.rows(
				"SELECT remote_id FROM sync_line WHERE source = ? AND reason <> ? "
				"AND remote_id IN (SELECT value FROM json_each(?))",
				(source, Reason.REFUSED.value, json.dumps([refusal.remote_id for refusal in refusals])),
			)
		}
		account = bank_account or self._accounts[source]
		made = [
			rejected_rows.kept(source, account, refusal, refusal.remote_id in good, now)
			for refusal in refusals
		]
		self._put_lines(run, made, {}, instant_in(now))

	@cached_property
	def _sources(self) -> list[tuple[str, str, str, str]]:
		rows = self._db.rows(
			"""
			SELECT a.name, c.name, p.provider_type, a.bank_account FROM sync_remote_account a
			JOIN sync_connection c ON c.name = a.parent JOIN sync_provider p ON p.name = c.provider
			"""
		)
		return [(row[0], row[1], row[2], row[3] or "") for row in rows]

	@cached_property
	def _connections(self) -> dict[str, str]:
		return {source: connection for source, connection, _, _ in self._sources}

	@cached_property
	def _accounts(self) -> dict[str, str]:
		return {source: account for source, _, _, account in self._sources}

	def _categories_of(self, source: str) -> dict[str, str]:
		"""A file knows none."""
		return self._categories.get(source, {})

	@cached_property
	def _categories(self) -> dict[str, dict[str, str]]:
		"""The host's category by source and provider's id; deleted ones are none."""
		by_type: dict[str, dict[str, str]] = {}
		for row in self._db.rows(
			"SELECT provider_type, remote_id, name FROM bank_transaction_category WHERE remote_id <> '' AND NOT removed"
		):
			by_type.setdefault(row[0], {})[row[1]] = row[2]
		return {source: by_type.get(kind, {}) for source, _, kind, _ in self._sources}


def _step(made: Decision, linked: Mapping[tuple[str, str], str]) -> Step:
	key = (made.source, made.line.remote_id)
	return Step(key, made.action.value, made.reason.value, made.note, linked.get(key, made.transaction))

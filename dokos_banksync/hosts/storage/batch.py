"""Stores what was decided, inside one database transaction, never with a query per row."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import ClassVar

from dokos_banksync.core.batch import RowInserter
from dokos_banksync.core.journal_action import JournalAction
from dokos_banksync.core.model import (
	Action,
	Decision,
	Reason,
	RejectedRow,
)
from dokos_banksync.core.review.journal import Key, Step
from dokos_banksync.hosts.storage import lines, rejected_rows
from dokos_banksync.hosts.storage.base import Base
from dokos_banksync.hosts.storage.counted_rows import ask_again, counted_rows
from dokos_banksync.hosts.storage.database import Written
from dokos_banksync.hosts.storage.deletion import delete_without_active_line, successors
from dokos_banksync.hosts.storage.journal import Journal
from dokos_banksync.hosts.storage.sql import LINE, REMOTE, parts, placeholders
from dokos_banksync.hosts.storage.stored_rows import StoredRows

_DUPLICATE_LEFT = "The bank removed the row that it duplicated"
_LINKED = (Action.NEW, Action.LINK, Action.UPDATE)


class Batch(StoredRows):
	"""`Batch` of the core's port, over an open database transaction."""

	retry: ClassVar[type[Exception]] = RuntimeError

	def __init__(self, ledger: Base) -> None:
		super().__init__(ledger)
		self._journal = Journal(ledger)

	# -- what was decided -------------------------------------------------------------------------------
	def apply(self, run: str, decisions: Sequence[Decision], now: datetime) -> Sequence[Decision]:
		"""See `core.ledger.Batch.apply`. Lines move before bank transactions without any are deleted."""
		documents = self._ledger.documents
		if all(made.action is Action.NEW for made in decisions):
			# In the order of their ids new rows lie beside one another in most indexes.
			decisions = sorted(decisions, key=_key)
		removed = [made for made in decisions if made.action is Action.REMOVE]
		going = [made.transaction for made in removed if made.transaction]
		self._lock(decisions)
		before = self._journal.before(map(_key, decisions), (made.transaction for made in decisions), going)
		self._release(removed)
		written = documents.make([m for m in decisions if m.action is Action.NEW], self._categories, now)
		stored = [_as_stored(made, written) for made in decisions] if written.refused else decisions
		documents.fill([m for m in stored if m.action is Action.LINK], self._categories, now)
		refused = documents.change([m for m in stored if m.changes], self._categories, now)
		if refused:
			stored = [
				m._replace(note=refused[m.transaction]) if m.transaction in refused else m for m in stored
			]
		self._put_lines(run, [m for m in stored if m.action is not Action.SAME], written.names, now)
		self._assign_duplicates(going, run, now)
		gone = delete_without_active_line(self._ledger, going)
		self._ask_again(gone, {made.bank_account for made in removed}, run, now)
		accounts = {_key(one): one.bank_account for one in stored}
		steps = [self._step(one, written.names) for one in stored]
		self._journal.put(run, now, steps, before, accounts=accounts, made={*written.names.values()})
		return [one for one in stored if one.reason is Reason.HOST]

	def row_inserter(self) -> RowInserter | None:
		"""See `core.batch.Batch.row_inserter`."""
		return None

	def _lock(self, decisions: Sequence[Decision]) -> None:
		"""Lock what is linked or updated. If a user has deleted or cancelled one since it was read, the run starts
		again, so that it is not restored.
		"""
		if not self._db.dialect.for_update:
			return  # a writer has the whole file
		fields, lock = self._ledger.fields, self._db.dialect.for_update
		linked = sorted({made.transaction for made in decisions if made.action is Action.LINK})
		for part in parts(linked):
			where = f"{fields.live} AND t.name IN ({placeholders(part)}) {lock}"
			alive = self._db.rows(f"SELECT t.name FROM `tabBank Transaction` t WHERE {where}", part)
			self._must_hold(len(alive) == len(part))
		for part in parts(sorted(made.known for made in decisions if made.action is Action.UPDATE)):
			query = f"SELECT bank_transaction FROM `tabSync Line` WHERE name IN ({placeholders(part)}) {lock}"
			self._must_hold(all(row["bank_transaction"] for row in self._db.rows(query, part)))

	def _must_hold(self, true: bool) -> None:
		if not true:
			raise self.retry("A bank transaction was deleted while it was compared")

	def _put_lines(self, run: str, made: Iterable[Decision], names: Mapping[Key, str], now: datetime) -> None:
		by_key = {_key(one): one for one in made}  # a statement may not write one row twice
		if not by_key:
			return
		fresh = self._db.new_names(LINE, len(by_key))
		values = (
			lines.line_in(
				self._codec,
				name,
				one,
				connection=self._connections.get(one.source),
				transaction=_assigned(one, names) or None,
			)
			for name, one in zip(fresh, by_key.values(), strict=True)
		)
		same = {**self._db.stamps(now), "run": run}
		self._db.insert(LINE, lines.COLUMNS, values, conflict=lines.upsert(self._db), same=same)

	def _assign_duplicates(self, going: Sequence[str], run: str, now: datetime) -> None:
		"""Give the bank transaction of two merged rows to the remaining row, if the bank removed one of them."""
		found = successors(self._ledger, going)
		if not found:
			return
		before = self._journal.before(found, found.values())
		for key, name in found.items():
			self._db.run(
				"UPDATE `tabSync Line` SET bank_transaction = %s, deleted_transaction = '', reason = '', note = %s, note_data = '' "
				"WHERE source = %s AND remote_id = %s",
				(name, _DUPLICATE_LEFT, *key),
			)
		steps = [
			Step(key=key, action=JournalAction.LINK, reason="", note=_DUPLICATE_LEFT, transaction=name)
			for key, name in found.items()
		]
		self._journal.put(run, now, steps, before, made=())

	def _ask_again(self, gone: Sequence[str], accounts: Collection[str], run: str, now: datetime) -> None:
		"""Ask again about what was counted in bank transactions that the bank has removed."""
		if counted := [*counted_rows(self._ledger, gone, accounts)]:
			before = self._journal.before((one.key for one in counted), ())
			self._journal.put(run, now, ask_again(self._ledger, counted), before, made=())

	def _release(self, removed: Sequence[Decision]) -> None:
		"""Take removed lines off their bank transactions."""
		length = self._ledger.fields.origin_length
		for part in parts(removed):
			origins = [lines.origin(one.source, one.line.remote_id, length) for one in part]
			self._ledger.documents.clear_origins(origins)
			for source in {one.source for one in part}:
				ids = [one.line.remote_id for one in part if one.source == source]
				self._db.run(
					"UPDATE `tabSync Line` SET bank_transaction = NULL "
					f"WHERE source = %s AND remote_id IN ({placeholders(ids)})",
					[source, *ids],
				)

	def move_cursors(self, cursors: Mapping[str, str]) -> None:
		"""See `core.ledger.Batch.move_cursors`."""
		if cursors:
			self._db.change(REMOTE, "cursor", cursors)

	def refuse(
		self, run: str, source: str, rejected: Sequence[RejectedRow], now: datetime, bank_account: str = ""
	) -> None:
		"""See `core.ledger.Batch.refuse`. A rejected row never takes the place of a good line of the same id."""
		good: set[str] = set()
		for ids in parts([rejected_row.remote_id for rejected_row in rejected]):
			query = f"""
				SELECT remote_id FROM `tabSync Line` WHERE source = %s AND reason <> %s AND remote_id IN ({placeholders(ids)})
			"""
			rows = self._db.rows(query, [source, Reason.REFUSED.value, *ids])
			good.update(row["remote_id"] for row in rows)
		account = bank_account or self._accounts[source]
		made = [
			rejected_rows.held_line(source, account, one, taken=one.remote_id in good, now=now)
			for one in rejected
		]
		self._put_lines(run, made, {}, now)

	def _step(self, made: Decision, names: Mapping[Key, str]) -> Step:
		transaction = names.get(_key(made), made.transaction)
		return Step(
			key=_key(made),
			action=JournalAction(made.action.value),
			reason=made.reason.value,
			note=made.note,
			transaction=transaction,
		)

	# -- sources of lines -------------------------------------------------------------------------------
	@cached_property
	def _sources(self) -> list[tuple[str, str, str, str]]:
		"""Source, connection, provider type and bank account of each remote account."""
		rows = self._db.rows(
			"""
			SELECT a.name source, c.name connection, p.provider_type kind, a.bank_account FROM `tabSync Remote Account` a
			JOIN `tabSync Connection` c ON c.name = a.parent LEFT JOIN `tabSync Provider` p ON p.name = c.provider
			"""
		)
		return [
			(row["source"], row["connection"], row["kind"] or "", row["bank_account"] or "") for row in rows
		]

	@cached_property
	def _connections(self) -> dict[str, str]:
		return {source: connection for source, connection, _, _ in self._sources}

	@cached_property
	def _accounts(self) -> dict[str, str]:
		return {source: account for source, _, _, account in self._sources}

	@cached_property
	def _categories(self) -> dict[str, dict[str, str]]:
		"""Return the host's category by source and the provider's id, without deleted ones. A file has none."""
		kind, remote_id, removed = map(
			self._ledger.fields.of_category, ("provider_type", "remote_id", "removed")
		)
		by_type: dict[str, dict[str, str]] = {}
		for row in self._db.rows(
			f"SELECT `{kind}` kind, `{remote_id}` remote_id, name FROM `tabBank Transaction Category` "
			f"WHERE COALESCE(`{remote_id}`, '') <> '' AND COALESCE(`{removed}`, 0) = 0"
		):
			by_type.setdefault(row["kind"], {})[row["remote_id"]] = row["name"]
		return {source: by_type.get(kind, {}) for source, _, kind, _ in self._sources}


def _key(made: Decision) -> Key:
	return made.source, made.line.remote_id


def _assigned(made: Decision, names: Mapping[Key, str]) -> str:
	"""Return the bank transaction that the line of a decision belongs to."""
	return names.get(_key(made), made.transaction if made.action in _LINKED else "")


def _as_stored(made: Decision, written: Written) -> Decision:
	"""Return the decision as it is stored: what the host refused is a held line, tried again by the next run."""
	why = written.refused.get(_key(made)) if made.action is Action.NEW else None
	if why is None:
		return made
	return made._replace(action=Action.HOLD, reason=Reason.HOST, note=why, changes={})

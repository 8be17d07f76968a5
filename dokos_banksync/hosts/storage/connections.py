"""Sync Connections and their remote accounts."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from dokos_banksync.core.connection.schedule import ScheduleEntry
from dokos_banksync.core.errors import NotFound
from dokos_banksync.core.message import message_data, stored_message
from dokos_banksync.core.model import ConnectionStatus, RemoteAccount
from dokos_banksync.core.records import AccountRecord, ConnectionRecord, RunStatus
from dokos_banksync.hosts.storage.base import Base
from dokos_banksync.hosts.storage.database import Codec
from dokos_banksync.hosts.storage.sql import ACCOUNT, CONNECTION, LINE, PROVIDER, REMOTE, RUN, table

NO_CONNECTION = "There is no connection {0}: see the list of connections"
_NO_REMOTE = "There is no remote account {0}"
_NO_BANK_ACCOUNT = "There is no bank account {0}: see the list of bank accounts"
_CONNECTION = "SELECT * FROM `tabSync Connection` WHERE name = %s"
_WITH_RUNS = f"""
	SELECT c.*, EXISTS (
		SELECT 1 FROM `tabSync Run` r WHERE r.connection = c.name AND r.status = '{RunStatus.RUNNING.value}'
	) has_open_run, (
		SELECT r.ended_at FROM `tabSync Run` r WHERE r.connection = c.name ORDER BY r.started_at DESC, r.name DESC LIMIT 1
	) last_run_ended_at FROM `tabSync Connection` c WHERE c.name = %s
"""
_IDS = ("institution_id", "remote_user", "remote_id")
_MESSAGES = {"status_code": 140, "status_message": 4000, "status_reference": 140}
"""How long each may be."""
_INSTANTS = ("consent_expires_at", "last_success_at", "last_refresh_at")
_ACCOUNT_COLUMNS = (
	*("account_name", "kind", "iban", "currency", "enabled", "failed", "balance", "balance_available"),
	*("balance_at", "details"),
)
_ACCOUNTS = """
	SELECT a.*, (
		SELECT MAX(c.last_day) FROM `tabSync Coverage` c
		WHERE c.bank_account = a.bank_account AND c.source = a.name AND c.complete = 1
	) read_until FROM `tabSync Remote Account` a WHERE a.parent = %s ORDER BY a.gone, a.idx
"""
_BALANCES = ("balance", "balance_available")
_TEXTS = ("account_name", "kind", "iban", "currency")
_NOT_GIVEN = "not given"
"""Key in the details: the amounts that the provider did not give, as some hosts have no empty amounts."""


class Connections(Base):
	"""Written directly to the tables: a user who has the form open is asked to reload it."""

	automatic_when_read: dict[str, bool]
	"""Which connections were automatic when they were last read here."""

	def add_bank(self, bank: str) -> None:
		"""Create a Bank unless it exists."""
		raise NotImplementedError

	def connection(self, name: str, *, with_runs: bool = False) -> ConnectionRecord:
		"""See `Ledger.connection`. Raises `NotFound`."""
		found = self.db.rows(_WITH_RUNS if with_runs else _CONNECTION, (name,))
		if not found:
			raise NotFound(NO_CONNECTION, name)
		return self._connection(found[0])

	def scheduled(self, connection: str) -> tuple[ConnectionRecord, ScheduleEntry]:
		"""See `RunLedger.scheduled`."""
		found = self.db.rows(_CONNECTION, (connection,))
		if not found:
			raise NotFound(NO_CONNECTION, connection)
		return self._connection(found[0]), entry_out(self.codec, found[0])

	def connections(self, bank: str = "") -> list[ConnectionRecord]:
		"""Return the connections of a bank, or all."""
		query = "SELECT * FROM `tabSync Connection` WHERE %s IN ('', bank) ORDER BY name"
		return [self._connection(row) for row in self.db.rows(query, (bank,))]

	def _connection(self, row: Any) -> ConnectionRecord:
		record = _connection_out(self.codec, dict(row))
		self.automatic_when_read[record.name] = record.automatic
		return record

	def add_connection(
		self, bank: str, provider: str, institution_id: str = "", company: str = ""
	) -> ConnectionRecord:
		"""See `Ledger.add_connection`. Some hosts have no company."""
		self.must_exist(PROVIDER, provider, "There is no provider {0}: see the list of providers")
		self.add_bank(bank)
		values = {"bank": bank, "provider": provider, "institution_id": institution_id}
		if company and "company" in self.db.columns(CONNECTION):
			values["company"] = company
		status = ConnectionStatus.CONNECTING.value
		return self.connection(self.documents.insert(CONNECTION, {**values, "status": status}))

	def save_connection(self, record: ConnectionRecord) -> None:
		"""Store the state of a connection.

		Bank and provider are the user's, who may rename them meanwhile; so is the schedule, unless it changes here.
		"""
		codec = self.codec
		values: dict[str, object] = {name: getattr(record, name) for name in _IDS}
		values.update({n: codec.message_in(getattr(record, n), long) for n, long in _MESSAGES.items()})
		values.update(
			status_message_data=message_data(record.status_message, lambda text: codec.message_in(text, 4000))
		)
		values.update({name: codec.instant_in(getattr(record, name)) for name in _INSTANTS})
		values.update(status=record.status.value, takeover=record.takeover)
		if self.automatic_when_read.get(record.name) is not record.automatic:
			values.update(automatic=int(record.automatic))
		values.update(self.db.changed(self.clock()))
		pairs = ", ".join(f"`{column}` = %s" for column in values)
		with self.db.write(lock=False, atomic=False):
			query = f"UPDATE `tabSync Connection` SET {pairs} WHERE name = %s"
			self.db.run(query, [*values.values(), record.name])
		self.db.forget(CONNECTION, record.name)

	def forget_connection(self, name: str) -> None:
		"""Delete a connection that was never completed. One that has lines or runs stays."""
		query = "SELECT status FROM `tabSync Connection` WHERE name = %s"
		with self.db.write(lock=False):
			if self.db.value(query, (name,)) != ConnectionStatus.CONNECTING.value:
				return
			for doctype in (RUN, LINE):
				used = f"SELECT name FROM {table(doctype)} WHERE connection = %s LIMIT 1"
				if self.db.value(used, (name,)) is not None:
					return
			self.documents.delete(CONNECTION, name)

	# -- remote accounts --------------------------------------------------------------------------------
	def accounts(self, connection: str) -> list[AccountRecord]:
		"""Return the remote accounts of a connection, those that are gone last."""
		return self._accounts(connection)

	def _accounts(self, connection: str, lock: str = "") -> list[AccountRecord]:
		found = self.db.rows(f"{_ACCOUNTS} {lock}", (connection,))
		if not found:
			self.must_exist(CONNECTION, connection, NO_CONNECTION)
		return [_account_out(self.codec, row) for row in found]

	def save_accounts(self, connection: str, remote: Sequence[RemoteAccount]) -> list[AccountRecord]:
		"""See `Ledger.save_accounts`. What the provider lists as before is not written again."""
		listed = [_as_stored(self.codec, account) for account in remote]
		held = self._with_new_balances(connection, listed)
		if held is not None:
			return held
		with self.db.write(lock=False):
			held = self._accounts(connection, self.db.dialect.for_update)
			if {a.remote.remote_id for a in held if not a.gone} - {a.remote_id for a in listed}:
				self.db.run("UPDATE `tabSync Remote Account` SET gone = 1 WHERE parent = %s", (connection,))
			self._put_accounts(connection, listed, {a.remote.remote_id: a.source for a in held})
		self.db.forget(CONNECTION, connection)
		return self.accounts(connection)

	def _with_new_balances(
		self, connection: str, listed: Sequence[RemoteAccount]
	) -> list[AccountRecord] | None:
		"""Store what the provider says of the accounts that were there; return them, or None where others are listed.

		No row comes or goes, and links are not touched, so that one statement does it.
		"""
		with self.db.write(lock=False, atomic=len(listed) > 1):
			held = self._accounts(connection, self.db.dialect.for_update)
			shown = [a for a in held if not a.gone]
			if [a.remote.remote_id for a in shown] != [a.remote_id for a in listed]:
				return None
			if [a.remote for a in shown] == listed:
				return held
			self._put_accounts(connection, listed, {a.remote.remote_id: a.source for a in shown})
		self.db.forget(CONNECTION, connection)
		now = {account.remote_id: account for account in listed}
		return [a if a.gone else replace(a, remote=now[a.remote.remote_id]) for a in held]

	def _put_accounts(
		self, connection: str, remote: Sequence[RemoteAccount], held: Mapping[str, str]
	) -> None:
		own = ("name", "parent", "remote_id", "idx", "gone", *_ACCOUNT_COLUMNS)
		names = iter(self.db.new_names(REMOTE, sum(account.remote_id not in held for account in remote)))
		values = [
			(
				*(held.get(account.remote_id) or next(names), connection, account.remote_id, place, 0),
				*_account_in(self.codec, account),
			)
			for place, account in enumerate(remote, 1)
		]
		same = {**self.db.stamps(self.clock()), "parenttype": CONNECTION, "parentfield": "accounts"}
		known = set(self.db.columns(REMOTE))
		same = {name: value for name, value in same.items() if name in known and name not in own}
		updated = ("modified", "idx", "gone", *_ACCOUNT_COLUMNS)
		conflict = self.db.dialect.on_conflict(["parent", "remote_id"], updated)
		self.db.insert(REMOTE, own, values, conflict=conflict, same=same)

	def move_account(self, source: str, to: str) -> None:
		"""See `Ledger.move_account`."""
		with self.db.write(lock=False):
			before = self._remote(source)
			self._remote(to)
			self._put_link(to, before["bank_account"], before["start_date"], "")
			self.db.run("UPDATE `tabSync Remote Account` SET bank_account = NULL WHERE name = %s", (source,))
		self.db.forget(CONNECTION, before["parent"])

	def continue_account(self, source: str, to: str) -> None:
		"""See `Ledger.continue_account`. The two rows exchange their names, by which lines and journal know them."""
		if self.db.value("SELECT 1 FROM `tabSync Line` WHERE source = %s LIMIT 1", (to,)) is not None:
			self.move_account(source, to)
			return
		with self.db.write(lock=False):
			before = self._remote(source)
			self._remote(to)
			[between] = self.db.new_names(REMOTE, 1)
			for name, new in ((source, between), (to, source), (between, to)):
				self.db.run("UPDATE `tabSync Remote Account` SET name = %s WHERE name = %s", (new, name))
			self._put_link(source, before["bank_account"], before["start_date"], "")
			self._put_link(to, "", before["start_date"], "")
		self.db.forget(CONNECTION, before["parent"])

	def link(self, source: str, bank_account: str, start_date: date | None) -> None:
		"""See `Ledger.link`."""
		with self.db.write(lock=False):
			row = self._remote(source)
			if bank_account:
				self.must_exist(ACCOUNT, bank_account, _NO_BANK_ACCOUNT)
			before = self.codec.day_out(row["start_date"])
			reaches_back = before is not None and (start_date is None or start_date < before)
			next_cursor = (
				row["cursor"] or ""
				if (row["bank_account"] or "") == bank_account and not reaches_back
				else ""
			)
			self._put_link(source, bank_account, self.codec.day_in(start_date), next_cursor)
			if bank_account:
				self._renew_source(source, bank_account)
		self.db.forget(CONNECTION, row["parent"])

	def _remote(self, source: str) -> Any:
		query = f"SELECT * FROM `tabSync Remote Account` WHERE name = %s {self.db.dialect.for_update}"
		found = self.db.rows(query, (source,))
		if not found:
			raise NotFound(_NO_REMOTE, source)
		return found[0]

	def _put_link(self, source: str, bank_account: str | None, start: object, cursor: str) -> None:
		self.db.run(
			"UPDATE `tabSync Remote Account` SET bank_account = %s, start_date = %s, `cursor` = %s WHERE name = %s",
			(bank_account or None, start, cursor, source),
		)

	def _renew_source(self, source: str, bank_account: str) -> None:
		"""Give an account that fed another bank account a new key: its old lines stay with the old one."""
		elsewhere = self.db.value(
			"SELECT 1 FROM `tabSync Line` WHERE source = %s AND bank_account <> %s LIMIT 1",
			(source, bank_account),
		)
		if elsewhere:
			[name] = self.db.new_names(REMOTE, 1)
			self.db.run("UPDATE `tabSync Remote Account` SET name = %s WHERE name = %s", (name, source))


def _as_stored(codec: Codec, account: RemoteAccount) -> RemoteAccount:
	values: dict[str, Any] = {name: codec.rounded(getattr(account, name)) for name in _BALANCES}
	values.update({name: codec.message_in(getattr(account, name)) for name in _TEXTS})
	return replace(account, **values, read_at=None, details=dict(account.details))


def _connection_out(codec: Codec, row: Mapping[str, Any]) -> ConnectionRecord:
	values: dict[str, Any] = {
		name: row[name] or "" for name in ("bank", "provider", "takeover", *_IDS, *_MESSAGES)
	}
	values.update(status_message=stored_message(values["status_message"], row["status_message_data"]))
	values.update({name: codec.instant_out(row[name]) for name in _INSTANTS})
	return ConnectionRecord(
		name=row["name"],
		status=ConnectionStatus(row["status"]),
		automatic=bool(row["automatic"]),
		company=row.get("company") or "",
		has_open_run=bool(row.get("has_open_run", True)),
		last_run_ended_at=codec.instant_out(row.get("last_run_ended_at")),
		**values,
	)


def entry_out(codec: Codec, row: Any) -> ScheduleEntry:
	"""Return the schedule entry of a stored connection."""
	return ScheduleEntry(
		row["frequency"] or "",
		codec.instant_out(row["next_run_at"]),
		row["warned_days"] or 0,
		row["warned_status"] or "",
	)


def _account_in(codec: Codec, account: RemoteAccount) -> tuple[object, ...]:
	balances = [getattr(account, name) for name in _BALANCES]
	return (
		*(account.account_name, account.kind, account.iban, account.currency),
		*(int(account.enabled), int(account.failed)),
		*(0 if balance is None else codec.money_in(balance) for balance in balances),
		*(codec.instant_in(account.balance_at), _details_in(account)),
	)


def _details_in(account: RemoteAccount) -> str:
	missing = [name for name in _BALANCES if getattr(account, name) is None]
	return json.dumps({**account.details, **({_NOT_GIVEN: missing} if missing else {})})


def _account_out(codec: Codec, row: Any) -> AccountRecord:
	details = codec.json_out(row["details"]) or {}
	missing = details.pop(_NOT_GIVEN, ())
	values: dict[str, Any] = {name: row[name] or "" for name in _TEXTS}
	for name in _BALANCES:
		lacks = name in missing or row[name] is None
		values[name] = None if lacks else codec.amount_out(row[name])
	remote = RemoteAccount(
		remote_id=row["remote_id"],
		enabled=bool(row["enabled"]),
		failed=bool(row["failed"]),
		balance_at=codec.instant_out(row["balance_at"]),
		details=details,
		**values,
	)
	return AccountRecord(
		source=row["name"],
		connection=row["parent"],
		remote=remote,
		bank_account=row["bank_account"] or "",
		start_date=codec.day_out(row["start_date"]),
		cursor=row["cursor"] or "",
		gone=bool(row["gone"]),
		read_until=codec.day_out(row["read_until"]),
	)

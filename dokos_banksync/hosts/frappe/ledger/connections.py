"""Sync Connections and their remote accounts."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import frappe

from dokos_banksync.core.errors import NotFound
from dokos_banksync.core.model import ConnectionStatus, RemoteAccount
from dokos_banksync.core.records import AccountRecord, ConnectionRecord
from dokos_banksync.hosts.frappe.ledger import sql
from dokos_banksync.hosts.frappe.ledger.base import Base
from dokos_banksync.hosts.frappe.ledger.dialect import ACCOUNT, CONNECTION, LINE, PROVIDER, REMOTE, has
from dokos_banksync.hosts.frappe.ledger.values import (
	amount_out,
	balance_in,
	day_out,
	instant_out,
	json_out,
	stamp,
	told_in,
)

_NO_CONNECTION = "There is no connection {0}: see the list of connections"
_NO_REMOTE = "There is no remote account {0}"
_IDS = ("institution_id", "remote_user", "remote_id")
_PLAIN = ("bank", "provider", *_IDS)
_TOLD = {"status_code": 140, "status_message": 4000, "status_reference": 140}
"""How long each may be."""
_INSTANTS = ("consent_expires_at", "last_success_at", "last_refresh_at")
_ACCOUNT_FIELDS = (
	*("account_name", "kind", "iban", "currency", "enabled", "failed", "balance", "balance_available"),
	*("balance_at", "details"),
)
_BALANCES = ("balance", "balance_available")
_WORDS = ("account_name", "kind", "iban", "currency")
_NOT_GIVEN = "not given"


class Connections(Base):
	"""Written behind the form's back: a person who has it open is told to load it again."""

	schedules: dict[str, bool]
	"""Which connections were automatic when they were last read."""

	def connection(self, name: str) -> ConnectionRecord:
		found = sql.rows(f"SELECT * FROM {sql.table(CONNECTION)} WHERE name = %s", (name,))
		if not found:
			raise NotFound(_NO_CONNECTION, name)
		return self._connection(found[0])

	def _connection(self, row: Any) -> ConnectionRecord:
		record = _connection_out(row)
		self.schedules[record.name] = record.automatic
		return record

	def connections(self, bank: str = "") -> list[ConnectionRecord]:
		where, values = ("WHERE bank = %s", (bank,)) if bank else ("", ())
		found = sql.rows(f"SELECT * FROM {sql.table(CONNECTION)} {where} ORDER BY name", values)
		return [self._connection(row) for row in found]

	def add_connection(
		self, bank: str, provider: str, institution_id: str = "", company: str = ""
	) -> ConnectionRecord:
		self.must_exist(PROVIDER, provider, "There is no provider {0}: see the list of providers")
		self.add_bank(bank)
		given = {"bank": bank, "provider": provider, "institution_id": institution_id}
		if company and has(CONNECTION, "company"):
			given["company"] = company
		doc = self.insert({"doctype": CONNECTION, "status": ConnectionStatus.CONNECTING.value, **given})
		return self.connection(doc.name)

	def add_bank(self, bank: str) -> None:
		if not frappe.db.exists("Bank", bank):
			self.insert({"doctype": "Bank", "bank_name": bank})

	def save_connection(self, record: ConnectionRecord) -> None:
		"""Bank and provider are a person's, who may rename them meanwhile; so is the schedule, unless it changes here."""
		values: dict[str, object] = {name: getattr(record, name) for name in _IDS}
		values.update({name: told_in(getattr(record, name), long) for name, long in _TOLD.items()})
		values.update({name: stamp(getattr(record, name)) for name in _INSTANTS})
		values.update(status=record.status.value)
		if self.schedules.get(record.name) is not record.automatic:
			values.update(automatic=int(record.automatic))
		values.update(modified=stamp(self.clock()), modified_by=frappe.session.user)
		pairs = ", ".join(f"`{column}` = %s" for column in values)
		sql.run(
			f"UPDATE {sql.table(CONNECTION)} SET {pairs} WHERE name = %s", [*values.values(), record.name]
		)
		sql.commit()
		frappe.clear_document_cache(CONNECTION, record.name)

	def forget_connection(self, name: str) -> None:
		"""Take back a connection that never came to be. One that has lines or runs stays."""
		if frappe.db.get_value(CONNECTION, name, "status") != ConnectionStatus.CONNECTING.value:
			return
		if frappe.db.exists("Sync Run", {"connection": name}) or frappe.db.exists(LINE, {"connection": name}):
			return
		frappe.delete_doc(CONNECTION, name, ignore_permissions=True, delete_permanently=True)
		sql.commit()

	# -- remote accounts --------------------------------------------------------------------------------
	def accounts(self, connection: str) -> list[AccountRecord]:
		return self._accounts(connection)

	def _accounts(self, connection: str, lock: str = "") -> list[AccountRecord]:
		found = sql.rows(
			f"SELECT * FROM {sql.table(REMOTE)} WHERE parent = %s ORDER BY gone, idx {lock}", (connection,)
		)
		if not found:
			self.must_exist(CONNECTION, connection, _NO_CONNECTION)
		return [_account_out(row) for row in found]

	def save_accounts(self, connection: str, remote: Sequence[RemoteAccount]) -> list[AccountRecord]:
		"""What the provider lists as before is not written again."""
		sql.begin()
		held = self._accounts(connection, "FOR UPDATE")
		listed = [_as_kept(account) for account in remote]
		if [a.remote for a in held if not a.gone] == listed:
			return held
		if {a.remote.remote_id for a in held if not a.gone} - {a.remote_id for a in listed}:
			sql.run(f"UPDATE {sql.table(REMOTE)} SET gone = 1 WHERE parent = %s", (connection,))
		self._put_accounts(connection, listed, {a.remote.remote_id: a.source for a in held})
		sql.commit()
		frappe.clear_document_cache(CONNECTION, connection)
		return self.accounts(connection)

	def _put_accounts(self, connection: str, remote: Sequence[RemoteAccount], held: dict[str, str]) -> None:
		now, user = stamp(self.clock()), frappe.session.user
		made = ("creation", "modified", "owner", "modified_by", "docstatus", "parent", "parenttype")
		columns = ("name", *made, "parentfield", "remote_id", "idx", "gone", *_ACCOUNT_FIELDS)
		values = (
			(
				*(held.get(account.remote_id) or sql.new_name(), now, now, user, user, 0, connection),
				*(CONNECTION, "accounts", account.remote_id, place, 0, *_account_in(account)),
			)
			for place, account in enumerate(remote, 1)
		)
		kept = sql.on_conflict(["parent", "remote_id"], ("modified", "idx", "gone", *_ACCOUNT_FIELDS))
		sql.insert(REMOTE, columns, values, kept)

	def move_account(self, source: str, to: str) -> None:
		sql.begin()
		before = self._remote(source)
		self._remote(to)
		self._put_link(to, before["bank_account"], before["start_date"], "")
		sql.run(f"UPDATE {sql.table(REMOTE)} SET bank_account = NULL WHERE name = %s", (source,))
		self._linked(before["parent"])

	def link(self, source: str, bank_account: str, start_date: date | None) -> None:
		sql.begin()
		row = self._remote(source)
		if bank_account:
			self.must_exist(
				ACCOUNT, bank_account, "There is no bank account {0}: see the list of bank accounts"
			)
		before = day_out(row["start_date"])
		wider = before is not None and (start_date is None or start_date < before)
		kept = row["cursor"] or "" if (row["bank_account"] or "") == bank_account and not wider else ""
		self._put_link(source, bank_account, start_date, kept)
		if bank_account:
			self._renew_source(source, bank_account)
		self._linked(row["parent"])

	def _remote(self, source: str) -> Any:
		found = sql.rows(f"SELECT * FROM {sql.table(REMOTE)} WHERE name = %s FOR UPDATE", (source,))
		if not found:
			raise NotFound(_NO_REMOTE, source)
		return found[0]

	def _put_link(self, source: str, bank_account: str | None, start: object, cursor: str) -> None:
		sql.run(
			f"UPDATE {sql.table(REMOTE)} SET bank_account = %s, start_date = %s, `cursor` = %s WHERE name = %s",
			(bank_account or None, start, cursor, source),
		)

	def _renew_source(self, source: str, bank_account: str) -> None:
		"""An account that fed another bank account begins anew: its old lines stay with the old one."""
		elsewhere = sql.value(
			f"SELECT 1 FROM {sql.table(LINE)} WHERE source = %s AND bank_account <> %s LIMIT 1",
			(source, bank_account),
		)
		if elsewhere:
			sql.run(f"UPDATE {sql.table(REMOTE)} SET name = %s WHERE name = %s", (sql.new_name(), source))

	def _linked(self, connection: str) -> None:
		sql.commit()
		frappe.clear_document_cache(CONNECTION, connection)


def _as_kept(account: RemoteAccount) -> RemoteAccount:
	balances = {name: balance_in(getattr(account, name)) for name in _BALANCES}
	words = {name: told_in(getattr(account, name)) for name in _WORDS}
	return replace(account, **balances, **words, details=dict(account.details))


def _connection_out(row: Any) -> ConnectionRecord:
	return ConnectionRecord(
		name=row["name"],
		status=ConnectionStatus(row["status"]),
		automatic=bool(row["automatic"]),
		company=row.get("company") or "",
		**{name: row[name] or "" for name in (*_PLAIN, *_TOLD)},
		**{name: instant_out(row[name]) for name in _INSTANTS},
	)


def _account_in(account: RemoteAccount) -> tuple[object, ...]:
	return (
		*(account.account_name, account.kind, account.iban, account.currency),
		*(int(account.enabled), int(account.failed), balance_in(account.balance) or 0),
		*(balance_in(account.balance_available) or 0, stamp(account.balance_at)),
		_details_in(account),
	)


def _details_in(account: RemoteAccount) -> str:
	"""A site has no empty amounts: which of them the provider did not give is told beside its details."""
	lacking = [name for name in _BALANCES if getattr(account, name) is None]
	told = {**account.details, **({_NOT_GIVEN: lacking} if lacking else {})}
	return json.dumps(told)


def _account_out(row: Any) -> AccountRecord:
	details = json_out(row["details"]) or {}
	lacking = details.pop(_NOT_GIVEN, ())
	remote = RemoteAccount(
		*(row["remote_id"], row["account_name"] or "", row["kind"] or "", row["currency"] or ""),
		*(row["iban"] or "", bool(row["enabled"]), bool(row["failed"])),
		*(None if name in lacking else amount_out(row[name]) for name in _BALANCES),
		instant_out(row["balance_at"]),
		details,
	)
	return AccountRecord(
		*(row["name"], row["parent"], remote, row["bank_account"] or "", day_out(row["start_date"])),
		*(row["cursor"] or "", bool(row["gone"])),
	)

"""Connections, remote accounts and bank accounts."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from dokos_banksync.core.errors import InvalidData, NotFound
from dokos_banksync.core.model import ConnectionStatus, RemoteAccount
from dokos_banksync.core.records import AccountRecord, BankAccountRecord, ConnectionRecord
from dokos_banksync.hosts.standalone.ledger.base import Base
from dokos_banksync.hosts.standalone.ledger.values import (
	amount_out,
	balance_in,
	day_in,
	day_out,
	instant_in,
	instant_out,
	money_in,
	money_out,
)

_NO_BANK_ACCOUNT = "There is no bank account {0}: see the list of bank accounts"
_CONNECTION_FIELDS = (
	*("bank", "provider", "status", "institution_id", "remote_user", "remote_id", "status_code"),
	*("status_message", "status_reference", "consent_expires_at", "last_success_at", "last_refresh_at"),
	"automatic",
)
_PUT_CONNECTION = f"""
	INSERT INTO sync_connection (name, modified, {", ".join(_CONNECTION_FIELDS)})
	VALUES (?, ?{", ?" * len(_CONNECTION_FIELDS)})
	ON CONFLICT (name) DO UPDATE SET modified = excluded.modified,
	{", ".join(f"{field} = excluded.{field}" for field in _CONNECTION_FIELDS)}
"""
_ACCOUNT_FIELDS = (
	*("account_name", "kind", "iban", "currency", "enabled", "failed", "balance", "balance_available"),
	*("balance_at", "details"),
)
_PUT_ACCOUNT = f"""
	INSERT INTO sync_remote_account (name, parent, remote_id, idx, gone, {", ".join(_ACCOUNT_FIELDS)})
	VALUES (?, ?, ?, ?, 0{", ?" * len(_ACCOUNT_FIELDS)})
	ON CONFLICT (parent, remote_id) DO UPDATE SET gone = 0, idx = excluded.idx,
	{", ".join(f"{field} = excluded.{field}" for field in _ACCOUNT_FIELDS)}
"""


class Connections(Base):
	"""Sync Connections and their remote accounts."""

	def connection(self, name: str) -> ConnectionRecord:
		row = self.db.row("SELECT * FROM sync_connection WHERE name = ?", (name,))
		if row is None:
			raise NotFound("There is no connection {0}: see the list of connections", name)
		return _connection_out(row)

	def connections(self, bank: str = "") -> list[ConnectionRecord]:
		rows = self.db.rows("SELECT * FROM sync_connection WHERE ? IN ('', bank) ORDER BY name", (bank,))
		return [_connection_out(row) for row in rows]

	def add_connection(
		self,
		bank: str,
		provider: str,
		institution_id: str = "",
		company: str = "",  # noqa: ARG002
	) -> ConnectionRecord:
		"""There is one company here, which needs no name."""
		with self.db.write():
			self.must_exist("sync_provider", provider, "There is no provider {0}: see the list of providers")
			self.add_bank(bank)
			record = ConnectionRecord(
				self.next_name("SYNC-CONN-", 5), bank, provider, institution_id=institution_id
			)
			self.save_connection(record)
		return record

	def save_connection(self, record: ConnectionRecord) -> None:
		values = (
			*(record.bank, record.provider, record.status.value, record.institution_id, record.remote_user),
			*(record.remote_id, record.status_code, record.status_message, record.status_reference),
			*(instant_in(record.consent_expires_at), instant_in(record.last_success_at)),
			*(instant_in(record.last_refresh_at), int(record.automatic)),
		)
		with self.db.write():
			self.db.run(_PUT_CONNECTION, (record.name, instant_in(self.clock()), *values))

	def forget_connection(self, name: str) -> None:
		"""Take back a connection that never came to be. One that has lines or runs stays."""
		with self.db.write():
			self.db.run(
				"""
				DELETE FROM sync_connection WHERE name = ? AND status = 'Connecting'
				AND NOT EXISTS (SELECT 1 FROM sync_run WHERE connection = sync_connection.name)
				AND NOT EXISTS (SELECT 1 FROM sync_line WHERE connection = sync_connection.name)
				""",
				(name,),
			)

	def accounts(self, connection: str) -> list[AccountRecord]:
		self.connection(connection)
		rows = self.db.rows(
			"SELECT * FROM sync_remote_account WHERE parent = ? ORDER BY gone, idx", (connection,)
		)
		return [_account_out(row) for row in rows]

	def save_accounts(self, connection: str, remote: Sequence[RemoteAccount]) -> list[AccountRecord]:
		self.connection(connection)
		with self.db.write():
			self.db.run("UPDATE sync_remote_account SET gone = 1 WHERE parent = ?", (connection,))
			names = self.next_names("SYNC-ACC-", 6, len(remote))
			self.db.run_many(
				_PUT_ACCOUNT,
				(
					(name, connection, account.remote_id, place, *_account_in(account))
					for place, (name, account) in enumerate(zip(names, remote, strict=True), 1)
				),
			)
			return self.accounts(connection)

	def move_account(self, source: str, to: str) -> None:
		with self.db.write():
			for name in (source, to):
				self.must_exist("sync_remote_account", name, "There is no remote account {0}")
			self.db.run(
				"""
				UPDATE sync_remote_account SET (bank_account, start_date) =
				(SELECT bank_account, start_date FROM sync_remote_account WHERE name = ?) WHERE name = ?
				""",
				(source, to),
			)
			self.db.run("UPDATE sync_remote_account SET bank_account = NULL WHERE name = ?", (source,))

	def link(self, source: str, bank_account: str, start_date: date | None) -> None:
		with self.db.write():
			row = self.db.row("SELECT * FROM sync_remote_account WHERE name = ?", (source,))
			if row is None:
				raise NotFound("There is no remote account {0}", source)
			if bank_account:
				self.must_exist("bank_account", bank_account, _NO_BANK_ACCOUNT)
			start = day_in(start_date)
			wider = bool(row["start_date"]) and (start is None or start < row["start_date"])
			cursor = "" if wider or row["bank_account"] != bank_account else row["cursor"]
			self.db.run(
				"UPDATE sync_remote_account SET bank_account = ?, start_date = ?, cursor = ? WHERE name = ?",
				(bank_account or None, start, cursor, source),
			)
			if bank_account:
				self._renew_source(source, bank_account)

	def _renew_source(self, source: str, bank_account: str) -> None:
		"""An account that fed another bank account begins anew: its old lines stay with the old one."""
		elsewhere = self.db.row(
			"SELECT 1 FROM sync_line WHERE source = ? AND bank_account <> ? LIMIT 1", (source, bank_account)
		)
		if elsewhere:
			name = self.next_name("SYNC-ACC-", 6)
			self.db.run("UPDATE sync_remote_account SET name = ? WHERE name = ?", (name, source))


class BankAccounts(Base):
	"""Bank Accounts of the embedded site."""

	def bank_account(self, name: str) -> BankAccountRecord:
		row = self.db.row("SELECT * FROM bank_account WHERE name = ?", (name,))
		if row is None:
			raise NotFound(_NO_BANK_ACCOUNT, name)
		return _bank_account_out(row)

	def bank_accounts(self, bank: str = "") -> list[BankAccountRecord]:
		rows = self.db.rows("SELECT * FROM bank_account WHERE ? IN ('', bank) ORDER BY name", (bank,))
		return [_bank_account_out(row) for row in rows]

	def add_bank_account(
		self,
		name: str,
		bank: str,
		currency: str,
		iban: str = "",
		company: str = "",  # noqa: ARG002
		account: str = "",  # noqa: ARG002
	) -> BankAccountRecord:
		"""Raises `InvalidData` when the name is empty or taken. There is one company, and no chart of accounts."""
		with self.db.write():
			if not name.strip():
				raise InvalidData("The bank account has no name: give it one")
			if self.db.row("SELECT 1 FROM bank_account WHERE name = ?", (name,)):
				raise InvalidData("There is a bank account {0} already: choose another name", name)
			self.add_bank(bank)
			self.db.run(
				"INSERT INTO bank_account (name, account_name, bank, currency, iban) VALUES (?, ?, ?, ?, ?)",
				(name, name, bank, currency, iban),
			)
		return self.bank_account(name)

	def find_bank_account(self, bank: str, iban: str, currency: str) -> str:
		rows = self.db.rows(
			"SELECT name FROM bank_account WHERE ? IN ('', bank) AND currency = ? AND iban <> '' "
			"AND replace(upper(iban), ' ', '') = ?",
			(bank, currency, "".join(iban.split()).upper()),
		)
		return rows[0]["name"] if len(rows) == 1 else ""

	def set_opening(self, bank_account: str, amount: Decimal, day: date) -> None:
		self.bank_account(bank_account)
		with self.db.write():
			self.db.run(
				"UPDATE bank_account SET opening_balance = ?, opening_date = ? WHERE name = ?",
				(money_in(amount), day_in(day), bank_account),
			)

	def set_lock_date(self, bank_account: str, day: date | None) -> None:
		"""Close the books up to and including a day, or open them."""
		self.bank_account(bank_account)
		with self.db.write():
			self.db.run("UPDATE bank_account SET lock_date = ? WHERE name = ?", (day_in(day), bank_account))

	def first_day(self, bank_account: str) -> date | None:
		return day_out(self._over("min(date)", bank_account))

	def last_day(self, bank_account: str) -> date | None:
		return day_out(self._over("max(date)", bank_account))

	def movements(self, bank_account: str, before: date | None = None) -> Decimal:
		return amount_out(self._over("coalesce(sum(amount), 0)", bank_account, before))

	def _over(self, what: str, bank_account: str, before: date | None = None) -> Any:
		self.must_exist("bank_account", bank_account, _NO_BANK_ACCOUNT)
		sql = f"SELECT {what} FROM bank_transaction WHERE bank_account = ? AND date < ?"
		return self.db.value(sql, (bank_account, day_in(before) or "9999-12-31~"))


def _connection_out(row: sqlite3.Row) -> ConnectionRecord:
	return ConnectionRecord(
		*(row["name"], row["bank"], row["provider"], ConnectionStatus(row["status"]), row["institution_id"]),
		*(row["remote_user"], row["remote_id"], row["status_code"], row["status_message"]),
		row["status_reference"],
		instant_out(row["consent_expires_at"]),
		instant_out(row["last_success_at"]),
		instant_out(row["last_refresh_at"]),
		bool(row["automatic"]),
	)


def _account_in(account: RemoteAccount) -> tuple[object, ...]:
	return (
		*(account.account_name, account.kind, account.iban, account.currency),
		*(int(account.enabled), int(account.failed), balance_in(account.balance)),
		*(balance_in(account.balance_available), instant_in(account.balance_at)),
		json.dumps(dict(account.details), ensure_ascii=False),
	)


def _account_out(row: sqlite3.Row) -> AccountRecord:
	remote = RemoteAccount(
		*(row["remote_id"], row["account_name"], row["kind"], row["currency"], row["iban"]),
		*(bool(row["enabled"]), bool(row["failed"])),
		money_out(row["balance"]),
		money_out(row["balance_available"]),
		instant_out(row["balance_at"]),
		json.loads(row["details"] or "{}"),
	)
	return AccountRecord(
		*(row["name"], row["parent"], remote, row["bank_account"] or "", day_out(row["start_date"])),
		*(row["cursor"], bool(row["gone"])),
	)


def _bank_account_out(row: sqlite3.Row) -> BankAccountRecord:
	return BankAccountRecord(
		*(row["name"], row["bank"], row["currency"], row["iban"]),
		money_out(row["opening_balance"]),
		day_out(row["opening_date"]),
		day_out(row["lock_date"]),
	)

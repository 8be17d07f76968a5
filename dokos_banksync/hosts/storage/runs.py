"""Sync Runs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from dokos_banksync.core.errors import NotFound, SyncError
from dokos_banksync.core.message import message_data, stored_message
from dokos_banksync.core.model import Reason
from dokos_banksync.core.records import (
	RUN_COUNTS,
	BalanceCheck,
	RunRecord,
	RunStatus,
	check_from_json,
	check_to_json,
)
from dokos_banksync.core.trigger import Trigger
from dokos_banksync.hosts.storage.base import Base
from dokos_banksync.hosts.storage.sql import RUN, placeholders

_TEXTS = {
	**dict.fromkeys(("subject", "target", "error_code", "error_reference"), 140),
	"error_message": 4000,
}
"""How long each may be."""
_RUNNING = f"status = '{RunStatus.RUNNING.value}'"
_NO_CONNECTION = "(connection IS NULL OR connection = '')"
_INTERRUPTED = "Interrupted: the program was ended before the run was"
_NOT_UNDONE = """(
	NOT EXISTS (SELECT 1 FROM `tabSync Journal Entry` j WHERE j.run = `tabSync Run`.name AND j.cancelled = 1)
	OR EXISTS (SELECT 1 FROM `tabSync Journal Entry` j WHERE j.run = `tabSync Run`.name AND j.cancelled = 0)
) AND NOT EXISTS (
	SELECT 1 FROM `tabSync Coverage` c WHERE c.bank_account = %s AND c.run = `tabSync Run`.name AND NOT EXISTS (
		SELECT 1 FROM `tabSync Line` l WHERE l.source = c.source
	)
)"""
"""A file that was imported twice has its rows from the first run: once they are undone, neither run counts."""


class Runs(Base):
	"""The store of runs. Each is committed when it begins, so that a killed one is listed."""

	def begin_run(
		self, connection: str, trigger: Trigger, now: datetime, subject: str = "", *, may_be_open: bool = True
	) -> RunRecord:
		"""See `Ledger.begin_run`."""
		run = RunRecord("", connection, trigger, now, subject=subject)
		same, values = "connection = %s", [connection]
		if not connection:
			same = f"{_NO_CONNECTION} AND `trigger` = %s AND subject = %s"
			values = [trigger.value, self.codec.message_in(subject)]
		with self.db.write(lock=False, atomic=False):
			if not connection or (may_be_open and self._left_running(connection)):
				self.db.run(
					f"""
					UPDATE `tabSync Run` SET status = %s, ended_at = %s, error_code = %s,
						error_message = %s, error_message_data = ''
					WHERE {same} AND {_RUNNING}
					""",
					[
						RunStatus.FAILED.value,
						self.codec.instant_in(now),
						SyncError.code,
						_INTERRUPTED,
						*values,
					],
				)
			return self._add(run)

	def _left_running(self, connection: str) -> bool:
		"""Return whether a run of the connection is not closed. Raise `NotFound` for an unknown connection."""
		query = f"""
			SELECT (SELECT MIN(name) FROM `tabSync Run` WHERE connection = %s AND {_RUNNING}) run
			FROM `tabSync Connection` WHERE name = %s
		"""
		found = self.db.rows(query, (connection, connection))
		if not found:
			raise NotFound("There is no connection {0}: see the list of connections", connection)
		return found[0]["run"] is not None

	def save_run(self, run: RunRecord) -> None:
		"""Store what a run counted and how it ended."""
		with self.db.write(lock=False, atomic=False):
			self._store(run, self.clock())
		self.db.forget(RUN, run.name)

	@contextmanager
	def decision(self, trigger: Trigger, subject: str, target: str = "") -> Iterator[RunRecord]:
		"""Open the run of a user's decision: one database transaction, and the record to count in.

		A decision is a run so that it is undone like one.
		"""
		with self.db.write():
			run = self._add(RunRecord("", "", trigger, self.clock(), subject=subject, target=target))
			run.status, run.ended_at = RunStatus.SUCCESS, run.started_at
			yield run
			self._store(run, run.started_at)

	def run(self, name: str) -> RunRecord:
		"""Return a run. Raises `NotFound`."""
		found = self.db.rows("SELECT * FROM `tabSync Run` WHERE name = %s", (name,))
		if not found:
			raise NotFound("There is no run {0}: see the history of runs", name)
		return self._run_out(found[0])

	def runs(self, connection: str = "", limit: int = 20) -> list[RunRecord]:
		"""Return runs, the latest first."""
		where, values = ("WHERE connection = %s", [connection]) if connection else ("", [])
		query = f"SELECT * FROM `tabSync Run` {where} ORDER BY started_at DESC, name DESC LIMIT %s"
		return [self._run_out(row) for row in self.db.rows(query, [*values, limit])]

	def runs_named(self, names: Sequence[str]) -> list[RunRecord]:
		"""Return those runs that exist, the latest first."""
		query = f"SELECT * FROM `tabSync Run` WHERE name IN ({placeholders(names)}) ORDER BY started_at DESC, name DESC"
		return [self._run_out(row) for row in self.db.rows(query, names)]

	def runs_about(self, connections: Sequence[str], bank_accounts: Sequence[str], limit: int) -> list[str]:
		"""Return names of runs, the latest first: of the connections, and of what changed the bank accounts.

		The journal names the account of a file, a merge or an undo, which have no connection. It has no entry of a row that
		could not be read.
		"""
		accounts = placeholders(bank_accounts)
		query = f"""
			SELECT r.name FROM `tabSync Run` r
			WHERE r.connection IN ({placeholders(connections)})
				OR EXISTS (
					SELECT 1 FROM `tabSync Journal Entry` j WHERE j.run = r.name AND j.bank_account IN ({accounts})
				)
				OR EXISTS (
					SELECT 1 FROM `tabSync Line` l
					WHERE l.run = r.name AND l.reason = '{Reason.REFUSED.value}' AND l.bank_account IN ({accounts})
				)
			ORDER BY r.started_at DESC, r.name DESC LIMIT %s
		"""
		values = (*connections, *bank_accounts, *bank_accounts, limit)
		return [row["name"] for row in self.db.rows(query, values)]

	def running(self) -> list[str]:
		"""Return the connections that have a run which is not closed: under way, or left open by a killed process."""
		query = f"SELECT DISTINCT connection FROM `tabSync Run` WHERE {_RUNNING} AND connection <> ''"
		return [row["connection"] for row in self.db.rows(query)]

	def checks_of(
		self, bank_account: str, since: datetime | None = None
	) -> list[tuple[str, datetime, BalanceCheck]]:
		"""Return run, instant and check of each balance check of a bank account (made since an instant), the oldest first.

		By the names of the runs: in the order in which they were made, even where a clock was wrong for a while. The
		balance of a file whose import was undone does not count. Reads the runs of the connections that feed the account
		or ever fed it, and the runs without a connection.
		"""
		recent, since_at = (" AND started_at >= %s", [self.codec.instant_in(since)]) if since else ("", [])
		connections = self._connections_of(bank_account)
		checked = f"{self.db.dialect.as_text('checks')} LIKE %s{recent}"
		query = f"""
			SELECT name, COALESCE(ended_at, started_at) ended, checks FROM `tabSync Run`
			WHERE connection IN ({placeholders(connections)}) AND {checked}
			UNION ALL SELECT name, COALESCE(ended_at, started_at) ended, checks FROM `tabSync Run`
			WHERE {_NO_CONNECTION} AND {checked} AND {_NOT_UNDONE} ORDER BY 1
		"""
		values = ["%bank_account%", *since_at]
		return [
			(row["name"], at, check)
			for row in self.db.rows(query, [*connections, *values, *values, bank_account])
			if (at := self.codec.instant_out(row["ended"])) is not None
			for check in self._checks_out(row["checks"])
			if check.bank_account == bank_account
		]

	def _connections_of(self, bank_account: str) -> list[str]:
		"""Return the connections that feed a bank account, and those that fed it before a link was moved."""
		query = """
			SELECT a.parent name FROM `tabSync Remote Account` a WHERE a.bank_account = %s
			UNION SELECT r.connection name FROM `tabSync Coverage` c JOIN `tabSync Run` r ON r.name = c.run
			WHERE c.bank_account = %s AND r.connection IS NOT NULL
		"""
		return [row["name"] for row in self.db.rows(query, (bank_account, bank_account))]

	def first_complete(self, bank_account: str) -> str:
		"""Return the first run that found the account complete, or empty."""
		return next((run for run, _at, check in self.checks_of(bank_account) if check.complete), "")

	def _add(self, run: RunRecord) -> RunRecord:
		[run.name] = self.db.new_names(RUN, 1)
		values = {"name": run.name, **self.db.stamps(run.started_at), **self._run_in(run)}
		self.db.insert(RUN, list(values), [list(values.values())])
		return run

	def _store(self, run: RunRecord, now: datetime) -> None:
		values = {**self._run_in(run), **self.db.changed(now)}
		pairs = ", ".join(f"`{column}` = %s" for column in values)
		self.db.run(f"UPDATE `tabSync Run` SET {pairs} WHERE name = %s", [*values.values(), run.name])

	def _run_in(self, run: RunRecord) -> dict[str, object]:
		codec = self.codec
		values: dict[str, object] = {name: getattr(run, name) for name in RUN_COUNTS}
		values.update({name: codec.message_in(getattr(run, name), long) for name, long in _TEXTS.items()})
		values.update(error_message_data=message_data(run.error_message, self._shown))
		values.update(trigger=run.trigger.value, status=run.status.value)
		values.update(connection=run.connection or None, checks=_checks_in(run.checks))
		values.update(started_at=codec.instant_in(run.started_at), ended_at=codec.instant_in(run.ended_at))
		return values

	def _shown(self, text: str) -> str:
		return self.codec.message_in(text, _TEXTS["error_message"])

	def _run_out(self, row: Any) -> RunRecord:
		values: dict[str, Any] = {name: row[name] or "" for name in _TEXTS}
		values.update(error_message=stored_message(values["error_message"], row["error_message_data"]))
		values.update({name: row[name] or 0 for name in RUN_COUNTS})
		return RunRecord(
			name=row["name"],
			connection=row["connection"] or "",
			trigger=Trigger(row["trigger"]),
			status=RunStatus(row["status"]),
			started_at=self.codec.instant(row["started_at"]),
			ended_at=self.codec.instant_out(row["ended_at"]),
			checks=self._checks_out(row["checks"]),
			**values,
		)

	def _checks_out(self, stored: Any) -> list[BalanceCheck]:
		return [check_from_json(check) for check in self.codec.json_out(stored) or []]


def _checks_in(checks: list[BalanceCheck]) -> str:
	return json.dumps([check_to_json(check) for check in checks])

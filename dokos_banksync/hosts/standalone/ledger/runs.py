"""Sync Runs."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import fields
from datetime import datetime
from decimal import Decimal
from typing import Any

from dokos_banksync.core.errors import NotFound
from dokos_banksync.core.records import BalanceCheck, RunRecord
from dokos_banksync.hosts.standalone.ledger.base import Base
from dokos_banksync.hosts.standalone.ledger.values import instant_in, instant_out

_FIELDS = tuple(field.name for field in fields(RunRecord))
_PUT = f"""
	INSERT INTO sync_run ({", ".join(f'"{name}"' for name in _FIELDS)})
	VALUES ({", ".join("?" * len(_FIELDS))})
"""
_RUNS_OF_BANK = """
	SELECT r.name FROM sync_run r
	WHERE r.connection IN (SELECT name FROM sync_connection WHERE bank = ?1)
		OR EXISTS (
			SELECT 1 FROM journal j JOIN sync_line l ON l.source = j.source AND l.remote_id = j.remote_id
			JOIN bank_account b ON b.name = l.bank_account WHERE j.run = r.name AND b.bank = ?1
		)
		OR EXISTS (
			SELECT 1 FROM sync_line l JOIN bank_account b ON b.name = l.bank_account
			WHERE l.run = r.name AND b.bank = ?1
		)
	ORDER BY r.started_at DESC, r.name DESC LIMIT ?2
"""
_INSTANTS = ("started_at", "ended_at")
_MONEY = ("opening", "movements", "bank_balance", "difference")


class Runs(Base):
	"""Runs of connections, the latest first."""

	def begin_run(self, connection: str, trigger: str, now: datetime) -> RunRecord:
		with self.db.write():
			if connection:
				there = "There is no connection {0}: see the list of connections"
				self.must_exist("sync_connection", connection, there)
			self.db.run(
				"""
				UPDATE sync_run SET status = 'Failed', ended_at = ?, error_code = 'BS-000',
					error_message = 'Interrupted: the program was ended before the run was'
				WHERE coalesce(connection, '') = ? AND status = 'Running' AND ? IN (connection, "trigger")
				""",
				(instant_in(now), connection, connection or trigger),
			)
			run = RunRecord(self.next_name("SYNC-RUN-", 7), connection, trigger, now)
			self.save_run(run)
		return run

	def save_run(self, run: RunRecord) -> None:
		with self.db.write():
			kept = self.db.row("SELECT 1 FROM sync_run WHERE name = ?", (run.name,))
			values = _run_in(run)
			if kept is None:
				self.db.run(_PUT, values)
				return
			pairs = ", ".join(f'"{name}" = ?' for name in _FIELDS)
			self.db.run(f"UPDATE sync_run SET {pairs} WHERE name = ?", (*values, run.name))

	def run(self, name: str) -> RunRecord:
		row = self.db.row("SELECT * FROM sync_run WHERE name = ?", (name,))
		if row is None:
			raise NotFound("There is no run {0}: see the history of runs", name)
		return _run_out(row)

	def runs(self, connection: str = "", limit: int = 20) -> list[RunRecord]:
		rows = self.db.rows(
			"SELECT * FROM sync_run WHERE ? IN ('', connection) ORDER BY started_at DESC, name DESC LIMIT ?",
			(connection, limit),
		)
		return [_run_out(row) for row in rows]

	def runs_of_bank(self, bank: str, limit: int) -> list[str]:
		"""Return names of runs, the latest first: of the bank's connections, and of what changed its accounts."""
		rows = self.db.rows(_RUNS_OF_BANK, (bank, limit))
		return [row["name"] for row in rows]


def _run_in(run: RunRecord) -> list[Any]:
	values = dict(vars(run))
	values.update({name: instant_in(values[name]) for name in _INSTANTS})
	checks = [
		{key: str(value) if isinstance(value, Decimal) else value for key, value in check._asdict().items()}
		for check in run.checks
	]
	values["checks"] = json.dumps(checks, ensure_ascii=False)
	values["connection"] = run.connection or None
	return [values[name] for name in _FIELDS]


def _run_out(row: sqlite3.Row) -> RunRecord:
	values: dict[str, Any] = {name: row[name] for name in _FIELDS}
	values.update({name: instant_out(values[name]) for name in _INSTANTS})
	values["connection"] = row["connection"] or ""
	values["checks"] = [_check_out(check) for check in json.loads(values["checks"] or "[]")]
	return RunRecord(**values)


def check_out(stored: str) -> BalanceCheck:
	return _check_out(json.loads(stored))


def _check_out(check: dict[str, Any]) -> BalanceCheck:
	return BalanceCheck(**{**check, **{name: Decimal(check[name]) for name in _MONEY}})

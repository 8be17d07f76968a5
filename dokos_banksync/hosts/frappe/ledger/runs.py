"""Sync Runs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import frappe

from dokos_banksync.core.errors import NotFound
from dokos_banksync.core.records import BalanceCheck, RunRecord, check_from_json, check_to_json
from dokos_banksync.hosts.frappe.ledger import sql
from dokos_banksync.hosts.frappe.ledger.base import Base
from dokos_banksync.hosts.frappe.ledger.dialect import CONNECTION, JOURNAL, RUN
from dokos_banksync.hosts.frappe.ledger.naming_series import series
from dokos_banksync.hosts.frappe.ledger.values import instant_out, json_out, stamp, told_in

_TEXTS = {"trigger": 140, "status": 140, "error_code": 140, "error_message": 4000, "error_reference": 140}
"""How long each may be."""
_COUNTS = ("fetched", "created", "adopted", "updated", "unchanged", "removed", "held", "refused")
RUNS = "SYNC-RUN-"
"""The series that runs are named by."""


class Runs(Base):
	"""Runs are committed as they begin, so that a killed one is seen."""

	def begin_run(self, connection: str, trigger: str, now: datetime) -> RunRecord:
		if connection:
			self.must_exist(CONNECTION, connection, "There is no connection {0}: see the list of connections")
		sql.begin()
		what, by = ("connection", connection) if connection else ("trigger", trigger)
		sql.run(
			f"""
			UPDATE {sql.table(RUN)} SET status = 'Failed', ended_at = %s, error_code = 'BS-000',
				error_message = 'Interrupted: the program was ended before the run was'
			WHERE COALESCE(connection, '') = %s AND `{what}` = %s AND status = 'Running'
			""",
			(stamp(now), connection, by),
		)
		run = _add(connection, trigger, now)
		sql.commit()
		return run

	def save_run(self, run: RunRecord) -> None:
		sql.recover()
		_change(run, self.clock())
		sql.commit()
		frappe.clear_document_cache(RUN, run.name)

	@contextmanager
	def writing(self) -> Iterator[None]:
		"""One database transaction of many, under the write lock; nothing of it stays when an error leaves it.

		What was written before is committed, so that the transaction sees all that others have. The row of our
		runs' series is the lock: it needs no release, and goes with the transaction.
		"""
		sql.begin()
		sql.run("UPDATE `tabSeries` SET `current` = `current` WHERE `name` = %s", (RUNS,))
		try:
			yield
		except BaseException:
			frappe.db.rollback()
			raise
		frappe.db.commit()

	@contextmanager
	def deciding(self, what: str) -> Iterator[RunRecord]:
		"""What a person decides is a run, stored at once: its database transaction, and its record to count in."""
		with self.writing():
			run = _add("", what, self.clock())
			run.status, run.ended_at = "Success", run.started_at
			yield run
			_change(run, run.started_at)

	def run(self, name: str) -> RunRecord:
		found = sql.rows(f"SELECT * FROM {sql.table(RUN)} WHERE name = %s", (name,))
		if not found:
			raise NotFound("There is no run {0}: see the history of runs", name)
		return _run_out(found[0])

	def runs(self, connection: str = "", limit: int = 20) -> list[RunRecord]:
		"""The latest first."""
		where, values = ("WHERE connection = %s", [connection]) if connection else ("", [])
		found = sql.rows(
			f"SELECT * FROM {sql.table(RUN)} {where} ORDER BY started_at DESC, name DESC LIMIT %s",
			[*values, limit],
		)
		return [_run_out(row) for row in found]


def _add(connection: str, trigger: str, now: datetime) -> RunRecord:
	[name] = series(RUNS, 7, 1)
	run = RunRecord(name, connection, trigger, now)
	stamps = ("creation", "modified", "owner", "modified_by", "docstatus", "idx")
	user = frappe.session.user
	values = {"name": name, **dict(zip(stamps, (stamp(now), stamp(now), user, user, 0, 0), strict=True))}
	values.update(_run_in(run))
	sql.insert(RUN, list(values), [list(values.values())])
	return run


def _change(run: RunRecord, now: datetime) -> None:
	values = {**_run_in(run), "modified": stamp(now)}
	pairs = ", ".join(f"`{column}` = %s" for column in values)
	sql.run(f"UPDATE {sql.table(RUN)} SET {pairs} WHERE name = %s", [*values.values(), run.name])


def _run_in(run: RunRecord) -> dict[str, object]:
	values: dict[str, object] = {name: getattr(run, name) for name in _COUNTS}
	values.update({name: told_in(getattr(run, name), long) for name, long in _TEXTS.items()})
	values.update(connection=run.connection or None, checks=_checks_in(run.checks))
	values.update(started_at=stamp(run.started_at), ended_at=stamp(run.ended_at))
	return values


def _checks_in(checks: list[BalanceCheck]) -> str:
	return json.dumps([check_to_json(check) for check in checks])


def _run_out(row: Any) -> RunRecord:
	return RunRecord(
		name=row["name"],
		connection=row["connection"] or "",
		started_at=instant_out(row["started_at"]),
		ended_at=instant_out(row["ended_at"]),
		checks=checks_out(row["checks"]),
		**{name: row[name] or "" for name in _TEXTS},
		**{name: row[name] or 0 for name in _COUNTS},
	)


def checks_out(stored: Any) -> list[BalanceCheck]:
	return [check_from_json(check) for check in json_out(stored) or []]


def checks_of(bank_account: str) -> list[tuple[str, datetime, BalanceCheck]]:
	"""Run, instant and check, by the names of the runs: as they were made, whatever a clock said for a while.

	The balance of a file whose import was undone counts no more.
	"""
	text = "CHAR" if frappe.db.db_type == "mariadb" else "TEXT"
	rows = sql.rows(
		f"SELECT name, COALESCE(ended_at, started_at) ended, checks FROM {sql.table(RUN)} "
		f"WHERE CAST(checks AS {text}) LIKE %s AND (connection IS NOT NULL OR NOT EXISTS ("
		f"SELECT 1 FROM {sql.table(JOURNAL)} j WHERE j.run = {sql.table(RUN)}.name AND j.cancelled = 1) OR EXISTS ("
		f"SELECT 1 FROM {sql.table(JOURNAL)} j WHERE j.run = {sql.table(RUN)}.name AND j.cancelled = 0)) ORDER BY name",
		("%bank_account%",),
	)
	return [
		(row["name"], at, check)
		for row in rows
		if (at := instant_out(row["ended"])) is not None
		for check in checks_out(row["checks"])
		if check.bank_account == bank_account
	]


def first_agreement(bank_account: str) -> str:
	"""The first run that found the account complete, or empty."""
	return next((run for run, _at, check in checks_of(bank_account) if check.complete), "")

"""What the schedule notes of each connection, beside the connection's own fields."""

from __future__ import annotations

import sqlite3

from dokos_banksync.core.connection.schedule import ScheduleEntry
from dokos_banksync.core.errors import NotFound
from dokos_banksync.hosts.standalone.ledger.database import Database
from dokos_banksync.hosts.standalone.ledger.values import instant_in, instant_out


class SqliteScheduleStore:
	"""`Diaries` of an embedded ledger."""

	def __init__(self, db: Database) -> None:
		self._db = db

	def read(self, connection: str) -> ScheduleEntry:
		row = self._db.row("SELECT * FROM sync_connection WHERE name = ?", (connection,))
		if row is None:
			raise NotFound("There is no connection {0}: see the list of connections", connection)
		return _schedule_entry(row)

	def all(self) -> dict[str, ScheduleEntry]:
		return {row["name"]: _schedule_entry(row) for row in self._db.rows("SELECT * FROM sync_connection")}

	def write(self, connection: str, schedule_entry: ScheduleEntry) -> None:
		values = (
			schedule_entry.frequency,
			instant_in(schedule_entry.next_run_at),
			schedule_entry.warned_days,
			schedule_entry.warned_status,
		)
		with self._db.write():
			self._db.run(
				"""
				UPDATE sync_connection SET frequency = ?, next_run_at = ?, warned_days = ?, warned_status = ?
				WHERE name = ?
				""",
				(*values, connection),
			)


def _schedule_entry(row: sqlite3.Row) -> ScheduleEntry:
	return ScheduleEntry(
		row["frequency"], instant_out(row["next_run_at"]), row["warned_days"], row["warned_status"]
	)

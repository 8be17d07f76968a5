"""What the schedule notes of each connection, beside the connection's own fields."""

from __future__ import annotations

import sqlite3

from dokos_banksync.engine.schedule import Diary
from dokos_banksync.errors import NotFound
from dokos_banksync.ledgers.sqlite.database import Database
from dokos_banksync.ledgers.sqlite.values import instant_in, instant_out


class SqliteDiaries:
	"""`Diaries` of an embedded ledger."""

	def __init__(self, db: Database) -> None:
		self._db = db

	def read(self, connection: str) -> Diary:
		row = self._db.row("SELECT * FROM sync_connection WHERE name = ?", (connection,))
		if row is None:
			raise NotFound("There is no connection {0}: see the list of connections", connection)
		return _diary(row)

	def all(self) -> dict[str, Diary]:
		return {row["name"]: _diary(row) for row in self._db.rows("SELECT * FROM sync_connection")}

	def write(self, connection: str, diary: Diary) -> None:
		values = (diary.frequency, instant_in(diary.next_run_at), diary.warned_days, diary.warned_status)
		with self._db.write():
			self._db.run(
				"""
				UPDATE sync_connection SET frequency = ?, next_run_at = ?, warned_days = ?, warned_status = ?
				WHERE name = ?
				""",
				(*values, connection),
			)


def _diary(row: sqlite3.Row) -> Diary:
	return Diary(row["frequency"], instant_out(row["next_run_at"]), row["warned_days"], row["warned_status"])

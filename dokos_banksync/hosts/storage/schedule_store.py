"""What the schedule records of each connection, beside the connection's own fields."""

from __future__ import annotations

from dokos_banksync.core.connection.schedule import ScheduleEntry
from dokos_banksync.core.errors import NotFound
from dokos_banksync.hosts.storage.connections import NO_CONNECTION, entry_out
from dokos_banksync.hosts.storage.database import Codec, Database
from dokos_banksync.hosts.storage.sql import CONNECTION


class StoredSchedule:
	"""`ScheduleStore` on the Sync Connections."""

	def __init__(self, db: Database, codec: Codec) -> None:
		self._db, self._codec = db, codec

	def read(self, connection: str) -> ScheduleEntry:
		"""Return the entry of a connection."""
		found = self._db.rows("SELECT * FROM `tabSync Connection` WHERE name = %s", (connection,))
		if not found:
			raise NotFound(NO_CONNECTION, connection)
		return entry_out(self._codec, found[0])

	def all(self) -> dict[str, ScheduleEntry]:
		"""Return the entries of all connections."""
		rows = self._db.rows("SELECT * FROM `tabSync Connection`")
		return {row["name"]: entry_out(self._codec, row) for row in rows}

	def write(self, connection: str, schedule_entry: ScheduleEntry) -> None:
		"""Store an entry, but its frequency: that is the user's, see `set_frequency`.

		It is not committed here, and it is not a change of the document: what users are notified of goes into the same database
		transaction.
		"""
		self._db.run(
			"UPDATE `tabSync Connection` SET next_run_at = %s, warned_days = %s, warned_status = %s WHERE name = %s",
			(
				self._codec.instant_in(schedule_entry.next_run_at),
				*(schedule_entry.warned_days, schedule_entry.warned_status, connection),
			),
		)
		self._db.forget(CONNECTION, connection)

	def set_frequency(self, connection: str, frequency: str) -> None:
		"""Store how often a connection is fetched."""
		self._db.run(
			"UPDATE `tabSync Connection` SET frequency = %s WHERE name = %s", (frequency, connection)
		)

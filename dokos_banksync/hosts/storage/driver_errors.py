"""The errors of database drivers by what they mean: one translation for all dialects.

PEP 249 (Python Database API 2.0) names the classes, and has each connection give those of its own driver.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class DriverErrors:
	"""Classes to catch around a statement, of the driver of one connection."""

	rejected_value: tuple[type[Exception], ...]
	"""The database does not take a value of the statement: too long, out of range, or against a constraint."""
	lost_session: tuple[type[Exception], ...]
	"""The server has ended the session, or cannot be reached."""

	@classmethod
	def of(cls, connection: Any) -> DriverErrors:
		"""Return the errors of a connection of pymysql, mysqlclient, psycopg2 or sqlite3."""
		return cls(
			rejected_value=(connection.DataError, connection.IntegrityError),
			lost_session=(connection.InterfaceError, connection.OperationalError),
		)

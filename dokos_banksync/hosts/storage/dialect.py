"""What the SQL of MariaDB, Postgres and SQLite does not have in common."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from dokos_banksync.hosts.storage.sql import UNMADE, Raw


class Server(str, Enum):
	"""A kind of database. The values are those of Frappe's `frappe.db.db_type`."""

	MARIADB = "mariadb"
	POSTGRES = "postgres"
	SQLITE = "sqlite"


@dataclass(frozen=True)
class Dialect:
	"""Expressions that each database spells in its own way, in the common SQL of `sql`."""

	name: Server

	def incoming(self, column: str) -> str:
		"""Return the value that was to be inserted, for use within `on_conflict`."""
		return f"VALUES(`{column}`)" if self.name is Server.MARIADB else f"excluded.`{column}`"

	def on_conflict(
		self, keys: Sequence[str], columns: Sequence[str], computed: Mapping[str, str] | None = None
	) -> str:
		"""Return the upsert clause of an INSERT: a row with the same unique keys takes the new values of the columns.

		`computed` columns get what their SQL gives. They come first, as MariaDB assigns one column after the other.
		"""
		assigned = {**(computed or {}), **{c: self.incoming(c) for c in columns if c not in (computed or {})}}
		pairs = ", ".join(f"`{column}` = {value}" for column, value in assigned.items())
		if self.name is Server.MARIADB:
			return f"ON DUPLICATE KEY UPDATE {pairs}"
		return f"ON CONFLICT ({', '.join(f'`{key}`' for key in keys)}) DO UPDATE SET {pairs}"

	def day_number(self, column: str) -> str:
		"""Return an integer that grows by one a day."""
		spelled = {
			Server.MARIADB: f"TO_DAYS({column})",
			Server.POSTGRES: f"({column} - DATE '1970-01-01')",
			Server.SQLITE: f"CAST(julianday({column}) AS INTEGER)",
		}
		return spelled[self.name]

	def concat(self, *expressions: str) -> str:
		"""Return the expressions as one text."""
		if self.name is Server.SQLITE:
			return f"({' || '.join(expressions)})"
		return f"CONCAT({', '.join(expressions)})"

	def as_text(self, expression: str) -> str:
		"""Return any value as text."""
		return f"CAST({expression} AS {'CHAR' if self.name is Server.MARIADB else 'TEXT'})"

	def next_number(self, doctype: str) -> Raw:
		"""Return the next name of a doctype whose rows are numbered (`autoincrement`)."""
		sequence = f"{doctype.lower().replace(' ', '_')}_id_seq"
		spelled = {
			Server.MARIADB: f"nextval(`{sequence}`)",
			Server.POSTGRES: f"nextval('{sequence}')",
			Server.SQLITE: "NULL",
		}
		return Raw(spelled[self.name])

	def by_index(self, name: str) -> str:
		"""Return the clause that makes a query look rows up by an index of ours. MariaDB reads all rows of a table that was
		nearly empty when it last counted them, once for each row that is looked up. Other databases decide themselves.
		"""
		return f"FORCE INDEX (`{name}`)" if self.name is Server.MARIADB else ""

	@property
	def by_unmade(self) -> str:
		"""Return the clause that makes a query read the bank transactions that no line made by the index of those alone, and
		not all of an account's days.
		"""
		spelled = {
			Server.MARIADB: self.by_index(UNMADE),
			Server.SQLITE: "INDEXED BY transaction_unmade",
		}
		return spelled.get(self.name, "")

	@property
	def for_update(self) -> str:
		"""Return the clause that locks the rows read; SQLite locks the whole file for a writer."""
		return "" if self.name is Server.SQLITE else "FOR UPDATE"


MARIADB = Dialect(Server.MARIADB)
POSTGRES = Dialect(Server.POSTGRES)
SQLITE = Dialect(Server.SQLITE)

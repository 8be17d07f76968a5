"""What the SQL of MariaDB, Postgres and SQLite does not have in common."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from dokos_banksync.hosts.storage.sql import Raw


@dataclass(frozen=True)
class Dialect:
	"""Expressions that each database spells in its own way, in the common SQL of `sql`."""

	name: Literal["mariadb", "postgres", "sqlite"]

	def incoming(self, column: str) -> str:
		"""Return the value that was to be inserted, for use within `on_conflict`."""
		return f"VALUES(`{column}`)" if self.name == "mariadb" else f"excluded.`{column}`"

	def on_conflict(
		self, keys: Sequence[str], columns: Sequence[str], computed: Mapping[str, str] | None = None
	) -> str:
		"""Return the upsert clause of an INSERT: a row with the same unique keys takes the new values of the columns.

		`computed` columns get what their SQL gives. They come first, as MariaDB assigns one column after the other.
		"""
		assigned = {**(computed or {}), **{c: self.incoming(c) for c in columns if c not in (computed or {})}}
		pairs = ", ".join(f"`{column}` = {value}" for column, value in assigned.items())
		if self.name == "mariadb":
			return f"ON DUPLICATE KEY UPDATE {pairs}"
		return f"ON CONFLICT ({', '.join(f'`{key}`' for key in keys)}) DO UPDATE SET {pairs}"

	def day_number(self, column: str) -> str:
		"""Return an integer that grows by one a day."""
		spelled = {
			"mariadb": f"TO_DAYS({column})",
			"postgres": f"({column} - DATE '1970-01-01')",
			"sqlite": f"CAST(julianday({column}) AS INTEGER)",
		}
		return spelled[self.name]

	def concat(self, *expressions: str) -> str:
		"""Return the expressions as one text."""
		if self.name == "sqlite":
			return f"({' || '.join(expressions)})"
		return f"CONCAT({', '.join(expressions)})"

	def as_text(self, expression: str) -> str:
		"""Return any value as text."""
		return f"CAST({expression} AS {'CHAR' if self.name == 'mariadb' else 'TEXT'})"

	def next_number(self, doctype: str) -> Raw:
		"""Return the next name of a doctype whose rows are numbered (`autoincrement`)."""
		sequence = f"{doctype.lower().replace(' ', '_')}_id_seq"
		spelled = {
			"mariadb": f"nextval(`{sequence}`)",
			"postgres": f"nextval('{sequence}')",
			"sqlite": "NULL",
		}
		return Raw(spelled[self.name])

	@property
	def for_update(self) -> str:
		"""Return the clause that locks the rows read; SQLite locks the whole file for a writer."""
		return "" if self.name == "sqlite" else "FOR UPDATE"


MARIADB = Dialect("mariadb")
POSTGRES = Dialect("postgres")
SQLITE = Dialect("sqlite")

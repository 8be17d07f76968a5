"""The site's database: statements over many rows, transactions and savepoints.

Frappe turns the common SQL of `hosts.storage.sql` into what MariaDB or Postgres wants.
"""

from __future__ import annotations

import base64
import json
import re
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from typing import Any

import frappe

from dokos_banksync.hosts.storage.dialect import Server
from dokos_banksync.hosts.storage.driver_errors import DriverErrors
from dokos_banksync.hosts.storage.sql import CHUNK, Raw, new_name, parts, placeholders, table

__all__ = ["new_name", "parts", "placeholders", "table"]

_LETTERS = 1_800_000
"""To an INSERT: a server takes sixteen megabytes at once, of which an escaped letter may be eight bytes."""
_SHORT = 255
"""Letters of a text that needs no place of its own."""
READS_JSON = (10, 6)
"""The version of MariaDB from which on it reads rows from JSON."""

_JSON_TYPES = {str, int, float, type(None)}

_PLAIN_TEXT = re.compile(r"[\w .,:@/-]*")

_IN_ERROR = 3
"""What libpq calls PQTRANS_INERROR."""

_CHANGED_AT_ONCE = 200
"""Rows to an UPDATE: its branches are tried one after the other."""


def rows(sql: str, values: Sequence[object] | Mapping[str, object] = ()) -> list[Any]:
	"""Return the rows of a query as dicts."""
	found: list[Any] = frappe.db.sql(sql, values, as_dict=True)
	return found


def value(sql: str, values: Sequence[object] = ()) -> Any:
	"""Return the first column of the first row, or None."""
	found = frappe.db.sql(sql, values)
	return found[0][0] if found else None


def run(sql: str, values: Sequence[object] = ()) -> None:
	"""Run one statement with its values."""
	frappe.db.sql(sql, values)


def every_column(doctype: str, alias: str) -> str:
	"""Return the columns of a table for a SELECT, instants as Python writes them: the driver of MariaDB parses each one,
	which takes as long as all else of a row.
	"""
	if frappe.db.db_type != Server.MARIADB:
		return f"{alias}.*"
	fields = frappe.get_meta(doctype).get("fields", {"fieldtype": "Datetime"})
	instants = {"creation", "modified", *(field.fieldname for field in fields)}
	columns = ((name, f"{alias}.`{name}`") for name in frappe.db.get_table_columns(doctype))
	text = "TRIM(TRAILING '.000000' FROM CAST({} AS CHAR)) AS `{}`"
	return ", ".join(text.format(column, name) if name in instants else column for name, column in columns)


def _parts_by_size(values: Iterable[Sequence[object]]) -> Iterator[list[Sequence[object]]]:
	part: list[Sequence[object]] = []
	letters = 0
	for given in values:
		size = len(given[-1]) if isinstance(given[-1], str) else 0
		if part and (letters + size > _LETTERS or len(part) == CHUNK):
			yield part
			part, letters = [], 0
		part.append(given)
		letters += size
	if part:
		yield part


def insert(
	doctype: str,
	columns: Sequence[str],
	values: Iterable[Sequence[object]],
	conflict: str = "",
	same: Mapping[str, object] | None = None,
) -> None:
	"""See `Database.insert`."""
	same = same or {}
	literals = {column: _literal(value) for column, value in same.items()}
	names = ", ".join(f"`{column}`" for column in (*columns, *same))
	rest = [same[column] for column, literal in literals.items() if literal == "%s"]
	rows_of = _rows_as_json if is_recent_mariadb() else _rows_as_values
	for part in _parts_by_size(values):
		select, given = rows_of(part, list(literals.values()), rest)
		run(f"INSERT INTO {table(doctype)} ({names}) {select} {conflict}", given)


def is_recent_mariadb() -> bool:
	"""Return whether the server has `JSON_TABLE` and RETURNING, by the version that it gave when the connection was opened."""
	if frappe.db.db_type != Server.MARIADB:
		return False
	if not frappe.db._conn:
		frappe.db.connect()
	found = re.search(r"(\d+)\.(\d+)\.\d+-MariaDB", str(frappe.db._conn.get_server_info()))
	return found is not None and (int(found[1]), int(found[2])) >= READS_JSON


def _rows_as_json(
	part: Sequence[Sequence[object]], literals: Sequence[str], rest: Sequence[object]
) -> tuple[str, list[object]]:
	"""Return rows as one JSON text, with what is the same in all of them once: the server has one value to read and the
	driver one to escape, where VALUES has one for each column of each row. In base64 there is nothing to escape, for
	which a driver in Python takes as long as for all else.

	Values are texts there, which the server turns into the type of their column as it does with literals.
	"""
	columns = list(zip(*part, strict=True))
	apart = [at for at, column in enumerate(columns) if column.count(column[0]) < len(column)] or [0]
	shared = [column[0] for at, column in enumerate(columns) if at not in apart]
	cells = [_json_column(columns[at]) for at in apart]
	types = (
		f"c{at} {_text_type(cell)} PATH '$[{place}]' ERROR ON ERROR"
		for place, (at, cell) in enumerate(zip(apart, cells, strict=True))
	)
	selected = [f"v.c{at}" if at in apart else "%s" for at in range(len(columns))]
	text = json.dumps(list(zip(*cells, strict=True)), ensure_ascii=False)
	source = f"JSON_TABLE(CONVERT(FROM_BASE64(%s) USING utf8mb4), '$[*]' COLUMNS ({', '.join(types)})) v"
	given = [*shared, *rest, base64.b64encode(text.encode()).decode()]
	return f"SELECT {', '.join([*selected, *literals])} FROM {source}", given


def _json_column(column: Sequence[object]) -> Sequence[object]:
	"""Return the values of a column as JSON knows them and the server reads them."""
	return column if {*map(type, column)} <= _JSON_TYPES else [_json_value(one) for one in column]


def _json_value(value: object) -> object:
	if isinstance(value, bool):
		return int(value)
	if type(value) in _JSON_TYPES:
		return value
	if isinstance(value, (date, Decimal, str)):
		return str(value)
	raise TypeError(f"No column takes a {type(value).__name__}")


def _text_type(column: Sequence[object]) -> str:
	"""Return the SQL type that fits each value as a text: a long text is stored separately, which takes time."""
	longest = max((len(one) for one in column if type(one) is str), default=0)
	return "LONGTEXT" if longest > _SHORT else f"VARCHAR({_SHORT})"


def _rows_as_values(
	part: Sequence[Sequence[object]], literals: Sequence[str], rest: Sequence[object]
) -> tuple[str, list[object]]:
	row = f"({', '.join([*['%s'] * len(part[0]), *literals])})"
	return f"VALUES {', '.join([row] * len(part))}", [one for given in part for one in (*given, *rest)]


def _literal(value: object) -> str:
	"""Return a value as SQL, once for many rows: escaping is what most of the time would go into.

	Frappe rewrites a statement for its database, and what looks like SQL in a text with it: such a text stays
	apart.
	"""
	if isinstance(value, Raw):
		return str(value)
	if isinstance(value, str) and not _PLAIN_TEXT.fullmatch(value):
		return "%s"
	escaped = frappe.db._cursor.mogrify("%s", (value,))
	return str(escaped.decode() if isinstance(escaped, bytes) else escaped).replace("%", "%%")


def change(doctype: str, column: str, values: Mapping[str, object], only_if_empty: bool = False) -> None:
	"""See `Database.change`. No row reaches the ELSE, which only gives Postgres the type of the values."""
	for part in parts(values.items(), _CHANGED_AT_ONCE):
		branches = " ".join(["WHEN %s THEN %s"] * len(part))
		new = f"CASE `name` {branches} ELSE `{column}` END"
		if only_if_empty:
			new = f"COALESCE(NULLIF(`{column}`, ''), {new})"
		names = [name for name, _value in part]
		flat = [one for pair in part for one in pair]
		run(
			f"UPDATE {table(doctype)} SET `{column}` = {new} WHERE `name` IN ({placeholders(names)})",
			[*flat, *names],
		)


def commit() -> None:
	"""End the database transaction where it has written anything, unless it is a part of one that is committed as a whole."""
	if frappe.db.transaction_writes and not in_transaction():
		frappe.db.commit()


def in_transaction() -> bool:
	"""Return whether this is within `FrappeDatabase.write`."""
	return bool(getattr(frappe.local, "banksync_writes", False))


def look_again() -> None:
	"""See what others have committed since this transaction began, where nothing waits to be committed with the rest."""
	if not in_transaction():
		begin()


def begin() -> None:
	"""Start a transaction that sees what others have committed, and waits for rows that they have locked."""
	recover()
	if frappe.db.db_type == Server.POSTGRES:
		frappe.db.commit()
		# Frappe's own level there refuses a row that another transaction has written since, where others wait.
		frappe.db.sql("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")
	elif frappe.db.transaction_writes:
		frappe.db.commit()
	else:
		frappe.db.begin()


def recover() -> None:
	"""End the transaction after an error on Postgres, which takes nothing more before; other databases go on."""
	if frappe.db.db_type == Server.POSTGRES and frappe.db._conn.info.transaction_status == _IN_ERROR:
		frappe.db.rollback()


def start_over() -> None:
	"""Roll back what is not committed; a session that the server has ended is replaced."""
	lost_session = driver_errors().lost_session
	try:
		frappe.db.rollback()
	except lost_session:
		frappe.db._conn = None
		frappe.db.connect()


@contextmanager
def undone_on_error() -> Iterator[None]:
	"""Roll back what was written inside when an error leaves the block (a savepoint); what came before stays."""
	point = f"banksync_{secrets.token_hex(4)}"
	frappe.db.savepoint(point)
	try:
		yield
	except frappe.QueryDeadlockError:
		raise  # the database has undone all of the transaction, and this point with it
	except Exception:
		frappe.db.rollback(save_point=point)
		raise
	frappe.db.release_savepoint(point)


def driver_errors() -> DriverErrors:
	"""Return the errors of the site's database driver by what they mean."""
	if not frappe.db._conn:
		frappe.db.connect()
	return DriverErrors.of(frappe.db._conn)

"""Statements over many rows, in the words that MariaDB, Postgres and SQLite share.

Backticks are the quotes: Frappe turns them into what the database wants.
"""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any, TypeVar

import frappe

T = TypeVar("T")

CHUNK = 2_500
"""Rows to a statement."""

_LETTERS = 4_000_000
"""To an INSERT: a server takes sixteen megabytes at once, of which a letter may be four bytes."""


class Raw(str):
	"""SQL that stands in a statement as it is."""

	__slots__ = ()


_PLAIN_TEXT = re.compile(r"[\w .,:@/-]*")

_IN_ERROR = 3
"""What libpq calls PQTRANS_INERROR."""

_CHANGED_AT_ONCE = 200
"""Rows to an UPDATE: its branches are tried one after the other."""


def rows(sql: str, values: Sequence[object] | Mapping[str, object] = ()) -> list[Any]:
	"""Rows as dicts."""
	return frappe.db.sql(sql, values, as_dict=True)


def value(sql: str, values: Sequence[object] = ()) -> Any:
	"""The first column of the first row, or None."""
	found = frappe.db.sql(sql, values)
	return found[0][0] if found else None


def run(sql: str, values: Sequence[object] = ()) -> None:
	frappe.db.sql(sql, values)


def marks(values: Sequence[object]) -> str:
	"""Placeholders for an IN; of nothing at all, one that no value equals."""
	return ", ".join(["%s"] * len(values)) or "NULL"


def parts(values: Iterable[T], size: int = CHUNK) -> Iterator[list[T]]:
	rest = iter(values)
	while part := list(islice(rest, size)):
		yield part


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


def table(doctype: str) -> str:
	return f"`tab{doctype}`"


def insert(
	doctype: str,
	columns: Sequence[str],
	values: Iterable[Sequence[object]],
	update: str = "",
	same: Mapping[str, object] | None = None,
) -> None:
	"""Many rows at once, `same` in each of them. `update` says what becomes of rows that are there already (see
	`on_conflict`). A long text stands last among the values of a row.
	"""
	same = same or {}
	told = {column: _literal(value) for column, value in same.items()}
	names = ", ".join(f"`{column}`" for column in (*columns, *same))
	row = f"({', '.join([*['%s'] * len(columns), *told.values()])})"
	rest = [same[column] for column, literal in told.items() if literal == "%s"]
	for part in _parts_by_size(values):
		flat = [one for given in part for one in (*given, *rest)]
		run(f"INSERT INTO {table(doctype)} ({names}) VALUES {', '.join([row] * len(part))} {update}", flat)


def _literal(value: object) -> str:
	"""A value as SQL, once for many rows: escaping is what most of the time would go into.

	Frappe rewrites a statement for its database, and what looks like SQL in a text with it: such a text stays
	apart.
	"""
	if isinstance(value, Raw):
		return str(value)
	if isinstance(value, str) and not _PLAIN_TEXT.fullmatch(value):
		return "%s"
	told = frappe.db._cursor.mogrify("%s", (value,))
	return (told.decode() if isinstance(told, bytes) else told).replace("%", "%%")


def next_value(doctype: str) -> Raw:
	"""The next name of a doctype whose rows are numbered."""
	sequence = f"{frappe.scrub(doctype)}_id_seq"
	return Raw(f"nextval('{sequence}')" if frappe.db.db_type == "postgres" else f"nextval(`{sequence}`)")


def incoming(column: str) -> str:
	"""Within `on_conflict`: the value that was to be inserted."""
	return f"VALUES(`{column}`)" if frappe.db.db_type == "mariadb" else f"excluded.`{column}`"


def on_conflict(
	keys: Sequence[str], columns: Sequence[str], reckoned: Mapping[str, str] | None = None
) -> str:
	"""Rows with the same unique keys take the new values of the columns; those that are `reckoned` get what their SQL
	says. They come first, for MariaDB takes one column after the other.
	"""
	told = {**(reckoned or {}), **{c: incoming(c) for c in columns if c not in (reckoned or {})}}
	pairs = ", ".join(f"`{column}` = {value}" for column, value in told.items())
	if frappe.db.db_type == "mariadb":
		return f"ON DUPLICATE KEY UPDATE {pairs}"
	return f"ON CONFLICT ({', '.join(f'`{key}`' for key in keys)}) DO UPDATE SET {pairs}"


def change(doctype: str, column: str, values: Mapping[str, object], only_if_empty: bool = False) -> None:
	"""Give documents, by name, each a value of its own.

	No row takes the ELSE: it is there for Postgres to see of what type the values are.
	"""
	for part in parts(values.items(), _CHANGED_AT_ONCE):
		branches = " ".join(["WHEN %s THEN %s"] * len(part))
		new = f"CASE `name` {branches} ELSE `{column}` END"
		if only_if_empty:
			new = f"COALESCE(NULLIF(`{column}`, ''), {new})"
		names = [name for name, _value in part]
		flat = [one for pair in part for one in pair]
		run(
			f"UPDATE {table(doctype)} SET `{column}` = {new} WHERE `name` IN ({marks(names)})",
			[*flat, *names],
		)


def commit() -> None:
	"""End the database transaction, where it has written anything."""
	if frappe.db.transaction_writes:
		frappe.db.commit()


def begin() -> None:
	"""From here on, see what others have committed, and wait for rows that they have locked."""
	if frappe.db.db_type == "postgres":
		frappe.db.commit()
		# Frappe's own level there refuses a row that another transaction has written since, where others wait.
		frappe.db.sql("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")
	elif frappe.db.transaction_writes:
		frappe.db.commit()
	else:
		frappe.db.begin()


def recover() -> None:
	"""After an error Postgres takes nothing more until the transaction is ended; others go on."""
	if frappe.db.db_type == "postgres" and frappe.db._conn.info.transaction_status == _IN_ERROR:
		frappe.db.rollback()


def start_over() -> None:
	"""Take back what is not committed; a session that the server has ended is replaced."""
	try:
		frappe.db.rollback()
	except Exception as error:
		if not any(kind.__name__ in ("InterfaceError", "OperationalError") for kind in type(error).__mro__):
			raise
		frappe.db._conn = None
		frappe.db.connect()


def new_name() -> str:
	"""A name for a row that no person types: rows made one after the other lie side by side on the disk."""
	return f"{time.time_ns() // 1_000_000:011x}{secrets.token_hex(5)}"


@contextmanager
def undone_on_error() -> Iterator[None]:
	"""What was written inside is taken back when an error leaves it; what came before stays."""
	point = f"banksync_{secrets.token_hex(4)}"
	frappe.db.savepoint(point)
	try:
		yield
	except frappe.QueryDeadlockError:
		raise  # the database has taken back all of the transaction, and this point with it
	except Exception:
		frappe.db.rollback(save_point=point)
		raise
	frappe.db.release_savepoint(point)


def is_refusal(error: Exception) -> bool:
	"""Whether the database would not take a value. PEP 249 has every driver call its errors so."""
	return any(kind.__name__ in ("DataError", "IntegrityError") for kind in type(error).__mro__)

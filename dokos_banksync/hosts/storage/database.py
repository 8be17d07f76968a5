"""The ports of the shared storage: a database, the form of its values, and the host's own documents."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Protocol

from dokos_banksync.core.model import Decision
from dokos_banksync.core.review.journal import Key
from dokos_banksync.hosts.storage.dialect import Dialect

Categories = Mapping[str, Mapping[str, str]]
"""The host's category by source and the provider's id."""


class Row(Protocol):
	"""One row of a result, read by column; `dict(row)` copies it."""

	def __getitem__(self, name: str, /) -> Any: ...

	def keys(self) -> Any:
		"""Return the names of the columns."""
		...


class Database(Protocol):
	"""A database with our tables. Statements are in the common SQL of `hosts.storage.sql`."""

	@property
	def dialect(self) -> Dialect:
		"""Return how this database writes what differs between databases."""
		...

	def rows(self, sql: str, values: Sequence[object] = (), /) -> list[Any]:
		"""Return all rows of a query; see `Row`."""
		...

	def value(self, sql: str, values: Sequence[object] = (), /) -> Any:
		"""Return the first column of the first row, or None."""
		...

	def run(self, sql: str, values: Sequence[object] = (), /) -> object:
		"""Execute a statement."""
		...

	def insert(
		self,
		doctype: str,
		columns: Sequence[str],
		values: Iterable[Sequence[object]],
		conflict: str = "",
		same: Mapping[str, object] | None = None,
	) -> None:
		"""Insert many rows. `same` are columns that all rows share, `conflict` the result of `on_conflict`.

		A long text stands last among the values of a row.
		"""
		...

	def change(
		self, doctype: str, column: str, values: Mapping[str, object], only_if_empty: bool = False
	) -> None:
		"""Set a column of documents, by name, to a value of each one's own."""
		...

	def write(self, *, lock: bool = True, atomic: bool = True) -> AbstractContextManager[None]:
		"""Open a database transaction that sees all that others have committed; commit at the end, roll back on an error.

		Within another one of the same process it is a part of that one. With `lock` no other writer gets in. Without
		`atomic` its statements may be committed one by one: for a single one, or where each is right without the others.
		"""
		...

	def stamps(self, at: datetime) -> dict[str, object]:
		"""Return the columns that the framework fills in each new row: its times, users and status."""
		...

	def changed(self, at: datetime) -> dict[str, object]:
		"""Return the columns that the framework sets when a row changes."""
		...

	def new_names(self, doctype: str, count: int) -> list[str]:
		"""Return names for new rows of a doctype of ours."""
		...

	def columns(self, doctype: str) -> Collection[str]:
		"""Return the columns of a doctype's table that can be written."""
		...

	def every_column(self, doctype: str, alias: str) -> str:
		"""Return the columns of a doctype's table for a SELECT of whole rows, as `journal.plain` gives them."""
		...

	def forget(self, doctype: str, name: str) -> None:
		"""Drop what is cached of a document."""
		...


class Codec(Protocol):
	"""How values are stored: Python's on one side, the database's on the other. Empty ones are None."""

	def money_in(self, amount: Decimal) -> Any:
		"""Raises `InvalidData` for an amount that cannot be stored exactly."""
		...

	def amount_out(self, stored: Any) -> Decimal:
		"""Return an amount with two decimals, or more where it has more; None is zero."""
		...

	def rounded(self, balance: Decimal | None) -> Decimal | None:
		"""Return a provider's balance as it will be read again: providers add up in binary fractions."""
		...

	def day_in(self, day: date | None) -> Any:
		"""Return a day as it is stored."""
		...

	def day_out(self, stored: Any) -> date | None:
		"""Return the day of a stored value; None for an empty one."""
		...

	def day(self, stored: Any) -> date:
		"""Return a day that is never empty."""
		...

	def instant_in(self, instant: datetime | None) -> Any:
		"""Return an instant as the framework stores its own, on Frappe in the site's time zone."""
		...

	def instant(self, stored: Any) -> datetime:
		"""Return an instant that is never empty, in UTC."""
		...

	def instant_out(self, stored: Any) -> datetime | None:
		"""Return the instant of a stored value in UTC; None for an empty one."""
		...

	def utc_in(self, instant: datetime | None) -> Any:
		"""Return an instant stored in UTC, where no hour comes twice."""
		...

	def utc_out(self, stored: Any) -> datetime | None:
		"""Return a stored instant, in UTC."""
		...

	def text_in(self, text: str) -> str:
		"""Return a text from outside so that no page takes it for markup; `text_out` gives exactly the same again."""
		...

	def text_out(self, stored: Any) -> str:
		"""Return a stored text as it was written."""
		...

	def clip(self, text: str) -> str:
		"""Return what fits a short text field."""
		...

	def message_in(self, text: str, length: int = 140) -> str:
		"""Return a text that is only shown, without markup and at most so long."""
		...

	def json_out(self, stored: Any) -> Any:
		"""Return the value of a JSON field, None when it is empty."""
		...


@dataclass
class Written:
	"""Names of the bank transactions made, by line, and why the host refused the others."""

	names: dict[Key, str] = field(default_factory=dict)
	refused: dict[Key, str] = field(default_factory=dict)


class Documents(Protocol):
	"""The host's own documents. What a host refuses is returned with its reason, by name."""

	def make(self, made: Sequence[Decision], categories: Categories, now: datetime) -> Written:
		"""Make a bank transaction of each decision."""
		...

	def fill(self, made: Sequence[Decision], categories: Categories, now: datetime) -> None:
		"""Give linked bank transactions what they lack; what they have stays."""
		...

	def change(self, made: Sequence[Decision], categories: Categories, now: datetime) -> Mapping[str, str]:
		"""Make the changes of the decisions."""
		...

	def put(self, changed: Mapping[str, Mapping[str, Any]], now: datetime) -> Mapping[str, str]:
		"""Set columns of bank transactions to stored values, by column and name."""
		...

	def remove(self, names: Sequence[str]) -> Mapping[str, str]:
		"""Delete documents of the host; return the reason for each that stays."""
		...

	def restore(self, images: Sequence[Mapping[str, Any]]) -> Mapping[str, str]:
		"""Bring bank transactions back under the same names, from their images."""
		...

	def clear_origins(self, origins: Sequence[str]) -> None:
		"""Forget from which lines bank transactions were made."""
		...

	def children(self, names: Collection[str]) -> Iterator[tuple[str, list[Any]]]:
		"""Yield the rows of the tables in bank transactions, by doctype."""
		...

	def reconciled_with(self, names: Iterable[str]) -> Mapping[str, Sequence[tuple[str, str]]]:
		"""Return doctype and name of what bank transactions are reconciled with, by bank transaction."""
		...

	def lock_dates(self, bank_accounts: Collection[str]) -> Mapping[str, date | None]:
		"""Return the day up to which the books of bank accounts are closed."""
		...

	def insert(self, doctype: str, values: Mapping[str, object]) -> str:
		"""Insert a document as a user would; its name. Raises `InvalidData` where the host refuses it."""
		...

	def delete(self, doctype: str, name: str) -> None:
		"""Delete one record of ours."""
		...

"""The standalone site's own Bank Transactions, Bank Accounts and connections, as the shared storage asks for them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from dokos_banksync.core.model import Decision
from dokos_banksync.core.review.journal import Key
from dokos_banksync.hosts.standalone.ledger import movement_totals
from dokos_banksync.hosts.standalone.ledger.database import Database
from dokos_banksync.hosts.standalone.ledger.values import day_in, day_out, instant_in, money_in
from dokos_banksync.hosts.storage.database import Categories, Written
from dokos_banksync.hosts.storage.fields import HostFields
from dokos_banksync.hosts.storage.lines import origin
from dokos_banksync.hosts.storage.sql import TRANSACTION, parts, placeholders, table

_ORIGIN_LENGTH = 10_000
"""SQLite's texts have no length; origins were stored whole from the beginning."""

UNRECONCILED = "Unreconciled"
"""The state of a new bank transaction."""

_MANY = 2_000
"""Rows for which changing the definition of the table, which every connection then reads again, costs little."""

FIELDS = HostFields(
	inflow="deposit",
	outflow="withdrawal",
	remote_id="transaction_id",
	unique_remote_id=False,
	reference="reference_number",
	kind="transaction_type",
	party_name="bank_party_name",
	party_iban="bank_party_iban",
	category="category",
	origin="origin",
	signed_unallocated=False,
	submittable=False,
	amount="t.amount",
	live="1 = 1",
	windows=(("t.amount = asked.amount", 0),),
	category_title="category_name",
	account_fields={name: name for name in ("opening_balance", "opening_date", "lock_date")},
	derived=("amount",),
	origin_length=_ORIGIN_LENGTH,
)
COLUMNS = (
	*("name", "date", "bank_account", "deposit", "withdrawal", "currency", "description", "category"),
	*("transaction_id", "origin", "reference_number", "transaction_type", "bank_party_name"),
	*("bank_party_iban", "status", "allocated_amount", "unallocated_amount"),
)
_SET = {
	"date": "UPDATE bank_transaction SET date = ?, modified = ? WHERE name = ?",
	"description": "UPDATE bank_transaction SET description = ?, modified = ? WHERE name = ?",
	"category": "UPDATE bank_transaction SET category = ?, modified = ? WHERE name = ?",
	# Python 3.12.0 to 3.12.3 warn of ?1, so a value that is used several times is named by a common table expression.
	"amount": """
		WITH given (amount, modified, name) AS (VALUES (?, ?, ?))
		UPDATE bank_transaction SET
			deposit = max((SELECT amount FROM given), 0), withdrawal = max(-(SELECT amount FROM given), 0),
			unallocated_amount = abs((SELECT amount FROM given)) - allocated_amount,
			modified = (SELECT modified FROM given)
		WHERE name = (SELECT name FROM given)
	""",
}
_FILL = """
	UPDATE bank_transaction SET
		category = coalesce(category, ?), modified = ?,
		transaction_id = CASE transaction_id WHEN '' THEN ? ELSE transaction_id END,
		bank_party_name = CASE bank_party_name WHEN '' THEN ? ELSE bank_party_name END,
		bank_party_iban = CASE bank_party_iban WHEN '' THEN ? ELSE bank_party_iban END
	WHERE name = ?
"""
_UNALLOCATED = """
	UPDATE bank_transaction SET unallocated_amount = abs(deposit - withdrawal) - allocated_amount, modified = ?
	WHERE name = ?
"""


class SqliteDocuments:
	"""`Documents` of the standalone site. No document is refused here."""

	def __init__(self, db: Database) -> None:
		self._db = db

	def make(self, made: Sequence[Decision], categories: Categories, now: datetime) -> Written:
		"""See `Documents.make`."""
		names = self.new_names(len(made), now)
		written: dict[Key, str] = {}
		values = []
		for name, one in zip(names, made, strict=True):
			written[one.source, one.line.remote_id] = name
			values.append(_transaction_in(name, one, categories.get(one.source, {})))
		self.insert_rows(values, len(values), now)
		return Written(written)

	def insert_rows(self, rows: Iterable[Sequence[object]], count: int, now: datetime) -> None:
		"""Insert `count` new bank transactions; each row has the values of `COLUMNS`."""
		with self._counted_at_once(count):
			self._db.insert(TRANSACTION, COLUMNS, rows, same=self._db.stamps(now))

	def new_names(self, count: int, now: datetime) -> list[str]:
		"""Return names for so many new bank transactions."""
		return self._db.series(f"ACC-BTN-{now.year}-", 5, count)

	@contextmanager
	def _counted_at_once(self, rows: int) -> Iterator[None]:
		"""Add many new rows to the running totals with one statement instead of one by one; see `movement_totals`."""
		if rows < _MANY:
			yield
			return
		with self._db.write():
			last = self._db.value(movement_totals.LAST_ROW)
			self._db.run(movement_totals.DROP_ON_INSERT)
			try:
				yield
			finally:
				self._db.run(movement_totals.ADD_ROWS_AFTER, (last,))
				self._db.run(movement_totals.ON_INSERT)

	def fill(self, made: Sequence[Decision], categories: Categories, now: datetime) -> None:
		"""See `Documents.fill`."""
		stamp = instant_in(now)
		values = [
			(
				*(categories.get(one.source, {}).get(one.line.category), stamp, one.line.remote_id),
				*(one.line.party_name, one.line.party_iban, one.transaction),
			)
			for one in made
		]
		self._db.run_many(_FILL, values)

	def change(self, made: Sequence[Decision], categories: Categories, now: datetime) -> Mapping[str, str]:
		"""See `Documents.change`."""
		stamp = instant_in(now)
		for name, sql in _SET.items():
			values = [
				(_stored(name, one.changes[name], categories.get(one.source, {})), stamp, one.transaction)
				for one in made
				if name in one.changes
			]
			self._db.run_many(sql, values)
		return {}

	def put(self, changed: Mapping[str, Mapping[str, Any]], now: datetime) -> Mapping[str, str]:
		"""See `Documents.put`."""
		for column, values in changed.items():
			self._db.change(TRANSACTION, column, values)
		names = {name for values in changed.values() for name in values}
		self._db.run_many(_UNALLOCATED, [(instant_in(now), name) for name in sorted(names)])
		return {}

	def remove(self, names: Sequence[str]) -> Mapping[str, str]:
		"""See `Documents.remove`."""
		self._db.run_many("DELETE FROM bank_transaction WHERE name = ?", [(name,) for name in names])
		return {}

	def restore(self, images: Sequence[Mapping[str, Any]]) -> Mapping[str, str]:
		"""See `Documents.restore`. An origin that another bank transaction has by now is cleared: it is unique."""
		known = set(self._db.columns(TRANSACTION))
		taken = self._taken_origins([image["origin"] for image in images if image["origin"]])
		for part in parts(images):
			columns = [name for name in part[0] if name in known]
			rows = [
				{**image, "origin": "" if image["origin"] in taken else image["origin"]} for image in part
			]
			self._db.insert(TRANSACTION, columns, ([row[name] for name in columns] for row in rows))
		return {}

	def _taken_origins(self, origins: Sequence[str]) -> set[str]:
		found: set[str] = set()
		for part in parts(origins):
			query = (
				f"SELECT origin FROM bank_transaction WHERE origin <> '' AND origin IN ({placeholders(part)})"
			)
			found.update(row["origin"] for row in self._db.rows(query, part))
		return found

	def clear_origins(self, origins: Sequence[str]) -> None:
		"""See `Documents.clear_origins`."""
		query = "UPDATE bank_transaction SET origin = '' WHERE origin = ? AND origin <> ''"
		self._db.run_many(query, [(origin,) for origin in origins])

	def children(self, names: Collection[str]) -> Iterator[tuple[str, list[Any]]]:  # noqa: ARG002
		"""See `Documents.children`. A bank transaction has no tables here."""
		return iter(())

	def reconciled_with(self, names: Iterable[str]) -> Mapping[str, Sequence[tuple[str, str]]]:  # noqa: ARG002
		"""See `Documents.reconciled_with`. There are no vouchers here."""
		return {}

	def lock_dates(self, bank_accounts: Collection[str]) -> Mapping[str, date | None]:
		"""See `Documents.lock_dates`."""
		names = sorted(bank_accounts)
		rows = self._db.rows(
			f"SELECT name, lock_date FROM bank_account WHERE name IN ({placeholders(names)})", names
		)
		return {row["name"]: day_out(row["lock_date"]) for row in rows}

	def insert(self, doctype: str, values: Mapping[str, object]) -> str:
		"""See `Documents.insert`."""
		with self._db.write():
			[name] = self._db.new_names(doctype, 1)
			self._db.insert(doctype, ("name", *values), [(name, *values.values())])
		return name

	def delete(self, doctype: str, name: str) -> None:
		"""See `Documents.delete`."""
		self._db.run(f"DELETE FROM {table(doctype)} WHERE name = ?", (name,))


def origin_of(source: str, remote_id: str) -> str:
	"""Return the key of the line that a bank transaction was made of."""
	return origin(source, remote_id, _ORIGIN_LENGTH)


def _transaction_in(name: str, made: Decision, categories: Mapping[str, str]) -> tuple[object, ...]:
	"""Return the values of `COLUMNS`. `categories` gives the category for the provider's id."""
	line = made.line
	amount = money_in(line.amount) or 0
	return (
		*(name, day_in(line.date), made.bank_account, max(amount, 0), max(-amount, 0), line.currency),
		*(
			line.description,
			categories.get(line.category),
			line.remote_id,
			origin_of(made.source, line.remote_id),
		),
		*(line.reference, line.kind, line.party_name, line.party_iban, UNRECONCILED, 0, abs(amount)),
	)


def _stored(name: str, value: object, categories: Mapping[str, str]) -> object:
	if name == "category":
		return categories.get(str(value))
	if isinstance(value, Decimal):
		return money_in(value)
	return value.isoformat() if isinstance(value, date) else value

"""Inserts new lines into SQLite without an object for each of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from operator import itemgetter
from typing import TypeAlias

from dokos_banksync.core.journal_action import JournalAction
from dokos_banksync.core.model import Line
from dokos_banksync.core.staged_row import StagedRow
from dokos_banksync.hosts.standalone.ledger.database import Database
from dokos_banksync.hosts.standalone.ledger.documents import UNRECONCILED, SqliteDocuments, origin_of
from dokos_banksync.hosts.standalone.ledger.values import day_in, instant_in, instant_out, money_of_text
from dokos_banksync.hosts.storage.batch import Batch
from dokos_banksync.hosts.storage.sql import LINE

_UTC = "+00:00"
_REMOTE_ID, _AMOUNT = itemgetter(Line._fields.index("remote_id")), Line._fields.index("amount")
_SAME = ("source", "connection", "bank_account", "run", "creation", "modified")
"""Columns of a line in which the lines of a batch do not differ."""
_COLUMNS = (
	*("name", "bank_transaction", "amount", "remote_updated_at", *_SAME),
	*("remote_id", "date", "currency", "description", "original", "state", "value_date", "transaction_date"),
	*("category", "kind", "party_name", "party_iban", "reference", "raw"),
)
_New: TypeAlias = tuple[str, int, StagedRow]
"""The name of a new bank transaction, its amount as it is stored, and its row."""

_LAST_LINE = "SELECT coalesce(max(rowid), 0) FROM sync_line"
_RECORD = """
	INSERT INTO sync_journal_entry
		(creation, modified, run, at, bank_account, source, remote_id, action, bank_transaction, made)
	SELECT creation, modified, run, creation, bank_account, source, remote_id, ?, bank_transaction, 1
	FROM sync_line WHERE rowid > ? ORDER BY rowid
"""
"""Statement that records each line after a number, with the bank transaction that was made of it."""

_OTHER_LIVE = """
	SELECT 1 FROM bank_transaction t WHERE t.bank_account = ? AND t.date BETWEEN ? AND ?
		AND NOT EXISTS (SELECT 1 FROM sync_line l WHERE l.bank_transaction = t.name AND l.source = ?) LIMIT 1
"""
_OTHER_DELETED = """
	SELECT 1 FROM sync_line l WHERE l.bank_account = ? AND l.deleted_transaction <> ''
		AND l.date BETWEEN ? AND ? AND l.source <> ? LIMIT 1
"""


class SqliteBatch(Batch):
	"""`Batch` of the standalone site. Rows pass from the staging area into the tables as they are."""

	_db: Database

	def row_inserter(self) -> SqliteBatch:
		"""See `core.batch.Batch.row_inserter`."""
		return self

	def version(self) -> int:
		"""See `core.batch.RowInserter.version`."""
		return int(self._db.value("PRAGMA data_version"))

	def has_others(self, bank_account: str, days: tuple[date, date], *, source: str) -> bool:
		"""See `core.batch.RowInserter.has_others`."""
		values = (bank_account, *map(day_in, days), source)
		return any(self._db.value(query, values) is not None for query in (_OTHER_LIVE, _OTHER_DELETED))

	def insert_new(
		self, run: str, rows: Sequence[StagedRow], *, source: str, bank_account: str, now: datetime
	) -> None:
		"""See `core.batch.RowInserter.insert_new`. In the order of their ids rows lie beside one another in most indexes."""
		documents = SqliteDocuments(self._db)
		given = sorted(rows, key=_REMOTE_ID)
		names = documents.new_names(len(given), now)
		new = [(name, money_of_text(row[_AMOUNT]), row) for name, row in zip(names, given, strict=True)]
		categories = self._categories.get(source, {})
		documents.insert_rows(_transactions(new, source, bank_account, categories), len(new), now)
		last = self._db.value(_LAST_LINE)
		stamp = instant_in(now)
		same = (source, self._connections.get(source), bank_account, run, stamp, stamp)
		self._db.insert(LINE, _COLUMNS, _lines(new, self._db.new_names(LINE, len(new)), same))
		self._db.run(_RECORD, (JournalAction.NEW.value, last))


def _transactions(
	new: Iterable[_New], source: str, bank_account: str, categories: Mapping[str, str]
) -> Iterator[tuple[object, ...]]:
	"""Yield the values of `documents.COLUMNS`."""
	for name, amount, row in new:
		_, remote_id, day, _, currency, description = row[:6]
		category, kind, party_name, party_iban, reference = row[10:15]
		yield (
			name,
			day,
			bank_account,
			amount if amount > 0 else 0,
			-amount if amount < 0 else 0,
			currency,
			description,
			categories.get(category),
			remote_id,
			origin_of(source, remote_id),
			reference,
			kind,
			party_name,
			party_iban,
			UNRECONCILED,
			0,
			abs(amount),
		)


def _lines(
	new: Iterable[_New], names: Iterable[str], same: tuple[str | None, ...]
) -> Iterator[tuple[object, ...]]:
	"""Yield the values of `_COLUMNS`; `same` are those of `_SAME`."""
	for name, (transaction, amount, row) in zip(names, new, strict=True):
		yield (name, transaction, amount, _in_utc(row[15]), *same, *row[1:3], *row[4:15], row[16])


def _in_utc(instant: str | None) -> str | None:
	return instant if instant is None or instant.endswith(_UTC) else instant_in(instant_out(instant))

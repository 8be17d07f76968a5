"""Holds the lines of one run between the fetch and the ledger, in bounded memory.

A provider gives lines in any order and may give one twice. It keeps the latest state of each, then
hands them out in the order the plan needs: by id first, then by amount those that the ids did not decide. It is a
private temporary database that SQLite keeps in memory while it is small and on disk, unnamed, when it is not.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from types import TracebackType

from dokos_banksync.core.model import Line, LineState

_COLUMNS = ", ".join(Line._fields)
_DECIDED, _UNMATCHED, _RELEASED = 0, 1, 2
"""What is to be done with a line, in the column `fresh`."""
_SCHEMA = f"""
	CREATE TABLE line (
		source TEXT NOT NULL, fresh INTEGER NOT NULL DEFAULT {_UNMATCHED}, linked TEXT NOT NULL DEFAULT '',
		{_COLUMNS}, PRIMARY KEY (source, remote_id)
	) WITHOUT ROWID;
"""
"""No index of amounts: rows are sorted once, which costs less than an entry for each of them."""
_PUT = f"""
	INSERT INTO line (source, {_COLUMNS}) VALUES (?{", ?" * len(Line._fields)})
	ON CONFLICT (source, remote_id) DO UPDATE SET
		({_COLUMNS}) = ({", ".join(f"excluded.{name}" for name in Line._fields)})
	WHERE coalesce(excluded.updated_at, '') >= coalesce(line.updated_at, '')
"""
_REPLACE = f"""
	INSERT OR REPLACE INTO line (linked, fresh, source, {_COLUMNS}) VALUES (?, ?, ?{", ?" * len(Line._fields)})
"""
_WAITING = f"""
	INSERT OR IGNORE INTO line (source, {_COLUMNS}) VALUES (?{", ?" * len(Line._fields)})
"""
_STATES = {state.value: state for state in LineState}

MOST_TEXT = 8_000_000
"""Characters of rows as they came that are handed out at a time: a provider's rows may be of any size."""

_CACHE = 8_000
"""Kilobytes in memory; the rest is in a file, which costs 3 % more processor time than four times as many."""


class Staging:
	"""Lines of one run, each tagged with the ledger's key of its remote account (its source)."""

	def __init__(self) -> None:
		self._db = sqlite3.connect("", isolation_level=None)
		self._db.execute(f"PRAGMA cache_size = -{_CACHE}")
		self._db.executescript(_SCHEMA)
		self._db.execute("BEGIN")

	def __enter__(self) -> Staging:
		return self

	def __exit__(
		self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
	) -> None:
		self._db.close()

	def put(self, lines: Iterable[tuple[str, Line]]) -> None:
		"""Add (source, line) pairs; of two with one id, the later `updated_at` wins, then the later one."""
		self._db.executemany(_PUT, ((source, *_pack(line)) for source, line in lines))

	def copy(self) -> Staging:
		"""Return a staging area of its own with the lines of this run, nothing decided."""
		other = Staging()
		columns = f"source, {_COLUMNS}"
		blanks = ", ".join("?" * (len(Line._fields) + 1))
		rows = self._db.execute(f"SELECT {columns} FROM line")
		other._db.executemany(f"INSERT INTO line ({columns}) VALUES ({blanks})", rows)
		return other

	def forget(self, source: str) -> None:
		"""Delete everything that came of a source."""
		self._db.execute("DELETE FROM line WHERE source = ?", (source,))

	def remove(self, source: str, remote_ids: Iterable[str]) -> None:
		"""Delete lines of a source by id."""
		sql = "DELETE FROM line WHERE source = ? AND remote_id = ?"
		self._db.executemany(sql, ((source, remote_id) for remote_id in remote_ids))

	def count(self) -> int:
		"""Return the number of lines."""
		return int(self._db.execute("SELECT count(*) FROM line").fetchone()[0])

	def holds(self, source: str, remote_ids: Iterable[str]) -> frozenset[str]:
		"""Those of the ids that came in this run."""
		asked = json.dumps(list(remote_ids))
		sql = "SELECT remote_id FROM line WHERE source = ? AND remote_id IN (SELECT value FROM json_each(?))"
		return frozenset(row[0] for row in self._db.execute(sql, (source, asked)))

	def repeats_any(self, source: str, rows: Iterable[tuple[date, Decimal]]) -> bool:
		"""Return whether a booked line of this run has the day and the amount of one of the rows."""
		asked = json.dumps([[day.isoformat(), canonical(amount)] for day, amount in rows])
		sql = """
			SELECT EXISTS (
				SELECT 1 FROM line JOIN json_each(?) asked
				ON line.date = json_extract(asked.value, '$[0]') AND line.amount = json_extract(asked.value, '$[1]')
				WHERE line.source = ? AND line.state = ?
			)
		"""
		return bool(self._db.execute(sql, (asked, source, LineState.BOOKED.value)).fetchone()[0])

	def by_id(self, size: int) -> Iterator[tuple[str, list[Line]]]:
		"""All lines in chunks of one source each, of `size` lines and `MOST_TEXT` characters at most.

		`decided` and `released` may be called between the chunks.
		"""
		for source in self._sources():
			after = ""
			while chunk := self._after(source, after, size):
				yield source, chunk
				after = chunk[-1].remote_id

	def decided(self, source: str, lines: Iterable[Line]) -> None:
		"""Mark lines that need not be matched by what they are. All others do."""
		self._db.executemany(
			"UPDATE line SET fresh = ? WHERE source = ? AND remote_id = ?",
			((_DECIDED, source, line.remote_id) for line in lines),
		)

	def add_waiting(self, lines: Iterable[tuple[str, Line]]) -> None:
		"""Add lines that wait in the ledger to those to be matched; a line fetched in this run goes first."""
		self._db.executemany(_WAITING, ((source, *_pack(line)) for source, line in lines))

	def released(self, source: str, removals: Iterable[tuple[Line, str]]) -> None:
		"""Put lines that the bank took back, each with the bank transaction that it leaves free.

		The line bears the amount and day it had, for a removal seldom repeats them.
		"""
		self._db.executemany(
			_REPLACE, ((linked, _RELEASED, source, *_pack(line)) for line, linked in removals)
		)

	def by_amount(self, size: int) -> Iterator[tuple[str, list[Line], dict[str, Line]]]:
		"""(source, fresh lines, removed lines by released bank transaction): whole amounts, about `size` lines or
		`MOST_TEXT` characters.
		"""
		for source in self._sources():
			yield from self._amounts(source, size)

	def _amounts(self, source: str, size: int) -> Iterator[tuple[str, list[Line], dict[str, Line]]]:
		fresh: list[Line] = []
		released: dict[str, Line] = {}
		amount, held = None, 0
		for row in self._db.execute(
			f"SELECT fresh, linked, {_COLUMNS} FROM line WHERE fresh <> ? AND source = ? ORDER BY amount, date",
			(_DECIDED, source),
		):
			line = _unpack(row[2:])
			if line.amount != amount and (len(fresh) + len(released) >= size or held >= MOST_TEXT):
				yield source, fresh, released
				fresh, released, held = [], {}, 0
			amount, held = line.amount, held + len(line.raw)
			if row[0] == _UNMATCHED:
				fresh.append(line)
			else:
				released[row[1]] = line
		if fresh or released:
			yield source, fresh, released

	def _sources(self) -> list[str]:
		return [row[0] for row in self._db.execute("SELECT DISTINCT source FROM line ORDER BY source")]

	def _after(self, source: str, remote_id: str, size: int) -> list[Line]:
		rows = self._db.execute(
			f"SELECT {_COLUMNS} FROM line WHERE source = ? AND remote_id > ? ORDER BY remote_id LIMIT ?",
			(source, remote_id, size),
		)
		lines, held = [], 0
		for row in rows:
			lines.append(_unpack(row))
			held += len(lines[-1].raw)
			if held >= MOST_TEXT:
				break
		return lines


def _pack(line: Line) -> list[str | None]:
	return [
		*(line.remote_account, line.remote_id, line.date.isoformat()),
		*(canonical(line.amount), line.currency, line.description, line.original, line.state.value),
		*(_iso(line.value_date), _iso(line.transaction_date), line.category, line.kind),
		*(line.party_name, line.party_iban, line.reference, _iso(line.updated_at), line.raw),
		line.given_id,
	]


def _unpack(row: Sequence[str]) -> Line:
	return Line(
		remote_account=row[0],
		remote_id=row[1],
		date=date.fromisoformat(row[2]),
		amount=Decimal(row[3]),
		currency=row[4],
		description=row[5],
		original=row[6],
		state=_STATES[row[7]],
		value_date=date.fromisoformat(row[8]) if row[8] else None,
		transaction_date=date.fromisoformat(row[9]) if row[9] else None,
		category=row[10],
		kind=row[11],
		party_name=row[12],
		party_iban=row[13],
		reference=row[14],
		updated_at=datetime.fromisoformat(row[15]) if row[15] else None,
		raw=row[16],
		given_id=row[17],
	)


def canonical(amount: Decimal) -> str:
	"""One text for one amount: 12.5 and 12.50 are the same money."""
	return format(amount.normalize(), "f")


def _iso(moment: date | None) -> str | None:
	return moment.isoformat() if moment else None

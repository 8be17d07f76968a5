"""Holds the lines of one run between the fetch and the ledger, in bounded memory.

A provider gives lines in any order and may give one twice. Staging stores the latest state of each, then returns them
in the order that the plan needs: by id first, then by amount those that the ids did not decide. It is a private temporary
database, which SQLite stores in memory while it is small, else in an unnamed file.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from types import TracebackType
from typing import NamedTuple

from dokos_banksync.core.importing.deferred_rows import MOST_TEXT, DeferredRows, PlainRows, StagedChunk
from dokos_banksync.core.model import Line, LineState
from dokos_banksync.core.packed_lines import PackedLines
from dokos_banksync.core.staged_row import StagedRow, canonical, canonical_text, pack, unpack

_COLUMNS = ", ".join(Line._fields)
_DECIDED, _UNMATCHED, _RELEASED = 0, 1, 2
"""What is to be done with a line, in the column `fresh`."""
_SCHEMA = f"""
	CREATE TABLE line (
		source TEXT NOT NULL, fresh INTEGER NOT NULL DEFAULT {_UNMATCHED}, linked TEXT NOT NULL DEFAULT '',
		{_COLUMNS}, UNIQUE (source, remote_id)
	);
"""
"""Rows are added at the end of the table: sorted by id, each new one would land on a page of its own. No index of
amounts: rows are sorted once, which costs less than an entry for each of them."""
_PUT = f"""
	INSERT INTO line (source, {_COLUMNS}) VALUES (?{", ?" * len(Line._fields)})
	ON CONFLICT (source, remote_id) DO UPDATE SET
		({_COLUMNS}) = ({", ".join(f"excluded.{name}" for name in Line._fields)})
	WHERE coalesce(excluded.updated_at, '') >= coalesce(line.updated_at, '')
"""
_RELEASE = f"""
	INSERT INTO line (source, {_COLUMNS}, linked, fresh) VALUES (?{", ?" * len(Line._fields)}, ?, {_RELEASED})
	ON CONFLICT (source, remote_id) DO UPDATE SET
		({_COLUMNS}, linked, fresh) = ({", ".join(f"excluded.{name}" for name in (*Line._fields, "linked", "fresh"))})
"""
_WAITING = f"""
	INSERT OR IGNORE INTO line (source, {_COLUMNS}) VALUES (?{", ?" * len(Line._fields)})
"""
_AMOUNT, _RAW = Line._fields.index("amount"), Line._fields.index("raw")

_PLAIN = f"fresh = {_UNMATCHED} AND state = '{LineState.BOOKED.value}' AND currency = ? AND date >= ?"
"""Condition of `PlainRows`."""

_CACHE = 8_000
"""Kilobytes in memory; the rest is in a file, which costs 3 % more processor time than four times as many."""


class Staging:
	"""Lines of one run, each tagged with the ledger's key of its remote account (its source)."""

	def __init__(self) -> None:
		self._db = sqlite3.connect("", isolation_level=None)
		self._db.execute("PRAGMA page_size = 16384")  # as large as 20 rows
		self._db.execute(f"PRAGMA cache_size = -{_CACHE}")
		self._db.executescript(_SCHEMA)
		self._db.execute("BEGIN")
		self._stored: dict[str, tuple[int, PlainRows]] = {}
		self._deferred: dict[str, DeferredRows] = {}
		"""Rows that are added to the table when a question about it is asked, by source."""

	def __enter__(self) -> Staging:
		return self

	def __exit__(
		self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
	) -> None:
		self._db.close()

	def put(self, lines: Iterable[tuple[str, Line]]) -> None:
		"""Add (source, line) pairs; of two with one id, the later `updated_at` wins, then the later one."""
		self._stage_deferred()
		self._db.executemany(_PUT, ((source, *pack(line)) for source, line in lines))

	def defer(self, source: str, lines: PackedLines) -> None:
		"""Add the lines of a source that has no others, each with an id of its own and an amount without an exponent."""
		self._deferred[source] = DeferredRows(lines)

	def _stage_deferred(self, but: Container[str] = ()) -> None:
		"""Add the deferred rows to the table, without those that `stored` leaves out and those of the sources in `but`."""
		for source in [source for source in self._deferred if source not in but]:
			rows = self._deferred.pop(source)
			self.put_rows(source, rows.rest(*self._stored.pop(source, (0, PlainRows("", "")))))

	def put_rows(self, source: str, rows: Iterable[StagedRow]) -> None:
		"""Add lines as `packed_lines` holds them, whose amounts have no exponent."""
		self._db.executemany(
			_PUT, ((source, source, *row[1:3], canonical_text(row[3]), *row[4:]) for row in rows)
		)

	def copy(self) -> Staging:
		"""Return a staging area of its own with the lines of this run, nothing decided."""
		self._stage_deferred()
		other = Staging()
		columns = f"source, {_COLUMNS}"
		blanks = ", ".join("?" * (len(Line._fields) + 1))
		rows = self._db.execute(f"SELECT {columns} FROM line")
		other._db.executemany(f"INSERT INTO line ({columns}) VALUES ({blanks})", rows)
		return other

	def forget(self, source: str) -> None:
		"""Delete everything that came of a source."""
		self._stage_deferred()
		self._db.execute("DELETE FROM line WHERE source = ?", (source,))

	def remove(self, source: str, remote_ids: Iterable[str]) -> None:
		"""Delete lines of a source by id."""
		self._stage_deferred()
		sql = "DELETE FROM line WHERE source = ? AND remote_id = ?"
		self._db.executemany(sql, ((source, remote_id) for remote_id in remote_ids))

	def count(self) -> int:
		"""Return the number of lines."""
		staged = int(self._db.execute("SELECT count(*) FROM line").fetchone()[0])
		return staged + sum(map(len, self._deferred.values()))

	def holds(self, source: str, remote_ids: Iterable[str]) -> frozenset[str]:
		"""Return those of the ids that came in this run."""
		self._stage_deferred()
		asked = json.dumps(list(remote_ids))
		sql = "SELECT remote_id FROM line WHERE source = ? AND remote_id IN (SELECT value FROM json_each(?))"
		return frozenset(row[0] for row in self._db.execute(sql, (source, asked)))

	def repeats_any(self, source: str, rows: Iterable[tuple[date, Decimal]]) -> bool:
		"""Return whether a booked line of this run has the day and the amount of one of the rows."""
		self._stage_deferred()
		asked = json.dumps([[day.isoformat(), canonical(amount)] for day, amount in rows])
		sql = """
			SELECT EXISTS (
				SELECT 1 FROM line JOIN json_each(?) asked
				ON line.date = json_extract(asked.value, '$[0]') AND line.amount = json_extract(asked.value, '$[1]')
				WHERE line.source = ? AND line.state = ?
			)
		"""
		return bool(self._db.execute(sql, (asked, source, LineState.BOOKED.value)).fetchone()[0])

	def by_id(self, size: int, without: Container[str] = ()) -> Iterator[tuple[str, list[Line]]]:
		"""Yield all lines in chunks of one source each, of `size` lines and `MOST_TEXT` characters at most; those of the
		sources in `without` left out.

		`decided` and `released` may be called between the chunks.
		"""
		self._stage_deferred(without)
		for source in self._sources():
			after = 0
			while source not in without and (chunk := self._after(source, after, size)).lines:
				yield source, chunk.lines
				after = chunk.last

	def decided(self, source: str, lines: Iterable[Line]) -> None:
		"""Mark lines that need not be matched by what they are. All others do."""
		self._stage_deferred()
		self._db.executemany(
			"UPDATE line SET fresh = ? WHERE source = ? AND remote_id = ?",
			((_DECIDED, source, line.remote_id) for line in lines),
		)

	def add_waiting(self, lines: Iterable[tuple[str, Line]]) -> None:
		"""Add lines that wait in the ledger to those to be matched; a line fetched in this run goes first."""
		self._stage_deferred()
		self._db.executemany(_WAITING, ((source, *pack(line)) for source, line in lines))

	def released(self, source: str, removals: Iterable[tuple[Line, str]]) -> None:
		"""Add lines that the bank removed, each with its bank transaction, which is free again.

		The line has the amount and day of the stored one, for a removal seldom repeats them.
		"""
		self._stage_deferred()
		self._db.executemany(_RELEASE, ((source, *pack(line), linked) for line, linked in removals))

	def first_day(self, source: str) -> date | None:
		"""Return the first day of the booked lines of a source; None without any. Lines of a file count when they are staged."""
		query = f"SELECT min(date) FROM line WHERE +source = ? AND state = '{LineState.BOOKED.value}'"
		[found] = self._db.execute(query, (source,)).fetchone()
		return date.fromisoformat(found) if found else None

	def extent(self, source: str, plain: PlainRows) -> tuple[date, date] | None:
		"""Return the first and the last day of the plain rows of a source; None without any."""
		if source in self._deferred:
			return self._deferred[source].extent(plain)
		row = self._db.execute(
			f"SELECT min(date), max(date) FROM line WHERE +source = ? AND {_PLAIN}", (source, *plain)
		).fetchone()
		return (date.fromisoformat(row[0]), date.fromisoformat(row[1])) if row[0] else None

	def plain(self, source: str, plain: PlainRows, size: int) -> Iterator[StagedChunk]:
		"""Yield the plain rows of a source in the order in which they came, `size` or `MOST_TEXT` characters at a time."""
		if source in self._deferred:
			yield from self._deferred[source].plain(plain, size)
			return
		rows: list[StagedRow] = []
		held = 0
		for row in self._db.execute(
			f"SELECT {_COLUMNS}, rowid FROM line WHERE +source = ? AND {_PLAIN} ORDER BY rowid",
			(source, *plain),
		):
			rows.append(row)
			held += len(row[_RAW])
			if len(rows) >= size or held >= MOST_TEXT:
				yield StagedChunk(rows, row[-1])
				rows, held = [], 0
		if rows:
			yield StagedChunk(rows, rows[-1][-1])

	def stored(self, source: str, plain: PlainRows, last: int) -> None:
		"""Leave the plain rows of a source up to the number `last` out of `by_amount`."""
		self._stored[source] = (last, plain)

	def by_amount(self, size: int) -> Iterator[StagedAmounts]:
		"""Yield the lines of whole amounts, of one source at a time, the lowest first, about `size` lines or `MOST_TEXT` characters."""
		self._stage_deferred()
		for source in self._sources():
			yield from self._amounts(source, size)

	def _amounts(self, source: str, size: int) -> Iterator[StagedAmounts]:
		rows: list[StagedRow] = []
		amount, held = None, 0
		last, plain = self._stored.get(source, (0, PlainRows("", "")))
		for row in self._db.execute(
			f"SELECT {_COLUMNS}, fresh, linked FROM line WHERE fresh <> ? AND +source = ? "
			f"AND NOT (rowid <= ? AND {_PLAIN}) ORDER BY CAST(amount AS NUMERIC), amount, date",
			(_DECIDED, source, last, *plain),
		):
			if row[_AMOUNT] != amount and (len(rows) >= size or held >= MOST_TEXT):
				yield StagedAmounts(source, rows)
				rows, held = [], 0
			amount, held = row[_AMOUNT], held + len(row[_RAW])
			rows.append(row)
		if rows:
			yield StagedAmounts(source, rows)

	def _sources(self) -> list[str]:
		return [row[0] for row in self._db.execute("SELECT DISTINCT source FROM line ORDER BY source")]

	def _after(self, source: str, last: int, size: int) -> _Chunk:
		rows = self._db.execute(
			f"SELECT {_COLUMNS}, rowid FROM line WHERE +source = ? AND rowid > ? ORDER BY rowid LIMIT ?",
			(source, last, size),
		)
		lines, held = [], 0
		for row in rows:
			lines.append(unpack(row))
			last, held = row[-1], held + len(lines[-1].raw)
			if held >= MOST_TEXT:
				break
		return _Chunk(lines, last)


@dataclass(frozen=True)
class StagedAmounts:
	"""The lines of some amounts of a source. `rows` are `StagedRow`s, made lines only where they are asked for."""

	source: str
	rows: Sequence[StagedRow]

	@cached_property
	def fresh(self) -> list[Line]:
		"""Return the lines that are to be matched."""
		return [unpack(row) for row in self.rows if row[-2] == _UNMATCHED]

	@cached_property
	def released(self) -> dict[str, Line]:
		"""Return the removed lines by the bank transaction that they release."""
		return {row[-1]: unpack(row) for row in self.rows if row[-2] == _RELEASED}


class _Chunk(NamedTuple):
	"""Lines, and the number of the last one in the table."""

	lines: list[Line]
	last: int

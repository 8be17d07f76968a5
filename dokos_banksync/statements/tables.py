"""Where the tables of a grid are: their titles, their rows, and what stands around them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from itertools import islice

from dokos_banksync.core.errors import InvalidData
from dokos_banksync.statements.amounts import looks_like_amount
from dokos_banksync.statements.days import looks_like_day
from dokos_banksync.statements.grid import Row, written
from dokos_banksync.statements.headers import guess, is_enough, known_titles
from dokos_banksync.statements.vocabulary import control, key, meanings, names_pending

DEEPEST = 100
"""Rows among which the first row of titles is looked for."""
_WIDEST = 200
"""Columns: a bank gives some twenty."""


@dataclass(frozen=True)
class Table:
	"""Rows below one row of titles. `titles` are empty texts where there is no such row."""

	titles: tuple[str, ...]
	header_row: int
	"""Number of the last row of titles, 0 where there is none."""
	before: tuple[Row, ...]
	"""Rows between the table before, or the start of the file, and the titles."""
	rows: Sequence[Row]

	@property
	def has_titles(self) -> bool:
		"""Whether there is a row of titles."""
		return self.header_row > 0

	@property
	def section(self) -> str:
		"""Return the text of the rows above the titles."""
		return " / ".join(row.text for row in self.before if row.text)


@dataclass(frozen=True)
class _Header:
	first: int
	last: int
	titles: tuple[str, ...]


def find_tables(grid: Sequence[Row]) -> list[Table]:
	"""Return the tables of a grid that hold transactions; the grid as a whole where no titles are known.

	Raises `InvalidData` for more columns than any statement has.
	"""
	width = max((len(row.cells) for row in grid), default=0)
	if width > _WIDEST:
		raise InvalidData("The table has more than {0} columns: it is not a bank statement", _WIDEST)
	headers = list(_known_headers(grid))
	if not headers:
		unknown = _unknown_header(grid)
		headers = [unknown] if unknown else []
	tables = _split(grid, headers) if headers else [_without_titles(grid, width)]
	filled = [table for table in tables if any(is_dated_money(row) for row in table.rows)]
	return filled or tables[:1]


def preview_columns(grid: Sequence[Row], chosen: str = "", rows: int = 3) -> list[list[str]]:
	"""Return the columns of a table that may not be understood: each its title, and the cells of some rows.

	`chosen` is the number of the table from 1, where the grid holds several.
	"""
	tables = find_tables(grid)
	number = int(chosen) if chosen.isdecimal() and 0 < int(chosen) <= len(tables) else 1
	table = tables[number - 1]
	shown = list(islice((row.texts for row in table.rows if row.filled), rows))
	width = max([len(table.titles), *(len(texts) for texts in shown)], default=0)
	titles = table.titles + ("",) * (width - len(table.titles))
	return [[titles[i], *(texts[i] if i < len(texts) else "" for texts in shown)] for i in range(width)]


def is_dated_money(row: Row) -> bool:
	"""Whether a row holds a day in one cell and an amount in another: a transaction, whatever the titles say."""
	days = money = False
	for cell in row.cells:
		if isinstance(cell, date) or (isinstance(cell, str) and looks_like_day(cell)):
			days = True
		elif isinstance(cell, Decimal) or (
			isinstance(cell, str) and cell.strip() and looks_like_amount(cell.strip())
		):
			money = True
		if days and money:
			return True
	return False


def _is_value(cell: object) -> bool:
	if not isinstance(cell, str):
		return True
	text = cell.strip()
	return bool(text) and (looks_like_day(text) or looks_like_amount(text))


def _is_title_row(row: Row) -> bool:
	return len(row.filled) > 1 and not any(_is_value(cell) for cell in row.cells)


def _known_headers(grid: Sequence[Row]) -> Iterator[_Header]:
	"""Yield rows whose titles name a day and an amount, with a second row of titles below where there is one."""
	place = 0
	first: tuple[str, ...] = ()
	while place < len(grid):
		if place >= DEEPEST and not (first and _may_be_titles(grid[place], first)):
			place += 1
			continue
		header = _header_at(grid, place)
		if header:
			first = first or header.titles
			yield header
			place = header.last
		place += 1


def _may_be_titles(row: Row, first: Sequence[str]) -> bool:
	"""A cheap test, for the rows of a long table."""
	cell = row.cells[0] if row.cells else ""
	if not isinstance(cell, str) or cell[:1].isdigit():
		return False
	return cell.strip() == first[0] or bool(meanings(cell.strip()))


def _header_at(grid: Sequence[Row], place: int) -> _Header | None:
	row = grid[place]
	if not _is_title_row(row):
		return None
	below = grid[place + 1] if place + 1 < len(grid) else None
	single = tuple(row.texts)
	found = [_Header(place, place, single)] if is_enough(guess(single).roles) else []
	if (
		below
		and below.filled
		and not is_enough(guess(below.texts).roles)
		and not any(_is_value(cell) for cell in below.cells)
	):
		both = _joined(single, below.texts)
		if is_enough(guess(both).roles) and known_titles(below.texts):
			found.append(_Header(place, place + 1, both))
	return max(found, key=lambda header: (len(guess(header.titles).roles), -header.last), default=None)


def _joined(upper: Sequence[str], lower: Sequence[str]) -> tuple[str, ...]:
	"""Return one title for each column of two rows of titles; the lower one alone where it is known by itself."""
	width = max(len(upper), len(lower))
	pairs = [(upper[i] if i < len(upper) else "", lower[i] if i < len(lower) else "") for i in range(width)]
	return tuple(b if b and (not a or meanings(b)) else f"{a} {b}".strip() for a, b in pairs)


def _unknown_header(grid: Sequence[Row]) -> _Header | None:
	"""Return a row of texts right above the first transaction: titles of a language, or of a bank, that is not known."""
	data = next((i for i, row in enumerate(grid) if is_dated_money(row)), None)
	if data is None:
		return _best_title_row(grid)
	above = next((i for i in range(data - 1, -1, -1) if grid[i].filled), None)
	if above is None or data - above > 3 or not _is_title_row(grid[above]):
		return None
	texts, wide = grid[above].texts, len(grid[data].filled)
	named = any(meanings(text) for text in texts if text)
	return (
		_Header(above, above, tuple(texts)) if named or len(grid[above].filled) >= max(2, wide - 1) else None
	)


def _best_title_row(grid: Sequence[Row]) -> _Header | None:
	rows = [(known_titles(row.texts), -i) for i, row in enumerate(grid[:DEEPEST]) if _is_title_row(row)]
	known, place = max(rows, default=(0, 0))
	return _Header(-place, -place, tuple(grid[-place].texts)) if known else None


def _split(grid: Sequence[Row], headers: Sequence[_Header]) -> list[Table]:
	tables: list[Table] = []
	before = tuple(grid[: headers[0].first])
	for number, header in enumerate(headers):
		following = headers[number + 1] if number + 1 < len(headers) else None
		rows = grid[header.last + 1 : following.first if following else len(grid)]
		again = bool(tables) and _same(tables[-1].titles, header.titles)
		again = again and not _other_state(tables[-1].before, tables[-1].rows)
		rows, tail = _cut(rows) if following and not _same(header.titles, following.titles) else (rows, ())
		if again:
			tables[-1] = replace(tables[-1], rows=_added(tables[-1].rows, rows))
		else:
			tables.append(Table(header.titles, grid[header.last].number, before, rows))
		before = tail
	return tables


def heads_pending(row: Row) -> bool:
	"""Whether a row is a heading of rows that are not booked: `Opérations en attente`."""
	return len(row.filled) == 1 and not is_dated_money(row) and names_pending(row.text)


def _other_state(before: Sequence[Row], rows: Sequence[Row]) -> bool:
	"""Whether a table is, or the next one will be, of rows that are not booked: by the text above each."""
	last = islice((row for row in reversed(rows) if row.filled), 1)
	return any(map(heads_pending, (*before, *last)))


def _same(titles: Sequence[str], others: Sequence[str]) -> bool:
	return [key(t) for t in titles if t] == [key(t) for t in others if t]


def _added(rows: Sequence[Row], more: Sequence[Row]) -> Sequence[Row]:
	both: Sequence[Row] = rows + more  # type: ignore[operator]
	return both


def _cut(rows: Sequence[Row]) -> tuple[Sequence[Row], tuple[Row, ...]]:
	"""Return the rows of a table, and those at its end that head the following table."""
	end = len(rows)
	while end and not (is_dated_money(rows[end - 1]) or _is_control(rows[end - 1])):
		end -= 1
	first = next((i for i in range(end - 1, -1, -1) if not rows[i].filled), None)
	if first is not None and not any(is_dated_money(row) for row in rows[first:end]):
		end = first
	return rows[:end], tuple(rows[end:])


def _is_control(row: Row) -> bool:
	return any(control(written(cell)) for cell in row.cells)


def _without_titles(grid: Sequence[Row], width: int) -> Table:
	data = next((i for i, row in enumerate(grid) if is_dated_money(row)), 0)
	while data and grid[data - 1].filled and len(grid[data - 1].cells) == len(grid[data].cells):
		data -= 1  # a damaged row is no text above the table
	return Table(("",) * width, 0, tuple(grid[:data]), grid[data:])

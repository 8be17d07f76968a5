"""How a table is laid out: where its header is, what each column holds, how days and amounts are written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

from dokos_banksync.core.errors import InvalidData
from dokos_banksync.statements import headers
from dokos_banksync.statements.amounts import MARKS, decimal_mark, looks_like_amount
from dokos_banksync.statements.contract import TOO_MANY, Options
from dokos_banksync.statements.days import ORDERS, looks_like_day, order_of
from dokos_banksync.statements.grid import Row, written

NO_COLUMN = "-"
"""For a person to say that no column holds something, whatever its title says."""

_DEEPEST = 60
"""Rows among which a header is looked for."""
_WIDEST = 200
"""Columns: a bank gives some twenty, and each of more is looked at in each row."""
_MONEY = ("amount", "debit", "credit", "balance")
_MOSTLY = 0.8
_FEW = 6
"""Rows that are too few to tell by their variety whose accounts they name."""


@dataclass(frozen=True)
class Layout:
	"""`roles` gives the place of a column (from 0) by what it holds; `rows` are those below the header."""

	titles: tuple[str, ...]
	roles: Mapping[str, int]
	rows: Sequence[Row]
	order: str
	mark: str
	signature: str
	header_row: int

	def mapping(self) -> dict[str, str]:
		"""What a person sees and the ledger remembers: titles (or `#2`) by role, and the two ways of writing."""
		columns = {role: self.titles[i] or f"#{i + 1}" for role, i in sorted(self.roles.items())}
		return {**columns, "date_format": self.order, "decimal": self.mark}


def lay_out(grid: Sequence[Row], options: Options) -> Layout:
	"""Raises `InvalidData` with what to say when the table leaves it open."""
	_check(options)
	width = _width(grid)
	if options.most and len(grid) > options.most + _DEEPEST:
		raise InvalidData(TOO_MANY, options.most)
	without = {role for role, column in options.columns.items() if column == NO_COLUMN}
	options = replace(options, columns={r: c for r, c in options.columns.items() if r not in without})
	place, titles, roles = _header(grid, options)
	signature = _signature(titles, width)
	kept = options.recall(signature)
	roles = {**(_placed(titles, _columns_of(kept)) or roles), **_placed(titles, options.columns)}
	roles = {role: column for role, column in roles.items() if role not in without}
	if not headers.is_enough(roles):
		raise InvalidData(
			"No column holds the day, or none the amount: say which with --column date=1 --column amount=3"
		)
	rows = [row for row in grid[place:] if row.text]
	if "account" not in {**kept, **options.columns} and not _names_own_account(rows, roles):
		roles = {role: column for role, column in roles.items() if role != "account"}
	order = options.dates or _order(rows, titles, roles, kept.get("date_format", ""))
	mark = options.decimal or _mark(rows, roles, kept.get("decimal", ""))
	return Layout(titles, roles, rows, order, mark, signature, place)


def glance(grid: Sequence[Row], rows: int = 3) -> list[list[str]]:
	"""The columns of a table that may not be understood yet: the title of each, empty where there is none, and
	what stands in some rows below it.
	"""
	width = _width(grid)
	similarity = [_similarity(row, width) for row in grid[:_DEEPEST]]
	best = max(similarity, default=0)
	untitled = Row(0, ("",) * width)
	shown = [row.texts for row in (grid[similarity.index(best) :] if best else [untitled, *grid])[: rows + 1]]
	return [[texts[i] if i < len(texts) else "" for texts in shown] for i in range(width)]


def _width(grid: Sequence[Row]) -> int:
	"""How many columns there are. Raises `InvalidData` for more than any statement has."""
	width = max((len(row.cells) for row in grid), default=0)
	if width > _WIDEST:
		raise InvalidData("The table has more than {0} columns: it is no bank statement", _WIDEST)
	return width


def _similarity(row: Row, width: int) -> int:
	"""How much a row is like one of titles: words that are known, else texts in all columns; 0 for one of values."""
	titles = row.texts
	if any(looks_like_day(title) or looks_like_amount(title) for title in titles):
		return 0
	full = len(titles) == width and all(titles)
	return 2 * len(headers.guess(titles)) + int(full and width > 1)


def _columns_of(mapping: Mapping[str, str]) -> dict[str, str]:
	"""The part of a mapping that speaks of columns."""
	return {role: column for role, column in mapping.items() if role in headers.ROLES}


def _names_own_account(rows: Sequence[Row], roles: Mapping[str, int]) -> bool:
	"""Whether a column of accounts holds those of the file, few and on every row, and not the other side's."""
	place = roles.get("account", -1)
	texts = [written(row.cells[place]) for row in rows if 0 <= place < len(row.cells)]
	filled = [text for text in texts if text]
	different = len(set(filled))
	return len(filled) >= _MOSTLY * len(rows) and (different * 2 <= len(filled) or len(filled) < _FEW)


def _check(options: Options) -> None:
	for role in options.columns:
		if role not in headers.ROLES:
			raise InvalidData(
				"{0} is nothing that a column holds: choose among {1}", role, ", ".join(headers.ROLES)
			)
	if options.dates and options.dates not in ORDERS:
		raise InvalidData("{0} is no order of a date: choose among {1}", options.dates, ", ".join(ORDERS))
	if options.decimal and options.decimal not in MARKS:
		raise InvalidData("{0} is no decimal mark: choose a comma or a point", options.decimal)


def _header(grid: Sequence[Row], options: Options) -> tuple[int, tuple[str, ...], dict[str, int]]:
	"""How many rows stand up to and with the header, its titles, and what they say."""
	best: tuple[int, tuple[str, ...], dict[str, int]] = (0, (), {})
	for place, row in enumerate(grid[:_DEEPEST], 1):
		titles = tuple(row.texts)
		kept = _columns_of(options.recall(_signature(titles, len(titles)))) if any(titles) else {}
		told = {**kept, **options.columns}
		roles = {**headers.guess(titles), **_placed(titles, told, strict=False)}
		written_here = any(looks_like_day(title) or looks_like_amount(title) for title in titles)
		if headers.is_enough(roles) and not written_here and len(roles) > len(best[2]):
			best = (place, titles, roles)
	if best[0]:
		return best
	titles = ("",) * max((len(row.cells) for row in grid), default=0)
	return 0, titles, _by_content(grid, len(titles)) if not headers.is_enough(options.columns) else {}


def _by_content(grid: Sequence[Row], width: int) -> dict[str, int]:
	"""Without a header: the column of days, the one column of amounts, and the longest texts."""
	filled = [row for row in grid if row.text]
	columns = [[written(row.cells[i]) for row in filled if i < len(row.cells)] for i in range(width)]
	days = [i for i, texts in enumerate(columns) if _mostly(texts, looks_like_day)]
	money = [i for i, texts in enumerate(columns) if i not in days and _mostly(texts, looks_like_amount)]
	marked = [i for i in money if any(mark in text for text in columns[i] for mark in MARKS)]
	money = marked or money
	texts = [i for i in range(width) if i not in days and not _mostly(columns[i], looks_like_amount)]
	if not days or len(money) != 1 or not texts:
		raise InvalidData(
			"No row of titles was found: say what the columns hold with --column date=1 --column label=2 --column amount=3"
		)
	label = max(texts, key=lambda i: sum(len(text) for text in columns[i]))
	found = {"date": days[0], "amount": money[0], "label": label}
	return {**found, "value_date": days[1]} if len(days) > 1 else found


def _mostly(texts: Sequence[str], fits: Callable[[str], bool]) -> bool:
	return bool(texts) and sum(fits(text) for text in texts) >= _MOSTLY * len(texts)


def _placed(titles: Sequence[str], columns: Mapping[str, str], strict: bool = True) -> dict[str, int]:
	"""Places of columns that are given by title or number. Raises `InvalidData` when `strict`."""
	keys = [headers.key(title) for title in titles]
	found = {}
	for role, column in columns.items():
		number = column.removeprefix("#")
		if column in titles:
			found[role] = list(titles).index(column)
		elif headers.key(column) and headers.key(column) in keys:
			found[role] = keys.index(headers.key(column))
		elif number.isdecimal() and 0 < int(number) <= len(titles):
			found[role] = int(number) - 1
		elif strict:
			raise InvalidData(
				"There is no column {0}: the columns are {1}", column, ", ".join(t or "–" for t in titles)
			)
	return found


def _signature(titles: Sequence[str], width: int) -> str:
	text = "\x1f".join(headers.key(title) for title in titles) if any(titles) else f"{width} columns"
	return sha256(text.encode()).hexdigest()[:16]


def _order(rows: Sequence[Row], titles: Sequence[str], roles: Mapping[str, int], kept: str) -> str:
	"""What the days prove; else what was so the last time; else what the language of the titles says."""
	texts = [text for role in ("date", "value_date") if role in roles for text in _column(rows, roles[role])]
	order = order_of(texts) or kept or ("DMY" if headers.day_comes_first(titles, roles) else "")
	if order:
		return order
	if any(looks_like_day(text) for text in texts):
		raise InvalidData(
			"Nothing says whether the day or the month comes first: give --date-format DMY or MDY"
		)
	return "YMD"


def _mark(rows: Sequence[Row], roles: Mapping[str, int], kept: str) -> str:
	texts = [text for role in _MONEY if role in roles for text in _column(rows, roles[role])]
	mark = decimal_mark(texts) or kept
	if not mark:
		raise InvalidData(
			"Nothing says whether 1.234 is more than a thousand or less than two: give --decimal , or --decimal ."
		)
	return mark


def _column(rows: Iterable[Row], place: int) -> list[str]:
	"""Texts of a column; what a spreadsheet knows to be a number or a day needs no guess."""
	cells = (row.cells[place] for row in rows if place < len(row.cells))
	return [cell for cell in cells if isinstance(cell, str) and cell.strip()]

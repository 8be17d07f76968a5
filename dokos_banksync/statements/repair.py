"""Rows with more cells than titles: an unquoted comma, in a text or in an amount, or a column without title.

A row is repaired where exactly one column can have been split: only then all days, amounts and currencies of the row
stand where the titles say. Other rows are rejected, so that no cent is cut off.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from dokos_banksync.statements.columns import is_amount, is_day
from dokos_banksync.statements.currencies import code_of
from dokos_banksync.statements.grid import Row, written
from dokos_banksync.statements.roles import DAYS, FLOWS, MONEY, Places, Role

TOO_WIDE = "The row has more cells than there are columns"
TOO_NARROW = "The row has fewer cells than there are columns"
_THOUSANDS = re.compile(r"[-+(]?[^\w\s]?[1-9]\d{0,2}")
_REST = re.compile(r"\d{3}(?:\.\d+)?\)?")
_DECIMAL_COMMAS, _THOUSANDS_COMMAS, _UNTITLED = "decimals", "thousands", "untitled"
"""Ways to read a row that is too wide; the others are the columns of text that may have been split."""


def repair_rows(rows: Sequence[Row], width: int, roles: Places, delimiter: str) -> Sequence[Row]:
	"""Return the rows, each with as many cells as there are titles, or with its damage."""
	wide = [row for row in rows if _is_wide(row, width)]
	if not wide:
		return rows
	untitled = len(wide) == len([row for row in rows if not row.damage])
	ways = {row.number: _ways(row, width, roles, delimiter=delimiter, untitled=untitled) for row in wide}
	common = set.intersection(*(set(found) for found in ways.values()))
	if _DECIMAL_COMMAS in common:
		# Whole amounts with two digits behind each of them: no column without title is that regular.
		common.discard(_UNTITLED)
	return [_repaired(row, ways[row.number], common) if row.number in ways else row for row in rows]


def mark_short(rows: Sequence[Row], width: int) -> Sequence[Row]:
	"""Return the rows; one with fewer cells than titles is damaged where all whole rows fill a column that it lacks.

	A delimiter is missing, and the cells behind it stand in the columns of others.
	"""
	if not any(len(row.cells) < width and not row.damage for row in rows):
		return rows
	whole = [row for row in rows if len(row.cells) >= width and not row.damage]
	short = [row for row in rows if len(row.cells) < width and not row.damage]
	if not short or len(short) > len(whole):
		return rows
	always = max((place for place in range(width) if all(place in row.filled for row in whole)), default=-1)
	broken = {row.number for row in short if len(row.cells) <= always}
	return [Row(row.number, row.cells, TOO_NARROW) if row.number in broken else row for row in rows]


def _is_wide(row: Row, width: int) -> bool:
	if width <= 0 or len(row.cells) <= width or row.damage:
		return False
	filled = row.filled
	return bool(filled) and filled[-1] >= width


def _repaired(row: Row, ways: Mapping[object, tuple[str, ...]], common: set[object]) -> Row:
	own = common if len(common) == 1 else set(ways)
	if len(own) != 1:
		return Row(row.number, row.cells, TOO_WIDE)
	return Row(row.number, ways[next(iter(own))])


def _ways(
	row: Row, width: int, roles: Places, delimiter: str, untitled: bool
) -> dict[object, tuple[str, ...]]:
	"""Return the cells of the row for each column that may have been split, or without those beyond the titles."""
	texts = [str(cell) for cell in row.cells[: row.filled[-1] + 1]]
	extra = len(texts) - width
	found: dict[object, tuple[str, ...]] = {}
	for place in _texts_of(width, roles):
		joined = _join(texts, place, extra, delimiter)
		beside = [joined[one] for one in _texts_of(width, roles) if one > place]
		if _holds_row([*texts[place : place + extra + 1], *beside], least=width + len(beside)):
			continue
		if is_plausible(joined, roles):
			found["text", place] = joined
	for way, is_split in ((_DECIMAL_COMMAS, _is_decimals), (_THOUSANDS_COMMAS, _is_thousands)):
		money = _split_amounts(texts, width, roles, is_split)
		if money and is_plausible(money, roles):
			found[way] = money
	titled = tuple(texts[:width])
	values = {_values(cells, roles) for cells in found.values()}
	if (
		untitled
		and not _holds_row(texts[width:], least=width - 1)
		and is_plausible(titled, roles)
		and _values(titled, roles) not in values
	):
		found[_UNTITLED] = titled
	return found


def _holds_row(texts: Sequence[str], least: int) -> bool:
	"""Whether cells hold an amount and a day, or an amount in `least` cells: another row, whose line break is missing."""
	return any(map(is_amount, texts)) and (any(map(is_day, texts)) or len(texts) >= least)


def overfull(row: Row, width: int) -> bool:
	"""Whether a row that is no transaction by its own cells goes on into the one that followed it."""
	return _is_wide(row, width) and _holds_row(row.texts, least=width - 1)


def mark_overfull(rows: Sequence[Row]) -> Sequence[Row]:
	"""Return the rows of a table without titles; one that goes on into another is damaged."""
	widths = Counter(len(row.cells) for row in rows)
	width = max(widths, key=lambda one: (widths[one], -one), default=0)
	if not any(overfull(row, width) for row in rows):
		return rows
	return [Row(row.number, row.cells, TOO_WIDE) if overfull(row, width) else row for row in rows]


def _values(texts: Sequence[str], roles: Places) -> tuple[str, ...]:
	"""Return the days, the amounts and the currency of a row: what must not be wrong."""
	places = (roles[role] for role in (*DAYS, *MONEY, Role.CURRENCY) if role in roles)
	return tuple(texts[place] if place < len(texts) else "" for place in places)


def _is_decimals(cell: str, following: str) -> bool:
	"""Whether two cells are the whole and the two decimals of an amount."""
	return bool(cell) and len(following) == 2 and following.isdecimal()


def _is_thousands(cell: str, following: str) -> bool:
	"""Whether two cells are the thousands and the rest of an amount: `-1` and `234.00`."""
	return bool(_THOUSANDS.fullmatch(cell) and _REST.fullmatch(following))


def _texts_of(width: int, roles: Places) -> list[int]:
	typed = {
		roles[role] for role in (*DAYS, *MONEY, Role.CURRENCY, Role.DIRECTION, Role.STATE) if role in roles
	}
	return [place for place in range(width) if place not in typed]


def _join(texts: Sequence[str], place: int, extra: int, delimiter: str) -> tuple[str, ...]:
	return (*texts[:place], delimiter.join(texts[place : place + extra + 1]), *texts[place + extra + 1 :])


def _split_amounts(
	texts: Sequence[str], width: int, roles: Places, is_split: Callable[[str, str], bool]
) -> tuple[str, ...] | None:
	"""Return each amount of the row that a comma split in two put together."""
	money = {roles[role] for role in MONEY if role in roles}
	found: list[str] = []
	rest = list(texts)
	while rest:
		cell = rest.pop(0)
		if len(found) in money and rest and is_split(cell.strip(), rest[0].strip()):
			cell = f"{cell},{rest.pop(0)}"
		found.append(cell)
	return tuple(found) if len(found) == width else None


def is_plausible(texts: Sequence[str], roles: Places) -> bool:
	"""Whether the days, the amounts and the currency of a row stand where the titles say."""
	day = texts[roles[Role.DATE]] if Role.DATE in roles and roles[Role.DATE] < len(texts) else ""
	money = [texts[roles[role]] for role in MONEY if role in roles and roles[role] < len(texts)]
	flows = [texts[roles[role]] for role in FLOWS if role in roles and roles[role] < len(texts)]
	days = [texts[roles[role]] for role in DAYS[1:] if role in roles and roles[role] < len(texts)]
	currency = (
		texts[roles[Role.CURRENCY]] if Role.CURRENCY in roles and roles[Role.CURRENCY] < len(texts) else ""
	)
	return (
		is_day(day)
		and any(text.strip() for text in flows)
		and all(is_amount(text) and not _is_remainder(text) for text in money if text.strip())
		and all(is_day(text) for text in days if text.strip())
		and (not currency or bool(code_of(written(currency))))
	)


def _is_remainder(text: str) -> bool:
	"""Whether digits begin with a zero, as the decimals of an amount that was split do."""
	bare = text.strip()
	return len(bare) > 1 and bare.isdecimal() and bare.startswith("0")

"""Amounts in two columns: whole units in one, and their hundredths beside them in another, without a title of its own."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from dokos_banksync.core.errors import InvalidData
from dokos_banksync.statements import questions
from dokos_banksync.statements.columns import Columns
from dokos_banksync.statements.grid import Row, written
from dokos_banksync.statements.mapping import Known
from dokos_banksync.statements.nouns import AMOUNTS
from dokos_banksync.statements.questions import Asker
from dokos_banksync.statements.roles import FLOWS, MONEY, column_option
from dokos_banksync.statements.vocabulary import is_unit, key

_WHOLE = re.compile(r"[-+(]?[\d '.,]*\d\)?")
_THOUSANDS, _REST = re.compile(r"[-+]?[1-9]\d{0,2}"), re.compile(r"\d{3}\.\d{1,2}")
_HUNDREDTHS = re.compile(r"\d{1,2}")
_UNITS = frozenset(
	(
		*(
			"cents",
			"pence",
			"thousand",
			"thousands",
			"millions",
			"centimes",
			"milliers",
			"tausend",
			"tsd",
			"millionen",
		),
		*(
			"centimos",
			"miles",
			"millones",
			"centesimi",
			"migliaia",
			"milioni",
			"centavos",
			"milhares",
			"duizenden",
		),
		*("rappen", "ore", "grosze", "groszach", "teur", "keur"),
	)
)
_AND = frozenset(("and", "et", "und", "y", "e", "och", "og"))
"""`Amounts in euros and cents` are amounts with their cents."""
_FEWEST = 2
"""Rows from which two columns of numbers show what they are."""


def check_cents(
	asker: Asker, known: Known, columns: Columns, chosen: Mapping[str, str], *, commas: bool = False
) -> None:
	"""Raise `ReadingQuestion` where the column beside one of whole amounts may hold their hundredths.

	`chosen` has the columns that the user named: that is the answer. Where commas separate the cells (`commas`), one within
	an amount may have split it.
	"""
	money = {place for role, place in known.roles.items() if role in MONEY}
	for role in FLOWS:
		place = known.roles.get(role)
		if place is None or role in chosen:
			continue
		beside = place + 1
		free = beside not in known.roles.values() and _is_untitled(columns, beside)
		titled = commas and bool(columns.title(beside)) and beside not in money
		split = titled and _are_split_thousands(columns, place, beside)
		if split or ((free or titled) and _may_be_hundredths(columns, place, beside)):
			values = asker.name(beside), asker.name(place), column_option(role, place + 1)
			# The amount itself is the answer, and is left to the user.
			others = {one: at for one, at in known.roles.items() if one not in MONEY}
			choices = [{role: str(place + 1)}]
			raise asker.ask(questions.CENTS, *values, suggested=asker.suggested(others), choices=choices)


def check_units(before: Iterable[Row]) -> None:
	"""Raise `InvalidData` where the text above the table says that its amounts are parts or multiples of the currency."""
	for row in before:
		words = set(key(row.text).split())
		if len(row.filled) == 1 and words & AMOUNTS and words & _UNITS and not words & _AND:
			raise InvalidData(questions.UNITS, row.number, row.text)


def _is_untitled(columns: Columns, place: int) -> bool:
	title = columns.title(place)
	return place < columns.width and (not title or is_unit(title))


def _are_split_thousands(columns: Columns, place: int, beside: int) -> bool:
	"""Whether a row has `1` where others have amounts with decimals, and `234.50` beside it."""
	pairs = [(_text(row, place), _text(row, beside)) for row in columns.rows]
	return any(_THOUSANDS.fullmatch(whole) and _REST.fullmatch(part) for whole, part in pairs)


def _may_be_hundredths(columns: Columns, place: int, beside: int) -> bool:
	pairs = [(_text(row, place), _text(row, beside)) for row in columns.rows]
	filled = [(whole, part) for whole, part in pairs if whole or part]
	return len(filled) >= _FEWEST and _are_split(filled)


def _are_split(pairs: Sequence[tuple[str, str]]) -> bool:
	"""Whether each amount is a whole number, and each cell beside it one below a hundred."""
	return all(
		_WHOLE.fullmatch(whole) and not re.search(r"[.,]\d{1,2}\)?$", whole) and _HUNDREDTHS.fullmatch(part)
		for whole, part in pairs
	) and any(part.strip("0") for _, part in pairs)


def _text(row: Row, place: int) -> str:
	return written(row.cells[place]) if place < len(row.cells) else ""

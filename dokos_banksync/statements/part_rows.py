"""Rows that are parts of another row, as programs for private books export them: whole and parts would both be counted."""

from __future__ import annotations

from collections.abc import Sequence

from dokos_banksync.core.message import Message
from dokos_banksync.statements.grid import Row, written
from dokos_banksync.statements.vocabulary import key
from dokos_banksync.statements.yes_and_no import yes_or_no

_PART = "Row {0} is a part of another row, by column {1}: remove either the parts or the whole from the file"
_TITLES = frozenset(
	(
		*("parent", "parent id", "parent transaction", "parent transaction id", "parent reference"),
		*("split", "splits", "is split", "split of", "split id", "part of", "teil von", "splittbuchung"),
		*("ventilation", "ecriture ventilee", "ventilee"),
	)
)


def part_of_another(rows: Sequence[Row], titles: Sequence[str]) -> str:
	"""Return a sentence about the first row that a column says to be a part of another one; empty without one."""
	for place, title in enumerate(titles):
		if key(title) not in _TITLES:
			continue
		for row in rows:
			text = written(row.cells[place]) if place < len(row.cells) else ""
			if text and yes_or_no(text) is not False:
				return Message(_PART, row.number, title)
	return ""

"""A table as a grid of cells, whatever file it came from."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import NamedTuple, TypeAlias

Cell: TypeAlias = "str | Decimal | date"
"""A spreadsheet knows its numbers and days; in a text file everything is text."""


class Row(NamedTuple):
	"""`number` counts from 1, as an editor or a spreadsheet shows it."""

	number: int
	cells: tuple[Cell, ...]

	@property
	def texts(self) -> list[str]:
		return [written(cell) for cell in self.cells]

	@property
	def text(self) -> str:
		"""The row on one line, for a person to find it."""
		return " | ".join(text for text in self.texts if text)


def written(cell: Cell) -> str:
	if isinstance(cell, Decimal):
		return f"{cell:f}"
	return cell.isoformat() if isinstance(cell, date) else " ".join(cell.split())

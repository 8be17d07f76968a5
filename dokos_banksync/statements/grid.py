"""A table as a grid of cells, whatever file it comes from."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from json.encoder import encode_basestring
from typing import NamedTuple, TypeAlias

Cell: TypeAlias = "str | Decimal | date"
"""A workbook stores numbers and dates; in a text file every cell is text."""


class Row(NamedTuple):
	"""`number` counts from 1, as an editor or a spreadsheet does."""

	number: int
	cells: tuple[Cell, ...]
	damage: str = ""
	"""Why the row could not be split into its cells, else empty."""

	@property
	def texts(self) -> list[str]:
		"""Return the cells as text, with single blanks."""
		return [written(cell) for cell in self.cells]

	@property
	def text(self) -> str:
		"""Return the row on one line, for a user to find it."""
		return " | ".join(text for text in self.texts if text)

	@property
	def filled(self) -> list[int]:
		"""Return the positions of the cells that hold something."""
		return [i for i, cell in enumerate(self.cells) if not isinstance(cell, str) or cell.strip()]


class CleanRow(Row):
	"""A row whose cells are all text as `written` gives it."""

	__slots__ = ()

	@property
	def texts(self) -> list[str]:
		"""Return the cells as text."""
		return [*self.cells]  # type: ignore[list-item]

	@property
	def filled(self) -> list[int]:
		"""Positions of the cells that hold something."""
		return [i for i, cell in enumerate(self.cells) if cell]


def is_clean(text: str) -> bool:
	"""Return whether a text has no blanks around it and single ones within. Of the blanks, only the common one is
	printable.
	"""
	return text.isprintable() and "  " not in text and text[:1] != " " and text[-1:] != " "


def written(cell: Cell) -> str:
	"""Return a cell as text, without surrounding blanks and line breaks."""
	if isinstance(cell, str):
		return cell if is_clean(cell) else " ".join(cell.split())
	return f"{cell:f}" if isinstance(cell, Decimal) else cell.isoformat()


def as_json(number: int, texts: Sequence[str]) -> str:
	"""Return a row as JSON text, without the encoder that `json.dumps` makes for each."""
	return f'{{"row": {number}, "cells": [{", ".join(map(encode_basestring, texts))}]}}'

"""CSV in its dialects: cells apart by semicolon, comma, tab, bar or a rarer sign, quoted or not.

RFC 4180 (https://www.rfc-editor.org/rfc/rfc4180) describes the one with commas; banks follow their own. Quotes that
nobody escaped do not swallow the rows below: a line with an odd number of quotes is looked at by itself.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice

from dokos_banksync.core.errors import InvalidData
from dokos_banksync.statements.contract import ReadingOptions, Statement
from dokos_banksync.statements.days import looks_like_day
from dokos_banksync.statements.grid import CleanRow, Row, is_clean
from dokos_banksync.statements.grid_rows import GridRows
from dokos_banksync.statements.headers import guess, is_enough
from dokos_banksync.statements.not_a_statement import describe
from dokos_banksync.statements.tabular import Source, read_grid
from dokos_banksync.statements.text import decode
from dokos_banksync.statements.text_lines import LINE_BREAK, TextLines, lines_of
from dokos_banksync.statements.wrapped_lines import REMARK as WRAPPED
from dokos_banksync.statements.wrapped_lines import unwrap

DELIMITERS = {
	";": "semicolon",
	",": "comma",
	"\t": "tab",
	"|": "bar",
	"~": "tilde",
	"^": "caret",
	"¦": "broken bar",
}
UNBALANCED = "The quotes of the row are unbalanced: its cells are not certain"
_TRIED = 200
"""Rows that are looked at to find the delimiter."""
_LONGEST_CELL = 40
"""Lines that a quoted cell may take."""
_ODD = re.compile(r'^="(.*)"$')
"""A cell that is written as a formula, so that a spreadsheet keeps its zeros."""


def knows(content: bytes) -> bool:
	"""Return whether the content is text with columns, or something that `read` refuses by name."""
	try:
		text = unwrap(decode(content).text)
	except InvalidData:
		return True  # read() raises the same error
	return bool(find_delimiter(text)) or describe(content) is not None


def read(content: bytes, options: ReadingOptions) -> Statement:
	"""Return the statement. Raises `InvalidData` and `ReadingQuestion`."""
	if description := describe(content):
		raise InvalidData(
			"The file is {0}: ask the bank for an export as CSV, XLSX, CAMT or OFX", description
		)
	decoded, encoding, remarks = decode(content)
	text = unwrap(decoded)
	if text is not decoded:
		remarks = (*remarks, WRAPPED)
	delimiter = find_delimiter(text)
	found = {"encoding": encoding, "delimiter": DELIMITERS[delimiter]}
	open_end = not text.endswith(("\n", "\r"))
	source = Source("CSV", found, remarks, delimiter=delimiter, sheet=options.sheet, open_end=open_end)
	rows = GridRows(_rows(text, delimiter))
	del text  # as large as the file
	return read_grid(rows, source, options)


def grid(content: bytes, sheet: str = "") -> GridRows:  # noqa: ARG001 (a text has one sheet)
	"""Return the rows of a text with columns."""
	text = unwrap(decode(content).text)
	return GridRows(_rows(text, find_delimiter(text)))


def find_delimiter(text: str) -> str:
	"""Return the sign that splits the most rows into the same, larger number of cells; empty where none does."""
	lines = list(islice((line for line in LINE_BREAK.split(text[: _TRIED * 500]) if line.strip()), _TRIED))
	best = max(DELIMITERS, key=lambda delimiter: _evenness(lines, delimiter))
	return best if _evenness(lines, best) else ""


def _evenness(lines: Sequence[str], delimiter: str) -> int:
	widths: Counter[int] = Counter()
	for line in lines:
		if delimiter in line:
			widths[
				len(_split(line, delimiter)) if line.count('"') % 2 == 0 else line.count(delimiter) + 1
			] += 1
	return max((rows * (width - 1) for width, rows in widths.items() if width > 1), default=0)


def _split(line: str, delimiter: str) -> list[str]:
	try:
		return next(csv.reader([line], delimiter=delimiter), [])
	except csv.Error:
		return line.split(delimiter)


def _rows(text: str, delimiter: str) -> Iterator[Row]:
	text = text.replace("\0", "")
	if '"' not in text:
		beside = f" {delimiter}", f"{delimiter} "
		for number, line in enumerate(lines_of(text), 1):
			cells = tuple(line.split(delimiter)) if line.strip() else ()
			clean = is_clean(line) and beside[0] not in line and beside[1] not in line
			yield CleanRow(number, cells) if clean else Row(number, cells)
		return
	yield from _QuotedLines(TextLines(text), delimiter).rows()


class _QuotedLines:
	"""Lines of a text that uses quotes."""

	def __init__(self, lines: Sequence[str], delimiter: str) -> None:
		self.lines, self.delimiter = lines, delimiter
		self.widths = self._widths()

	def rows(self) -> Iterator[Row]:
		"""Yield the rows; a line break within quotes does not end one."""
		place = 0
		while place < len(self.lines):
			line = self.lines[place]
			if line.count('"') % 2 == 0 and '\\"' not in line:
				yield self._row(place, _split(line, self.delimiter) if line.strip() else [])
				place += 1
				continue
			cells, taken = self._odd(place)
			yield (
				self._row(place, cells)
				if cells
				else Row(place + 1, tuple(line.split(self.delimiter)), UNBALANCED)
			)
			place += taken

	def _row(self, place: int, cells: Sequence[str]) -> Row:
		"""Return a row; where quotes around a delimiter make it too short, the quotes are letters."""
		if 1 < len(cells) < min(self.widths) and any(self.delimiter in cell for cell in cells):
			plain = self.lines[place].split(self.delimiter)
			if (
				len(plain) in self.widths
				and '"' in self.lines[place]
				and not self._is_quoted(self.lines[place])
			):
				cells = plain
		return Row(place + 1, tuple(_bare(cell) for cell in cells))

	def _is_quoted(self, line: str) -> bool:
		"""Whether each quoted cell ends before a delimiter or at the end of the line, as RFC 4180 wants it."""
		return self._strict([line]) is not None

	def _widths(self) -> frozenset[int]:
		"""Return how many cells a row has: as many as the titles, or as most rows, where no titles are known."""
		plain = [line for line in self.lines[: 10 * _TRIED] if line.count('"') % 2 == 0 and '\\"' not in line]
		splits = [_split(line, self.delimiter) for line in plain if line.strip()]
		header = next((cells for cells in splits[:_TRIED] if is_enough(guess(cells).roles)), None)
		if header:
			return frozenset({len(header), len(_trimmed(header))})
		widths = Counter(len(cells) for cells in splits)
		del widths[1]
		return frozenset({max(widths, key=lambda width: (widths[width], width), default=0)})

	def _odd(self, place: int) -> tuple[list[str] | None, int]:
		"""Return the cells of a line with an odd number of quotes or an escaped one, and how many lines they take."""
		line = self.lines[place]
		if (cells := self._strict([line])) and self._fits(cells):
			return cells, 1
		if '\\"' in line and (cells := self._strict([line], escape="\\")) and self._fits(cells):
			return cells, 1
		for taken in range(2, _LONGEST_CELL):
			lines = self.lines[place : place + taken]
			if len(lines) < taken or self._is_whole(lines[-1]):
				break
			if lines[-1].count('"') % 2 and (cells := self._strict(lines)) and self._fits(cells):
				return [cell.replace("\n", " ") for cell in cells], taken
		plain = line.split(self.delimiter)
		return (
			[cell.strip('"') if cell.count('"') == 1 else cell for cell in plain]
			if self._fits(plain)
			else None
		), 1

	def _fits(self, cells: Sequence[str]) -> bool:
		return len(cells) in self.widths

	def _is_whole(self, line: str) -> bool:
		"""Whether a line is a row by itself, so that it does not continue a cell."""
		cells = line.split(self.delimiter)
		return self._fits(cells) and (line.count('"') % 2 == 0 or any(looks_like_day(cell) for cell in cells))

	def _strict(self, lines: Sequence[str], escape: str | None = None) -> list[str] | None:
		"""Return the cells as the standard has them, with backslash escapes if asked; None where it is not followed."""
		reader = csv.reader(
			[f"{line}\n" for line in lines[:-1]] + [lines[-1]],
			delimiter=self.delimiter,
			strict=True,
			escapechar=escape,
			doublequote=escape is None,
		)
		try:
			rows = list(reader)
		except csv.Error:
			return None
		return rows[0] if len(rows) == 1 else None


def _trimmed(cells: Sequence[str]) -> list[str]:
	"""Return the cells without empty ones at the end."""
	last = max((place for place, cell in enumerate(cells) if cell.strip()), default=-1)
	return list(cells[: last + 1])


def _bare(cell: str) -> str:
	found = _ODD.match(cell) if cell.startswith('="') else None
	return found[1] if found else cell[1:] if cell.startswith("=") and cell[1:].isdigit() else cell

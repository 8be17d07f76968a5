"""Text for a terminal: tables that fit, aligned amounts, and colour where the output is a terminal."""

from __future__ import annotations

import json
import logging
import re
import shutil
import sys
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TextIO

import click

from dokos_banksync.actions.formats import is_usual
from dokos_banksync.actions.i18n import Translations
from dokos_banksync.core.progress import Stage
from dokos_banksync.core.texts import printable

NARROWEST = 8
"""The smallest width of a column."""
GAP = "  "

language: ContextVar[str] = ContextVar("language", default="en")
"""Of the command that is running: French writes 12,50."""


@dataclass(frozen=True)
class Column:
	"""A column of a table: its title, and whether numbers stand to the right or a long text may be cut.

	A text is not cut below `least` letters as long as a column that is `spare` can be left out instead.
	"""

	title: str
	right: bool = False
	elastic: bool = False
	least: int = NARROWEST
	spare: bool = False


def width() -> int | None:
	"""Return columns of the terminal, or None where the output goes elsewhere and nothing need be cut."""
	return shutil.get_terminal_size((100, 24)).columns if sys.stdout.isatty() else None


def table(columns: Sequence[Column], rows: Iterable[Sequence[object]], room: int | None = None) -> str:
	"""Return rows under their titles, `room` characters wide at most as far as elastic columns can give."""
	cells = [[text(value) for value in row] for row in rows]
	wide = _widths(columns, cells)
	if room is not None:
		columns, cells = _without_spare(columns, cells, room)
		wide = _squeezed(columns, _widths(columns, cells), room)
	titles = _line([c.title for c in columns], columns, wide)
	rule = GAP.join("─" * w for w in wide)
	return "\n".join([bold(titles), dim(rule), *(_line(row, columns, wide) for row in cells)])


def _widths(columns: Sequence[Column], cells: Sequence[Sequence[str]]) -> list[int]:
	return [max(len(c.title), *(len(r[i]) for r in cells), 0) for i, c in enumerate(columns)]


def _without_spare(
	columns: Sequence[Column], cells: list[list[str]], room: int
) -> tuple[Sequence[Column], list[list[str]]]:
	"""Leave spare columns out, the last one first, until the others fit with their texts readable."""
	shown = list(range(len(columns)))
	spare = [i for i in shown if columns[i].spare]
	wide = _widths(columns, cells)
	least = [min(w, c.least) if c.elastic else w for w, c in zip(wide, columns, strict=True)]
	while spare and sum(least[i] for i in shown) + len(GAP) * (len(shown) - 1) > room:
		shown.remove(spare.pop())
	return [columns[i] for i in shown], [[row[i] for i in shown] for row in cells]


def _squeezed(columns: Sequence[Column], wide: list[int], room: int) -> list[int]:
	wide = list(wide)
	excess = sum(wide) + len(GAP) * (len(wide) - 1) - room
	while excess > 0:
		giving = [i for i, c in enumerate(columns) if c.elastic and wide[i] > c.least]
		giving = giving or [i for i, c in enumerate(columns) if c.elastic and wide[i] > NARROWEST]
		if not giving:
			break
		widest = max(giving, key=lambda i: wide[i])
		wide[widest] -= 1
		excess -= 1
	return wide


def _line(cells: Sequence[str], columns: Sequence[Column], wide: Sequence[int]) -> str:
	shown = (_fit(cell, w, column.right) for cell, column, w in zip(cells, columns, wide, strict=True))
	return GAP.join(shown).rstrip()


def _fit(cell: str, wide: int, right: bool) -> str:
	if len(cell) > wide:
		cell = cell[: wide - 1] + "…"
	return cell.rjust(wide) if right else cell.ljust(wide)


def text(value: object) -> str:
	"""Return a value for a user, on one line."""
	if value is None:
		return "–"
	if isinstance(value, bool):
		return "✓" if value else "✗"
	if isinstance(value, Decimal):
		return money(value)
	if isinstance(value, datetime):
		return value.astimezone().strftime("%Y-%m-%d %H:%M")
	if isinstance(value, date):
		return value.isoformat()
	if isinstance(value, int):
		return f"{value:,}".replace(",", "\u202f")
	return printable(str(value))


class TerminalTranslations(Translations):
	"""Sentences of the command line: in English with amounts and days as in tables.

	Tables have days as options take them (2026-11-30), which is the shortest form too: they fit 80 columns.
	"""

	def value(self, value: object) -> str:
		"""Return an amount, a day or an instant as the sentence has it, anything else as text."""
		in_tables = self.language == "en" and isinstance(value, Decimal | date)
		return text(value) if in_tables else super().value(value)


def local_day(at: datetime | None) -> date | None:
	"""Return the day of an instant in the time zone of the machine."""
	return at and at.astimezone().date()


def money(amount: Decimal) -> str:
	"""Return an amount with two decimals (more where it has more), thousands apart, and its sign, in the user's language."""
	if not is_usual(amount):
		return str(amount)
	exponent = amount.as_tuple().exponent
	places = max(2, -exponent) if isinstance(exponent, int) else 2
	shown = f"{amount:,.{places}f}".replace(",", "\u202f").replace("-", "−")
	return shown.replace(".", ",") if language.get() == "fr" else shown


def bold(words: str) -> str:
	"""Return bold text."""
	return click.style(words, bold=True)


def dim(words: str) -> str:
	"""Return dimmed text."""
	return click.style(words, dim=True)


def good(words: str) -> str:
	"""Return green text."""
	return click.style(words, fg="green")


def bad(words: str) -> str:
	"""Return bold red text."""
	return click.style(words, fg="red", bold=True)


_OUR_STYLE = re.compile(r"(\x1b\[(?:0|1|2|31|32)m)")
"""What `click.style` writes for `bold`, `dim`, `good` and `bad`: styles only, and no movement of the cursor."""


def shown(words: str) -> str:
	"""Return words as a terminal may have them: lines, tabs and our own styles, no other control sequence."""
	parts = _OUR_STYLE.split(words)
	return "".join(part if at % 2 else _without_controls(part) for at, part in enumerate(parts))


def _without_controls(words: str) -> str:
	return words if words.isascii() and words.isprintable() else "".join(map(_shown_letter, words))


def _shown_letter(letter: str) -> str:
	return letter if _is_shown(letter) else "�"


def _is_shown(letter: str) -> bool:
	return letter.isprintable() or letter in "\n\t" or unicodedata.category(letter) == "Zs"


def say(words: str, err: bool = False) -> None:
	"""Print words, to stderr with `err`. Everything that the command prints goes through here or `say_json`."""
	click.echo(encodable(shown(words), sys.stderr if err else sys.stdout), err=err)


def say_json(value: object) -> None:
	"""Print a value as JSON, with escapes for letters that a terminal would obey, or that are none."""
	text = json.dumps(value, ensure_ascii=not _is_unicode(sys.stdout), indent=2)
	click.echo("".join(c if _is_shown(c) else json.dumps(c)[1:-1] for c in text))


_PLAIN = str.maketrans(
	{
		"œ": "oe",
		"Œ": "OE",
		"✓": "+",
		"✗": "x",
		"–": "-",
		"−": "-",
		"…": "...",
		"’": "'",
		"“": '"',
		"”": '"',
		"→": "->",
		"─": "-",
		"━": "=",
		"·": ".",
		"█": "#",
		"░": ":",
		"\u202f": " ",
		"\u00a0": " ",
	}
)
"""What stands for our signs where the terminal's character set lacks them."""


def _is_unicode(stream: TextIO) -> bool:
	return (getattr(stream, "encoding", None) or "utf-8").lower().replace("-", "").startswith("utf")


def encodable(words: str, stream: TextIO) -> str:
	"""Return words as a stream can write them: in a locale without Unicode, letters that it lacks become plain ones."""
	if _is_unicode(stream):
		return words
	encoding = stream.encoding
	try:
		words.encode(encoding)
	except UnicodeEncodeError:
		plain = unicodedata.normalize("NFKC", words.translate(_PLAIN))
		return "".join(_plain_letter(letter, encoding) for letter in plain)
	return words


def _plain_letter(letter: str, encoding: str) -> str:
	for one in (letter, unicodedata.normalize("NFD", letter)[0]):
		try:
			one.encode(encoding)
		except UnicodeEncodeError:
			continue
		return one
	return "?"


def write_data(text: str) -> None:
	"""Write the contents of a file to stdout: UTF-8 in every locale, and no control sequence in it."""
	sys.stdout.flush()
	stream = sys.stdout.buffer
	stream.write("".join(c if _is_shown(c) or c == "\r" else "�" for c in text).encode())
	stream.flush()


class LogFormatter(logging.Formatter):
	"""Log lines as a terminal may have them."""

	def format(self, record: logging.LogRecord) -> str:
		"""Return the record as one safe line."""
		return shown(super().format(record))


def _draw(line: str) -> None:
	sys.stderr.write(encodable(f"\r\x1b[2K{shown(line)}", sys.stderr))
	sys.stderr.flush()


class Bar:
	"""One line on stderr that is drawn again while work goes on; silent where stderr is no terminal."""

	CELLS = 24

	def __init__(self, shown: bool, title: str, t: Callable[[str], str]) -> None:
		self._shown = shown
		self._title = title
		self._t = t
		self._drawn = ""

	def __call__(self, stage: Stage, done: int, total: int | None) -> None:
		"""Told by a run how far it is."""
		if not self._shown:
			return
		count = text(done) if total is None else f"{text(done)} / {text(total)}"
		line = f"{self._title}  {self._cells(done, total)}  {self._t(STAGES.get(stage, stage.value))} {count}"
		if line != self._drawn:
			self._drawn = line
			_draw(line)

	def _cells(self, done: int, total: int | None) -> str:
		if not total:
			# The number of rows is not known beforehand: the bar moves without a percentage.
			at = (done // 200) % self.CELLS
			return "·" * at + "━" + "·" * (self.CELLS - at - 1)
		full = min(self.CELLS, self.CELLS * done // total)
		return "━" * full + "·" * (self.CELLS - full)

	def clear(self) -> None:
		"""Remove the bar from the terminal."""
		if self._drawn:
			_draw("")
			self._drawn = ""


STAGES = {
	Stage.FETCH: "transactions read",
	Stage.CHECK: "compared",
	Stage.MATCH: "compared",
	Stage.PLAN: "compared",
	Stage.STORE: "stored",
}

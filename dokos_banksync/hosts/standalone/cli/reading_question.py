"""How a file is read, on the command line: what was understood, what is open, and the commands that answer it."""

from __future__ import annotations

import shlex
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import partial

from dokos_banksync.actions.file_import import ImportOptions, PreparedImport
from dokos_banksync.actions.i18n import Translations
from dokos_banksync.actions.reading_questions import (
	ROLE_LABELS,
	label_of,
	meaning_of,
	sentence_above_choices,
)
from dokos_banksync.core.texts import printable
from dokos_banksync.hosts.standalone.cli import terminal
from dokos_banksync.hosts.standalone.cli.failing import fail
from dokos_banksync.hosts.standalone.cli.session import Session
from dokos_banksync.hosts.standalone.cli.terminal import Column, bold
from dokos_banksync.statements.contract import ReadingQuestion
from dokos_banksync.statements.headers import is_enough
from dokos_banksync.statements.roles import NO_COLUMN, Role, Setting, by_role

Again = Callable[[Mapping[str, str]], str]
"""Returns the command that reads the file again with an answer."""

_EXAMPLE = {Role.DATE: "1", Role.LABEL: "2", Role.AMOUNT: "3"}
_PAGE = 100
"""Letters of a line of text."""
_WIDEST = 40
"""Letters of a cell that are shown."""


def sentence_of(current: Session, question: ReadingQuestion) -> str:
	"""Return the question without the options of the command line: they stand below it."""
	return sentence_above_choices(current.translations, question)


def answers(current: Session, question: ReadingQuestion, again: Again) -> str:
	"""Return what stands below the question: the columns, and the commands that answer it."""
	parts = [_columns(current, question)] if question.columns else []
	parts += ["\n".join(_commands(current, question, again))]
	if question.columns and not question.choices:
		parts.append(_what_columns_hold(current))
	return "\n\n".join(parts)


def _columns(current: Session, question: ReadingQuestion) -> str:
	columns = [Column("#", right=True), Column("Column", elastic=True), Column("For example", elastic=True)]
	holds = {
		_number(question, name): label_of(current.translations, role.value)
		for role, name in by_role(question.suggested).items()
		if name != NO_COLUMN
	}
	rows = [
		[number, title, " · ".join(_cut(text) for text in texts if text), holds.get(str(number), "")]
		for number, (title, *texts) in enumerate(question.columns, 1)
	]
	if holds:
		return current.table([*columns, Column("It probably holds", elastic=True)], rows, "")
	return current.table(columns, [row[:-1] for row in rows], "")


def _cut(text: str) -> str:
	return text if len(text) <= _WIDEST else text[: _WIDEST - 1] + "…"


def _number(question: ReadingQuestion, name: str) -> str:
	"""Return the number of a column, from 1; the answer for no column as it is."""
	titles = [title for title, *_ in question.columns]
	if name in titles and name != NO_COLUMN:
		return str(titles.index(name) + 1)
	return name.removeprefix("#")


def _commands(current: Session, question: ReadingQuestion, again: Again) -> Iterable[str]:
	if question.choices:
		yield current.t("Choose, and run it again so:")
		for choice in question.choices:
			yield f"  {' · '.join(_words(current, question, choice))}"
			yield f"    {bold(again(choice))}"
		return
	numbered = {role: _number(question, name) for role, name in by_role(question.suggested).items()}
	if is_enough(numbered) or NO_COLUMN in numbered.values():
		yield current.t("If that is right, run it again so:")
		yield f"    {bold(again(_options(numbered)))}"
		return
	yield current.t("Run it again with the numbers of the right columns, for example:")
	yield f"    {bold(again(_options(_EXAMPLE)))}"


def _options(answer: Mapping[Role, str]) -> dict[str, str]:
	return {role.value: number for role, number in answer.items()}


def _words(current: Session, question: ReadingQuestion, choice: Mapping[str, str]) -> Iterable[str]:
	for name, value in choice.items():
		if name not in Role._value2member_map_:
			yield meaning_of(current.translations, name, value)
		elif value == NO_COLUMN:
			yield current.named(label_of(current.translations, name), current.t("no column"))
		else:
			yield current.named(label_of(current.translations, name), _title(question, value))


def _title(question: ReadingQuestion, value: str) -> str:
	number = _number(question, value)
	titles = [title for title, *_ in question.columns]
	return titles[int(number) - 1] if number.isdecimal() and 0 < int(number) <= len(titles) else value


def _what_columns_hold(current: Session) -> str:
	what = ", ".join(f"{role.value} ({current.t(label)})" for role, label in ROLE_LABELS.items())
	told = current.t("What a column may hold, in --column WHAT=NUMBER: {0}", what)
	return textwrap.fill(told, min(terminal.width() or _PAGE, _PAGE), break_long_words=False)


@contextmanager
def asking(current: Session, file: str, bank_account: str, options: ImportOptions) -> Iterator[None]:
	"""End the command with the question that a file leaves open, and with the commands that answer it."""
	try:
		yield
	except ReadingQuestion as question:
		if current.json:
			raise
		below = answers(current, question, partial(answered, file, bank_account, options))
		fail(sentence_of(current, question), question.exit_code, error=question, below=below)


def answered(file: str, bank_account: str, options: ImportOptions, answer: Mapping[str, str]) -> str:
	"""Return the command with the answer to a question about the file."""
	reading = options.reading
	columns = {**reading.columns, **{str(role): column for role, column in by_role(answer).items()}}
	reading = replace(
		reading,
		columns=columns,
		dates=answer.get(Setting.DATE_FORMAT, reading.dates),
		decimal=answer.get(Setting.DECIMAL, reading.decimal),
		sign=answer.get(Setting.SIGN, reading.sign),
		sheet=answer.get("sheet", reading.sheet),
	)
	return command_of(file, bank_account, replace(options, reading=reading))


def command_of(file: str, bank_account: str, options: ImportOptions) -> str:
	"""Return the command with every option, quoted for a shell."""
	words = ["banksync", "import", file, "--bank-account", bank_account]
	words += ["--account", options.account] if options.account else []
	reading = options.reading
	for what, column in reading.columns.items():
		words += ["--column", f"{what}={column}"]
	words += ["--date-format", reading.dates] if reading.dates else []
	words += ["--decimal", reading.decimal] if reading.decimal else []
	words += ["--sign", reading.sign] if reading.sign else []
	words += ["--sheet", reading.sheet] if reading.sheet else []
	words += ["--accept-mismatches"] if options.accept_mismatches else []
	return shlex.join(words)


def understood(current: Session, prepared: PreparedImport) -> str:
	"""Return how the file is read, before anything is done with it."""
	t, mapping = current.translations, prepared.statement.mapping
	shown = {_called(t, what): printable(meaning_of(t, what, column)) for what, column in mapping.items()}
	wide = max(map(len, shown), default=0)
	head = f"{bold(prepared.rows.name)}  {prepared.statement.format}"
	return "\n".join([head, *(f"  {what.ljust(wide)}  {column}" for what, column in shown.items())])


def _called(translations: Translations, what: str) -> str:
	"""Return what a user calls an entry of a mapping, and for a column the word that `--column` takes."""
	label = label_of(translations, what)
	return f"{label} ({what})" if what in by_role({what: ""}) else label

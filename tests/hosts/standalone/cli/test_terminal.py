"""Text that fits a terminal and cannot play tricks on it."""

from __future__ import annotations

import ast
import json
import logging
import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dokos_banksync.core.progress import Stage
from dokos_banksync.hosts.standalone.cli import terminal
from dokos_banksync.hosts.standalone.cli.terminal import (
	Bar,
	Column,
	LogFormatter,
	bad,
	bold,
	dim,
	good,
	money,
	printable,
	say_json,
	shown,
	table,
	text,
)

PRINTING = ("print", "click.echo", "click.secho", "echo", "secho", "sys.stdout.write", "sys.stderr.write")
COLUMNS = [Column("Id"), Column("Label", elastic=True), Column("Amount", right=True)]
ROWS = [["a1", "CB CAFE DU PORT 121126 PARIS", Decimal("-3.2")], ["a2", "Rent", Decimal("1234567.891")]]


def bare(words: str) -> str:
	return re.sub(r"\x1b\[[0-9;]*m", "", words)


def test_amounts_line_up_and_keep_every_decimal() -> None:
	lines = bare(table(COLUMNS, ROWS)).splitlines()
	assert lines[0].split() == ["Id", "Label", "Amount"]
	assert lines[2].endswith("−3.20")
	assert lines[3].endswith("1\u202f234\u202f567.891")
	assert len(lines[2]) == len(lines[3])


def test_only_elastic_columns_are_cut_to_the_room_there_is() -> None:
	lines = bare(table(COLUMNS, ROWS, room=36)).splitlines()
	assert max(map(len, lines)) == 36
	assert "CB CAFE DU PORT …" in lines[2]
	assert lines[2].startswith("a1 ")


def test_nothing_is_cut_where_nobody_looks() -> None:
	assert "CB CAFE DU PORT 121126 PARIS" in table(COLUMNS, ROWS, room=None)


@given(
	st.lists(
		st.tuples(st.text(), st.text(), st.decimals(allow_nan=False, allow_infinity=False, places=2)),
		max_size=5,
	),
	st.integers(40, 90),
)
def test_a_table_has_a_line_for_each_row_whatever_the_labels_hold(
	rows: list[tuple[str, str, Decimal]], room: int
) -> None:
	assert len(table(COLUMNS, rows, room).split("\n")) == len(rows) + 2


@pytest.mark.parametrize(
	("label", "shown"),
	[
		("CB\tCAFE\nPARIS ", "CB CAFE PARIS"),
		("\x1b[31mred\x1b[0m", "�[31mred�[0m"),
		("\x9b2Jgone", "�2Jgone"),
		("a\u202eb", "a�b"),
		("Crédit Lavandière", "Crédit Lavandière"),
	],
)
def test_a_label_cannot_move_the_cursor(label: str, shown: str) -> None:
	assert printable(label) == shown


@pytest.mark.parametrize(
	("words", "printed"),
	[
		("a\n\tb  c", "a\n\tb  c"),
		("1\u202f234 Crédit 東京", "1\u202f234 Crédit 東京"),
		("\x1b[2J\x1b]0;title\x07", "�[2J�]0;title�"),
		("\x1b[5m\x1b[1;31m\x1b[38;5;1m", "�[5m�[1;31m�[38;5;1m"),
		("old\rnew\x08\x7f", "old�new��"),
		("\x9b31m \x85 \u2028", "�31m � �"),
		("a\u202eb \ud83d", "a�b �"),
	],
)
def test_what_is_printed_moves_no_cursor(words: str, printed: str) -> None:
	assert shown(words) == printed


@pytest.mark.parametrize("style", [bold, dim, good, bad])
def test_our_own_styles_are_printed(style: Callable[[str], str]) -> None:
	assert shown(style("word")) == style("word") != "word"


def test_json_escapes_what_a_terminal_would_obey_and_still_says_it(
	capsys: pytest.CaptureFixture[str],
) -> None:
	value = {"a": "\x1b[2J \x9b \u202e \x7f \ud83d é 😀 1\u202f2", "b": "\U000e0001"}
	say_json(value)
	printed = capsys.readouterr().out
	assert json.loads(printed) == value
	assert "é 😀 1\u202f2" in printed
	assert not re.search("[\x1b\x9b\u202e\x7f\ud83d\U000e0001]", printed)


def test_a_log_line_moves_no_cursor() -> None:
	record = logging.LogRecord("x", logging.WARNING, "x.py", 1, "Account %s", ("\x1b[2J",), None)
	assert LogFormatter().format(record) == "Account �[2J"


def test_a_bar_draws_no_control_sequence_of_its_title(capsys: pytest.CaptureFixture[str]) -> None:
	Bar(True, "CONN\x1b[9A", lambda words: words)(Stage.FETCH, 1, None)
	assert "CONN�[9A" in capsys.readouterr().err


def test_nothing_is_printed_past_the_one_function_for_it() -> None:
	"""A command that calls click.echo or print would forget what a provider's text may hold."""
	folder = Path(terminal.__file__).parent
	found = [
		f"{path.name}:{node.lineno}"
		for path in sorted(folder.glob("*.py"))
		for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
		if isinstance(node, ast.Call) and ast.unparse(node.func) in PRINTING
	]
	assert [place.partition(":")[0] for place in found] == ["click_output.py", *["terminal.py"] * 3], found


@pytest.mark.parametrize(
	("value", "shown"),
	[
		(None, "–"),
		(True, "✓"),
		(False, "✗"),
		(date(2026, 11, 20), "2026-11-20"),
		(12345, "12\u202f345"),
		("", ""),
	],
)
def test_values_for_a_user(value: object, shown: str) -> None:
	assert text(value) == shown


@pytest.mark.parametrize(
	("amount", "shown"), [("0", "0.00"), ("-0.5", "−0.50"), ("12.345", "12.345"), ("1E+3", "1\u202f000.00")]
)
def test_amounts(amount: str, shown: str) -> None:
	assert money(Decimal(amount)) == shown


def test_a_bar_draws_where_somebody_looks(capsys: pytest.CaptureFixture[str]) -> None:
	bar = Bar(True, "CONN-1", lambda words: words)
	bar(Stage.FETCH, 500, None)
	bar(Stage.STORE, 50, 100)
	bar(Stage.STORE, 50, 100)
	bar.clear()
	drawn = capsys.readouterr()
	assert drawn.out == ""
	assert "transactions read 500" in drawn.err
	assert drawn.err.count("━" * 12 + "·" * 12) == 1
	assert drawn.err.endswith("\r\x1b[2K")


@pytest.mark.parametrize("stage", [Stage.CHECK, Stage.MATCH, Stage.PLAN])
def test_a_bar_says_compared_while_nothing_is_stored(
	capsys: pytest.CaptureFixture[str], stage: Stage
) -> None:
	Bar(True, "CONN-1", {"compared": "comparées"}.__getitem__)(stage, 3, 9)
	assert "comparées 3 / 9" in capsys.readouterr().err


def test_a_bar_is_silent_elsewhere(capsys: pytest.CaptureFixture[str]) -> None:
	bar = Bar(False, "CONN-1", lambda words: words)
	bar(Stage.STORE, 50, 100)
	bar.clear()
	assert capsys.readouterr() == ("", "")

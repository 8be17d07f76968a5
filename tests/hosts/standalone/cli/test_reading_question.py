"""A file that leaves something open: what the terminal shows, and that the command that it prints answers."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from tests.hosts.standalone.cli.conftest import Terminal

ACCOUNT = ("--bank-account", "Till account")


@pytest.fixture
def site(terminal: Terminal) -> Terminal:
	terminal("bank-accounts", "add", "Till account", "--bank", "Plain Bank", "--currency", "EUR")
	return terminal


def write(folder: Path, text: str, name: str = "a file.csv") -> str:
	(folder / name).write_text(text, "utf-8")
	return str(folder / name)


def commands(shown: str) -> list[tuple[str, ...]]:
	"""Return the commands that an answer prints, as words without `banksync`."""
	lines = (line.strip() for line in shown.splitlines())
	return [tuple(shlex.split(line))[1:] for line in lines if line.startswith("banksync import ")]


def test_unknown_titles_show_columns_three_rows_and_the_likely_mapping(
	site: Terminal, tmp_path: Path
) -> None:
	rows = "".join(f"0{day}/11/2026;LABEL {day};-{day},50\n" for day in range(1, 6))
	file = write(tmp_path, "aa;bb;cc\n" + rows.replace("05/11", "25/11"))
	site.language = "fr"
	shown = site("import", file, *ACCOUNT, code=8).stderr
	assert "dites ci-dessous laquelle [BS-600]" in shown
	assert "--column" not in shown.partition("[BS-600]")[0]
	assert "aa       01/11/2026 · 02/11/2026 · 03/11/2026  Date" in shown
	assert "bb       LABEL 1 · LABEL 2 · LABEL 3           Libellé" in shown
	assert "cc       -1,50 · -2,50 · -3,50                 Montant" in shown
	assert "label (Libellé)" in shown
	[command] = commands(shown)
	assert {"date=1", "label=2", "amount=3"} <= set(command)
	assert "Importées 5" in site(*command).stdout


def test_each_choice_has_its_meaning_and_a_command_that_answers(site: Terminal, tmp_path: Path) -> None:
	file = write(tmp_path, "Date;Label;Amount\n2026-11-02;A;1.234\n2026-11-03;B;2.345\n")
	shown = site("import", file, *ACCOUNT, "--sign", "normal", code=8).stderr
	assert "choose below" in shown
	assert "What a column may hold" not in shown
	lines = [line.strip() for line in shown.splitlines()]
	assert lines[lines.index("1 234,50") + 1].endswith("--decimal , --sign normal")
	first, second = commands(shown)
	assert "Will be imported 2" in site(*first, "--dry-run").stdout
	assert "Imported 2" in site(*second).stdout
	assert [row["amount"] for row in site.json("transactions")] == ["2.345", "1.234"]


def test_a_choice_of_no_column_is_said_in_words(site: Terminal, tmp_path: Path) -> None:
	file = write(tmp_path, "Date;Label;Amount;Fee\n2026-11-22;A;-10.00;-1.00\n2026-11-23;B;-20.00;-2.00\n")
	shown = site("import", file, *ACCOUNT, code=8).stderr
	assert "  Fee, deducted from the amount: no column\n" in shown
	assert "  Fee, deducted from the amount: Fee\n" in shown
	assert all(
		"Imported 2" in site(*one, "--dry-run").stdout.replace("Will be i", "I") for one in commands(shown)
	)


def test_without_a_likely_mapping_an_example_is_shown(site: Terminal, tmp_path: Path) -> None:
	file = write(tmp_path, "aa;bb\nx;y\nz;w\n")
	shown = site("import", file, *ACCOUNT, code=8).stderr
	assert "with the numbers of the right columns, for example" in shown
	[command] = commands(shown)
	assert {"date=1", "label=2", "amount=3"} <= set(command)


def test_of_several_files_each_has_its_question(site: Terminal, tmp_path: Path) -> None:
	open_file = write(tmp_path, "Date;Label;Amount\n2026-11-02;A;1.234\n", "open.csv")
	other = write(tmp_path, "Date;Label;Amount\n2026-11-02;A;-1.23\n", "plain.csv")
	done = site("import", open_file, other, *ACCOUNT, "--sign", "normal", code=8)
	assert len(commands(done.stdout)) == 2
	assert "choose below [BS-600]" in done.stdout
	assert "plain.csv" in done.stdout


def test_json_has_the_question_with_its_options(site: Terminal, tmp_path: Path) -> None:
	file = write(tmp_path, "Date;Label;Amount\n2026-11-02;A;1.234\n")
	done = site("import", file, *ACCOUNT, "--sign", "normal", "--json", code=8)
	assert "give --decimal , or --decimal ." in done.stdout
	assert commands(done.stdout) == commands(done.stderr) == []


def test_how_a_file_was_read_is_said_in_the_users_language(site: Terminal, tmp_path: Path) -> None:
	file = write(tmp_path, "Date;Text;Amount\n2026-11-22;A;-1.23\n")
	site.language = "fr"
	shown = [line.split() for line in site("import", file, *ACCOUNT, "--dry-run").stderr.splitlines()]
	assert ["Séparateur", "point-virgule"] in shown
	assert ["Libellé", "(label)", "Text"] in shown, "a title of the file stays as it is"
	assert ["Jours", "année,", "mois,", "jour"] in shown

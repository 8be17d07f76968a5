"""The command in French: its help, its answers, its failures."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from dokos_banksync.actions.i18n import Translations
from dokos_banksync.core.errors import SyncError
from dokos_banksync.hosts.standalone import cli
from dokos_banksync.hosts.standalone.cli import banksync
from dokos_banksync.hosts.standalone.cli.session import EXIT_CODES
from dokos_banksync.hosts.standalone.cli.terminal import STAGES
from tests.hosts.standalone.cli.conftest import Terminal


def helps(command: click.Command) -> Iterator[str]:
	yield command.help or ""
	yield from (option.help or "" for option in command.params if isinstance(option, click.Option))
	if isinstance(command, click.Group):
		for below in command.commands.values():
			yield from helps(below)


@pytest.mark.parametrize(
	"sentence", sorted({*helps(banksync), *EXIT_CODES.values(), *STAGES.values()} - {""})
)
def test_every_word_of_the_help_has_its_french(sentence: str) -> None:
	assert sentence in Translations("fr").known


def test_help_in_french_and_then_in_english_again(terminal: Terminal) -> None:
	french = terminal("sync", "--help", env={"BANKSYNC_LANG": "fr"}).stdout
	english = terminal("sync", "--help", env={"BANKSYNC_LANG": "en"}).stdout
	assert "Show what would be done" in english
	assert "Show what would be done" not in french
	assert "banksync sync" in french


FRENCH_USAGE = {
	("link",): "Il manque l’argument 'CONNECTION'.",
	("connect", "X"): "Il manque l’option '--provider'.",
	("sync", "--nope"): "Il n’y a pas d’option '--nope'. Vouliez-vous dire '--home'\u202f?",
	("lnk",): "Il n’y a pas de commande 'lnk'. Vouliez-vous dire 'link'\u202f?",
	("sync", "--apply"): "L’option '--apply' demande une valeur.",
	("sync", "--dry-run=3"): "L’option '--dry-run' ne prend pas de valeur.",
	("runs", "--limit", "abc"): "Valeur non valable pour '--limit'\u00a0: 'abc' n’est pas un nombre.",
	("runs", "--limit", "-4"): "'--limit'\u00a0: -4 n’est pas dans l’intervalle x>=0.",
	("schedule", "X", "--every", "5"): "'--every'\u00a0: '5' n’est pas parmi '6', '12', '24'.",
	("runs", "a"): "Un argument de trop (a)",
	("runs", "a", "b"): "Des arguments de trop (a b)",
}


@pytest.mark.parametrize("words", FRENCH_USAGE)
def test_a_command_that_is_not_understood_is_answered_in_french(
	terminal: Terminal, words: tuple[str, ...]
) -> None:
	terminal.language = "fr"
	message = terminal(*words, code=2).stderr
	assert FRENCH_USAGE[words] in message
	assert not {"Error", "Usage", "Try", "Missing", "Invalid", "help."} & set(re.findall(r"[\w.]+", message))


def test_the_headings_of_the_help_are_french(terminal: Terminal) -> None:
	terminal.language = "fr"
	group, command = (
		terminal(*words, env={"BANKSYNC_LANG": "fr"}).stdout for words in (["-h"], ["runs", "-h"])
	)
	assert group.startswith("Utilisation\u00a0: banksync")
	for heading in ("Options", "Commandes", "Codes de sortie"):
		assert f"\n{heading}\u00a0:\n" in group
	assert "Afficher ce message et terminer." in command
	assert "Show" not in group + command


def test_click_is_english_again_after_a_command_in_french(terminal: Terminal) -> None:
	terminal.language = "fr"
	terminal("link", code=2)
	terminal.language = "en"
	assert "Error: Missing argument 'CONNECTION'." in terminal("link", code=2).stderr


@pytest.mark.parametrize(("answer", "code"), [("o", 0), ("Oui", 0), ("y", 0), ("n", 1), ("non", 1), ("", 1)])
def test_a_question_is_asked_and_answered_in_french(terminal: Terminal, answer: str, code: int) -> None:
	terminal.language = "fr"
	terminal("bank-accounts", "add", "Compte", "--bank", "Banque", "--currency", "EUR")
	terminal("export", "categories", "--output", str(terminal.home / "x.csv"))
	message = terminal(
		"export", "categories", "--output", str(terminal.home / "x.csv"), input=f"vu\n{answer}\n", code=code
	)
	assert message.stderr.count("[o/N]") == 2
	assert "Répondez oui ou non" in message.stderr


def test_a_failure_in_french(terminal: Terminal) -> None:
	english = terminal.error("run", "X", code=9)
	terminal.language = "fr"
	french = terminal.error("run", "X", code=9)
	assert french != english
	assert "X" in french


def test_days_of_a_sentence_are_french_and_those_of_json_are_for_programs(terminal: Terminal) -> None:
	terminal.language = "fr"
	words = ("transactions", "--from", "2026-11-30", "--to", "2026-11-02")
	assert "Le 30\u00a0nov.\u00a02026 est après le 2\u00a0nov.\u00a02026" in terminal(*words, code=8).stderr
	error = terminal.json(*words, code=8)["error"]
	assert "Le 2026-11-30 est après le 2026-11-02" in error["message"]
	assert error["values"] == [{"day": "2026-11-30"}, {"day": "2026-11-02"}]
	terminal.language = "en"
	assert "2026-11-30 is after 2026-11-02" in terminal(*words, code=8).stderr


@pytest.mark.parametrize(
	("words", "said"),
	[
		(("backup", "/nonexistent/a.zip"), "(fichier ou dossier inexistant)"),
		(("serve", "--host", "nonsense.invalid"), "(nom inconnu)"),
		(("provider", "add", "X", "--type", "Bridge", "--client-id", "x"), "Secret client manque"),
		(("--home", "/proc/nowhere", "status"), "(fichier ou dossier inexistant)"),
	],
)
def test_what_the_system_or_a_form_calls_something_is_french_too(
	terminal: Terminal, words: tuple[str, ...], said: str
) -> None:
	terminal.language = "fr"
	assert said in terminal(*words, code=3).stderr


def test_the_help_shows_every_exit_code(terminal: Terminal) -> None:
	message = terminal("--help", env={"BANKSYNC_LANG": "en"}).stdout.partition("Exit codes:")[2]
	assert all(f"  {code} " in message and meaning in message for code, meaning in EXIT_CODES.items())

	def codes(kind: type[SyncError]) -> Iterator[int]:
		yield kind.exit_code
		for child in kind.__subclasses__():
			yield from codes(child)

	assert set(codes(SyncError)) <= set(EXIT_CODES)


def test_no_sentence_is_put_together_with_an_english_colon() -> None:
	"""French has a space before it: `Session.named` writes it."""
	folder = Path(cli.__file__).parent
	found = [
		(path.name, line.strip())
		for path in sorted(folder.glob("*.py"))
		for line in path.read_text("utf-8").splitlines()
		if re.search(r"""f"[^"]*\}: (?:\{|")|": "\.join""", line)
	]
	assert found == []


def test_a_run_without_a_connection_says_what_it_was(terminal: Terminal, tmp_path: Path) -> None:
	terminal("bank-accounts", "add", "Current", "--bank", "Demo Bank", "--currency", "EUR")
	(tmp_path / "a.csv").write_text("Date;Label;Amount\n2026-11-02;RENT;-850.00\n2026-11-03;BAD;x\n", "utf-8")
	file = ("import", str(tmp_path / "a.csv"), "--bank-account", "Current", "--date-format", "YMD")
	terminal(*file, code=8)
	terminal.language = "fr"
	assert terminal("run", terminal.json("runs")[0]["name"]).stdout.startswith("! Fichier a.csv  Partiel")
	assert "Refusée : Ligne 3 : x n’est pas un montant" in terminal("lines", "--held").stdout
	assert "█ Récupéré  ░" in terminal("coverage", "Current").stdout
	assert "Récupérées 1" in terminal("run", terminal.json("runs")[0]["name"]).stdout

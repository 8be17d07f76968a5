"""The command in French: its help, its answers, its failures."""

from __future__ import annotations

from collections.abc import Iterator

import click
import pytest

from dokos_banksync.actions.i18n import Translations
from dokos_banksync.core.errors import SyncError
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
	if sentence != "Show the version and exit.":  # click's own
		assert sentence in Translations("fr").known


def test_help_in_french_and_then_in_english_again(terminal: Terminal) -> None:
	french = terminal("sync", "--help", env={"BANKSYNC_LANG": "fr"}).stdout
	english = terminal("sync", "--help", env={"BANKSYNC_LANG": "en"}).stdout
	assert "Show what would be done" in english
	assert "Show what would be done" not in french
	assert "banksync sync" in french


def test_a_failure_in_french(terminal: Terminal) -> None:
	english = terminal.error("run", "X", code=9)
	terminal.language = "fr"
	french = terminal.error("run", "X", code=9)
	assert french != english
	assert "X" in french


def test_the_help_tells_every_exit_code(terminal: Terminal) -> None:
	message = terminal("--help", env={"BANKSYNC_LANG": "en"}).stdout.partition("Exit codes:")[2]
	assert all(f"  {code} " in message and meaning in message for code, meaning in EXIT_CODES.items())

	def codes(kind: type[SyncError]) -> Iterator[int]:
		yield kind.exit_code
		for child in kind.__subclasses__():
			yield from codes(child)

	assert set(codes(SyncError)) <= set(EXIT_CODES)

"""Each `bench` command of the documentation is one that the bench knows; those that change nothing are run."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.site.bench import APP, Bench, Site

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
BENCHS_OWN = frozenset({"get-app", "init", "pip", "restart", "setup", "start", "update", "build"})
"""Commands of the bench program itself, which the test benches do not have: a framework knows the others."""

HARMLESS = frozenset({"doctor", "list-apps", "migrate", "version"})
_INLINE = re.compile(r"`(bench [^`]+)`")
_BLOCK = re.compile(r"^(?:    |\$ )(bench .+)$", re.MULTILINE)


def documented() -> Iterator[list[str]]:
	"""Yield the words of each command, without `--site NAME` and without a comment."""
	for page in PAGES:
		text = page.read_text("utf-8")
		for command in (*_INLINE.findall(text), *_BLOCK.findall(text)):
			words = shlex.split(command, comments=True)[1:]
			yield words[2:] if words[0] == "--site" else words


COMMANDS = sorted({tuple(words) for words in documented()})


def known(bench: Bench) -> str:
	"""Return the help of the framework's commands."""
	return bench.command("--help")


def test_the_documentation_has_the_commands_that_a_user_needs() -> None:
	first = {words[0] for words in COMMANDS}
	assert {"get-app", "restart", "install-app", "migrate", "uninstall-app", "enable-scheduler"} <= first


def test_each_command_is_known(one_bench: Bench) -> None:
	names = set(re.findall(r"^  ([a-z][a-z-]+)\b", known(one_bench), re.MULTILINE))
	assert {words[0] for words in COMMANDS} - BENCHS_OWN <= names


@pytest.mark.parametrize("words", [words for words in COMMANDS if words[0] not in BENCHS_OWN], ids=" ".join)
def test_each_option_is_known(one_bench: Bench, words: tuple[str, ...]) -> None:
	options = [word for word in words[1:] if word.startswith("-")]
	if options:
		help_text = one_bench.command(words[0], "--help")
		assert [option for option in options if option.split("=")[0] not in help_text] == []


def test_what_is_harmless_is_run(site: Site) -> None:
	ran = [words for words in COMMANDS if words[0] in HARMLESS]
	assert ran
	for words in ran:
		site.command(*words)
	assert APP in site.command("list-apps")

"""docs/command-line.md: each example is executed, and each synopsis names what the command really takes."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from pathlib import Path

import click
import pytest

from dokos_banksync.hosts.standalone.cli import banksync
from dokos_banksync.sandbox.server import CLIENT_ID, CLIENT_SECRET, SandboxServer
from dokos_banksync.sandbox.user import Customer
from tests.hosts.standalone.cli.conftest import SECRET, Terminal
from tests.hosts.standalone.cli.test_every_command import commands

PAGE = (Path(__file__).parents[4] / "docs" / "command-line.md").read_text("utf-8")
STAY_UP = ("serve", "sandbox", "demo")
"""Run by test_servers and test_demo."""
COMMANDS = dict(commands(banksync))


def blocks() -> list[list[str]]:
	"""Return the indented blocks of the page as logical lines: one that goes on is joined."""
	found = re.findall(r"(?:^    .*\n)+", PAGE, re.MULTILINE)
	return [re.sub(r"(\\?\n {12,}|\\\n)", " ", block).splitlines() for block in found]


def lines() -> list[str]:
	return [
		line.strip() for block in blocks() for line in block if "banksync " in line and "COMPLETE" not in line
	]


def is_synopsis(line: str) -> bool:
	bare = re.sub(r'"[^"]*"', "", line.partition("banksync ")[2])
	return bool(re.search(r"[\[|…]|\b[A-Z][A-Z_]{2,}\b(?!-)", bare))


def command_of(line: str) -> tuple[str, click.Command]:
	words = shlex.split(line.partition("banksync ")[2].replace("|", " "), comments=True)
	for count in (2, 1):
		name = " ".join(words[:count])
		if name in COMMANDS:
			return name, COMMANDS[name]
	return words[0], banksync.commands[words[0]]  # a group that lists by itself


SYNOPSES = [line for line in lines() if is_synopsis(line)]
EXAMPLES = [line for line in lines() if not is_synopsis(line)]


def test_the_page_has_a_synopsis_of_every_command() -> None:
	assert {command_of(line)[0] for line in SYNOPSES + EXAMPLES} >= set(COMMANDS) - {
		"bank-accounts list",
		"banks list",
	}
	assert len(SYNOPSES) > 30
	assert len(EXAMPLES) > 20


@pytest.mark.parametrize("line", SYNOPSES)
def test_a_synopsis_names_options_that_the_command_has(line: str) -> None:
	_, command = command_of(line)
	known = {
		option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)
	}
	named = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", line))
	assert named <= known | {"--help"}


def needed(terminal: Terminal, bank: SandboxServer, line: str) -> list[str]:
	"""Return the words of an example, with the ids of this home in the place of the page's."""
	words = shlex.split(line.partition("banksync ")[2], comments=True)
	accounts = terminal.json("accounts")
	plan = ""
	rows: list[str] = []
	if "--apply" in words:
		message = terminal.json("sync", "SYNC-CONN-00001", "--dry-run")
		plan, rows = message["plan"], [row["id"] for row in message["decisions"] if row["may_be_left_out"]]
	put = {
		"48000101": accounts[0]["remote_id"] if accounts else "",
		"1f0c3a9be2d47758": plan,
		"90b1c2d3e4f50617": rows[0] if rows else "",
		"http://127.0.0.1:8574": bank.url,
		"0123abcd": CLIENT_ID,
		"sandbox-client": CLIENT_ID,
	}
	return [put.get(word, word) for word in words]


def test_every_example_is_executed(
	terminal: Terminal,
	bank: SandboxServer,
	browser: Callable[[Customer], None],
	monkeypatch: pytest.MonkeyPatch,
	tmp_path: Path,
) -> None:
	"""In the order of the page, in one home. What an example would create a second time is made room for."""
	monkeypatch.chdir(tmp_path)
	monkeypatch.setattr(
		"dokos_banksync.providers.bridge.provider.BridgeProvider.default_url", bank.url, raising=True
	)
	ran = []
	for line in EXAMPLES:
		name, _ = command_of(line)
		if name in STAY_UP or line.startswith("7 * * * *"):
			continue
		words = needed(terminal, bank, line)
		if name == "provider add" and any(
			one["name"] == words[2] for one in terminal.json("provider", "list")
		):
			continue  # the first example of the page again, with its secret from elsewhere
		if name == "connect" and terminal.json("connections"):
			continue  # the same example again
		piped = {"input": CLIENT_SECRET} if "--client-secret-file" in words else {}
		if name == "import":  # a statement of what the bank has
			terminal(
				"export", "--format", "ofx", "--bank-account", "Current account", "--output", "statement.ofx"
			)
		# Without the row that is left out, the books differ from the bank.
		code = 12 if "--leave-out" in words else 0
		result = terminal(*words, code=code, env={} if piped else SECRET, **piped)
		assert CLIENT_SECRET not in result.output
		ran.append(name)
	assert {
		"provider add",
		"connect",
		"link",
		"sync",
		"status",
		"export",
		"backup",
		"restore",
		"lines",
	} <= set(ran)

"""What the documentation tells to type or to set exists: commands, options, targets, modules, variables, codes, addresses.

Each example of `banksync` is read by the command's own parser. `test_command_line_page` executes those of
docs/command-line.md, `test_every_command` all commands, and `test_example_package` those of the example provider.
"""

from __future__ import annotations

import importlib.util
import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import click
import pytest
import requests

from dokos_banksync.hosts.standalone.cli import banksync
from dokos_banksync.hosts.standalone.cli.providers import declared_fields
from dokos_banksync.hosts.standalone.cli.session import Session
from dokos_banksync.sandbox.server import SandboxServer
from dokos_banksync.sandbox.world import World

ROOT = Path(__file__).parents[1]
PAGES = [
	ROOT / "README.md",
	ROOT / "CONTRIBUTING.md",
	ROOT / "SECURITY.md",
	*sorted((ROOT / "docs").glob("*.md")),
]
TEXTS = {page.name: page.read_text("utf-8") for page in PAGES}
SOURCES = "".join(
	path.read_text("utf-8", errors="replace")
	for folder in ("dokos_banksync", "tests", "benchmarks", ".ci")
	for path in sorted((ROOT / folder).rglob("*"))
	if path.suffix in {".py", ".js", ".html", ""} and path.is_file() and path != Path(__file__)
)
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")

NAMES_THE_PROJECT = ("git clone", "podman build", "podman run", "ln -s", "RUN ")
"""Lines on which `banksync` is a folder, an image, a user or a container."""


def typed(text: str) -> list[str]:
	"""Return the lines of indented blocks; one that ends in a backslash is joined with the next."""
	joined = re.sub(r"\\\n\s+", " ", text)
	return [line.strip() for line in re.findall(r"^ {4,}(\S.*)$", joined, re.MULTILINE)]


def inline(text: str) -> list[str]:
	return [" ".join(code.split()) for code in re.findall(r"`([^`]+)`", text)]


def examples() -> Iterator[tuple[str, str]]:
	"""Each example of `banksync` with its page. The synopses of docs/command-line.md have a test of their own."""
	for page, text in TEXTS.items():
		for line in typed(text) if page != "command-line.md" else []:
			call = (
				None
				if "--type harbour" in line
				else re.search(r"(?:^|[ /])banksync +(?!.*\bbanksync )([^|>&]+)", line)
			)
			if call and "COMPLETE" not in line and not line.startswith(NAMES_THE_PROJECT):
				yield page, call[1].strip()


def command_of(words: list[str]) -> tuple[click.Command, list[str]]:
	"""Return the command that the words call, and what is left for it to parse."""
	command: click.Command = banksync
	while isinstance(command, click.Group) and words and words[0] in command.commands:
		command, words = command.commands[words[0]], words[1:]
	return command, words


@pytest.mark.parametrize(("page", "line"), sorted(set(examples())))
def test_an_example_is_understood_by_the_command(page: str, line: str, tmp_path: Path) -> None:
	words = shlex.split(line.replace("…", "X"), comments=True)
	command, rest = command_of(words)
	assert command is not banksync or words[0].startswith("-"), f"{page}: there is no command {words[0]}"
	command.make_context("banksync", rest, obj=Session(tmp_path / "home"))


def test_there_are_examples_on_many_pages() -> None:
	pages = {page for page, _ in examples()}
	assert {"README.md", "install.md", "bridge.md", "never-a-duplicate.md", "statement-files.md"} <= pages
	assert len(set(examples())) > 50


def test_a_command_within_a_sentence_exists_with_its_options() -> None:
	unknown = []
	for page, text in TEXTS.items():
		for code in inline(text):
			if not code.startswith("banksync "):
				continue
			command, _ = command_of(re.sub(r"[…\[\]|]", " ", code).split()[1:])
			known = {name for one in command.params for name in (*one.opts, *one.secondary_opts)}
			if command is banksync or not set(re.findall(r"(?<!\S)--[a-z-]+", code)) <= known | {
				"--help",
				"--version",
			}:
				unknown.append((page, code))
	assert [one for one in unknown if one[1] not in {"banksync --help", "banksync --version"}] == []


def test_targets_and_variables_of_make_exist() -> None:
	targets = set(re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE))
	for page, text in TEXTS.items():
		calls = [*typed(text), *inline(text)]
		for call in (one.partition("#")[0] for one in calls if one.startswith("make ")):
			words = call.split()[1:]
			assert words[0] in targets, (page, call)
			for variable in words[1:]:
				assert (
					f"$({variable.partition('=')[0]})" in MAKEFILE
					or f"{variable.partition('=')[0]})," in MAKEFILE
				), call


def test_modules_and_paths_that_are_run_exist() -> None:
	found = 0
	for page, text in TEXTS.items():
		for call in [*typed(text), *inline(text)]:
			for module in re.findall(r"python -m ([\w.]+)", call):
				found += 1
				assert module in {"venv", "build"} or importlib.util.find_spec(module), (page, call)
			for path in re.findall(r"(?<![\w/~.$-])((?:tests|benchmarks|dokos_banksync)/[\w./-]+)", call):
				assert (ROOT / path).exists(), (page, path)
	assert found >= 5


def test_variables_of_the_environment_are_read_somewhere() -> None:
	of_fields = {f"BANKSYNC_{name.upper()}" for name in declared_fields()}
	named = {one for text in TEXTS.values() for one in re.findall(r"\bBANKSYNC_[A-Z_]+[A-Z]\b", text)}
	assert len(named) >= 8
	assert {
		one for one in named - of_fields if f'"{one}"' not in SOURCES and f"{one}=" not in SOURCES
	} == set()


def test_codes_of_errors_are_those_of_the_program() -> None:
	named = {code for text in TEXTS.values() for code in re.findall(r"\bBS-\d{3}\b", text)}
	assert len(named) > 15
	assert {code for code in named if f'"{code}"' not in SOURCES} == set()


def test_addresses_of_webhooks_are_served() -> None:
	addresses = {
		path
		for text in TEXTS.values()
		for path in re.findall(r"(/api/method/[\w.]+|/banksync/webhook/)", text)
	}
	assert addresses == {"/api/method/dokos_banksync.api.webhook.receive", "/banksync/webhook/"}
	assert '"/banksync/webhook/' in SOURCES
	assert "def receive(" in (ROOT / "dokos_banksync" / "api" / "webhook.py").read_text("utf-8")


def test_answers_to_webhooks_are_those_of_the_program() -> None:
	source = (ROOT / "dokos_banksync" / "core" / "connection" / "webhooks.py").read_text("utf-8")
	given = {
		(status, text)
		for status, texts in re.findall(r"Answer\((\d{3}), ([^)\n]+)", source)
		for text in re.findall(r'"([^"]+)"', texts)
	}
	table = TEXTS["bridge.md"].partition("| answer | means |")[2].partition("\n\n")[0]
	rows = re.findall(r"^\| ([2-5]\d\d[^|]*) \|", table, re.MULTILINE)
	named = {
		(status, text)
		for row in rows
		for status in re.findall(r"\b\d{3}\b", row)
		for text in re.findall(r"`([^`]+)`", row)
	}
	without_text = {status for row in rows for status in re.findall(r"\b\d{3}\b", row) if "`" not in row}
	assert named == {one for one in given if one[0] not in without_text}
	assert {status for status, _ in given} == {status for status, _ in named} | without_text


def sandbox_calls() -> list[tuple[str, str, str]]:
	"""Return page, address and body of each call that a page makes to the sandbox's control."""
	call = r"-d '([^']+)' +(http://127\.0\.0\.1:8574\S+)"
	return [
		(page, address, body)
		for page, text in TEXTS.items()
		for line in typed(text)
		for body, address in re.findall(call, line)
	]


def test_the_calls_to_the_sandbox_are_answered() -> None:
	calls = sandbox_calls()
	assert {page for page, _, _ in calls} == {"enable-banking.md", "gocardless.md", "ponto.md", "powens.md"}
	with SandboxServer(World(years=0.1)) as bank, requests.Session() as session:
		for page, address, body in calls:
			answer = session.post(bank.url + urlsplit(address).path, json=json.loads(body), timeout=30)
			assert answer.ok, (page, answer.status_code, answer.text)

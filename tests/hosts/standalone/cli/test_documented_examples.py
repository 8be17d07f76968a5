"""Each example of `banksync` in README.md and docs/ is executed, in the order of its page.

The sandbox bank answers over HTTP, and the data is in SQLite. `test_command_line_page` executes those of
docs/command-line.md. An example ends with 0, or with the exit code that its page names.
"""

from __future__ import annotations

import re
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import click
import pytest
import requests

from dokos_banksync.hosts.standalone.cli import banksync
from dokos_banksync.hosts.standalone.cli.session import Session
from dokos_banksync.providers.registry import provider_class
from dokos_banksync.sandbox.ponto.model import OWN_CLIENT_ID, OWN_CLIENT_SECRET
from dokos_banksync.sandbox.server import SandboxServer
from dokos_banksync.sandbox.user import Customer
from tests.hosts.standalone.cli.conftest import Terminal
from tests.hosts.standalone.cli.documented import (
	ACCOUNT,
	CONNECTION,
	PAGES,
	Example,
	asked_about,
	examples,
	no_longer_listed,
	twins,
)
from tests.hosts.standalone.cli.test_every_provider import free_port
from tests.providers import every_provider
from tests.providers.every_provider import Given, register_return, serving
from tests.providers.test_example_package import KEY, installed
from tests.providers.test_example_package import bank as harbour

__all__ = ["harbour", "installed"]

OF_PROVIDERS = {
	"README.md": every_provider.bridge,
	"bridge.md": every_provider.bridge,
	"enable-banking.md": every_provider.enable_banking,
	"gocardless.md": every_provider.gocardless,
	"plaid.md": every_provider.plaid,
	"ponto.md": every_provider.ponto,
	"powens.md": every_provider.powens,
	"salt-edge.md": every_provider.salt_edge,
}
"""Pages that begin with nothing and add a subscription; on the others a bank is connected and imported."""

STAY_UP = {"serve", "sandbox", "demo"}
ENDS_WITH = {
	("never-a-duplicate.md", "proof"): 12,
	("never-a-duplicate.md", "sync"): 12,
	("never-a-duplicate.md", "certificate"): 8,
}
"""Exit codes other than 0, which the page names: rows of the books differ from the bank by what the page did before."""


def is_complete(words: list[str], home: Path) -> bool:
	"""Return whether the words can be executed: in a sentence they may only name a command."""
	command: click.Command = banksync
	rest = list(words)
	while isinstance(command, click.Group) and rest and rest[0] in command.commands:
		command, rest = command.commands[rest[0]], rest[1:]
	try:
		command.make_context("banksync", rest, obj=Session(home))
	except (click.MissingParameter, click.exceptions.NoArgsIsHelpError):
		return False
	except click.exceptions.Exit:
		return True
	return True


@dataclass
class Reader:
	"""Someone who types the examples of a page, with names and ids of their own in the place of the page's."""

	terminal: Terminal
	server: SandboxServer
	folder: Path
	given: Given | None = None
	port: int = 0
	sandbox: str = ""
	ran: list[str] = field(default_factory=list)
	prepare: Callable[[], None] = lambda: None
	"""Connects and imports a bank in an empty home."""

	def types(self, page: str, example: Example) -> None:
		"""Execute one example. Those of `undo` are alternatives, so each undoes the run of a home of its own."""
		if example.words[0] == "undo":
			self.begins_anew()
			self.prepare()
		if example.words[0] == "import" and not (self.folder / "statement.ofx").exists():
			write_statements(self)
		words = self.filled(example.words)
		if words[:2] == ["provider", "add"] and self.knows_provider(words[2]):
			self.begins_anew()
		if words[0] in STAY_UP:
			self.stays_up(words)
		else:
			code = ENDS_WITH.get((page, words[0]), 0)
			self.terminal(*self.with_address(words), code=code, **self.answers(words))
		self.ran.append(" ".join(words[:2] if words[0] == "provider" else words[:1]))

	def begins_anew(self) -> None:
		self.terminal.home = self.terminal.home.with_name(f"home-{len(self.ran)}")

	def knows_provider(self, name: str) -> bool:
		return any(one["name"] == name for one in self.terminal.json("provider", "list"))

	def stays_up(self, words: list[str]) -> None:
		"""Start a server as a process on any free port, see that it answers, and end it with Ctrl-C."""
		free = [word for word in words if word != "--port" and not word.isdecimal()]
		with self.terminal.process(*free, "--port", "0") as process:
			assert process.stdout is not None
			said = ""
			ready = r"http://127\.0\.0\.1:\d+" + ("$" if words[0] == "sandbox" else r"/\?token=\S+")
			while not (address := re.search(ready, said)):
				said = process.stdout.readline().rstrip()
				assert said or process.poll() is None, process.communicate()
			assert requests.get(address[0], timeout=60).status_code in {200, 404}
			process.send_signal(signal.SIGINT)
			process.communicate(timeout=30)
		assert process.returncode == 0

	def with_address(self, words: list[str]) -> list[str]:
		"""Return the words with the address of the sandbox bank in the place of the provider's."""
		if self.given is None or words[:2] != ["provider", "add"] or "--base-url" in words:
			return words
		own = f"{self.given.url}/my" if OWN_CLIENT_ID in words else self.given.url
		return [*words, "--base-url", own]

	def answers(self, words: list[str]) -> dict[str, Any]:
		"""Return what is typed where the command asks, and secrets that it takes from the environment."""
		if words[0] == "restore":
			return {"input": "y\n"}
		if words[0] in {"undo", "merge", "delete"}:
			return {"input": "y\n"}
		if self.given is None or words[0] != "provider":
			return {}
		secrets = {
			f"BANKSYNC_{one.name.upper()}": self.given.keys[one.name]
			for one in provider_class(self.given.kind).credential_fields
			if one.kind.secret and one.name in self.given.keys
		}
		secrets["BANKSYNC_WEBHOOK_SECRET"] = "a-webhook-secret"
		return {"env": secrets}

	def filled(self, words: list[str]) -> list[str]:
		"""Return the words with the placeholders of the page replaced."""
		keys = self.given.keys if self.given else {}
		done = [*words]
		for place, (option, word) in enumerate(pairwise(words), 1):
			name = option.strip("-").replace("-", "_")
			if option.startswith("--") and name in keys and name != "countries":
				done[place] = keys[name]
			elif name.endswith("_file"):
				(self.folder / word).write_text(self.secret(name.removesuffix("_file")), "utf-8")
			elif option == "--institution" and self.given:
				done[place] = self.given.institution
			elif option == "--port" and words[0] == "connect":
				done[place] = str(self.port)
		if "ponto" in done and "--integration" not in done:
			done = [OWN_CLIENT_ID if word == keys.get("client_id") else word for word in done]
		return [self.own(word, words) for word in done]

	def secret(self, name: str) -> str:
		"""Return a key that the page has in a file."""
		keys = self.given.keys if self.given else {}
		if self.given and self.given.kind == "Ponto":
			return OWN_CLIENT_SECRET if name == "client_secret" else ""
		return keys.get(name, "")

	def own(self, word: str, words: list[str]) -> str:
		"""Return what this home has in the place of a name or an id of the page."""
		if word.startswith("http://127.0.0.1:8574"):
			return word.replace("http://127.0.0.1:8574", self.server.url)
		if word.startswith("/mnt/"):
			return str(self.folder / Path(word).name)
		table: dict[str, Callable[[list[str]], str]] = {
			ACCOUNT: lambda _: str(self.terminal.json("bank-accounts")[0]["name"]),
			"NAME": lambda _: str(self.terminal.json("provider", "list")[0]["name"]),
			"SL0000001234": self.line,
			"ACC-BTN-2026-00042": lambda words: self.transaction(words, 0),
			"ACC-BTN-2026-00057": lambda words: self.transaction(words, 1),
			"4711": lambda _: self.deleted(0),
			"4712": lambda _: self.deleted(1),
			"1f0c3a9be2d47758": lambda _: str(self.plan()["plan"]),
			"90b1c2d3e4f50617": lambda _: next(
				str(row["id"]) for row in self.plan()["decisions"] if row["may_be_left_out"]
			),
			"SYNC-RUN-0000007": self.run,
			"…": lambda words: self.run(words) if words[0] == "undo" else CONNECTION,
		}
		return table[word](words) if word in table else word

	def question(self, words: list[str]) -> dict[str, Any]:
		"""Return an open question that the answer fits: `--gone` goes with what the bank does not list."""
		unlisted = "--gone" in words or self.ran.count("answer") == 2
		return next(one for one in self.terminal.json("questions") if one["unlisted"] == unlisted)

	def line(self, words: list[str]) -> str:
		if words[0] == "answer":
			return str(self.question(words)["line"])
		return str(self.terminal.json("lines", "--held")[0]["name"])

	def transaction(self, words: list[str], place: int) -> str:
		if words[0] == "answer":
			return str(self.question(words)["candidates"][0]["name"])
		if words[0] == "explain":
			return str(self.terminal.json("transactions", "--limit", "1")[0]["name"])
		pair = self.terminal.json("duplicates", "--bank-account", ACCOUNT)[0]
		return str(pair[("first", "second")[place]]["name"])

	def deleted(self, place: int) -> str:
		"""Return the bank's id of a row that a user deleted."""
		gone = [one for one in self.terminal.json("lines", "--held") if one["reason"] == "Deleted by a user"]
		return str(gone[place]["remote_id"])

	def plan(self) -> Any:
		return self.terminal.json("sync", CONNECTION, "--dry-run", code=12)

	def run(self, words: list[str]) -> str:
		"""Return the latest run that imported something."""
		return next(str(one["name"]) for one in self.terminal.json("runs", "--limit", "0") if one["created"])


@pytest.fixture
def reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Reader]:
	monkeypatch.chdir(tmp_path)
	monkeypatch.setenv("BROWSER", "true")
	with serving() as server:
		port = free_port()
		register_return(server, f"http://127.0.0.1:{port}/return")
		monkeypatch.setattr("dokos_banksync.hosts.standalone.cli.connect.REGISTERED_PORT", port)
		yield Reader(Terminal(tmp_path / "home", server.world.clock.now), server, tmp_path, port=port)


def prepare(reader: Reader, browser: Callable[[Customer], None]) -> None:
	"""Connect the sandbox bank and import its accounts, and write the statement files that pages import."""
	given, terminal = every_provider.bridge(reader.server), reader.terminal
	words = ("--type", "bridge", "--client-id", given.keys["client_id"], "--base-url", given.url)
	terminal("provider", "add", "bridge", *words, env={"BANKSYNC_CLIENT_SECRET": given.keys["client_secret"]})
	browser(Customer(login=given.login))
	accounts = terminal.json("connect", "My bank", "--provider", "bridge", "--institution", given.institution)
	main = next(one for one in accounts if one["account_name"].startswith(every_provider.LINKED))
	terminal("link", CONNECTION, main["remote_id"], ACCOUNT)
	terminal("sync")
	write_statements(reader)


def write_statements(reader: Reader) -> None:
	terminal, folder = reader.terminal, reader.folder
	words = ("--bank-account", reader.own(ACCOUNT, []), "--output", str(folder / "statement.ofx"))
	terminal("export", "--format", "ofx", "--yes", *words)
	table = "Date;Motif;Référence;Somme\n03/11/2026;KIOSQUE;R1;-4,20\n17/11/2026;LOYER;R2;-850,00\n"
	(folder / "export.csv").write_text(table, "utf-8")


def follow(reader: Reader, page: str) -> list[str]:
	"""Execute the examples of a page, but those that only name a command within a sentence."""
	for example in examples(page):
		if not example.inline or is_complete(reader.filled(example.words), reader.terminal.home):
			reader.types(page, example)
	return reader.ran


@pytest.mark.parametrize("page", OF_PROVIDERS)
def test_a_page_that_begins_with_a_subscription(
	page: str, reader: Reader, browser: Callable[[Customer], None]
) -> None:
	reader.given = OF_PROVIDERS[page](reader.server)
	browser(Customer(login=reader.given.login))
	ran = follow(reader, page)
	assert {"provider add", "provider check"} <= set(ran)


PREPARED = {
	"desk.md": ["sync"],
	"first-ten-minutes.md": ["demo", "serve"],
	"install.md": ["backup", "backup", "restore", "sync", "sync", "serve", "login", "sync", "login", "sync"],
	"security.md": ["serve", "login", "sync"],
	"statement-files.md": ["import", "import", "import", "lines"],
	"troubleshooting.md": ["proof", "lines", "sync", "proof"],
}


@pytest.mark.parametrize("page", PREPARED)
def test_a_page_that_goes_on_with_a_connected_bank(
	page: str, reader: Reader, browser: Callable[[Customer], None]
) -> None:
	if page != "first-ten-minutes.md":
		prepare(reader, browser)
	assert follow(reader, page) == PREPARED[page]


def test_the_page_of_reviews(reader: Reader, browser: Callable[[Customer], None]) -> None:
	reader.prepare = partial(prepare, reader, browser)
	reader.prepare()
	for row in reader.terminal.json("transactions", "--limit", "2"):
		reader.terminal("delete", "--yes", row["name"])
	twins(reader.terminal, reader.folder, 6)
	asked_about(reader.terminal, reader.folder, 2)
	no_longer_listed(reader.terminal, 2)
	ran = follow(reader, "never-a-duplicate.md")
	assert {"questions", "answer", "sync", "explain", "missing", "merge", "keep-both", "delete"} <= set(ran)
	assert {"duplicates", "proof", "coverage", "certificate", "undo"} <= set(ran)


def test_the_page_of_a_provider_of_ones_own(
	reader: Reader, installed: Path, harbour: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
	"""In processes that have the package on their path, as it is installed beside ours."""
	monkeypatch.setenv("PYTHONPATH", str(installed))
	monkeypatch.setenv("BANKSYNC_HARBOUR_KEY", KEY)
	for example in examples("writing-a-provider.md"):
		if example.inline:
			continue
		words = [*example.words, *(["--base-url", harbour.url] if "add" in example.words else [])]
		with reader.terminal.process(*words) as process:
			if words[0] == "connect":
				returns_from(harbour)
			said, failed = process.communicate(timeout=60)
		assert process.returncode == 0, said + failed
		reader.ran.append(words[0])
	assert reader.ran == ["provider", "provider", "connect"]


def returns_from(harbour: Any) -> None:
	"""Go back from the bank's page to the address that the command gave it."""
	for _ in range(600):
		if asked := harbour.called("POST", "/consents"):
			requests.get(asked[0].body["redirect"], timeout=30).raise_for_status()
			return
		time.sleep(0.05)
	raise AssertionError("the command did not ask for a consent")


def test_no_page_is_left_out() -> None:
	executed = {*OF_PROVIDERS, *PREPARED, "never-a-duplicate.md", "writing-a-provider.md", "command-line.md"}
	assert {page for page in PAGES if any(not one.inline for one in examples(page))} <= executed
	assert all(f"exit code {code}" in PAGES[page] for (page, _), code in ENDS_WITH.items() if code)

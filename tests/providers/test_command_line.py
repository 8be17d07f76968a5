"""`banksync connect` with every provider, to the first import: a browser goes through the provider's page meanwhile."""

from __future__ import annotations

import json
import socket
import webbrowser
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from threading import Thread

import pytest
import requests
from click.testing import CliRunner

from dokos_banksync.actions.i18n import Translations
from dokos_banksync.hosts.standalone.cli import banksync
from dokos_banksync.hosts.standalone.cli.session import Session
from dokos_banksync.sandbox.server import SandboxServer
from dokos_banksync.sandbox.user import Customer
from tests.providers.every_provider import EVERY_PROVIDER, LINKED, Given, register_return, serving

SECRETS = ("client_secret", "private_key", "secret_key")


class Terminal:
	"""A terminal beside a browser in which a user gives the consent, or gives up."""

	def __init__(self, home: Path, server: SandboxServer, given: Given) -> None:
		self.home, self.server, self.given = home, server, given
		with socket.socket() as free:
			free.bind(("127.0.0.1", 0))
			self.port = free.getsockname()[1]
		register_return(server, f"http://127.0.0.1:{self.port}/return")
		self.provider = given.kind.lower().replace(" ", "-")
		self.visit: Callable[[str], str] = Customer(login=given.login).consent

	def open(self, url: str) -> bool:
		"""Stand for `webbrowser.open`: the page is gone through while the terminal waits."""
		Thread(target=self._go_through, args=(url,)).start()
		return True

	def _go_through(self, url: str) -> None:
		"""The terminal may end before the browser has read the page of the return."""
		with suppress(requests.ConnectionError):
			requests.get(self.visit(url), timeout=20)

	def run(self, *words: str, code: int = 0) -> str:
		current = Session(self.home, self.server.world.clock.now, translations=Translations("en"))
		result = CliRunner().invoke(banksync, list(words), obj=current)
		assert result.exit_code == code, result.output
		return result.stdout

	def add(self) -> None:
		words = ["provider", "add", "mine", "--type", self.provider, "--base-url", self.given.url]
		for name, value in self.given.keys.items():
			option = f"--{name.replace('_', '-')}"
			if name in SECRETS:
				file = self.home.parent / name
				file.write_text(value)
				words += [f"{option}-file", str(file)]
			else:
				words += [option, value]
		self.run(*words)

	def connect(self, bank: str = "Demo Bank", code: int = 0) -> str:
		where = ("--institution", self.given.institution, "--port", str(self.port), "--timeout", "20")
		return self.run("connect", bank, "--provider", "mine", *where, "--email", "a@example.org", code=code)


@pytest.fixture(params=EVERY_PROVIDER, ids=lambda one: one.__name__.replace("_", "-"))
def terminal(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Terminal:
	server = request.getfixturevalue("server")
	made = Terminal(tmp_path / "home", server, request.param(server))
	monkeypatch.setattr(webbrowser, "open", made.open)
	made.add()
	return made


@pytest.fixture
def server() -> Iterator[SandboxServer]:
	with serving() as made:
		yield made


def test_from_connect_to_the_first_import(terminal: Terminal) -> None:
	terminal.connect()
	accounts = json.loads(terminal.run("accounts", "Demo Bank", "--json"))
	assert "No account of it feeds a Bank Account" in terminal.run("sync", "Demo Bank")
	main = next(one["remote_id"] for one in accounts if one["name"].startswith(LINKED))
	terminal.run("link", "Demo Bank", main, "Current")
	run = json.loads(terminal.run("sync", "Demo Bank", "--json"))
	assert (run["status"], run["created"] > 0) == ("Success", True)
	assert "feeds a Bank Account" not in terminal.run("run", run["name"])
	assert "agrees" in terminal.run("status")


def test_a_user_who_gives_up_is_told_at_once_that_nothing_changed(terminal: Terminal) -> None:
	terminal.visit = Customer().cancel
	terminal.connect(code=4)
	assert json.loads(terminal.run("connections", "--json")) in ([], [_unfinished(terminal)])


def _unfinished(terminal: Terminal) -> object:
	[one] = json.loads(terminal.run("connections", "--json"))
	assert one["status"] == "Connecting"
	return one

"""A terminal, a pretend bank on loopback, and a user whose browser walks through its pages."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import requests
from click.testing import CliRunner, Result

from dokos_banksync.core.provider import Clock
from dokos_banksync.hosts.standalone.cli import banksync
from dokos_banksync.hosts.standalone.cli.session import Session
from dokos_banksync.hosts.standalone.cli.terminal import TerminalTranslations
from dokos_banksync.providers.registry import make_provider
from dokos_banksync.sandbox.server import CLIENT_ID, CLIENT_SECRET, SandboxServer
from dokos_banksync.sandbox.user import Customer
from dokos_banksync.sandbox.world import World

EMAIL = "anne@example.org"
SECRET = {"BANKSYNC_CLIENT_SECRET": CLIENT_SECRET}
PASSING = ("provider_secret", "provider_call", "sync_plan")
"""Tables of what providers remember between calls, and of what was shown: no part of a site's data."""


@dataclass
class Terminal:
	"""Commands in one home folder, on a given clock."""

	home: Path
	clock: Clock
	language: str = "en"
	environ: dict[str, str] = field(default_factory=dict)

	def __call__(self, *words: str, code: int = 0, **more: Any) -> Result:
		"""Run a command in this process; it must end with `code`."""
		current = Session(self.home, self.clock, translations=TerminalTranslations(self.language))
		environ = {
			"BANKSYNC_CLIENT_SECRET": None,
			"BANKSYNC_EMAIL": EMAIL,
			"BANKSYNC_DEBUG": None,
			**self.environ,
			**more.pop("env", {}),
		}
		result = CliRunner().invoke(banksync, list(words), obj=current, env=environ, **more)
		assert result.exit_code == code, f"{words} ended with {result.exit_code}: {result.output}"
		assert "Traceback" not in result.output
		return result

	def json(self, *words: str, code: int = 0, **more: Any) -> Any:
		"""What the command answers with --json; stdout holds that alone."""
		return json.loads(self(*words, "--json", code=code, **more).stdout)

	def error(self, *words: str, code: int, **more: Any) -> str:
		"""The sentence of a failure, which is the same for users and machines."""
		message = self(*words, code=code, **more).stderr
		error = self.json(*words, code=code, **more)["error"]
		assert set(error) == {"code", "message", "template", "values", "reference"}
		assert error["message"] in message
		return str(error["message"])

	def process(self, *words: str, **more: Any) -> subprocess.Popen[str]:
		"""Start the command as a process of its own, on the machine's clock."""
		environ = {
			**os.environ,
			"BANKSYNC_HOME": str(self.home),
			"BANKSYNC_LANG": self.language,
			"BANKSYNC_EMAIL": EMAIL,
		}
		environ.update(SECRET)
		call = [sys.executable, "-c", "from dokos_banksync.hosts.standalone.cli import main; main()", *words]
		pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
		return subprocess.Popen(call, env=environ, **{**pipes, **more})

	def data(self) -> list[str]:
		"""All that the site holds, as SQL, so that any change of it shows."""
		db = sqlite3.connect(self.home / "banksync.db")
		try:
			return [
				line
				for line in db.iterdump()
				if not line.startswith(tuple(f'INSERT INTO "{t}"' for t in PASSING))
			]
		finally:
			db.close()


@pytest.fixture(scope="module")
def bank() -> Iterator[SandboxServer]:
	with SandboxServer(World(years=0.3)) as bank:
		yield bank


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
	"""Calls are tried again at once."""
	quick = partial(make_provider, sleep=lambda seconds: None)
	monkeypatch.setattr("dokos_banksync.actions.site.make_provider", quick)


@pytest.fixture
def terminal(tmp_path: Path, bank: SandboxServer) -> Iterator[Terminal]:
	bank.faults.clear()
	yield Terminal(tmp_path / "home", bank.world.clock.now)
	bank.faults.clear()


@pytest.fixture
def browser(monkeypatch: pytest.MonkeyPatch) -> Callable[[Customer], None]:
	"""Say who sits in front of the browser that `connect` opens."""

	def sit(user: Customer, walk: Callable[[Customer, str], str] = Customer.consent) -> None:
		def come_back(url: str) -> bool:
			with requests.Session() as session:
				session.get(walk(user, url), timeout=60).raise_for_status()
			return True

		monkeypatch.setattr("dokos_banksync.hosts.standalone.cli.connect.webbrowser.open", come_back)

	sit(Customer())
	return sit


@pytest.fixture
def provider(terminal: Terminal, bank: SandboxServer) -> str:
	"""The pretend bank's keys, kept in the home."""
	add_provider(terminal, bank)
	return "bridge"


def add_provider(terminal: Terminal, bank: SandboxServer, name: str = "bridge") -> None:
	words = ("--type", "bridge", "--client-id", CLIENT_ID, "--base-url", bank.url)
	terminal("provider", "add", name, *words, env=SECRET)


@pytest.fixture
def connection(terminal: Terminal, provider: str, browser: Callable[[Customer], None]) -> str:
	"""A connected bank, whose main account feeds "Current"."""
	accounts = terminal.json("connect", "Demo Bank", "--provider", provider, "--institution", "574")
	name = str(accounts[0]["connection"])
	terminal("link", name, accounts[0]["remote_id"], "Current")
	return name

"""No command prints a control sequence that came from a provider or a file."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dokos_banksync.core.errors import ProviderBug
from dokos_banksync.core.model import Institution
from dokos_banksync.core.provider import Check
from dokos_banksync.providers.bridge import BridgeProvider
from tests.hosts.standalone.cli.conftest import Terminal

EVIL = "\x1b[2J\x9b1A\x1b]0;t\x07\r\u202e"
CONTROLS = "\x1b\x9b\x07\r\u202e"


def clean(terminal: Terminal, *words: str, code: int = 0, holds: str = "�[2J") -> None:
	"""Run a command for a user and for a machine: the text is there, its control sequences are not."""
	result = terminal(*words, code=code)
	assert holds in result.output
	assert not [c for c in CONTROLS if c in result.output]
	machine = terminal(*words, "--json", code=code)
	assert not [c for c in CONTROLS if c in machine.output]
	assert "2J" in texts(json.loads(machine.stdout))


def texts(value: Any) -> str:
	"""All texts of a value, one after the other."""
	if isinstance(value, (dict, list)):
		return " ".join(map(texts, value.values() if isinstance(value, dict) else value))
	return str(value)


@pytest.fixture
def evil(terminal: Terminal, connection: str, monkeypatch: pytest.MonkeyPatch) -> str:
	"""A connection whose provider puts control sequences into every text."""
	state, accounts = BridgeProvider.status, BridgeProvider.accounts
	monkeypatch.setattr(
		BridgeProvider, "status", lambda self, access: replace(state(self, access), message=EVIL)
	)
	monkeypatch.setattr(
		BridgeProvider,
		"accounts",
		lambda self, access, context=None: [
			replace(one, account_name=EVIL) for one in accounts(self, access, context)
		],
	)
	return connection


def test_a_sync_that_fails_and_its_run(
	terminal: Terminal, connection: str, monkeypatch: pytest.MonkeyPatch
) -> None:
	def fail(*_: Any) -> Any:
		raise ProviderBug("Bridge says {0}", EVIL, reference=EVIL)

	monkeypatch.setattr(BridgeProvider, "changes", fail)
	code = ProviderBug.exit_code
	clean(terminal, "sync", connection, code=code)
	clean(terminal, "sync", code=code)
	run = terminal.json("runs", "--limit", "1")[0]["name"]
	clean(terminal, "run", run)
	clean(terminal, "runs")


def test_connections_and_accounts(terminal: Terminal, evil: str) -> None:
	terminal("sync", evil)
	clean(terminal, "accounts", evil)


def test_institutions_and_the_check_of_a_provider(
	terminal: Terminal, provider: str, monkeypatch: pytest.MonkeyPatch
) -> None:
	bank = Institution("1", EVIL, EVIL, EVIL)
	monkeypatch.setattr(BridgeProvider, "institutions", lambda *_: iter([bank]))
	monkeypatch.setattr(BridgeProvider, "check", lambda *_: Check(1, [EVIL]))
	clean(terminal, "institutions", provider)
	clean(terminal, "provider", "check", provider)


def test_the_story_of_a_line(terminal: Terminal, evil: str) -> None:
	terminal("sync", evil)
	name = terminal.json("transactions", "--limit", "1")[0]["name"]
	clean(terminal, "explain", name)


def test_a_statement_file_and_its_rows(terminal: Terminal, connection: str, tmp_path: Path) -> None:
	file = tmp_path / "statement.csv"
	file.write_text(
		f"Date;Libelle;Montant\n2026-01-05;{EVIL.replace(chr(13), '')};-3,20\n2026-01-06;x;-4,20\n",
		encoding="utf-8",
	)
	result = terminal("import", str(file), "--bank-account", "Current", "--dry-run")
	assert not [c for c in CONTROLS if c in result.output]

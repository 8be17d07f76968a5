"""`banksync` with Enable Banking: options that are made of the declared credentials, and the redirect address."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from dokos_banksync.actions.i18n import Translations
from dokos_banksync.hosts.standalone.cli import banksync
from dokos_banksync.hosts.standalone.cli.session import Session
from dokos_banksync.sandbox.enable_banking.model import APPLICATION_ID
from dokos_banksync.sandbox.server import SandboxServer
from dokos_banksync.sandbox.world import World

REGISTERED = "http://127.0.0.1:8600/return"

Run = Callable[..., Result]


@pytest.fixture
def server() -> Iterator[SandboxServer]:
	with SandboxServer(World(years=0.1)) as running:
		yield running


@pytest.fixture
def run(tmp_path: Path, server: SandboxServer) -> Run:
	def command(*words: str, code: int = 0) -> Result:
		current = Session(tmp_path / "home", server.world.clock.now, translations=Translations("en"))
		result = CliRunner().invoke(banksync, list(words), obj=current)
		assert result.exit_code == code, result.output
		assert "Traceback" not in result.output
		return result

	return command


@pytest.fixture
def added(run: Run, server: SandboxServer, tmp_path: Path) -> Run:
	key = tmp_path / "key.pem"
	key.write_text(server.enable_banking.state.private_key)
	run(
		"provider", "add", "eb", "--type", "enable-banking", "--application-id", APPLICATION_ID,
		"--private-key-file", str(key), "--base-url", server.enable_banking_url,
	)  # fmt: skip
	return run


def checked(run: Run) -> Any:
	return json.loads(run("provider", "check", "eb", "--json").stdout)


def test_check_names_the_address_to_register(added: Run) -> None:
	found = checked(added)
	assert found["institutions"] == 15
	assert found["remarks"][-1].endswith(": http://127.0.0.1:8575/return")
	assert found["remarks"][-1].startswith("Register this redirect address")


def test_check_finds_an_address_that_is_registered(added: Run, server: SandboxServer) -> None:
	server.enable_banking.simulations["allow_redirect"](url=REGISTERED)
	assert checked(added)["remarks"][-1] == f"The redirect address {REGISTERED} is registered."


def test_the_key_is_stored_and_never_shown(added: Run, server: SandboxServer, tmp_path: Path) -> None:
	secret = server.enable_banking.state.private_key.splitlines()[3]
	for words in (("provider", "list"), ("provider", "list", "--json"), ("provider", "check", "eb")):
		assert secret not in added(*words).output
	stored = b"".join(one.read_bytes() for one in (tmp_path / "home").rglob("*") if one.is_file())
	assert secret.encode() not in stored


def test_a_file_that_is_no_key(run: Run, tmp_path: Path, server: SandboxServer) -> None:
	wrong = tmp_path / "wrong.pem"
	wrong.write_text("-----BEGIN CERTIFICATE-----\nMIIC\n-----END CERTIFICATE-----")
	run(
		"provider", "add", "eb", "--type", "enable-banking", "--application-id", APPLICATION_ID,
		"--private-key-file", str(wrong), "--base-url", server.enable_banking_url,
	)  # fmt: skip
	assert "certificate or a public key" in run("provider", "check", "eb", code=3).output


def test_banks_are_listed(added: Run) -> None:
	found = json.loads(added("institutions", "eb", "lavand", "--json").stdout)
	assert [one["id"] for one in found] == ["FR:Crédit Lavandière"]

"""`banksync` with each provider: its keys are stored and checked, its banks listed, a bank connected and imported."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from dokos_banksync.core.provider import FieldKind
from dokos_banksync.providers.registry import option_name, provider_class
from dokos_banksync.sandbox.server import SandboxServer
from dokos_banksync.sandbox.user import Customer
from tests.hosts.standalone.cli.conftest import Terminal
from tests.providers.every_provider import LINKED, MAIN, PROVIDERS, Given, Provider, register_return, serving

NAME, BANK, ACCOUNT = "mine", "My bank", "Current"


@pytest.fixture
def server() -> Iterator[SandboxServer]:
	with serving() as made:
		yield made


@pytest.fixture(params=PROVIDERS)
def given(request: pytest.FixtureRequest, server: SandboxServer) -> Given:
	provider: Provider = request.param
	return provider(server)


@pytest.fixture
def shell(tmp_path: Path, server: SandboxServer) -> Terminal:
	return Terminal(tmp_path / "home", server.world.clock.now)


def free_port() -> int:
	with socket.socket() as found:
		found.bind(("127.0.0.1", 0))
		return int(found.getsockname()[1])


def add(shell: Terminal, given: Given, folder: Path) -> None:
	"""Store the keys: texts as options, secrets from the environment, keys of several lines from a file."""
	words, secrets = [], {}
	for field in provider_class(given.kind).credential_fields:
		value, option = given.keys.get(field.name), f"--{field.name.replace('_', '-')}"
		if value is None:
			continue
		if field.kind is FieldKind.SECRET_FILE:
			(folder / field.name).write_text(value)
			words += [f"{option}-file", str(folder / field.name)]
		elif field.kind is FieldKind.SECRET:
			secrets[f"BANKSYNC_{field.name.upper()}"] = value
		else:
			words += [option, value]
	kind = option_name(given.kind)
	shell("provider", "add", NAME, "--type", kind, *words, "--base-url", given.url, env=secrets)


def test_from_the_keys_to_the_transactions(
	shell: Terminal,
	given: Given,
	server: SandboxServer,
	tmp_path: Path,
	browser: Callable[[Customer], None],
) -> None:
	add(shell, given, tmp_path)
	found = shell.json("provider", "check", NAME)
	assert found["institutions"] > 0
	assert given.institution in {one["id"] for one in shell.json("institutions", NAME)}
	browser(Customer(login=given.login))
	port = free_port()
	register_return(server, f"http://127.0.0.1:{port}/return")
	words = ("--provider", NAME, "--institution", given.institution, "--port", str(port))
	accounts = shell.json("connect", BANK, *words)
	main = next(one for one in accounts if one["account_name"].startswith(LINKED))
	shell("link", str(main["connection"]), main["remote_id"], ACCOUNT)
	shell("sync")
	rows = shell.json("transactions", "--limit", "0")
	held = sorted((row["date"], Decimal(row["amount"])) for row in rows)
	assert held == sorted((str(one.day), one.amount) for one in server.world.truth(MAIN))
	stored = b"".join(one.read_bytes() for one in shell.home.rglob("*") if one.is_file())
	hidden = [one.name for one in provider_class(given.kind).credential_fields if one.kind.secret]
	for name in hidden:
		value = given.keys.get(name, "")
		assert not value or value[-40:].strip().encode() not in stored

"""`banksync` with each provider: its keys are stored and checked, its banks listed, a bank connected and imported."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import pytest
import requests

from dokos_banksync.core.provider import FieldKind
from dokos_banksync.providers.registry import option_name, provider_class
from dokos_banksync.sandbox.server import SandboxServer
from dokos_banksync.sandbox.user import Customer, Lost, Page
from tests.hosts.standalone.cli.conftest import Terminal
from tests.providers.every_provider import (
	LINKED,
	MAIN,
	PROVIDERS,
	Given,
	Provider,
	enable_banking,
	plaid,
	ponto,
	powens,
	register_return,
	serving,
)

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


def add(shell: Terminal, given: Given, folder: Path, client_id: str = "", name: str = NAME) -> None:
	"""Store the keys: texts as options, secrets from the environment, keys of several lines from a file."""
	words, secrets = ["--client-id", client_id] if client_id else [], {}
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
	shell("provider", "add", name, "--type", kind, *words, "--base-url", given.url, env=secrets)


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


@pytest.mark.parametrize(
	("provider", "own"),
	[
		("plaid", "client_id"),
		("salt_edge", "app_id"),
		("gocardless", "secret_id"),
		("enable_banking", "application_id"),
	],
)
def test_the_id_of_a_subscription_is_a_client_id_everywhere(
	shell: Terminal, server: SandboxServer, tmp_path: Path, provider: str, own: str
) -> None:
	[make] = [one for one in PROVIDERS if one.__name__ == provider]
	given = make(server)
	keys = {("client_id" if name == own else name): value for name, value in given.keys.items()}
	add(
		shell,
		given._replace(keys={name: keys[name] for name in keys if name != "client_id"}),
		tmp_path,
		keys["client_id"],
	)
	assert shell.json("provider", "check", NAME)["institutions"] > 0


@pytest.mark.parametrize("name", ["enable_banking", "gocardless"])
def test_a_bank_is_found_by_its_name_where_the_provider_has_no_page_to_choose_it(
	shell: Terminal, server: SandboxServer, tmp_path: Path, browser: Callable[[Customer], None], name: str
) -> None:
	[make] = [one for one in PROVIDERS if one.__name__ == name]
	given = make(server)
	add(shell, given, tmp_path)
	browser(Customer(login=given.login))
	port = free_port()
	register_return(server, f"http://127.0.0.1:{port}/return")
	words = ("--provider", NAME, "--country", "FR", "--port", str(port))
	assert shell.json("connect", "banque aurore", *words)
	refused = shell("connect", "Banque", *words, code=9)
	assert "find its id with banksync institutions mine" in refused.output


def test_a_country_that_is_none(shell: Terminal, server: SandboxServer, tmp_path: Path) -> None:
	[make] = [one for one in PROVIDERS if one.__name__ == "plaid"]
	add(shell, make(server), tmp_path)
	refused = shell("connect", BANK, "--provider", NAME, "--country", "France", code=8)
	assert "France is not a country: write its two letters, such as FR" in refused.output


def test_the_country_opens_the_providers_page_there(
	shell: Terminal, server: SandboxServer, tmp_path: Path, browser: Callable[[Customer], None]
) -> None:
	"""Plaid shows the banks of the country alone; the subscription is for more."""
	[make] = [one for one in PROVIDERS if one.__name__ == "plaid"]
	given = make(server)
	add(shell, given._replace(keys={**given.keys, "countries": "FR,US"}), tmp_path)
	browser(Customer(login=given.login))
	shell.json("connect", BANK, "--provider", NAME, "--country", "fr")
	[session] = server.plaid.consent_sessions.values()
	assert session.request["country_codes"] == ["FR"]


def test_one_list_of_all_providers_says_which_one_is_suggested(
	shell: Terminal, server: SandboxServer, tmp_path: Path
) -> None:
	assert "add a provider first" in shell("institutions", "demo", code=3).output
	for name, provider in (("eb", enable_banking), ("pt", ponto)):
		add(shell, provider(server), tmp_path, name=name)
	found = shell.json("institutions", "demo bank", "--country", "FR")
	assert [(one["provider"], one["name"], one["suggested"]) for one in found] == [
		("eb", "Demo Bank", "lowest price class"),
		("pt", "Demo Bank", ""),
	]
	table = shell("institutions", "demo bank").stdout
	assert table.count("Suggested: lowest price class") == 1
	assert {one["suggested"] for one in shell.json("institutions", "eb", "demo bank")} == {""}
	assert "No bank is listed there" in shell("institutions", "eb", "--country", "XX").stdout
	assert "Try a shorter name" in shell("institutions", "eb", "xyzxyz").stdout


@pytest.mark.parametrize("provider", [ponto, powens], ids=lambda one: one.__name__)
def test_an_address_that_the_providers_page_refuses_is_named_when_nobody_comes_back(
	shell: Terminal,
	server: SandboxServer,
	tmp_path: Path,
	monkeypatch: pytest.MonkeyPatch,
	provider: Provider,
) -> None:
	given, port, seen = provider(server), free_port(), []

	def refused(url: str) -> bool:
		with pytest.raises(Lost, match="answers 400"):
			seen.append(Customer(login=given.login).consent(url))
		return True

	monkeypatch.setattr("dokos_banksync.hosts.standalone.cli.connect.webbrowser.open", refused)
	add(shell, given, tmp_path)
	register_return(server, "https://another.example/return")
	words = ("connect", BANK, "--provider", NAME, "--institution", given.institution, "--port", str(port))
	message = shell.error(*words, "--timeout", "1", code=4)
	assert "was not completed in time" in message
	assert message.endswith(f"register it at the provider, letter by letter: http://127.0.0.1:{port}/return")
	assert [one["status"] for one in shell.json("connections")] == ["Connecting"]
	assert seen == []
	register_return(server, f"http://127.0.0.1:{port}/return")


def test_several_banks_of_one_session_are_all_named(
	shell: Terminal, server: SandboxServer, tmp_path: Path, browser: Callable[[Customer], None]
) -> None:
	add(shell, plaid(server), tmp_path)
	words = ("connect", "Demo Bank", "--provider", NAME, "--institution", "ins_574")
	browser(Customer(login="user_good", then=[Customer(institution=601)]))
	accounts = shell.json(*words)
	one, two = [row["name"] for row in shell.json("connections")]
	assert {each["connection"] for each in accounts} == {one, two}
	assert [row["bank"] for row in shell.json("connections")] == ["Demo Bank", "Banque Aurore"]
	browser(Customer(login="camille", then=[Customer(login="camille", institution=601)]))
	said = shell(*words)
	assert "You also logged in to Banque Aurore" in said.stderr
	assert said.stdout.count("is connected as") == 2
	assert said.stdout.count("Next: banksync link") == 2


def test_a_page_that_stays_open_for_further_banks_ends_with_what_is_connected(
	shell: Terminal, server: SandboxServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
	"""The user has logged in once, and neither adds another bank nor closes the page."""

	def log_in(url: str) -> bool:
		requests.get(url, timeout=60)
		page = requests.post(f"{url}/login", data={"login": "user_good", "password": "any"}, timeout=60)
		boxes = [value for name, value, _ in Page("", page.text).forms[0].fields if name == "account"]
		requests.post(f"{url}/accounts", data={"account": boxes, "consent": "yes"}, timeout=60)
		return True

	monkeypatch.setattr("dokos_banksync.hosts.standalone.cli.connect.webbrowser.open", log_in)
	monkeypatch.setattr("dokos_banksync.actions.site.POLL_SECONDS", 0)
	add(shell, plaid(server), tmp_path)
	words = ("connect", "Demo Bank", "--provider", NAME, "--institution", "ins_574", "--timeout", "1")
	assert shell.json(*words)
	assert [one["status"] for one in shell.json("connections")] == ["Active"]


@pytest.mark.parametrize("provider", [enable_banking, ponto, powens], ids=lambda one: one.__name__)
def test_the_port_that_the_check_names_is_the_one_that_users_return_to(
	shell: Terminal,
	server: SandboxServer,
	tmp_path: Path,
	browser: Callable[[Customer], None],
	monkeypatch: pytest.MonkeyPatch,
	provider: Provider,
) -> None:
	"""Nothing but what the check says is registered, and no port is given."""
	given, port = provider(server), free_port()
	for module in ("connect", "providers"):
		monkeypatch.setattr(f"dokos_banksync.hosts.standalone.cli.{module}.REGISTERED_PORT", port)
	add(shell, given, tmp_path)
	[named] = [one for one in shell.json("provider", "check", NAME)["remarks"] if "letter by letter" in one]
	assert named.endswith(f": http://127.0.0.1:{port}/return")
	register_return(server, named.rpartition(": ")[2])
	browser(Customer(login=given.login))
	accounts = shell.json("connect", BANK, "--provider", NAME, "--institution", given.institution)
	assert shell.json("reconnect", accounts[0]["connection"])
	with socket.socket() as other:
		other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # the last return waits for its end
		other.bind(("127.0.0.1", port))
		other.listen()
		said = shell("reconnect", accounts[0]["connection"], code=3).output
	assert f"Port {port} of 127.0.0.1 is used by another program" in said

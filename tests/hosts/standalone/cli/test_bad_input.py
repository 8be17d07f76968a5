"""What users get wrong, and what machines do to them: a sentence, an exit code, and nothing half-written."""

from __future__ import annotations

import os
import socket
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from dokos_banksync.hosts.standalone.cli.session import language_of
from dokos_banksync.hosts.standalone.home import KEY
from dokos_banksync.hosts.standalone.site import Site
from dokos_banksync.sandbox.server import CLIENT_ID, CLIENT_SECRET, SandboxServer
from dokos_banksync.sandbox.user import Customer
from tests.hosts.standalone.cli.conftest import SECRET, Terminal

ADD = ("provider", "add", "bridge", "--type", "bridge", "--client-id", CLIENT_ID)
CONNECT = ("connect", "Demo Bank", "--provider", "bridge", "--institution", "574", "--no-browser")
NOWHERE = "http://127.0.0.1:9"
"""The discard port: nobody answers there."""


# -- keys and addresses ---------------------------------------------------------------------------------
@pytest.mark.parametrize("keys", [("wrong", CLIENT_SECRET), (CLIENT_ID, "wrong")])
def test_wrong_keys(keys: tuple[str, str], terminal: Terminal, bank: SandboxServer) -> None:
	words = ("provider", "add", "bridge", "--type", "bridge", "--client-id", keys[0], "--base-url", bank.url)
	terminal(*words, env={"BANKSYNC_CLIENT_SECRET": keys[1]})
	for command in (("provider", "check", "bridge"), ("institutions", "bridge"), CONNECT):
		assert keys[1] not in terminal.error(*command, code=3)
	assert terminal.json("connections") == []


@pytest.mark.parametrize(
	"address",
	[
		*("nonsense", "ftp://127.0.0.1", "https://", "http://example.com", "https://a.example/?key=1"),
		*("https://user:word@a.example", "http://[", "http://127.0.0.1:99999999"),
	],
)
def test_a_base_url_that_cannot_be_one(address: str, terminal: Terminal) -> None:
	assert "base URL" in terminal.error(*ADD, "--base-url", address, code=3, env=SECRET)
	assert terminal.json("provider", "list") == []


def test_a_base_url_of_something_else(terminal: Terminal, bank: SandboxServer) -> None:
	terminal(*ADD, "--base-url", f"{bank.url}/elsewhere", env=SECRET)
	terminal.error("provider", "check", "bridge", code=3)


def test_no_network(terminal: Terminal) -> None:
	terminal(*ADD, "--base-url", NOWHERE, env=SECRET)
	assert "network" in terminal.error("provider", "check", "bridge", code=6)
	terminal.error(*CONNECT, code=6)
	assert terminal.json("connections") == []


def test_no_network_during_a_sync(terminal: Terminal, connection: str, bank: SandboxServer) -> None:
	terminal("sync", connection)
	before = terminal.json("transactions", "--limit", "0")
	_move_provider(terminal, NOWHERE)
	assert "network" in terminal.error("sync", connection, code=6)
	assert terminal.json("transactions", "--limit", "0") == before
	assert terminal.json("connections")[0]["status"] == "Active"
	_move_provider(terminal, bank.url)
	terminal("sync", connection)


def _move_provider(terminal: Terminal, address: str) -> None:
	db = sqlite3.connect(terminal.home / "banksync.db")
	with db:
		db.execute("UPDATE sync_provider SET base_url = ?", (address,))
	db.close()


# -- the secret -----------------------------------------------------------------------------------------
def test_the_secret_comes_from_a_file_or_standard_input(
	terminal: Terminal, bank: SandboxServer, tmp_path: Path
) -> None:
	file = tmp_path / "secret.txt"
	file.write_text(f"{CLIENT_SECRET}\n")
	words = ("provider", "add", "{}", "--type", "bridge", "--client-id", CLIENT_ID, "--base-url", bank.url)
	for name, source, given in (("a", str(file), ""), ("b", "-", f"{CLIENT_SECRET}\n")):
		terminal(*(word.format(name) for word in words), "--client-secret-file", source, input=given)
		terminal("provider", "check", name)


def test_a_secret_is_never_an_argument_nor_shown_nor_stored_in_clear(
	terminal: Terminal, bank: SandboxServer
) -> None:
	secret = "a-secret-that-is-nowhere-else"
	terminal(*ADD, "--client-secret", secret, code=2)
	result = terminal(*ADD, env={"BANKSYNC_CLIENT_SECRET": secret})
	shown = [result, terminal("provider", "list"), terminal("provider", "list", "--json")]
	assert not any(secret in one.output for one in shown)
	assert not any(
		secret.encode() in file.read_bytes() for file in terminal.home.rglob("*") if file.is_file()
	)


@pytest.mark.parametrize("secret", [None, "", "  "])
def test_no_secret_and_nobody_to_ask(secret: str | None, terminal: Terminal) -> None:
	message = terminal.error(*ADD, code=3, env={"BANKSYNC_CLIENT_SECRET": secret})
	assert "BANKSYNC_CLIENT_SECRET" in message
	assert terminal.json("provider", "list") == []


def test_an_empty_or_missing_secret_file(terminal: Terminal, tmp_path: Path) -> None:
	(tmp_path / "empty").touch()
	assert "Client secret" in terminal.error(*ADD, "--client-secret-file", str(tmp_path / "empty"), code=3)
	assert "cannot be read" in terminal.error(*ADD, "--client-secret-file", str(tmp_path / "none"), code=3)
	assert terminal.json("provider", "list") == []


def test_a_name_that_is_taken_keeps_its_keys(terminal: Terminal, provider: str) -> None:
	terminal.error(*ADD, code=8, env={"BANKSYNC_CLIENT_SECRET": "another"})
	terminal("provider", "check", provider)


def test_a_provider_in_use_stays(terminal: Terminal, connection: str) -> None:
	terminal.error("provider", "remove", "--yes", "bridge", code=8)
	terminal("sync", connection)


# -- the machine ----------------------------------------------------------------------------------------
@pytest.mark.parametrize("command", [CONNECT, ("serve", "--no-browser"), ("sandbox",), ("demo", "--serve")])
def test_a_port_in_use(command: tuple[str, ...], terminal: Terminal, bank: SandboxServer) -> None:
	if command is CONNECT:
		terminal(*ADD, "--base-url", bank.url, env=SECRET)
	with socket.create_server(("127.0.0.1", 0)) as other:
		port = str(other.getsockname()[1])
		result = terminal(*command, "--port", port, code=3)
	assert f"Port {port}" in result.stderr
	assert "--port" in result.stderr
	if command is CONNECT:
		assert terminal.json("connections") == []


def test_a_host_that_is_no_address_is_named_as_such(terminal: Terminal) -> None:
	message = terminal.error("serve", "--host", "no such host", "--port", "0", "--no-browser", code=3)
	assert "no such host is not an address that this machine can listen on" in message


def test_a_host_that_others_reach_must_be_allowed(terminal: Terminal) -> None:
	assert "0.0.0.0" in terminal.error("serve", "--host", "0.0.0.0", "--port", "0", "--no-browser", code=3)
	assert "0.0.0.0" in terminal.error("sandbox", "--host", "0.0.0.0", "--port", "0", code=3)


def test_a_home_below_a_file(tmp_path: Path, terminal: Terminal) -> None:
	(tmp_path / "file").touch()
	for home in (tmp_path / "file", tmp_path / "file" / "below"):
		assert "--home" in terminal.error("runs", "--home", str(home), code=3)


@pytest.mark.skipif(os.geteuid() == 0, reason="the administrator may write everywhere")
def test_a_home_that_cannot_be_written(tmp_path: Path, terminal: Terminal) -> None:
	tmp_path.chmod(0o500)
	try:
		assert "Permission" in terminal.error("runs", "--home", str(tmp_path / "home"), code=3)
	finally:
		tmp_path.chmod(0o700)


def test_a_corrupt_database_is_left_alone(terminal: Terminal, connection: str) -> None:
	database = terminal.home / "banksync.db"
	for extra in terminal.home.glob("banksync.db-*"):
		extra.unlink()
	database.write_bytes(b"no database at all " * 100)
	before = database.read_bytes()
	assert str(database) in terminal.error("connections", code=3)
	assert database.read_bytes() == before


def test_a_newer_database_is_left_alone(terminal: Terminal, provider: str) -> None:
	db = sqlite3.connect(terminal.home / "banksync.db")
	db.execute("PRAGMA user_version = 99")
	db.close()
	assert "newer" in terminal.error("provider", "list", code=3)
	db = sqlite3.connect(terminal.home / "banksync.db")
	assert db.execute("PRAGMA user_version").fetchone() == (99,)
	db.close()


def test_a_lost_key(terminal: Terminal, provider: str) -> None:
	(terminal.home / "banksync.key").unlink()
	assert "key" in terminal.error("provider", "check", provider, code=3)
	assert terminal.json("provider", "list")[0]["name"] == provider


# -- names, days, choices -------------------------------------------------------------------------------
@pytest.mark.parametrize(
	"words",
	[
		*(
			("sync", "X"),
			("sync", "X", "--dry-run"),
			("accounts", "X"),
			("accounts", "X", "--refresh"),
			("run", "X"),
		),
		*(
			("disconnect", "X"),
			("reconnect", "X"),
			("runs", "--connection", "X"),
			("link", "X", "1", "Current"),
		),
		*(("provider", "check", "X"), ("provider", "remove", "X"), ("institutions", "X", "Demo")),
		*(("connect", "Demo Bank", "--provider", "X"), ("transactions", "--bank-account", "X")),
		*(("transactions", "--category", "X"), ("lines", "--bank-account", "X")),
	],
)
def test_a_name_that_nobody_knows(words: tuple[str, ...], terminal: Terminal) -> None:
	terminal("connections")
	before = terminal.data()
	assert "X" in terminal.error(*words, code=9)
	assert terminal.data() == before


def test_a_search_for_banks_without_any_provider(terminal: Terminal) -> None:
	assert "add a provider first" in terminal.error("institutions", "X", code=3)


@pytest.mark.parametrize(
	"day", ["yesterday", "2026-02-30", "01/02/2026", "20260102", "2026-W01-1", "", "２０２６-01-01x"]
)
def test_a_date_that_is_none(day: str, terminal: Terminal, connection: str) -> None:
	before = terminal.data()
	for words in (
		*(("transactions", "--from", day), ("transactions", "--to", day)),
		("link", connection, "1", "Current", "--from", day),
	):
		assert "2026-11-20" in terminal.error(*words, code=8)
	assert terminal.data() == before


def test_a_first_day_after_the_last(terminal: Terminal) -> None:
	terminal.error("transactions", "--from", "2026-02-01", "--to", "2026-01-01", code=8)


def test_an_account_that_the_connection_lacks(terminal: Terminal, connection: str) -> None:
	before = terminal.data()
	assert f"banksync accounts {connection}" in terminal.error("link", connection, "1", "Current", code=9)
	assert terminal.data() == before


def test_an_account_in_another_currency(terminal: Terminal, connection: str) -> None:
	dollars = next(a for a in terminal.json("accounts") if a["currency"] == "USD")
	before = terminal.data()
	assert "USD" in terminal.error("link", connection, dollars["remote_id"], "Current", code=8)
	assert terminal.data() == before


def test_a_connection_that_was_never_finished(
	terminal: Terminal, provider: str, browser: Callable[..., None]
) -> None:
	browser(Customer(), Customer.cancel)
	terminal(*CONNECT[:-1], code=4)
	assert "not connected yet" in terminal.error("sync", "SYNC-CONN-00001", code=9)
	assert terminal.json("runs")[0]["status"] == "Failed"


@pytest.mark.parametrize("name", ["", "   "])
def test_a_bank_without_a_name(name: str, terminal: Terminal, provider: str) -> None:
	terminal.error("connect", name, "--provider", provider, code=8)
	assert terminal.json("connections") == []


@pytest.mark.parametrize("country", ["France", "F", "12"])
def test_a_country_that_is_none(country: str, terminal: Terminal, provider: str) -> None:
	assert country in terminal.error("institutions", provider, "--country", country, code=8)


@pytest.mark.parametrize(
	"words",
	[
		*(
			("nonsense",),
			("connect",),
			("sync", "--nonsense"),
			("runs", "--limit", "-1"),
			("runs", "--limit", "x"),
		),
		*(("provider", "add", "x", "--type", "x", "--client-id", "x"), ("accounts", "--refresh")),
		("serve", "--port", "70000"),
	],
)
def test_a_command_that_is_not_understood(words: tuple[str, ...], terminal: Terminal) -> None:
	assert "Usage:" in terminal(*words, code=2).stderr
	assert terminal.json(*words, code=2)["error"]["message"]


# -- the outermost edge -----------------------------------------------------------------------------------
def test_a_defect_ends_in_a_sentence_without_its_insides(
	terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
	def fails(*_: object) -> None:
		raise RuntimeError("a-secret-in-an-exception")

	monkeypatch.setattr(Site, "__init__", fails)
	message = terminal.error("runs", code=1)
	assert "RuntimeError" in message
	assert "a-secret" not in message


def test_the_language_of_the_terminal() -> None:
	assert language_of({"BANKSYNC_LANG": "fr", "LANG": "en_US.UTF-8"}) == "fr"
	assert language_of({"LANG": "fr_FR.UTF-8"}) == "fr"
	assert language_of({"LC_ALL": "fr-CA", "LANG": "en"}) == "fr"
	assert language_of({"LANG": "C.UTF-8"}) == "c"
	assert language_of({}) == "en"


def test_a_lost_key_is_mended_by_giving_the_secret_again(terminal: Terminal, connection: str) -> None:
	(terminal.home / KEY).unlink()
	assert "another key" in terminal.error("sync", connection, code=3)
	terminal("provider", "update", "bridge", "--secret", env=SECRET)
	terminal("sync", connection)


def test_an_account_may_feed_another_bank_account(terminal: Terminal, connection: str) -> None:
	account = terminal.json("accounts")[0]["remote_id"]
	terminal("link", connection, account, "First", "--new", "--yes")
	terminal("sync", connection)
	assert terminal.json("link", connection, account, "Second", "--yes")["bank_account"] == "Second"
	terminal("sync", connection)
	counts = {row["name"]: row["balance"] for row in terminal.json("bank-accounts")}
	assert counts["First"] == counts["Second"]


@pytest.mark.parametrize(
	"words",
	[
		("explain", "\udcff"),
		("undo", "\ud800"),
		("sync", "X", "--apply", "\udcff"),
		("missing", "X", "--take", "a", "--take", "\udcff"),
		("duplicates", "--bank-account", "\udcff"),
		("provider", "check", "\udcff"),
		("coverage", "Current", "--from", "\udcff"),
		("certificate", "Current", "--month", "\udcff"),
	],
)
def test_bytes_that_are_no_letters(words: tuple[str, ...], terminal: Terminal, connection: str) -> None:
	before = terminal.data()
	terminal.error(*words, code=8)
	assert terminal.data() == before


@pytest.mark.parametrize(
	"words",
	[
		("certificate", "Current", "--month", "9999-12"),
		("coverage", "Current", "--to", "9999-12-31"),
		("coverage", "Current", "--to", "0001-01-02"),
		("transactions", "--from", "1899-12-31"),
	],
)
def test_days_of_other_centuries(words: tuple[str, ...], terminal: Terminal, connection: str) -> None:
	assert words[-1][:4] in terminal.error(*words, code=8)

"""`banksync explain` over a bank that was really fetched."""

from __future__ import annotations

from pathlib import Path

from tests.hosts.standalone.cli.conftest import Terminal


def test_a_transaction_names_its_provider_account_and_run(terminal: Terminal, connection: str) -> None:
	terminal("sync", connection)
	name = terminal.json("transactions", "--limit", "1")[0]["name"]
	found = terminal.json("explain", name)
	assert found["explanation"] == "It came from bridge, account Compte courant pro of Demo Bank"
	[line] = found["lines"]
	[event] = line["events"]
	assert event["run"] == terminal.json("runs")[0]["name"]
	assert event["message"].startswith("Imported as new")


def test_a_held_line_says_why_it_is_no_transaction(terminal: Terminal, connection: str) -> None:
	terminal("sync", connection)
	line = terminal.json("lines", "--held", "--limit", "1")[0]
	message = terminal("explain", line["name"]).stdout
	assert "becomes a bank transaction when the bank books it" in message
	assert f"id {line['remote_id']}" in message


def test_it_is_shown_in_french(terminal: Terminal, connection: str) -> None:
	terminal("sync", connection)
	name = terminal.json("transactions", "--limit", "1")[0]["name"]
	terminal.language = "fr"
	message = terminal("explain", name).stdout
	assert "Provient de" in message
	assert "Importée comme nouvelle" in message
	assert "Imported as new" not in message


def test_a_name_that_is_nothing(terminal: Terminal, connection: str) -> None:
	assert "no line nobody" in terminal.error("explain", "nobody", code=9)


def test_a_row_that_could_not_be_read_names_its_file(terminal: Terminal, tmp_path: Path) -> None:
	terminal("bank-accounts", "add", "Current", "--bank", "Demo Bank", "--currency", "EUR")
	file = tmp_path / "november.csv"
	file.write_text("Date;Label;Amount\n2026-11-02;RENT;-850.00\n31/02/2026;BAD;-3\n", "utf-8")
	terminal("import", str(file), "--bank-account", "Current", "--date-format", "YMD", code=8)
	[line] = terminal.json("lines", "--held")
	shown = terminal("explain", line["name"]).stdout
	assert "File november.csv" in shown
	assert "file:" not in shown

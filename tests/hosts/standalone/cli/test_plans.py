"""A dry run, and doing exactly what it showed."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from dokos_banksync.sandbox.server import SandboxServer
from tests.hosts.standalone.cli.conftest import Terminal


def test_what_was_shown_is_done(terminal: Terminal, connection: str) -> None:
	shown = terminal.json("sync", connection, "--dry-run")
	run = terminal.json("sync", connection, "--apply", shown["plan"])
	assert (run["created"], run["held"]) == (shown["created"], shown["held"])
	assert run["checks"][0]["complete"]


def test_rows_are_left_out_and_can_be_taken(terminal: Terminal, connection: str) -> None:
	shown = terminal.json("sync", connection, "--dry-run")
	out = [d for d in shown["decisions"] if d["kind"] == "Will be imported"][:2]
	words = [word for d in out for word in ("--leave-out", d["id"])]
	run = terminal.json("sync", connection, "--apply", shown["plan"], *words, code=12)
	assert run["created"] == shown["created"] - 2
	assert terminal("lines", "--held").stdout.count("Left out by a user") == 2
	assert terminal.json("sync", connection, code=12)["created"] == 0
	taken = terminal.json("missing", connection, "--from", "2000-01-01", "--take", out[0]["remote_id"])
	assert taken["created"] == 1


def test_the_key_is_shown_to_users(terminal: Terminal, connection: str) -> None:
	shown = terminal("sync", connection, "--dry-run").stdout
	key = terminal.json("sync", connection, "--dry-run")["plan"]
	assert f"banksync sync {connection} --apply {key}" in shown
	terminal("sync", connection, "--apply", key)
	assert "--apply" not in terminal("sync", connection, "--dry-run").stdout


def test_what_changed_meanwhile_is_reported_and_nothing_is_done(
	terminal: Terminal, connection: str, bank: SandboxServer
) -> None:
	key = terminal.json("sync", connection, "--dry-run")["plan"]
	for _ in range(5):
		bank.world.advance(timedelta(days=1))
	result = terminal("sync", connection, "--apply", key, code=8)
	assert "BS-603" in result.stderr
	assert "– → Will be imported" in result.stderr
	assert "– → Will be imported" in terminal("sync", connection, "--apply", key, "-q", code=8).stderr
	assert terminal.json("transactions") == []
	assert terminal.json("connections")[0]["status"] == "Active"


@pytest.fixture
def file(tmp_path: Path, terminal: Terminal, connection: str) -> str:
	path = tmp_path / "statement.csv"
	path.write_text("Date;Libellé;Montant\n2026-11-02;CB UN;-3,21\n2026-11-03;CB DEUX;-4,21\n", "utf-8")
	return str(path)


def test_a_file_goes_in_as_it_was_shown(terminal: Terminal, file: str) -> None:
	words = ("import", file, "--bank-account", "Current")
	shown = terminal.json(*words, "--dry-run")
	assert [d["kind"] for d in shown["decisions"]] == ["Will be imported", "Will be imported"]
	assert f"--apply {shown['plan']}" in terminal(*words, "--dry-run").stdout
	[out] = [row["id"] for row in shown["decisions"] if row["description"] == "CB UN"]
	run = terminal.json(*words, "--apply", shown["plan"], "--leave-out", out)
	assert (run["created"], run["held"]) == (1, 1)
	assert [row["description"] for row in terminal.json("transactions")] == ["CB DEUX"]
	assert "BS-603" in terminal(*words, "--apply", shown["plan"], code=8).stderr


def test_words_that_do_not_go_together(terminal: Terminal, connection: str, file: str) -> None:
	terminal("sync", connection, "--leave-out", "x", code=2)
	terminal("sync", connection, "--dry-run", "--apply", "x", code=2)
	terminal("sync", "--apply", "x", code=2)
	terminal("sync", connection, "--apply", "x", code=9)
	key = terminal.json("sync", connection, "--dry-run")["plan"]
	terminal("sync", connection, "--apply", key, "--leave-out", "x", code=9)
	terminal("import", file, "--bank-account", "Current", "--apply", key, code=8)
	assert terminal.json("transactions") == []


def test_a_key_that_was_lost_does_not_do_all(terminal: Terminal, connection: str, file: str) -> None:
	"""As of a variable that is not set."""
	assert "There is no plan" in terminal.error("sync", connection, "--apply", "", code=9)
	terminal.error("import", file, "--bank-account", "Current", "--apply", "", code=9)
	terminal("sync", "--apply", "", code=2)
	terminal("sync", connection, "--apply", "", "--dry-run", code=2)
	assert terminal.json("transactions") == []

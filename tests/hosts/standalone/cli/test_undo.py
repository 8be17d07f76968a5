"""`banksync undo` over a bank that was really fetched."""

from __future__ import annotations

import sqlite3

from tests.hosts.standalone.cli.conftest import Terminal


def test_there_and_back_again(terminal: Terminal, connection: str) -> None:
	run = terminal.json("sync", connection)["name"]
	was = terminal.json("transactions", "--limit", "0")
	undone = terminal.json("undo", "--yes", run)
	assert undone["removed"] == len(was) > 0
	assert undone["kept"] == []
	assert terminal.json("transactions", "--limit", "0") == []
	assert terminal.json("sync", connection, code=12)["created"] == 0
	message = terminal("undo", "--yes", undone["name"]).stdout
	assert f"brought back {len(was)}" in message
	assert terminal.json("transactions", "--limit", "0") == was


def test_with_again_the_next_sync_brings_it(terminal: Terminal, connection: str) -> None:
	first = terminal.json("sync", connection)
	terminal("undo", "--yes", first["name"], "--again")
	assert terminal.json("sync", connection)["created"] == first["created"]


def test_what_stays_is_listed_in_the_users_language(terminal: Terminal, connection: str) -> None:
	run = terminal.json("sync", connection)["name"]
	[kept] = terminal.json("transactions", "--limit", "1")
	with sqlite3.connect(terminal.home / "banksync.db") as db:
		db.execute("UPDATE bank_transaction SET status = 'Reconciled' WHERE name = ?", (kept["name"],))
	db.close()
	terminal.language = "fr"
	message = terminal("undo", "--yes", run).stdout
	assert kept["name"] in message
	assert "rapprochée" in message


def test_twice_is_refused(terminal: Terminal, connection: str) -> None:
	run = terminal.json("sync", connection)["name"]
	terminal("undo", "--yes", run)
	assert "nothing in" in terminal.error("undo", "--yes", run, code=8)
	terminal("undo", "--yes", "nobody", code=9)

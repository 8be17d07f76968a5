"""What the pretend bank has and the site lacks."""

from __future__ import annotations

from tests.hosts.standalone.cli.conftest import Terminal


def test_nothing_is_missing_after_a_sync_but_what_is_pending(terminal: Terminal, connection: str) -> None:
	terminal("sync", connection)
	[view] = terminal.json("missing", connection, "--from", "2000-01-01")
	assert view["correct"] == len(terminal.json("transactions", "--limit", "0")) > 0
	assert {one["kind"] for one in view["findings"]} == {"Pending"}


def test_before_any_sync_all_is_missing_and_can_be_taken(terminal: Terminal, connection: str) -> None:
	[view] = terminal.json("missing", connection, "--from", "2000-01-01")
	missing_fields = [one["remote_id"] for one in view["findings"] if one["kind"] == "Missing here"]
	assert terminal.json("transactions") == []
	run = terminal.json("missing", connection, "--from", "2000-01-01", "--take", missing_fields[0])
	assert run["created"] == 1
	run = terminal.json("missing", connection, "--from", "2000-01-01", "--take-all")
	assert run["created"] == len(missing_fields) - 1
	assert run["checks"] == []
	last = terminal.json("sync", connection)
	assert (last["created"], last["checks"][0]["complete"]) == (0, True)


def test_a_deleted_one_is_listed_with_its_reason_and_comes_back(terminal: Terminal, connection: str) -> None:
	terminal("sync", connection)
	row = terminal.json("transactions", "--limit", "1")[0]
	terminal("delete", "--yes", row["name"])
	words = ("missing", connection, "--from", "2000-01-01")
	assert "Deleted by a user" in terminal(*words).stdout
	terminal(*words, "--take", row["transaction_id"])
	assert len(terminal.json("transactions", "--search", row["description"])) > 0
	assert "Deleted by a user" not in terminal(*words).stdout


def test_what_cannot_be_taken(terminal: Terminal, connection: str) -> None:
	terminal("sync", connection)
	[view] = terminal.json("missing", connection)
	pending = view["findings"][0]["remote_id"]
	assert "cannot be imported" in terminal.error("missing", connection, "--take", pending, code=8)
	terminal("missing", connection, "--take", "nobody", code=9)
	terminal("missing", "nobody", code=9)


def test_it_is_shown_in_french(terminal: Terminal, connection: str) -> None:
	terminal("sync", connection)
	terminal.language = "fr"
	message = terminal("missing", connection).stdout
	assert "comme il se doit" in message
	assert "En attente" in message

"""Two that may be one, from the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.hosts.standalone.cli.conftest import Terminal


@pytest.fixture
def pair(terminal: Terminal, connection: str, tmp_path: Path) -> tuple[str, str]:
	"""A transaction of the feed, and what a file tells of it in words of its own."""
	terminal("sync", connection)
	row = terminal.json("transactions", "--limit", "1")[0]
	file = tmp_path / "statement.csv"
	amount = row["amount"].replace(".", ",")
	file.write_text(f"Date;Libellé;Montant\n{row['date']};OPERATION 4711;{amount}\n", "utf-8")
	terminal("import", str(file), "--bank-account", "Current", "--sign", "normal")
	[other] = [r for r in terminal.json("transactions") if r["description"] == "OPERATION 4711"]
	return str(row["name"]), str(other["name"])


def names(terminal: Terminal, *words: str) -> list[tuple[str, str]]:
	return [(p["first"]["name"], p["second"]["name"]) for p in terminal.json("duplicates", *words)]


def test_the_pair_is_found_side_by_side(terminal: Terminal, pair: tuple[str, str]) -> None:
	[found] = terminal.json("duplicates", "--bank-account", "Current")
	assert (found["first"]["name"], found["second"]["name"]) == pair
	assert found["why"] == "They came from different sources"
	assert found["first"]["sources"] != found["second"]["sources"]
	message = terminal("duplicates").stdout
	assert "OPERATION 4711" in message
	assert "%" in message


def test_merged_and_taken_back(terminal: Terminal, pair: tuple[str, str], connection: str) -> None:
	was = terminal.json("transactions", "--limit", "0")
	run = terminal.json("merge", "--yes", *pair)["name"]
	assert len(terminal.json("transactions", "--limit", "0")) == len(was) - 1
	assert terminal.json("duplicates") == []
	assert terminal.json("sync", connection)["created"] == 0
	terminal("undo", "--yes", run)
	assert terminal.json("transactions", "--limit", "0") == was
	assert names(terminal) == [pair]


def test_kept_both_they_are_not_asked_about_until_wanted(terminal: Terminal, pair: tuple[str, str]) -> None:
	assert "are separate" in terminal("keep-both", *pair).stdout
	assert names(terminal) == []
	terminal("keep-both", *pair, "--not")
	assert names(terminal) == [pair]


def test_deleted_it_stays_away(terminal: Terminal, pair: tuple[str, str]) -> None:
	terminal("delete", "--yes", pair[1])
	message = terminal("lines", "--held").stdout
	assert "Deleted by a user" in message
	assert names(terminal) == []


def test_what_cannot_be(terminal: Terminal, pair: tuple[str, str]) -> None:
	assert "named twice" in terminal.error("merge", "--yes", pair[0], pair[0], code=8)
	terminal("merge", "--yes", pair[0], "nobody", code=9)
	terminal("delete", "--yes", "nobody", code=9)
	terminal("duplicates", "--bank-account", "nobody", code=9)


def test_in_french(terminal: Terminal, pair: tuple[str, str]) -> None:
	terminal.language = "fr"
	assert "de sources différentes" in terminal("duplicates").stdout


def test_a_list_of_pairs_that_is_cut_says_so(terminal: Terminal, connection: str, tmp_path: Path) -> None:
	terminal("sync", connection)
	rows = {row["date"]: row for row in terminal.json("transactions")}  # one a day
	lines = [f"{day};OPERATION {n}4711;{row['amount']}\n" for n, (day, row) in enumerate(rows.items())][:3]
	(tmp_path / "a.csv").write_text("Date;Libellé;Montant\n" + "".join(lines), "utf-8")
	terminal("import", str(tmp_path / "a.csv"), "--bank-account", "Current", "--sign", "normal")
	more = "There may be more: --limit 0 shows all"
	assert more in terminal("duplicates", "--limit", "1").stdout
	assert more not in terminal("duplicates").stdout

"""A batch of a file and its parts in a feed, from the command line: how it is asked, answered and undone."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from dokos_banksync.sandbox.server import SandboxServer
from tests.hosts.standalone.cli.conftest import Terminal


@pytest.fixture
def batch(
	terminal: Terminal, connection: str, tmp_path: Path, bank: SandboxServer
) -> tuple[dict[str, Any], list[str]]:
	"""A batch of a file, and its two parts by two fetches: the question, and the names of what was there before."""
	account = bank.world.account("574:alex:checking")
	before = len(account.changes)  # the bank is that of all tests of the module
	parts = 3001_11 + 7 * before, 4002_22 + 31 * before
	terminal("sync", connection)
	day = bank.world.clock.today() - timedelta(days=3)
	file = tmp_path / "a.csv"
	ends = [f"{day + timedelta(far)};BORD;{cents}\n" for far, cents in ((-2, "-0,01"), (2, "0,01"))]
	batch = f"{day};VIREMENTS GROUPES;-{sum(parts) // 100},{sum(parts) % 100:02}\n"
	file.write_text(f"Date;Libellé;Montant\n{ends[0]}{batch}{ends[1]}", "utf-8")
	terminal("import", str(file), "--bank-account", "Current", "--sign", "normal")
	before = sorted(one["name"] for one in terminal.json("transactions", "--limit", "0"))
	for cents, label in zip(parts, ("VIR DUPONT", "VIR MARTIN"), strict=True):
		account.add_late(day, -cents, label)
		bank.world.refresh()
		terminal("sync", connection, code=12)
	[question] = terminal.json("questions")
	return question, before


def names(terminal: Terminal) -> list[str]:
	return sorted(one["name"] for one in terminal.json("transactions", "--limit", "0"))


def test_the_last_part_is_asked_about_with_the_one_that_was_imported(
	terminal: Terminal, batch: tuple[dict[str, Any], list[str]]
) -> None:
	asked, _ = batch
	assert asked["description"] == "Vir Martin"
	assert [one["description"] for one in asked["candidates"]] == ["VIREMENTS GROUPES"]
	assert [one["description"] for one in asked["imported"]] == ["Vir Dupont"]
	message = terminal("questions", env={"COLUMNS": "250"}).stdout
	assert "Imported earlier as a part of it" in message


def test_the_answer_that_the_batch_counts_it_removes_the_other_part_and_is_undone(
	terminal: Terminal, batch: tuple[dict[str, Any], list[str]], connection: str
) -> None:
	asked, before = batch
	run = terminal.json("answer", asked["line"], "--is", asked["candidates"][0]["name"])
	assert (run["held"], run["removed"], names(terminal)) == (1, 1, before)
	terminal("sync", connection)
	assert (terminal.json("questions"), names(terminal)) == ([], before)
	terminal("undo", "--yes", run["name"])
	assert terminal.json("questions") == [asked]
	assert names(terminal) == sorted([*before, asked["imported"][0]["name"]])

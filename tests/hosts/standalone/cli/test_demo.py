"""The whole way by itself: what it ends with, what it leaves alone, and that it can fail."""

from __future__ import annotations

import re
import signal
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
import requests

from dokos_banksync.actions.i18n import Translations
from dokos_banksync.core.errors import ConfigurationError
from dokos_banksync.hosts.standalone.cli.demo import how_to_see
from dokos_banksync.hosts.standalone.cli.session import Session
from dokos_banksync.hosts.standalone.demo import MARKER, Demo, Proof, demo_folder
from tests.hosts.standalone.cli.conftest import SECRET, Terminal

AGREEING = Proof(
	bank_account="Current",
	currency="EUR",
	transactions=3,
	categorised=3,
	opening=Decimal(10),
	movements=Decimal(5),
	bank_balance=Decimal(15),
	true_transactions=3,
	true_opening=Decimal(10),
	true_movements=Decimal(5),
	true_balance=Decimal(15),
)


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
	return Terminal(tmp_path / "home", Session().clock)


def test_the_demo_ends_with_what_was_imported_and_proved(terminal: Terminal) -> None:
	message = terminal("demo").stdout
	for expected in (
		"Compte courant pro",
		"SYNC-RUN-0000002",
		"row for row",
		"/bank-transaction",
		"Open it with: ",
	):
		assert expected in message
	assert "✗" not in message
	rows = terminal.json("transactions", "--home", str(terminal.home / "demo"), "--limit", "0")
	assert len(rows) > 3000
	assert all(row["category"] for row in rows)


def test_the_demo_for_machines(terminal: Terminal) -> None:
	record = terminal.json("demo")
	assert record["agrees"] is True
	assert len(record["accounts"]) >= 10
	assert {account["currency"] for account in record["accounts"]} == {"EUR", "USD"}
	for account in record["accounts"]:
		held, true = account["transactions"], account["true_transactions"]
		assert held == true
		assert Decimal(account["opening"]) + Decimal(account["movements"]) == Decimal(account["true_balance"])
	first, second = record["runs"]
	assert first["created"] > 3000
	assert 0 < second["created"] < 100
	assert second["status"] == "Success"


@pytest.mark.parametrize(
	"change",
	[
		{"transactions": 2},
		{"opening": Decimal(9)},
		{"movements": Decimal(6)},
		{"true_movements": Decimal(6)},
		{"bank_balance": Decimal("15.01")},
		{"true_balance": Decimal(14)},
	],
)
def test_any_difference_shows(change: dict[str, Decimal]) -> None:
	assert AGREEING.agrees_with_bank
	assert AGREEING.agrees_with_truth
	off = replace(AGREEING, **change)  # type: ignore[arg-type]
	assert not (off.agrees_with_bank and off.agrees_with_truth)


def test_a_ledger_that_lacks_a_row_fails_the_demo(
	terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
	"""A transaction is deleted behind its back: it stays deleted, and the sums are off."""
	prove = Demo.proofs

	def steal(demo: Demo) -> list[Proof]:
		row = demo.site.ledger.transactions(limit=1)[0]
		demo.site.ledger.delete_transaction(row.name)
		demo.sync()
		return prove(demo)

	monkeypatch.setattr(Demo, "proofs", steal)
	message = terminal("demo", code=1).stdout
	assert "Not every account agrees" in message


def test_a_home_with_data_is_left_alone(terminal: Terminal) -> None:
	terminal("provider", "add", "mine", "--type", "bridge", "--client-id", "id", env=SECRET)
	before = terminal.data()
	assert "--home" in terminal.error("demo", code=3)
	assert terminal.data() == before
	assert not (terminal.home / "demo").exists()


def test_a_folder_that_no_demo_made_is_left_alone(tmp_path: Path) -> None:
	mine = tmp_path / "demo"
	mine.mkdir()
	(mine / "thesis.txt").write_text("years of work")
	assert demo_folder(tmp_path, keep=False) == tmp_path / "demo-2"
	assert demo_folder(tmp_path, keep=False) == tmp_path / "demo-2"
	assert (mine / "thesis.txt").read_text() == "years of work"


def test_each_demo_is_fresh_and_earlier_ones_can_be_kept(tmp_path: Path) -> None:
	first = demo_folder(tmp_path, keep=False)
	(first / "banksync.db").touch()
	second = demo_folder(tmp_path, keep=True)
	assert (first / "banksync.db").exists()
	assert second != first
	third = demo_folder(tmp_path, keep=False)
	assert [file.name for file in third.iterdir()] == [MARKER]
	assert not second.exists()


def test_a_demo_inside_a_demo_is_refused(tmp_path: Path) -> None:
	inside = demo_folder(tmp_path, keep=False)
	(inside / "banksync.db").touch()
	with pytest.raises(ConfigurationError):
		demo_folder(inside, keep=False)


def test_with_serve_the_bank_and_the_site_stay_up(terminal: Terminal) -> None:
	with terminal.process("demo", "--serve", "--port", "0") as process:
		assert process.stdout is not None
		assert process.stderr is not None
		lines: list[str] = []
		entry = bank = None
		while entry is None:
			line = process.stdout.readline()
			assert line, lines
			lines.append(line)
			bank = bank or re.search(r"answers at (http://\S+)", line)
			entry = re.search(r"http://127\.0\.0\.1:\d+/\?token=\S+", line)
		assert bank
		with requests.Session() as session:
			assert session.get(entry[0], timeout=60).ok
			assert (
				"Bureau Facile"
				in session.get(entry[0].partition("?")[0] + "bank-transaction", timeout=60).text
			)
			assert session.get(f"{bank[1]}/_sandbox/clock", timeout=60).ok
		process.send_signal(signal.SIGINT)
		assert process.wait(30) == 0
		assert "Traceback" not in process.stderr.read()


def test_the_demo_is_in_french(terminal: Terminal) -> None:
	terminal.language = "fr"
	message = terminal("demo").stdout
	assert Translations("fr")("Bank transactions, imported automatically") in message
	assert "From a bank" not in message


@pytest.mark.parametrize(("path", "program"), [("bin", "banksync"), ("elsewhere", "{0}/bin/banksync")])
def test_the_command_that_is_printed_can_be_pasted(
	monkeypatch: pytest.MonkeyPatch, tmp_path: Path, path: str, program: str
) -> None:
	"""From a wheel there is no Makefile, and in a checkout the environment is not on the PATH."""
	(tmp_path / "bin").mkdir()
	(tmp_path / "bin" / "banksync").touch(0o755)
	monkeypatch.setattr("sys.argv", [str(tmp_path / "bin" / "banksync"), "demo"])
	monkeypatch.setenv("PATH", str(tmp_path / path))
	shown = how_to_see(Session(), Path("/a home"), 8573)
	assert f"Open it with: {program.format(tmp_path)} --home '/a home' serve --port 8573" in shown

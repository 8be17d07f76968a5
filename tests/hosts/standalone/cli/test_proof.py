"""Proof, coverage and certificate over a bank that was really fetched."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from dokos_banksync.hosts.standalone.cli.terminal import money
from tests.hosts.standalone.cli.conftest import Terminal


@pytest.fixture
def month(terminal: Terminal, connection: str) -> str:
	"""The month before the last sync, of an account that was fetched with all its history."""
	terminal("sync", connection)
	last = terminal.clock().date().replace(day=1) - timedelta(days=1)
	return f"{last:%Y-%m}"


def test_bank_and_books_agree(terminal: Terminal, month: str) -> None:
	[found] = terminal.json("proof", "Current")
	assert (found["complete"], found["causes"], found["first_day"]) == (True, [], None)
	assert "agree on" in terminal("proof").stdout


def test_a_difference_is_named_and_ends_with_8(terminal: Terminal, connection: str, month: str) -> None:
	rows = terminal.json("transactions", "--limit", "20")
	row = next(row for row in rows if row["amount"].startswith("-"))
	terminal("delete", "--yes", row["name"])
	terminal("sync", connection, code=12)
	[found] = terminal.json("proof", "Current", code=12)
	[cause] = found["causes"]
	assert (cause["reason"], cause["amount"], cause["exact"]) == ("Deleted by a user", row["amount"], True)
	assert found["first_day"] == row["date"]
	message = terminal("proof", "Current", code=12).stdout
	assert f"began on {row['date']} at the earliest" in message
	# What was deleted was spent: the books have more than the bank, by the amount without its sign.
	assert "more" in message
	assert "less" not in message
	terminal.language = "fr"
	assert "au plus tôt" in terminal("proof", code=12).stdout


def test_a_difference_is_accepted(terminal: Terminal, connection: str, month: str) -> None:
	terminal("delete", "--yes", terminal.json("transactions", "--limit", "1")[0]["name"])
	terminal("sync", connection, code=12)
	assert "next sync proves it" in terminal("proof", "Current", "--accept-difference", "--yes").stdout
	terminal("sync", connection)
	assert terminal.json("proof")[0]["complete"]
	assert "no difference" in terminal.error("proof", "Current", "--accept-difference", "--yes", code=8)
	assert "needs the name" in terminal.error("proof", "--accept-difference", "--yes", code=8)


def test_the_days_of_an_account(terminal: Terminal, month: str) -> None:
	today = terminal.clock().date()
	words = ("--from", str(today - timedelta(days=9)), "--to", str(today + timedelta(days=2)))
	found = terminal.json("coverage", "Current", *words)
	assert sum(one["days"] for one in found) == 12
	assert found[-1]["state"] == "Never asked"
	assert found[-1]["days"] == 2
	message = terminal("coverage", "Current", *words).stdout
	assert message.splitlines()[0].endswith("··")
	assert "fills a gap" in message
	terminal("coverage", "Current", "--from", "2026-02-01", "--to", "2026-01-01", code=8)
	terminal("coverage", "nobody", code=9)


def test_a_month_to_print(terminal: Terminal, month: str) -> None:
	made = terminal.json("certificate", "Current", "--month", month)
	rows = [r for r in terminal.json("transactions", "--limit", "0") if r["date"].startswith(month)]
	assert made["count"] == len(rows) > 0
	assert made["complete"]
	assert date.fromisoformat(made["first"]).day == 1
	message = terminal("certificate", "Current", "--month", month).stdout
	assert "Complete: every day was fetched" in message
	assert "Money out" in message


def test_a_month_that_is_not_over(terminal: Terminal, month: str) -> None:
	this = f"{terminal.clock():%Y-%m}"
	message = terminal("certificate", "Current", "--month", this, code=8).stdout
	assert "not proven after the end of the month" in message
	terminal("certificate", "Current", "--month", "2026-13", code=8)
	terminal("certificate", "nobody", "--month", this, code=9)


def test_the_balance_to_come_is_reported(terminal: Terminal, connection: str) -> None:
	terminal("sync", connection)
	[message] = terminal.json("proof", "Current")
	pending = [
		r for r in terminal.json("lines", "--held", "--limit", "0") if r["state"] in ("Pending", "Future")
	]
	assert pending
	announced = sum(Decimal(row["amount"]) for row in pending)
	projected_balances = message["projected_balance"]
	assert Decimal(projected_balances["announced"]) == announced
	assert (
		Decimal(projected_balances["balance_to_come"])
		== Decimal(message["check"]["bank_balance"]) + announced
	)
	shown = terminal("proof", "Current").stdout
	assert "not booked yet" in shown
	assert "to come" in shown


def test_an_open_question_is_named(terminal: Terminal, connection: str, tmp_path: Path) -> None:
	terminal("sync", connection)
	for name, *labels in (("a", "VIR MARTIN LOYER", "VIR MARTIN CHARGES"), ("b", "VIR MARTIN")):
		rows = "".join(f"2026-11-02;{label};4321,00\n" for label in labels)
		(tmp_path / name).write_text(f"Date;Libellé;Montant\n{rows}", "utf-8")
		terminal("import", str(tmp_path / name), "--bank-account", "Current", "--sign", "normal")
	terminal("sync", connection, code=12)
	message = terminal("proof", "Current", code=12).stdout
	assert "Open questions" in message
	assert "VIR MARTIN" in message


def test_a_gap_of_an_account_without_a_connection_is_filled_from_a_file(
	terminal: Terminal, connection: str
) -> None:
	terminal("bank-accounts", "add", "Saving book", "--bank", "Other", "--currency", "EUR")
	shown = terminal("coverage", "Saving book").stdout
	assert "banksync import FILE --bank-account 'Saving book' fills a gap" in shown
	shown = terminal("coverage", "Current").stdout
	assert f"banksync missing {connection} --from DATE --take-all fills a gap" in shown


def test_the_causes_say_what_their_amounts_are(terminal: Terminal, connection: str) -> None:
	"""A deleted row is money that the bank has more: its amount adds to the difference as it is; a row too many the other way."""
	terminal("sync", connection)
	row = next(one for one in terminal.json("transactions") if one["amount"].startswith("-"))
	terminal("delete", row["name"], "--yes")
	shown = terminal("proof", "Current", code=12).stdout
	amount = money(Decimal(row["amount"]))
	assert f"with what each adds to the difference of {amount} EUR" in shown
	assert f"{row['date']}  {amount}  " in shown

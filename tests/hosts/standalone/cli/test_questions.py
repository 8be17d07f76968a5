"""What may be one of several, from the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dokos_banksync.core.model import Action, Decision, Reason
from dokos_banksync.core.trigger import Trigger
from dokos_banksync.hosts.standalone.site import Site
from tests.hosts.standalone.cli.conftest import Terminal


@pytest.fixture
def asked(terminal: Terminal, connection: str, tmp_path: Path) -> dict[str, Any]:
	"""Two rows of a file, and a third of another one that may be either."""
	terminal("sync", connection)
	for name, *labels in (("a", "VIR MARTIN LOYER", "VIR MARTIN CHARGES"), ("b", "VIR MARTIN")):
		file = tmp_path / f"{name}.csv"
		rows = "".join(f"2026-11-02;{label};4321,00\n" for label in labels)
		file.write_text(f"Date;Libellé;Montant\n{rows}", "utf-8")
		terminal("import", str(file), "--bank-account", "Current", "--sign", "normal")
	[question] = terminal.json("questions")
	return question  # type: ignore[no-any-return]


def test_a_question_is_reported_with_what_it_may_be(terminal: Terminal, asked: dict[str, Any]) -> None:
	assert (asked["description"], asked["amount"]) == ("VIR MARTIN", "4321.00")
	assert [one["description"] for one in asked["candidates"]] == ["VIR MARTIN LOYER", "VIR MARTIN CHARGES"]
	message = terminal("questions", "--bank-account", "Current").stdout
	assert all(name in message for name in (asked["line"], asked["candidates"][0]["name"], "banksync answer"))
	assert "Could be one of several bank transactions" in terminal("lines", "--held").stdout
	assert "a user must choose" in terminal("explain", asked["line"]).stdout


def test_it_is_one_of_them(terminal: Terminal, asked: dict[str, Any]) -> None:
	was = terminal.json("transactions", "--limit", "0")
	chosen = asked["candidates"][1]["name"]
	message = terminal("answer", asked["line"], "--is", chosen).stdout
	assert f"{asked['line']} is {chosen}" in message
	assert "No open question" in terminal("questions").stdout
	assert len(terminal.json("transactions", "--limit", "0")) == len(was)
	assert "A user decided it" in terminal("explain", asked["line"]).stdout
	run = terminal.json("runs", "--limit", "1")[0]
	assert (run["trigger"], run["subject"]) == ("answer", asked["line"])
	terminal("undo", "--yes", run["name"])
	assert terminal.json("questions") == [asked]


def test_it_is_none_of_them(terminal: Terminal, asked: dict[str, Any]) -> None:
	was = len(terminal.json("transactions", "--limit", "0"))
	assert terminal.json("answer", asked["line"], "--new")["created"] == 1
	assert len(terminal.json("transactions", "--limit", "0")) == was + 1


def test_what_is_no_answer(terminal: Terminal, asked: dict[str, Any]) -> None:
	terminal("answer", asked["line"], code=2)
	terminal("answer", asked["line"], "--new", "--is", "X", code=2)
	assert "cannot be nobody" in terminal.error("answer", asked["line"], "--is", "nobody", code=8)
	terminal("answer", "nobody", "--new", code=9)
	terminal("questions", "--bank-account", "nobody", code=9)
	terminal("answer", asked["line"], "--new")
	assert "not an open question" in terminal.error("answer", asked["line"], "--new", code=8)


def test_it_is_asked_in_french(terminal: Terminal, asked: dict[str, Any]) -> None:
	terminal.language = "fr"
	assert "Peut être" in terminal("questions").stdout


@pytest.fixture
def unlisted(terminal: Terminal, connection: str) -> dict[str, Any]:
	"""A row of the bank that it lists no more, as a fetch under another id of the account finds."""
	terminal("sync", connection)
	with Site(terminal.home, terminal.clock) as site:
		ledger = site.ledger
		[account] = [one for one in ledger.accounts(connection) if one.bank_account]
		run = ledger.begin_run(connection, Trigger.MANUAL, terminal.clock()).name
		with ledger.batch() as batch:
			[held, *_] = batch.linked(account.source, terminal.clock().date().replace(day=1))
			assert held.transaction
			made = Decision(
				action=Action.UPDATE,
				line=held.line,
				source=account.source,
				bank_account=account.bank_account,
				reason=Reason.UNLISTED,
				transaction=held.transaction.name,
			)
			batch.apply(run, [made], terminal.clock())
	[question] = terminal.json("questions")
	return question  # type: ignore[no-any-return]


def test_what_the_bank_no_longer_lists_is_removed_by_the_answer_gone(
	terminal: Terminal, unlisted: dict[str, Any]
) -> None:
	[candidate] = unlisted["candidates"]
	assert unlisted["unlisted"] is True
	assert "--gone" in terminal("questions").stdout
	assert "does not answer" in terminal.error("answer", unlisted["line"], "--new", code=8)
	assert terminal.json("answer", unlisted["line"], "--gone")["removed"] == 1
	names = [one["name"] for one in terminal.json("transactions", "--limit", "0")]
	assert candidate["name"] not in names
	assert "No open question" in terminal("questions").stdout


def test_what_the_bank_no_longer_lists_is_not_removed_from_a_closed_period(
	terminal: Terminal, unlisted: dict[str, Any]
) -> None:
	[candidate] = unlisted["candidates"]
	with Site(terminal.home, terminal.clock) as site:
		site.ledger.set_lock_date(unlisted["bank_account"], terminal.clock().date())
	message = terminal.error("answer", unlisted["line"], "--gone", code=8)
	assert f"{candidate['name']} lies in a closed period: open that first, or keep it" in message
	assert candidate["name"] in [one["name"] for one in terminal.json("transactions", "--limit", "0")]
	assert terminal.json("questions") == [unlisted]


def test_what_the_bank_no_longer_lists_stays_by_its_name(
	terminal: Terminal, unlisted: dict[str, Any]
) -> None:
	[candidate] = unlisted["candidates"]
	terminal("answer", unlisted["line"], "--is", candidate["name"])
	names = [one["name"] for one in terminal.json("transactions", "--limit", "0")]
	assert candidate["name"] in names
	assert "No open question" in terminal("questions").stdout


def test_gone_is_no_answer_to_which_one(terminal: Terminal, asked: dict[str, Any]) -> None:
	assert "does not answer" in terminal.error("answer", asked["line"], "--gone", code=8)


BATCH = "Date;Libellé;Montant\n02/11/2026;CAFE;-3,00\n05/11/2026;VIREMENTS GROUPES;-300,00\n16/11/2026;LIDL;-8,00\n"
PARTS = (
	"Date;Libellé;Montant\n02/11/2026;CAFE;-3,00\n05/11/2026;VIR DUPONT;-100,00\n05/11/2026;VIR MARTIN;-200,00\n"
	"16/11/2026;LIDL;-8,00\n"
)


def test_the_parts_of_a_sum_are_answered_with_the_sum(terminal: Terminal) -> None:
	with Site(terminal.home, terminal.clock) as made:
		made.ledger.add_bank_account("Current", "Banque du Port", "EUR")
	for name, text in (("batch.csv", BATCH), ("parts.csv", PARTS)):
		path = terminal.home.parent / name
		path.write_text(text, "utf-8")
		terminal("import", str(path), "--bank-account", "Current")
	asked = terminal.json("questions")
	found = sorted((one["amount"], one["candidates"][0]["amount"]) for one in asked)
	assert found == [("-100.00", "-300.00"), ("-200.00", "-300.00")]
	for one in asked:
		terminal("answer", one["line"], "--is", one["candidates"][0]["name"])
	assert terminal.json("questions") == []
	assert sorted(one["amount"] for one in terminal.json("transactions")) == ["-3.00", "-300.00", "-8.00"]
	told = terminal("explain", asked[0]["line"]).stdout
	assert "Other bank transactions count it" in told

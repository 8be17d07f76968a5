"""The whole way, command by command, for users and for machines: no command is left out."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import click
import pytest

from dokos_banksync.hosts.standalone.cli import banksync
from dokos_banksync.sandbox.server import CLIENT_ID, CLIENT_SECRET, SandboxServer
from dokos_banksync.sandbox.user import Customer
from tests.hosts.standalone.cli.conftest import SECRET, Terminal

LEFT_TO_OTHERS = {
	"banks remove": "test_names",
	"connection remove": "test_names",
	"export": "test_export",
	"serve": "test_servers",
	"sandbox": "test_servers",
	"demo": "test_demo",
	"questions": "test_questions",
	"answer": "test_questions",
}
"""Commands that stay up or need a home of their own, and the module that runs them."""

TRANSACTION = {
	"name",
	"date",
	"amount",
	"currency",
	"description",
	"category",
	"bank_account",
	"transaction_id",
}
ACCOUNT = {"remote_id", "name", "iban", "currency", "balance", "bank_account"}
CONNECTION = {"name", "bank", "provider", "status"}
RUN = {"name", "connection", "status", "fetched", "created", "held", "refused", "checks", "error_code"}
LINE = {"name", "date", "amount", "currency", "description", "state", "reason", "bank_account"}

WALK: list[tuple[str, tuple[str, ...], type, set[str], str]] = [
	("provider list", (), list, {"name", "provider_type", "environment", "client_id", "base_url"}, "bridge"),
	("provider check", ("bridge",), dict, {"name", "institutions", "remarks"}, "The keys of bridge work"),
	(
		"institutions",
		("bridge", "aurore"),
		list,
		{"id", "name", "country", "beta", "healthy"},
		"Banque Aurore",
	),
	("connect", ("Demo Bank", "--provider", "bridge"), list, ACCOUNT, "Compte courant pro"),
	("reconnect", ("SYNC-CONN-00001",), list, ACCOUNT, "is connected as SYNC-CONN-00001"),
	("connections", (), list, CONNECTION, "Active"),
	("status", (), dict, {"banks", "quotas", "questions"}, "Calls that count against a limit"),
	("accounts", ("SYNC-CONN-00001", "--refresh"), list, ACCOUNT, "Compte en dollars"),
	(
		"link",
		("SYNC-CONN-00001", "{account}", "Current", "--from", "2026-09-01"),
		dict,
		ACCOUNT,
		"from 2026-09-01",
	),
	("sync", ("SYNC-CONN-00001",), dict, RUN, "Success"),
	("sync", (), list, RUN, "Success"),
	("schedule", ("SYNC-CONN-00001", "--every", "6"), dict, CONNECTION | {"next_run_at"}, "every 6 hours"),
	("sync", ("SYNC-CONN-00001", "--dry-run"), dict, RUN | {"dry_run", "decisions"}, "nothing was written"),
	(
		"import",
		("{statement}", "--bank-account", "Current"),
		dict,
		RUN | {"file", "format", "mapping", "remarks", "refused_rows"},
		"statement.csv → Current",
	),
	("runs", ("--limit", "2"), list, RUN, "SYNC-RUN-0000002"),
	("run", ("SYNC-RUN-0000001",), dict, RUN, "Current"),
	(
		"undo",
		("SYNC-RUN-0000003", "--keep-away", "--yes"),
		dict,
		RUN | {"kept"},
		"Undoing of SYNC-RUN-0000003",
	),
	("transactions", ("--limit", "5"), list, TRANSACTION, "There may be more"),
	("lines", (), list, LINE, "Booked"),
	("explain", ("{transaction}",), dict, {"name", "explanation", "lines"}, "Imported as new"),
	(
		"missing",
		("SYNC-CONN-00001",),
		list,
		{"bank_account", "since", "correct", "findings"},
		"as they should be",
	),
	("proof", (), list, {"bank_account", "complete", "check", "first_day", "causes"}, "agree on"),
	("coverage", ("Current",), list, {"first", "last", "state", "days", "transactions"}, "Fetched"),
	(
		"certificate",
		("Current", "--month", "2026-10"),
		dict,
		{"opening", "closing", "money_in", "money_out", "complete", "stretches"},
		"Certificate of completeness",
	),
	("duplicates", ("--all",), list, {"likeness", "why", "first", "second"}, "Similarity"),
	("keep-both", ("{twin}", "{other}"), dict, {"one", "other", "apart"}, "are separate"),
	("merge", ("{twin}", "{other}", "--yes"), dict, RUN, "is merged into"),
	("delete", ("{transaction}", "--yes"), dict, RUN, "is not imported again"),
	(
		"categories",
		(),
		list,
		{"name", "category_name", "parent_bank_transaction_category"},
		"Office supplies",
	),
	("bank-accounts list", (), list, {"name", "bank", "currency", "balance", "opening_balance"}, "Current"),
	(
		"bank-accounts add",
		(
			"Savings",
			"--bank",
			"Demo Bank",
			"--currency",
			"eur",
			"--iban",
			"FR76 3000 6000 0112 3456 7890 189",
		),
		dict,
		{"name", "bank", "currency", "iban"},
		"Savings is added",
	),
	(
		"bank-accounts rename",
		("Savings", "Reserve"),
		dict,
		{"name", "bank", "currency"},
		"is called Reserve now",
	),
	("banks list", (), list, {"name", "bank_accounts", "connections"}, "Demo Bank"),
	("banks rename", ("demo bank", "House bank"), dict, {"name"}, "is called House bank now"),
	("banks rename", ("House bank", "Demo Bank"), dict, {"name"}, "is called Demo Bank now"),
	("bank-accounts close", ("Reserve",), dict, {"name", "closed"}, "Reserve is closed"),
	("login", (), dict, {"entry"}, "lets one browser in"),
	("backup", ("{backup}", "--yes"), dict, {"file", "key", "transactions", "latest"}, "is in"),
	("restore", ("{backup}", "--yes"), dict, {"home", "before", "transactions"}, "is restored in"),
	("disconnect", ("SYNC-CONN-00001", "--yes"), dict, CONNECTION, "is disconnected"),
	(
		"provider add",
		("two", "--type", "bridge", "--client-id", CLIENT_ID),
		dict,
		{"name", "client_id"},
		"two is stored",
	),
	("provider update", ("two", "--client-id", "other"), dict, {"name", "client_id"}, "two is stored"),
	("provider remove", ("two", "--yes"), dict, {"name", "removed"}, "are deleted"),
]


def commands(group: click.Group, path: str = "") -> Iterator[tuple[str, click.Command]]:
	for name, command in group.commands.items():
		if isinstance(command, click.Group):
			yield from commands(command, f"{path}{name} ")
		else:
			yield f"{path}{name}", command


def test_no_command_is_left_out() -> None:
	assert {name for name, _ in commands(banksync)} == {row[0] for row in WALK} | set(LEFT_TO_OTHERS)


@pytest.mark.parametrize("name", sorted(name for name, _ in commands(banksync)))
def test_help_has_an_example_of_the_command_itself(name: str, terminal: Terminal) -> None:
	message = terminal(*name.split(), "--help").stdout
	assert f"banksync {name}" in message.partition("Example:")[2]
	assert "--json" in message
	assert "--home" in message
	assert not terminal.home.exists()


def steps(terminal: Terminal, bank: SandboxServer) -> Iterator[tuple[list[str], type, set[str], str]]:
	"""The commands one after the other, each in the world that those before it left."""
	add = ("--type", "bridge", "--client-id", CLIENT_ID, "--base-url", bank.url)
	terminal("provider", "add", "bridge", *add, env=SECRET)
	statement = terminal.home.parent / "statement.csv"
	statement.write_text("Date;Libellé;Montant\n2026-11-02;CB CAFE;-3,20\n", "utf-8")
	twins: dict[str, str] = {}
	for name, words, kind, fields, message in WALK:
		account = terminal.json("accounts")[0]["remote_id"] if "{account}" in words else ""
		transaction = terminal.json("transactions")[0]["name"] if "{transaction}" in words else ""
		if "{twin}" in words:
			pair = terminal.json("duplicates", "--all", "--limit", "1")[0]
			twins = {"{twin}": pair["first"]["name"], "{other}": pair["second"]["name"]}
		filled = {
			"{account}": account,
			"{statement}": str(statement),
			"{backup}": str(statement.with_suffix(".db")),
			"{transaction}": transaction,
			**twins,
		}
		placed = (filled.get(word, word) for word in words)
		yield [*name.split(), *placed], kind, fields, message


def test_every_command_for_machines(
	terminal: Terminal, bank: SandboxServer, browser: Callable[[Customer], None]
) -> None:
	for words, kind, fields, _ in steps(terminal, bank):
		result = terminal(*words, "--json", env=SECRET)
		answer: Any = json.loads(result.stdout)
		first = answer[0] if kind is list else answer
		assert fields <= set(first), words
		assert isinstance(answer, kind), words
		assert CLIENT_SECRET not in result.output


def test_every_command_for_users(
	terminal: Terminal, bank: SandboxServer, browser: Callable[[Customer], None]
) -> None:
	for words, _, _, message in steps(terminal, bank):
		result = terminal(*words, env=SECRET)
		assert message in result.stdout, words
		assert CLIENT_SECRET not in result.output


def test_the_end_of_the_way_is_the_banks_truth(
	terminal: Terminal, connection: str, bank: SandboxServer
) -> None:
	terminal("sync", connection)
	rows = terminal.json("transactions", "--bank-account", "Current", "--limit", "0")
	truth = bank.world.truth("574:alex:checking")
	assert len(rows) == len(truth)
	assert sum(Decimal(row["amount"]) for row in rows) == sum(movement.amount for movement in truth)
	assert sorted(row["date"] for row in rows) == [movement.day.isoformat() for movement in truth]
	assert {row["currency"] for row in rows} == {"EUR"}
	known = {category["category_name"] for category in terminal.json("categories")}
	assert {row["category"] for row in rows} <= known


def test_filters_of_transactions(terminal: Terminal, connection: str, bank: SandboxServer) -> None:
	terminal("sync", connection)
	every = terminal.json("transactions", "--limit", "0")
	within = ("--from", "2026-10-01", "--to", "2026-10-31")
	october = terminal.json("transactions", *within, "--limit", "0")
	assert october == [row for row in every if row["date"].startswith("2026-10")]
	rents = terminal.json("transactions", "--search", "tilleuls")
	assert rents
	assert all("Tilleuls" in row["description"] for row in rents)
	chosen = rents[0]["category"]
	assert {r["category"] for r in terminal.json("transactions", "--category", chosen, "--limit", "0")} == {
		chosen
	}
	assert len(terminal.json("transactions", "--limit", "3")) == 3
	held = terminal.json("lines", "--held", "--limit", "0")
	assert all(row["reason"] and not row["bank_transaction"] for row in held)


def test_json_amounts_are_exact_text_with_a_sign(terminal: Terminal, connection: str) -> None:
	terminal("sync", connection)
	rows = terminal.json("transactions", "--limit", "0")
	assert all(isinstance(row["amount"], str) and "E" not in row["amount"] for row in rows)
	assert any(Decimal(row["amount"]) > 0 for row in rows)
	assert any(row["amount"].startswith("-") for row in rows)
	assert all(Decimal(r["amount"]) == Decimal(r["deposit"]) - Decimal(r["withdrawal"]) for r in rows)
	accounts = terminal.json("accounts")
	assert all(account["balance"] is None or Decimal(account["balance"]) is not None for account in accounts)


def test_options_of_the_group_reach_the_command(terminal: Terminal, provider: str) -> None:
	there = str(terminal.home)
	elsewhere = Terminal(terminal.home.parent / "other", terminal.clock)
	assert (
		elsewhere("--home", there, "--json", "provider", "list").stdout
		== terminal("provider", "list", "--json").stdout
	)
	assert elsewhere.json("--home", "/nowhere", "provider", "list", "--home", there)[0]["name"] == "bridge"
	assert not elsewhere.home.exists()

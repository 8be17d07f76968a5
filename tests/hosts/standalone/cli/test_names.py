"""Names wherever ids are asked, questions before what cannot be taken back, and connections that stay as they are."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from dokos_banksync.core.model import Reason
from dokos_banksync.hosts.standalone.callback_listener import ReturnPage
from dokos_banksync.hosts.standalone.cli.json_records import plain
from dokos_banksync.hosts.standalone.site import Site
from dokos_banksync.sandbox.faults import Fault
from dokos_banksync.sandbox.server import SandboxServer
from tests.hosts.standalone.cli.conftest import Terminal, add_provider


def test_a_bank_names_its_connection_and_an_account_its_id(terminal: Terminal, connection: str) -> None:
	accounts = terminal.json("accounts", "demo bank")
	assert {account["connection"] for account in accounts} == {connection}
	second = next(account for account in accounts if not account["bank_account"])
	message = terminal.json("link", "Demo Bank", second["name"].upper(), "Second")
	assert (message["remote_id"], message["bank_account"]) == (second["remote_id"], "Second")
	again = terminal.json("link", "Demo Bank", second["name"], "sEcOnd")
	assert again["bank_account"] == "Second"
	assert terminal.json("sync", "DEMO BANK")["connection"] == connection
	assert terminal.json("transactions", "--bank-account", "current")
	assert terminal.json("proof", "current")[0]["bank_account"] == "Current"
	assert terminal.json("schedule", "demo bank", "--every", "6")["name"] == connection
	assert terminal.json("provider", "check", "BRIDGE")["name"] == "bridge"


def test_an_iban_names_a_bank_account(terminal: Terminal, connection: str) -> None:
	held = terminal.json("bank-accounts")[0]
	spaced = " ".join(held["iban"][at : at + 4] for at in range(0, len(held["iban"]), 4)).lower()
	assert terminal.json("proof", spaced)[0]["bank_account"] == "Current"


def test_a_name_that_nobody_has_comes_with_the_command_that_lists_them(
	terminal: Terminal, connection: str
) -> None:
	for words, command in (
		(("sync", "Other Bank"), "banksync connections"),
		(("proof", "Other"), "banksync bank-accounts list"),
		(("banks", "remove", "Other", "--yes"), "banksync banks list"),
		(("run", "SYNC-RUN-9"), "banksync runs"),
		(("undo", "SYNC-RUN-9", "--yes"), "banksync runs"),
		(("institutions", "other", "aurore"), "banksync provider list"),
		(("provider", "check", "other"), "banksync provider list"),
		(("link", connection, "other", "x"), f"banksync accounts {connection}"),
		(("transactions", "--category", "other"), "banksync categories"),
	):
		assert command in terminal.error(*words, code=9)


def test_a_file_for_an_account_that_is_not_there_names_the_commands(
	terminal: Terminal, provider: str, tmp_path: Path
) -> None:
	path = tmp_path / "a.csv"
	path.write_text("Date;Label;Amount\n2026-10-01;Rent;-12.50\n", "utf-8")
	message = terminal.error("import", str(path), "--bank-account", "Nobody", code=9)
	assert "banksync bank-accounts list" in message
	assert "add" in message


def test_an_account_that_the_bank_no_longer_lists_is_not_linked(terminal: Terminal, connection: str) -> None:
	before = {one["remote_id"] for one in terminal.json("accounts", connection)}
	terminal("disconnect", connection, "--yes")
	terminal("reconnect", connection)
	terminal.json("accounts", connection, "--refresh")
	records = terminal.json("accounts", connection)
	old = next(one for one in records if one["remote_id"] in before and one["iban"])
	new = next(one for one in records if one["remote_id"] not in before and one["iban"] == old["iban"])
	message = terminal.error("link", connection, old["remote_id"], "Elsewhere", code=8)
	assert old["remote_id"] in message
	assert f"banksync accounts {connection}" in message
	assert "Elsewhere" not in {one["name"] for one in terminal.json("bank-accounts")}
	linked = terminal.json("link", connection, old["name"], "Elsewhere", "--new", "--yes")
	assert (linked["remote_id"], linked["bank_account"]) == (new["remote_id"], "Elsewhere")


def test_a_disconnected_connection_is_named_by_every_command_that_would_fetch(
	terminal: Terminal, connection: str
) -> None:
	terminal("disconnect", connection, "--yes")
	assert "banksync reconnect" in terminal("sync").stdout
	for command in ("sync", "missing"):
		assert "is disconnected" in terminal.error(command, connection, code=13)


def test_a_name_that_fits_several_is_asked_about(
	terminal: Terminal, connection: str, bank: SandboxServer
) -> None:
	add_provider(terminal, bank, "second")
	terminal("connect", "Demo Bank", "--provider", "second", "--institution", "574")
	message = terminal.error("sync", "Demo Bank", code=8)
	assert "SYNC-CONN-00001 (Demo Bank), SYNC-CONN-00002 (Demo Bank)" in message
	terminal("disconnect", "SYNC-CONN-00002", "--yes")
	assert terminal.json("sync", "Demo Bank")["connection"] == connection


def test_link_all_links_what_feeds_nothing(terminal: Terminal, connection: str) -> None:
	shared = [account for account in terminal.json("accounts") if account["enabled"]]
	linked = terminal.json("link", connection, "--all")
	assert len(linked) == len(shared) - 1
	assert all(account["bank_account"] == account["name"] for account in linked)
	assert terminal.json("link", connection, "--all") == []
	terminal("link", connection, "--all", shared[0]["remote_id"], code=2)
	terminal("link", connection, code=2)


# -- questions -----------------------------------------------------------------------------------------
@pytest.fixture
def filled(terminal: Terminal, connection: str) -> Terminal:
	terminal("sync", connection)
	return terminal


def destructive(terminal: Terminal) -> list[tuple[str, ...]]:
	rows = terminal.json("transactions")
	account = next(one for one in terminal.json("accounts") if one["bank_account"])["remote_id"]
	far = [rows[0]["name"], next(row["name"] for row in rows if row["amount"] != rows[0]["amount"])]
	return [
		("disconnect", "SYNC-CONN-00001"),
		("undo", "SYNC-RUN-0000001"),
		("delete", rows[0]["name"]),
		("merge", *_twins(rows)),
		("keep-both", *far),
		("provider", "remove", "spare"),
		("link", "SYNC-CONN-00001", account, "Other"),
		("link", "SYNC-CONN-00001", account, "Current", "--from", "2099-01-01"),
		("proof", "Current", "--accept-difference"),
	]


def _twins(rows: list[dict[str, str]]) -> list[str]:
	"""Return two bank transactions of one amount."""
	names: dict[str, list[str]] = {}
	for row in rows:
		names.setdefault(row["amount"], []).append(row["name"])
	return next(found[:2] for found in names.values() if len(found) > 1)


def test_no_changes_nothing_and_ends_with_1(filled: Terminal, bank: SandboxServer) -> None:
	add_provider(filled, bank, "spare")
	with Site(filled.home, filled.clock) as site:  # the books differ from the bank
		site.ledger.db.run("UPDATE bank_account SET opening_balance = opening_balance + 123456")
	before = filled.data()
	for words in destructive(filled):
		result = filled(*words, input="n\n", code=1)
		assert result.stderr.rstrip().endswith("Nothing was changed"), words
		assert filled(*words, code=1).stderr.rstrip().endswith("or give --yes"), words
		assert filled.json(*words, input="n\n", code=1)["error"]["message"] == "Nothing was changed"
	assert filled.data() == before


def test_what_would_be_refused_is_not_asked_about(filled: Terminal) -> None:
	"""A question whose "yes" ends in a refusal wastes the answer."""
	rows = filled.json("transactions")
	far = [rows[0]["name"], next(row["name"] for row in rows if row["amount"] != rows[0]["amount"])]
	before = filled.data()
	for words, code, message in (
		(("delete", "ACC-BTN-9"), 9, "There is no bank transaction ACC-BTN-9"),
		(("merge", rows[0]["name"], "ACC-BTN-9"), 9, "There is no bank transaction ACC-BTN-9"),
		(("merge", *far), 8, "they are not one"),
		(("provider", "remove", "bridge"), 8, "bridge has connections"),
		(("proof", "Current", "--accept-difference"), 8, "There is no difference of Current"),
	):
		result = filled(*words, input="y\n", code=code)
		assert message in result.stderr
		assert "[y/N]" not in result.stderr, words
	assert filled.data() == before
	filled("disconnect", "Demo Bank", "--yes")
	assert "is disconnected, and stays so" in filled("disconnect", "Demo Bank", code=13).stderr


def test_yes_on_the_keyboard_is_enough(filled: Terminal) -> None:
	run = filled.json("runs")[0]["name"]
	assert "Decisions taken back: " in filled("undo", run, input="y\n").stderr
	assert filled.json("transactions") == []


# -- connections that have ended -----------------------------------------------------------------------
def test_a_connection_that_brought_rows_stays_and_one_that_did_not_can_go(
	filled: Terminal, bank: SandboxServer
) -> None:
	assert "banksync disconnect SYNC-CONN-00001" in filled.error("connection", "remove", "Demo Bank", code=8)
	filled("disconnect", "Demo Bank", "--yes")
	assert "They say where bank transactions come from" in filled.error(
		"connection", "remove", "SYNC-CONN-00001", "--yes", code=8
	)
	add_provider(filled, bank, "second")
	filled("connect", "Demo Bank", "--provider", "second", "--institution", "574")
	filled("disconnect", "SYNC-CONN-00002", "--yes")
	filled("connection", "remove", "SYNC-CONN-00002", input="n\n", code=1)
	assert filled.json("connection", "remove", "SYNC-CONN-00002", "--yes")["removed"]
	assert [one["name"] for one in filled.json("connections")] == ["SYNC-CONN-00001"]
	assert filled.json("provider", "remove", "second", "--yes")["removed"]


def test_a_bank_with_a_connection_stays_and_one_without_can_go(filled: Terminal) -> None:
	assert "accounts or connections" in filled.error("banks", "remove", "Demo Bank", "--yes", code=8)
	filled("bank-accounts", "add", "Spare", "--bank", "Old bank", "--currency", "EUR")
	assert "accounts or connections" in filled.error("banks", "remove", "old bank", "--yes", code=8)
	assert "banksync banks" in filled.error("banks", "remove", "Nowhere", "--yes", code=9)
	assert [one["name"] for one in filled.json("banks")] == ["Demo Bank", "Old bank"]


def test_an_empty_bank_is_removed_after_a_question(filled: Terminal) -> None:
	with Site(filled.home) as site:
		site.ledger.add_bank("Old bank")
	filled("banks", "remove", "Old bank", input="n\n", code=1)
	assert filled.json("banks", "remove", "old bank", "--yes") == {"name": "Old bank", "removed": True}
	assert [one["name"] for one in filled.json("banks")] == ["Demo Bank"]


def test_a_deleted_and_an_undone_transaction_are_explained(filled: Terminal) -> None:
	first, second = (row["name"] for row in filled.json("transactions")[:2])
	filled("delete", first, "--yes")
	message = filled("explain", first).stdout
	assert f"{first} is no longer there" in message
	assert "deleted by" in message
	filled("undo", "SYNC-RUN-0000001", "--yes")
	assert filled.json("explain", second)["lines"]
	filled("explain", "nobody", code=9)


# -- the small ones ------------------------------------------------------------------------------------
@pytest.mark.parametrize(
	("words", "message"),
	[
		(("certificate", "Current", "--month", "2026-13"), "2026-13 is not a month"),
		(
			("connect", "X", "--provider", "bridge", "--email", "notanemail"),
			"notanemail is not an e-mail address",
		),
	],
)
def test_what_is_wrong_is_said(
	terminal: Terminal, connection: str, words: tuple[str, ...], message: str
) -> None:
	assert message in terminal.error(*words, code=8)


def test_a_host_that_is_none_and_a_column_without_a_title(terminal: Terminal, connection: str) -> None:
	assert "nonsense.invalid is not an address" in terminal.error(
		"serve", "--host", "nonsense.invalid", "--expose", code=3
	)
	message = terminal("import", __file__, "--bank-account", "Current", "--column", "label", code=2).stderr
	assert "write what the column holds" in message


def test_a_run_says_why_rows_are_held_the_second_time_too(terminal: Terminal, connection: str) -> None:
	account = next(one for one in terminal.json("accounts") if one["bank_account"])["remote_id"]
	terminal("link", connection, account, "Current", "--from", "2026-11-10", "--yes")
	for _ in range(2):
		message = terminal("sync", connection).stdout
		assert "Not imported: " in message
	assert "Before the start date" in message


def test_a_cause_with_many_rows_says_how_many_more(filled: Terminal) -> None:
	with Site(filled.home, filled.clock) as site:  # as if a user had entered rows by hand
		site.ledger.db.run("UPDATE bank_account SET opening_balance = opening_balance + 123456")
	filled("undo", "SYNC-RUN-0000001", "--yes")
	message = filled("proof", "Current", code=12).stdout
	assert re.search(r"and \d+ more rows: --json lists them all", message)


def test_the_return_page_does_not_thank_for_what_it_cannot_know() -> None:
	with ReturnPage() as page:
		page.expect("state-1")
		_, sentence = page.receive("/return?error=denied&state=state-1")
	assert sentence == "You can close this tab now. The terminal says what came of it."


def test_a_failed_run_is_reported_once(terminal: Terminal, connection: str, bank: SandboxServer) -> None:
	bank.faults.add(Fault("status", status=503, count=None))
	result = terminal("sync", connection, code=6)
	assert len(result.stderr.strip().splitlines()) == 1
	verbose = terminal("-v", "sync", connection, code=6).stderr
	assert "GET /v3/aggregation/" in verbose
	assert "failed" in verbose


def test_quiet_leaves_the_answer_and_errors(terminal: Terminal, provider: str) -> None:
	words = (
		"connect",
		"Demo Bank",
		"--provider",
		provider,
		"--institution",
		"574",
		"--no-browser",
		"--timeout",
		"1",
	)
	assert "Waiting for you" in terminal(*words, code=4).stderr
	quiet = terminal("-q", *words, code=4).stderr
	assert "Waiting for you" not in quiet
	assert "was not completed in time" in quiet


@pytest.mark.parametrize(
	"words", [("-h",), ("sync", "-h"), ("provider", "add", "-h"), ("bank-accounts", "-h")]
)
def test_h_is_help(terminal: Terminal, words: tuple[str, ...]) -> None:
	assert terminal(*words).stdout == terminal(*words[:-1], "--help").stdout


def test_a_shell_completes_commands(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
	for name, value in (
		("_BANKSYNC_COMPLETE", "bash_complete"),
		("COMP_WORDS", "banksync bank"),
		("COMP_CWORD", "1"),
	):
		monkeypatch.setenv(name, value)
	out, _ = terminal.process().communicate(timeout=30)
	assert [line.partition(",")[2] for line in out.splitlines()] == ["bank-accounts", "banks"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_page_names_what_installs_the_completion_of_a_shell(
	terminal: Terminal, monkeypatch: pytest.MonkeyPatch, shell: str
) -> None:
	page = (Path(__file__).parents[4] / "docs" / "command-line.md").read_text("utf-8")
	assert f"_BANKSYNC_COMPLETE={shell}_source banksync" in page
	monkeypatch.setenv("_BANKSYNC_COMPLETE", f"{shell}_source")
	out, _ = terminal.process().communicate(timeout=30)
	assert f"{shell}_complete" in out


# -- status --------------------------------------------------------------------------------------------
def test_the_status_of_everything(filled: Terminal) -> None:
	message = filled.json("status")
	[one] = message["banks"]
	assert (one["bank"], one["status"], one["balance"]) == ("Demo Bank", "Active", "agrees")
	assert one["last_import_at"]
	assert one["next_run_at"] == filled.json("connections")[0]["next_run_at"]
	quotas = {quota["scope"]: quota for quota in message["quotas"]}
	assert quotas["application"]["limit"] == 2000
	assert quotas["user"]["connection"] == "SYNC-CONN-00001"
	assert quotas["user"]["used"] + quotas["user"]["left"] == 60
	assert quotas["user"]["resets_at"] > plain(filled.clock())
	text = filled("status").stdout
	assert "Demo Bank" in text
	assert "agrees" in text


def test_the_status_names_limits_in_words_and_shows_no_id_of_a_user_that_is_gone(filled: Terminal) -> None:
	assert "Calls of the subscription" in filled("status").stdout
	[record] = filled.json("connections")
	filled("disconnect", record["name"], "--yes")
	shown = filled("status").stdout
	assert "Calls for a connection" in shown
	assert "user:" not in shown


def test_a_missing_row_is_readable_on_80_columns(filled: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
	monkeypatch.setattr("dokos_banksync.hosts.standalone.cli.terminal.width", lambda: 80)
	lines = filled("missing", filled.json("connections")[0]["name"]).stdout.splitlines()
	assert max(map(len, lines)) <= 80
	assert any("Transports Alize  " in line for line in lines)


def test_the_status_has_the_accounts_that_files_alone_feed(filled: Terminal, tmp_path: Path) -> None:
	assert "Accounts without a connection" not in filled("status").stdout
	filled("bank-accounts", "add", "Savings book", "--bank", "Other bank", "--currency", "EUR")
	file = tmp_path / "savings.csv"
	file.write_text("Date;Label;Amount\n2026-01-15;Interest;12,50\n2026-01-31;Withdrawal;-10,00\n", "utf-8")
	filled("import", str(file), "--bank-account", "Savings book", "--date-format", "YMD")
	[one] = filled.json("status")["accounts_without_connection"]
	assert one == {
		"bank_account": "Savings book",
		"bank": "Other bank",
		"last_transaction": "2026-01-31",
		"balance": "not checked",
	}
	text = filled("status").stdout.partition("Accounts without a connection")[2]
	assert re.search(r"Savings book +Other bank +2026-01-31 +not checked", text)


def test_a_closed_account_is_renamed_and_opened_by_its_iban(filled: Terminal) -> None:
	iban = "FR7630006000011234567890189"
	filled("bank-accounts", "add", "Old", "--bank", "Other bank", "--currency", "EUR", "--iban", iban)
	filled("bank-accounts", "close", iban.lower())
	filled("bank-accounts", "rename", iban, "Older")
	assert [one["name"] for one in filled.json("bank-accounts", "list", "--closed")] == ["Older"]
	message = filled.error("import", __file__, "--bank-account", "older", code=9)
	assert message.endswith("banksync bank-accounts close Older --reopen")
	filled("bank-accounts", "close", "older", "--reopen")
	assert "Older" in [one["name"] for one in filled.json("bank-accounts", "list")]
	assert "banksync bank-accounts" in filled.error("bank-accounts", "rename", "Nobody", "X", code=9)


def test_a_home_without_a_connection_says_how_to_make_one(terminal: Terminal) -> None:
	for words in (("accounts",), ("connections",), ("status",)):
		assert "banksync connect BANK --provider NAME" in terminal(*words).stdout


def test_a_command_that_is_printed_can_be_pasted(terminal: Terminal) -> None:
	text = terminal("bank-accounts", "add", "My account", "--bank", "B", "--currency", "EUR").stdout
	assert "banksync import FILE --bank-account 'My account'" in text


def test_the_status_says_what_to_do(filled: Terminal) -> None:
	filled("disconnect", "Demo Bank", "--yes")
	assert "banksync reconnect SYNC-CONN-00001" in filled("status").stdout
	assert "banksync connect BANK" in Terminal(filled.home.parent / "new", filled.clock)("status").stdout


# -- lists ---------------------------------------------------------------------------------------------
def test_json_is_complete_and_a_terminal_gets_a_page(filled: Terminal) -> None:
	count = int(filled.json("bank-accounts")[0]["movements"] != "0") and len(filled.json("transactions"))
	assert count > 50
	assert count == len(filled.json("transactions", "--limit", "0"))
	assert "There may be more" in filled("transactions").stdout
	assert len(filled.json("transactions", "--limit", "7")) == 7


def test_a_page_of_transactions_fits_80_columns_with_readable_labels(
	filled: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
	monkeypatch.setattr("dokos_banksync.hosts.standalone.cli.terminal.width", lambda: 80)
	account = filled.json("bank-accounts")[0]["name"]
	tables = (
		*(("transactions",), ("lines",), ("status",), ("runs",), ("connections",), ("accounts",)),
		*(("bank-accounts",), ("banks",), ("provider", "list"), ("coverage", account)),
	)
	for filled.language in ("en", "fr"):
		for words in tables:
			lines = filled(*words).stdout.splitlines()
			assert max(len(line) for line in lines if "banksync" not in line) <= 80, words
	assert "Consentement" in filled("status").stdout
	filled.language = "en"
	assert "Success" in filled("runs").stdout
	title, rule = filled("transactions").stdout.splitlines()[:2]
	assert title.split()[:2] == ["Date", "Label"]
	assert len(rule.split()[1]) >= 20


@pytest.mark.parametrize("language", ["en", "fr"])
def test_tables_of_decisions_fit_80_columns_with_readable_labels(
	filled: Terminal, monkeypatch: pytest.MonkeyPatch, bank: SandboxServer, language: str, tmp_path: Path
) -> None:
	"""A preview, questions, pairs, refused rows, lists of banks, a provider with a long id, a certificate."""
	monkeypatch.setattr("dokos_banksync.hosts.standalone.cli.terminal.width", lambda: 80)
	label = "PRELEVEMENT SEPA ELECTRICITE DE FRANCE"
	row = filled.json("transactions")[0]
	text = f"Date;Libellé;Montant\n{row['date']};{label};{row['amount']}\n2026-10-20;{label};abc\n"
	(tmp_path / "a.csv").write_text(text, "utf-8")
	file = ("import", str(tmp_path / "a.csv"), "--bank-account", "Current", "--sign", "normal")
	key = ("--type", "enable-banking", "--application-id", "a" * 36, "--private-key-file", __file__)
	filled("provider", "add", "Enable Banking of the company", *key)
	filled.language = language
	filled.environ["BANKSYNC_LANG"] = language
	tables = [
		(filled(*file, "--dry-run", code=8).stdout, label[:15]),
		(filled(*file, code=8).stdout, ""),
		(filled("duplicates").stdout, label[:15]),
		(filled("institutions", "bridge", "demo").stdout, "Demo Bank"),
		(filled("provider", "list").stdout, "Enable Bank"),
		(filled("certificate", "Current", "--month", "2026-10", code=8).stdout, ""),
	]
	with Site(filled.home, filled.clock) as site:
		site.ledger.db.run(
			"UPDATE sync_line SET reason = ?, bank_transaction = NULL", (Reason.AMBIGUOUS.value,)
		)
	tables.append((filled("questions").stdout, "Transports Aliz"))
	for shown, readable in tables:
		lines = [line for line in shown.splitlines() if "banksync" not in line and "!" not in line]
		assert max(map(len, lines)) <= 80, shown
		assert readable in shown


def test_french_amounts_have_a_comma_and_json_a_point(filled: Terminal) -> None:
	filled.language = "fr"
	assert all("." in row["amount"] for row in filled.json("transactions"))
	shown = filled("transactions", "--limit", "5").stdout
	assert re.search(r"\d,\d\d  EUR", shown)
	assert not re.search(r"\d\.\d\d  EUR", shown)


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_every_locale_can_print_every_answer(
	filled: Terminal, monkeypatch: pytest.MonkeyPatch, encoding: str
) -> None:
	monkeypatch.setenv("PYTHONIOENCODING", encoding)
	filled.language = "fr"
	for words in (
		("status",),
		("transactions",),
		("transactions", "--json"),
		("accounts",),
		("sync", "nobody"),
		("--help",),
		("link", "--help"),
		("link",),
		("certificate", "Current"),
	):
		out, err = filled.process(*words, text=False).communicate(timeout=60)
		assert b"Traceback" not in err
		assert b"BS-000" not in err, "no defect"
		assert out.decode(encoding) or err.decode(encoding)
	out, _ = filled.process("transactions", "--json", "--limit", "3", text=False).communicate(timeout=60)
	assert json.loads(out.decode(encoding))[0]["description"]


def test_what_a_closed_account_holds_can_still_be_seen(filled: Terminal) -> None:
	before = {
		words: filled(*words).stdout.partition("\n  Announced")[0].rstrip()
		for words in (
			("transactions", "--bank-account", "Current"),
			("lines", "--bank-account", "Current"),
			("duplicates", "--bank-account", "Current"),
			("questions", "--bank-account", "Current"),
			("proof", "Current"),
			("coverage", "Current"),
		)
	}
	filled("bank-accounts", "close", "Current")
	assert {words: filled(*words).stdout.rstrip() for words in before} == before
	assert "Certificate of completeness" in filled("certificate", "current", "--month", "2026-10").stdout


def test_the_open_one_of_two_accounts_with_an_iban_is_meant(filled: Terminal) -> None:
	iban = filled.json("bank-accounts")[0]["iban"]
	filled("bank-accounts", "close", "Current")
	words = ("--bank", "Other bank", "--currency", "EUR", "--iban", iban)
	filled("bank-accounts", "add", "Successor", *words)
	assert filled.json("proof", iban)[0]["bank_account"] == "Successor"
	assert filled.json("proof", "Current")[0]["bank_account"] == "Current"


def test_names_in_commands_that_are_printed_are_quoted(filled: Terminal, bank: SandboxServer) -> None:
	add_provider(filled, bank, "My bridge")
	shown = filled("provider", "update", "My bridge", "--client-id", "x").stdout
	assert "banksync provider check 'My bridge'" in shown
	filled("bank-accounts", "add", "Old one", "--bank", "B", "--currency", "EUR")
	filled("bank-accounts", "close", "Old one")
	message = filled.error("import", __file__, "--bank-account", "Old one", code=9)
	assert "banksync bank-accounts close 'Old one' --reopen" in message


def test_link_makes_no_closed_account_feed(filled: Terminal) -> None:
	filled("bank-accounts", "close", "Current")
	account = next(one["remote_id"] for one in filled.json("accounts") if one["name"] == "Compte courant pro")
	message = filled.error("link", "Demo Bank", account, "Current", code=8)
	assert "The bank account Current is closed" in message
	free = next(one["name"] for one in filled.json("accounts") if one["enabled"])
	filled("bank-accounts", "add", free, "--bank", "Demo Bank", "--currency", "EUR")
	filled("bank-accounts", "close", free)
	linked = filled.json("link", "Demo Bank", "--all", "--new")
	assert f"{free} 2" in [one["bank_account"] for one in linked]

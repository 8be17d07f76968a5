"""`banksync import`: what a user sees, what a machine gets, and what is refused."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from dokos_banksync.hosts.standalone.site import Site
from dokos_banksync.sandbox.server import SandboxServer
from tests.hosts.standalone.cli.conftest import Terminal

FILES = Path(__file__).parents[3] / "statements" / "files"
IBAN = "FR7699999000010000000001764"
OPEN = "Date,Description,Amount\n02/11/2026,A,-1.50\n03/11/2026,B,2.50\n"


@pytest.fixture
def site(terminal: Terminal) -> Terminal:
	"""A home with three Bank Accounts and no provider."""
	with Site(terminal.home, terminal.clock) as made:
		made.ledger.add_bank_account("Current", "Banque du Port", "EUR", IBAN)
		made.ledger.add_bank_account("Plain", "Banque du Port", "EUR")
		made.ledger.add_bank_account("Dollars", "Banque du Port", "USD")
	return terminal


def write(site: Terminal, text: str, name: str = "a.csv") -> str:
	path = site.home.parent / name
	path.write_text(text, "utf-8")
	return str(path)


def test_the_mapping_is_shown_before_and_each_bad_row_after(site: Terminal) -> None:
	result = site("import", str(FILES / "french.csv"), "--bank-account", "Plain", code=8)
	for words in ("Débit euros", "cp1252", "day, month, year", "Row 12 is a balance or a total"):
		assert words in result.stderr
	for words in ("31/02/2026 is not a date", "02/11/2026 | PRLV | abc", "Refused 4", "Imported 3"):
		assert words in result.stdout
	held = site.json("lines", "--held")
	assert sorted(row["note"] for row in held)[0] == "Row 10: The row has a debit and a credit"
	assert {row["reason"] for row in held} == {"Refused"}
	assert {(row["date"], row["amount"]) for row in held} == {(None, None)}, "neither could be read"
	assert "31/02/2026" in str(held)
	[line] = [one for one in site("lines", "--held").stdout.splitlines() if "31/02/2026" in one]
	assert line.startswith("– ")
	assert "0.00" not in line


def test_it_is_in_french(site: Terminal) -> None:
	site.language = "fr"
	result = site("import", str(FILES / "french.csv"), "--bank-account", "Plain", code=8)
	assert "abc n’est pas un montant" in result.stdout
	assert "La ligne 12 est un solde ou un total" in result.stderr
	repeated = site("import", str(FILES / "english.csv"), "--bank-account", "Plain", "--dry-run")
	assert "À importer 2" in repeated.stdout.replace("\u202f", " ")


def test_a_dry_run_shows_all_and_writes_nothing(site: Terminal) -> None:
	before = site.data()
	words = ("import", str(FILES / "english.csv"), "--bank-account", "Plain", "--dry-run")
	shown = site(*words).stdout
	assert "nothing was written" in shown
	assert "Fetched 2  Will be imported 2" in shown
	assert "Success" not in shown
	answer = site.json(*words)
	message = {(d["action"], Decimal(d["amount"])) for d in answer["decisions"]}
	assert message == {("New", Decimal(1200)), ("New", Decimal("-3.20"))}
	assert answer["mapping"]["date_format"] == "MDY"
	assert site.data() == before


def test_the_same_file_twice_and_its_balance(site: Terminal) -> None:
	words = ("import", str(FILES / "english.csv"), "--bank-account", "Plain")
	first = site.json(*words)
	assert (first["created"], first["closing_balance"], first["closing_day"]) == (2, "3196.80", "2026-11-13")
	assert first["checks"][0]["opening"] == "2000.00"
	second = site.json(*words)
	assert (second["created"], second["unchanged"]) == (0, 2)
	[account] = [a for a in site.json("bank-accounts") if a["name"] == "Plain"]
	assert account["balance"] == "3196.80"


def test_what_is_open_is_asked_and_then_remembered_for_the_bank(site: Terminal) -> None:
	file = write(site, OPEN)
	message = site("import", file, "--bank-account", "Plain", code=8).stderr
	assert "Nothing says whether the day or the month comes first: choose below" in message
	command = f"banksync import {file} --bank-account Plain --date-format DMY"
	assert f"  day, month, year\n    {command}" in message
	site("import", file, "--bank-account", "Plain", "--date-format", "DMY", "--dry-run")
	site("import", file, "--bank-account", "Plain", code=8)
	site("import", file, "--bank-account", "Plain", "--date-format", "DMY")
	again = site.json("import", write(site, OPEN.replace(",A,", ",C,"), "b.csv"), "--bank-account", "Plain")
	assert again["mapping"]["date_format"] == "DMY"
	assert again["created"] + again["linked"] == 2


def test_columns_can_be_named(site: Terminal) -> None:
	file = write(site, "Quand;Quoi;Combien;Note\n13/11/2026;Achat;-1,5;B\n")
	columns = ("--column", "date=1", "--column", "amount=Combien", "--column", "label=Note")
	site("import", file, "--bank-account", "Plain", *columns)
	[row] = site.json("transactions")
	assert (row["description"], row["amount"], row["date"]) == ("B", "-1.50", "2026-11-13")
	site("import", file, "--bank-account", "Plain", "--column", "date", code=2)


def test_a_file_of_several_accounts_goes_where_the_iban_says_or_is_asked_for(site: Terminal) -> None:
	file = str(FILES / "two_accounts.ofx")
	assert site.json("import", file, "--bank-account", "Current")["account"] == "00000000017"
	message = site.error("import", file, "--bank-account", "Plain", code=8)
	assert "00000000017, 4970XXXXXXXX1234" in message
	card = site.json("import", file, "--bank-account", "Dollars", "--account", "4970XXXXXXXX1234")
	assert (card["created"], card["account"]) == (1, "4970XXXXXXXX1234")
	site.error("import", file, "--bank-account", "Plain", "--account", "7", code=9)
	rows = site.json("transactions")
	assert {(row["bank_account"], Decimal(row["amount"])) for row in rows} == {
		("Current", Decimal(-45)),
		("Dollars", Decimal("-9.99")),
	}


def test_a_file_of_another_currency_or_account_is_refused(site: Terminal) -> None:
	file = str(FILES / "lies.ofx")
	assert "is in EUR, and Dollars is in USD" in site.error(
		"import", file, "--bank-account", "Dollars", code=8
	)
	other = write(
		site, (FILES / "lies.ofx").read_text("utf-8").replace("00000000017", "00000000099"), "b.ofx"
	)
	message = site.error("import", other, "--bank-account", "Current", code=8)
	assert "00000000099" in message
	assert IBAN in message
	site("import", other, "--bank-account", "Current", "--account", "00000000099", code=8)
	assert len(site.json("transactions")) == 4


def test_names_that_nobody_knows(site: Terminal) -> None:
	file = write(site, OPEN)
	site.error("import", file, "--bank-account", "Nobody", code=9)
	site.error("import", str(site.home / "missing.csv"), "--bank-account", "Plain", code=9)
	site("import", file, code=2)


def test_a_file_beside_a_feed_adds_nothing(terminal: Terminal, connection: str, bank: SandboxServer) -> None:
	terminal("sync", connection)
	rows = terminal.json("transactions", "--bank-account", "Current", "--limit", "0")
	table = ["date;label;amount", *(f'{r["date"]};"{r["description"]}";{r["amount"]}' for r in rows)]
	file = write(terminal, "\n".join(table))
	first = terminal.json("import", file, "--bank-account", "Current")
	assert (first["created"], first["linked"]) == (0, len(rows))
	assert terminal.json("sync", connection)["created"] == 0
	assert terminal.json("runs")[1]["connection"] == ""
	terminal("run", first["name"])


# -- several files ---------------------------------------------------------------------------------------
NOVEMBER = "Date;Label;Amount\n03/11/2026;TEA;-3,20\n14/11/2026;RENT;-650,00\n"
DECEMBER = "Date;Label;Amount\n01/12/2026;TEA;-3,20\n"


def test_a_folder_is_imported_file_by_file_and_a_bad_file_stops_no_other(site: Terminal) -> None:
	site("bank-accounts", "add", "Till", "--bank", "Demo Bank", "--currency", "EUR")
	folder = site.home / "statements"
	folder.mkdir()
	for name, text in (("1-nov.csv", NOVEMBER), ("2-bad.csv", "no statement"), ("3-dec.csv", DECEMBER)):
		(folder / name).write_text(text, encoding="utf-8")
	message = site.json("import", str(folder), "--bank-account", "Till", code=8)
	assert [one.get("created") for one in message] == [2, None, 1]
	assert message[1]["error"]["code"] == "BS-600"


def test_standard_input_is_a_file(site: Terminal) -> None:
	site("bank-accounts", "add", "Till", "--bank", "Demo Bank", "--currency", "EUR")
	message = site.json("import", "-", "--bank-account", "Till", input=NOVEMBER)
	assert (message["file"], message["created"]) == ("stdin", 2)


def test_the_command_after_a_dry_run_repeats_every_option(site: Terminal) -> None:
	site("bank-accounts", "add", "Petty cash", "--bank", "Demo Bank", "--currency", "EUR")
	file = site.home / "my file.csv"
	file.write_text(NOVEMBER, encoding="utf-8")
	words = ("--bank-account", "Petty cash", "--column", "label=Label", "--date-format", "DMY")
	shown = site("import", str(file), *words, "--dry-run").stdout
	command = f"import '{file}' --bank-account 'Petty cash' --column label=Label --date-format DMY --apply"
	assert command in shown.replace("\n", " ")


@pytest.mark.parametrize(
	("iban", "why"),
	[("FR7630006000011234567890188", "check digits"), ("12345", "is not an IBAN")],
)
def test_a_wrong_iban_is_refused_with_its_reason(site: Terminal, iban: str, why: str) -> None:
	words = ("bank-accounts", "add", "Till", "--bank", "Demo Bank", "--currency", "EUR", "--iban", iban)
	assert why in site.error(*words, code=8)


FIRST = "Date;Libellé;Montant\n16/11/2026;CAFE;-2,50\n17/11/2026;LOYER;-700,00\n"
RENAMED = "Date;Libellé;Montant\n16/11/2026;KIOSQUE 4512;-2,50\n17/11/2026;Loyer;-700,00\n"


def test_new_transactions_that_may_be_there_under_another_label_are_named(site: Terminal) -> None:
	words = ("--bank-account", "Plain")
	assert "duplicates" not in site("import", write(site, FIRST), *words).stdout
	result = site("import", write(site, RENAMED, "b.csv"), *words)
	assert "1 new bank transaction may be there already, under another label" in result.stdout
	assert "banksync duplicates --bank-account Plain" in result.stdout


def test_the_command_of_a_dry_run_repeats_every_option(site: Terminal) -> None:
	card = write(site, "Date,Description,Amount\n2026-11-13,KIOSK,4.50\n2026-11-14,SHOP,7.00\n")
	options = ("--sign", "reversed", "--accept-mismatches")
	shown = site("import", card, "--bank-account", "Plain", *options, "--dry-run")
	assert "--sign reversed --accept-mismatches" in shown.stdout
	key = site.json("import", card, "--bank-account", "Plain", *options, "--dry-run")["plan"]
	done = site("import", card, "--bank-account", "Plain", *options, "--apply", key)
	assert "Imported 2" in done.stdout


def test_rows_of_more_than_twenty_five_years_ago_are_imported_when_confirmed(site: Terminal) -> None:
	old = write(site, "Date;Libellé;Montant\n12/11/1994;PRET;-50,00\n13/11/2062;PAIE;900,00\n")
	words = ("import", old, "--bank-account", "Plain")
	assert "1 row is from more than twenty-five years ago" in site(*words, code=8).stderr
	contradicted = write(
		site,
		"Date;Libellé;Montant\n12/11/1994;PRET;-50,00\nSolde au 01/11/1994;;9,00\nSolde au 13/11/1994;;1,00\n",
		"b.csv",
	)
	error = site("import", contradicted, "--bank-account", "Plain", code=8).stderr
	assert "1 row is from more than twenty-five years ago" in error
	assert "the closing balance is 1.00" in error
	assert "Imported 1" in site(*words, "--accept-mismatches", code=8).stdout
	assert [row["date"] for row in site.json("transactions")] == ["1994-11-12"]


def test_a_year_of_two_digits_in_the_last_century_is_confirmed(site: Terminal) -> None:
	old = write(site, "Date;Libellé;Montant\n30/11/99;PRET;-50,00\n13/12/99;PAIE;900,00\n")
	words = ("import", old, "--bank-account", "Plain")
	assert "2 rows are from more than twenty-five years ago" in site(*words, code=8).stderr
	assert "Imported 2" in site(*words, "--accept-mismatches").stdout


def test_a_dated_balance_is_compared_with_the_books(site: Terminal) -> None:
	first = "Date;Libellé;Montant\n12/11/2026;CAFE;-4,50\nSolde au 13/11/2026;;95,50\n"
	second = "Date;Libellé;Montant\n16/11/2026;LOYER;-50,00\nSolde au 17/11/2026;;40,50\n"
	site("import", write(site, first), "--bank-account", "Plain")
	site("import", write(site, second, "b.csv"), "--bank-account", "Plain", code=12)
	[proof] = site.json("proof", "Plain", code=12)
	assert Decimal(proof["check"]["difference"]) == Decimal(-5)


def test_quiet_leaves_out_how_a_file_is_read_and_keeps_what_is_doubtful(site: Terminal) -> None:
	result = site("import", str(FILES / "french.csv"), "--bank-account", "Plain", "--quiet", code=8)
	assert "Débit euros" not in result.stderr
	assert "! Row 12 is a balance or a total" in result.stderr

"""Exports: each format as its specification has it, and what our own import reads back."""

from __future__ import annotations

import csv
import io
import json
import re
from decimal import Decimal
from pathlib import Path

import pytest

from dokos_banksync.hosts.standalone.site import Site
from tests.hosts.standalone.cli.conftest import Terminal

ROWS = [
	("2026-10-05", "CAFE DES ARTS", "-3.20"),
	("2026-10-05", "CAFE DES ARTS", "-3.20"),
	("2026-10-06", 'VIR "Société & Fils" <Paris>; réf. 12 | A', "1234.50"),
	("2026-10-31", "LOYER OCTOBRE 2026 APPARTEMENT 12 RUE DES TILLEULS", "-850.00"),
	("2026-11-02", "(=1+1) * AVOIR", "0.05"),
]


@pytest.fixture
def filled(terminal: Terminal) -> Terminal:
	terminal("bank-accounts", "add", "Current", "--bank", "Demo Bank", "--currency", "EUR")
	file = terminal.home.parent / "rows.csv"
	text = io.StringIO()
	csv.writer(text).writerows([("Date", "Description", "Amount"), *ROWS])
	file.write_text(text.getvalue(), "utf-8")
	terminal("import", str(file), "--bank-account", "Current")
	with Site(terminal.home, terminal.clock) as site:
		rent = site.ledger.add_category("Rent: flat", site.ledger.add_category("Housing"))
		name = next(row.name for row in site.ledger.transactions() if row.description.startswith("LOYER"))
		site.ledger.db.run("UPDATE bank_transaction SET category = ? WHERE name = ?", (rent, name))
	return terminal


def exported(terminal: Terminal, *words: str) -> str:
	return terminal("export", *words).stdout_bytes.decode("utf-8")


def contents(terminal: Terminal) -> list[tuple[str, str, str]]:
	rows = terminal.json("transactions")
	return sorted((row["date"], row["description"], row["amount"]) for row in rows)


@pytest.mark.parametrize("kind", ["csv", "ofx"])
def test_our_own_import_reads_back_the_same_rows(filled: Terminal, tmp_path: Path, kind: str) -> None:
	file = tmp_path / f"all.{kind}"
	message = filled.json("export", "--format", kind, "--output", str(file))
	assert message == {"file": str(file), "format": kind, "rows": 5}
	other = Terminal(tmp_path / "other", filled.clock)
	other("bank-accounts", "add", "Current", "--bank", "Demo Bank", "--currency", "EUR")
	run = other.json("import", str(file), "--bank-account", "Current")
	assert (run["created"], run["held"], run["refused"]) == (5, 0, 0)
	assert contents(other) == sorted(ROWS)
	again = filled.json("import", str(file), "--bank-account", "Current")
	assert again["created"] == 0
	assert contents(filled) == sorted(ROWS)


def test_a_period_and_its_first_and_last_day(filled: Terminal) -> None:
	text = exported(filled, "--from", "2026-10-06", "--to", "2026-10-31")
	assert [row["date"] for row in csv.DictReader(io.StringIO(text))] == ["2026-10-06", "2026-10-31"]
	assert "is after" in filled.error("export", "--from", "2026-11-01", "--to", "2026-10-01", code=8)


def test_json_lines_have_the_path_of_the_category(filled: Terminal) -> None:
	lines = [json.loads(line) for line in exported(filled, "--format", "jsonl").splitlines()]
	assert [(line["date"], line["description"], line["amount"]) for line in lines] == ROWS
	assert lines[3]["category_path"] == ["Housing", "Rent: flat"]


def test_a_journal_of_hledger(filled: Terminal) -> None:
	entries = exported(filled, "--format", "hledger", "--from", "2026-10-06").split("\n\n")
	names = {row["description"][:3]: row["name"] for row in filled.json("transactions")}
	assert entries[0].splitlines() == [
		f'2026-10-06 * ({names["VIR"]}) VIR "Société & Fils" <Paris>, réf. 12 / A',
		"    assets:bank:Current  1234.50 EUR",
		"    income:unknown       -1234.50 EUR",
	]
	assert entries[1].splitlines()[1:] == [
		"    assets:bank:Current         -850.00 EUR",
		"    expenses:Housing:Rent flat  850.00 EUR",
	]
	assert len(entries) == 3


def test_a_beancount_file(filled: Terminal) -> None:
	lines = exported(filled, "--format", "beancount", "--from", "2026-10-06").splitlines()
	assert lines[:4] == [
		"2026-10-06 open Assets:Bank:Current EUR",
		"2026-10-06 open Income:Unknown",
		"2026-10-31 open Expenses:Housing:RentFlat",
		"",
	]
	assert lines[4] == r'2026-10-06 * "VIR \"Société & Fils\" <Paris>; réf. 12 | A"'
	assert lines[6:8] == ["  Assets:Bank:Current  1234.50 EUR", "  Income:Unknown  -1234.50 EUR"]


def test_ofx_states_the_balance_of_the_books_where_it_is_known(filled: Terminal) -> None:
	assert "LEDGERBAL" not in exported(filled, "--format", "ofx")
	with Site(filled.home, filled.clock) as site:
		site.ledger.db.run("UPDATE bank_account SET opening_balance = 1000000 WHERE name = 'Current'")
	text = exported(filled, "--format", "ofx", "--to", "2026-10-31")
	# 100.00 - 3.20 - 3.20 + 1234.50 - 850.00
	assert "<LEDGERBAL><BALAMT>478.10</BALAMT><DTASOF>20261031</DTASOF></LEDGERBAL>" in text.replace(
		"478.1000", "478.10"
	)


def test_categories(filled: Terminal) -> None:
	rows = list(csv.DictReader(io.StringIO(exported(filled, "categories"))))
	assert [(row["category_name"], row["path"]) for row in rows] == [
		("Housing", "Housing"),
		("Rent: flat", "Housing / Rent: flat"),
	]
	assert len(exported(filled, "categories", "--format", "jsonl").splitlines()) == 2
	assert "csv, jsonl" in filled.error("export", "categories", "--format", "ofx", code=8)


def test_a_file_is_replaced_after_a_question_only(filled: Terminal, tmp_path: Path) -> None:
	file = tmp_path / "mine.csv"
	file.write_text("mine")
	assert "Nothing was changed" in filled("export", "--output", str(file), input="n\n", code=1).stderr
	assert file.read_text() == "mine"
	filled("export", "--output", str(file), "--yes")
	assert file.read_text("utf-8").startswith("date,description")
	filled.error("export", "--output", str(tmp_path / "no" / "folder.csv"), code=3)


def test_stdout_is_utf_8_in_every_locale_and_without_control_sequences(filled: Terminal) -> None:
	with Site(filled.home, filled.clock) as site:
		site.ledger.db.run(
			"UPDATE bank_transaction SET description = 'a' || char(27) || '[2Jé' WHERE amount > 0"
		)
	for kind in ("csv", "ofx", "jsonl", "hledger", "beancount"):
		process = filled.process("export", "--format", kind, text=False)
		out, _ = process.communicate(timeout=60)
		assert b"\x1b" not in out
		assert "é" in out.decode("utf-8")


KINDS = ("csv", "ofx", "jsonl", "hledger", "beancount")


@pytest.mark.parametrize("kind", KINDS)
def test_a_closed_account_is_exported_like_an_open_one(filled: Terminal, kind: str) -> None:
	def body() -> list[str]:
		return re.sub("<DTSERVER>[0-9]+", "", exported(filled, "--format", kind)).splitlines()

	open_one = body()
	filled("bank-accounts", "close", "Current")
	assert body() == open_one
	assert exported(filled, "--format", kind, "--bank-account", "current")


@pytest.mark.parametrize("kind", ["hledger", "beancount"])
def test_accounts_whose_names_differ_in_signs_alone_stay_two(filled: Terminal, kind: str) -> None:
	"""A journal has fewer letters for names; the balance of two accounts must not become one."""
	file = filled.home.parent / "other.csv"
	file.write_text("Date,Description,Amount\n2026-10-07,OTHER,-1.00\n", "utf-8")
	for name in ("A: B", "A; B"):
		filled("bank-accounts", "add", name, "--bank", "Demo Bank", "--currency", "EUR")
	filled("import", str(file), "--bank-account", "A: B")
	file.write_text("Date,Description,Amount\n2026-10-08,ANOTHER,-2.00\n", "utf-8")
	filled("import", str(file), "--bank-account", "A; B")
	accounts = set(
		re.findall(r"(?i)^ +(assets:\S+(?: \S+)*?)  ", exported(filled, "--format", kind), re.MULTILINE)
	)
	assert len(accounts) == 3


def test_each_format_has_the_same_sums(filled: Terminal) -> None:
	total = sum(Decimal(row[2]) for row in ROWS)
	as_csv = [Decimal(row["amount"]) for row in csv.DictReader(io.StringIO(exported(filled)))]
	lines = [json.loads(line) for line in exported(filled, "--format", "jsonl").splitlines()]
	amounts = {
		"csv": as_csv,
		"jsonl": [Decimal(line["amount"]) for line in lines],
		"ofx": found_amounts(r"<TRNAMT>([-.0-9]+)<", exported(filled, "--format", "ofx")),
		"hledger": found_amounts(
			r"assets:bank:Current +([-.0-9]+) ", exported(filled, "--format", "hledger")
		),
		"beancount": found_amounts(
			r"Assets:Bank:Current +([-.0-9]+) ", exported(filled, "--format", "beancount")
		),
	}
	assert {kind: (len(one), sum(one)) for kind, one in amounts.items()} == dict.fromkeys(
		KINDS, (len(ROWS), total)
	)


def found_amounts(pattern: str, text: str) -> list[Decimal]:
	return [Decimal(one) for one in re.findall(pattern, text)]


def test_categories_have_neither_account_nor_days(filled: Terminal) -> None:
	for words in (("--bank-account", "Current"), ("--from", "2026-10-01"), ("--to", "2026-10-01")):
		assert "Categories are exported whole" in filled("export", "categories", *words, code=2).stderr

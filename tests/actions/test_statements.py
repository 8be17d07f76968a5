"""A statement file sent by a browser, and the preview of a fetch: shown, agreed to, done exactly so."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from dokos_banksync.actions import file_upload, plan_rows
from dokos_banksync.actions.dry_run import apply_preview, preview_connection
from dokos_banksync.actions.file_upload import LARGEST, import_file, preview_file
from dokos_banksync.actions.i18n import Translations
from dokos_banksync.actions.undo import undo_run
from dokos_banksync.core.errors import InvalidData, NotFound, PlanChanged
from dokos_banksync.core.model import Reason
from tests.actions.conftest import Account
from tests.effort import hang_guard

HEAD = "Date;Libellé;Montant\n"
ROWS = HEAD + "01/10/2026;CAFE;-3,20\n02/10/2026;TRAIN;-45,00\n03/10/2026;CLIENT;1200,00\n"
OFX = """OFXHEADER:100
DATA:OFXSGML
VERSION:102
SECURITY:NONE
ENCODING:USASCII
CHARSET:1252
COMPRESSION:NONE
OLDFILEUID:NONE
NEWFILEUID:NONE

<OFX><BANKMSGSRSV1>{0}</BANKMSGSRSV1></OFX>
"""
STATEMENT = """<STMTTRNRS><TRNUID>1<STATUS><CODE>0<SEVERITY>INFO</STATUS><STMTRS><CURDEF>EUR
<BANKACCTFROM><BANKID>1<ACCTID>{0}<ACCTTYPE>CHECKING</BANKACCTFROM>
<BANKTRANLIST><DTSTART>20261001<DTEND>20261031
<STMTTRN><TRNTYPE>DEBIT<DTPOSTED>20261002<TRNAMT>-7.77<FITID>{0}-1<NAME>KIOSK</STMTTRN></BANKTRANLIST>
<LEDGERBAL><BALAMT>10.00<DTASOF>20261031</LEDGERBAL></STMTRS></STMTTRNRS>"""


def sent(text: str | bytes, name: str = "a.csv", **wishes: str) -> dict[str, str]:
	content = text.encode() if isinstance(text, str) else text
	return {"file_name": name, "content": base64.b64encode(content).decode(), **wishes}


def look(of: Account, text: str | bytes = ROWS, **wishes: str) -> Any:
	return of.ask_about(preview_file, **sent(text, **wishes))


def agreed(
	account: Account, message: Mapping[str, Any], text: str = ROWS, *left_out: str, **wishes: str
) -> Any:
	given = {**sent(text, **wishes), "key": message["plan"]["key"], "leave_out": json.dumps(left_out)}
	return account.ask_about(import_file, **given)


# -- looked at -------------------------------------------------------------------------------------------------
def test_a_file_is_shown_as_it_is_read_and_nothing_is_written(account: Account) -> None:
	before = account.names()
	message = look(account)
	assert (message["format"], message["problem"]) == ("CSV", "")
	assert message["mapping"] == {"date": "Date", "amount": "Montant", "label": "Libellé"}
	assert (message["dates"], message["decimal"]) == ("DMY", ",")
	assert message["columns"][1] == {"name": "Libellé", "examples": ["CAFE", "TRAIN", "CLIENT"]}
	assert {row["kind"] for row in message["plan"]["rows"]} == {"new"}
	assert account.names() == before
	assert account.context.site.ledger.runs()[0].connection == account.connection


def test_rows_that_are_there_already_are_distinguished(account: Account) -> None:
	row = next(one for one in account.transactions() if one.date.month != one.date.day)
	known = f"{row.date:%d/%m/%Y};{row.description};{row.amount}\n".replace(".", ",")
	message = look(account, ROWS + known)
	counts = {one["kind"]: one["count"] for one in message["plan"]["kinds"]}
	assert counts == {"new": 3, "look_alike": 1}
	[alike] = [one for one in message["plan"]["rows"] if one["kind"] == "look_alike"]
	assert (alike["transaction"], alike["takeable"]) == (row.name, True)


def test_each_refused_row_is_reported_with_its_number_and_reason(account: Account) -> None:
	message = look(account, ROWS + "99/99/2026;X;1,00\n04/10/2026;Y;abc\n")
	assert [(one["row"], one["reason"]) for one in message["refused"]] == [
		(5, "99/99/2026 is not a date"),
		(6, "abc is not an amount"),
	]
	assert message["refused_count"] == message["plan"]["refused"] == 2


def test_many_refused_rows_and_many_rows_are_cut_and_counted(
	account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
	monkeypatch.setattr(file_upload, "REFUSED_SHOWN", 1)
	monkeypatch.setattr(plan_rows, "ROWS_SHOWN", 2)
	message = look(account, ROWS + "99/99/2026;X;1,00\n04/10/2026;Y;abc\n")
	assert (len(message["refused"]), message["refused_count"]) == (1, 2)
	assert (len(message["plan"]["rows"]), message["plan"]["count"]) == (2, 3)


# -- said by a user ---------------------------------------------------------------------------------------------
def test_a_table_that_nobody_understands_shows_its_columns(account: Account) -> None:
	odd = "Foo;Bar;Baz\n2026-10-01;x;-1,50\n2026-10-02;y;2,50\n"
	message = look(account, odd)
	assert message["problem"] == "No column holds the day, or none the amount: say below which"
	assert "plan" not in message
	assert [one["name"] for one in message["columns"]] == ["Foo", "Bar", "Baz"]
	assert {one["role"] for one in message["roles"]} >= {"date", "amount", "label"}
	columns = json.dumps({"date": "Foo", "amount": "Baz", "label": "Bar"})
	message = look(account, odd, columns=columns)
	assert (message["problem"], message["plan"]["count"]) == ("", 2)
	assert agreed(account, message, odd, columns=columns)["message"] == "2 imported"
	assert look(account, odd)["mapping"] == {"date": "Foo", "amount": "Baz", "label": "Bar"}, (
		"it is remembered"
	)


def test_the_meaning_of_the_sign_is_asked_and_remembered(account: Account) -> None:
	unsigned = HEAD + "01/10/2026;AAA;3,20\n02/10/2026;BBB;5,00\n"
	message = look(account, unsigned)
	assert (
		message["problem"] == "Nothing says whether positive amounts are money in or money out: choose below"
	)
	assert (message["signs"], message["sign"]) == (["normal", "reversed", "unsigned"], "")
	assert message["mapping"] == {"date": "Date", "amount": "Montant", "label": "Libellé"}
	message = look(account, unsigned, sign="reversed")
	assert (message["problem"], message["sign"]) == ("", "reversed")
	assert {row["amount"] for row in message["plan"]["rows"]} == {"-3.2", "-5"}
	agreed(account, message, unsigned, sign="reversed")
	assert look(account, unsigned.replace("3,20", "4,20"))["sign"] == "reversed", "it is remembered"


def test_a_second_question_keeps_the_answer_to_the_first(account: Account) -> None:
	both = "Date;Label;Amount\n01/10/2026;AAA;3.20\n02/10/2026;BBB;5.00\n"
	message = look(account, both, sign="normal")
	assert (message["problem"], message["sign"]) == (
		"Nothing says whether the day or the month comes first: choose below",
		"normal",
	)
	message = look(account, both, sign="normal", dates="DMY")
	assert message["problem"] == ""


def test_a_format_without_columns_asks_for_its_days(account: Account) -> None:
	message = look(account, "!Type:Bank\nD05/11/2026\nT-3.20\nPCAFE\n^\n")
	assert message["problem"] == "Nothing says whether the day or the month comes first: choose below"
	assert (message["columns"], message["orders"]) == ([], ["DMY", "MDY", "YMD", "YDM"])
	message = look(account, "!Type:Bank\nD05/11/2026\nT-3.20\nPCAFE\n^\n", dates="DMY")
	assert [row["date"] for row in message["plan"]["rows"]] == ["2026-11-05"]


def test_one_of_several_tables_is_chosen(account: Account) -> None:
	several = ROWS + "\nCompte épargne\n\nDate;Motif;Montant EUR\n05/10/2026;INTERETS;-1,00\n"
	message = look(account, several)
	assert message["problem"] == "The file holds several tables of transactions: choose one below"
	assert (message["sheets"], message["columns"]) == (["1", "2"], [])
	message = look(account, several, sheet="2")
	assert (message["problem"], message["sheet"], message["sheets"]) == ("", "2", ["1", "2"])
	assert [one["name"] for one in message["columns"]] == ["Date", "Motif", "Montant EUR"]
	assert [row["description"] for row in message["plan"]["rows"]] == ["INTERETS"]


def test_balances_that_contradict_the_rows_are_shown_and_confirmed(account: Account) -> None:
	broken = "Solde initial;100,00\nSolde final;50,00\n" + ROWS
	message = look(account, broken)
	assert message["problem"].endswith("confirm it below")
	[sentence] = message["mismatches"]
	assert "100.00" in sentence
	assert "plan" not in message
	message = look(account, broken, accept_mismatches="1")
	assert (message["problem"], message["plan"]["count"], len(message["mismatches"])) == ("", 3, 1)
	with pytest.raises(InvalidData, match="Contradictions in the file: 1"):
		agreed(account, message, broken)
	assert agreed(account, message, broken, accept_mismatches="1")["message"] == "3 imported"


def test_a_guess_can_be_taken_back(account: Account) -> None:
	table = "Date;Libellé;Montant;Débit;Crédit\n01/10/2026;CAFE;0;3,20;\n02/10/2026;CLIENT;0;;8,00\n"
	columns = json.dumps({"amount": "-", "debit": "Débit", "credit": "Crédit"})
	message = look(account, table, columns=columns)
	assert sorted(Decimal(row["amount"]) for row in message["plan"]["rows"]) == [Decimal("-3.2"), 8]


def test_columns_without_a_title_go_by_their_number(account: Account) -> None:
	bare = "30/10/2026;1,50;-2,50;x\n31/10/2026;1,50;2,75;y\n"
	message = look(account, bare)
	assert [one["name"] for one in message["columns"]] == ["#1", "#2", "#3", "#4"]
	columns = json.dumps({"date": "#1", "amount": "#3", "label": "#4"})
	rows = look(account, bare, columns=columns)["plan"]["rows"]
	assert sorted(Decimal(row["amount"]) for row in rows) == [Decimal("-2.5"), Decimal("2.75")]


def test_the_order_of_days_is_asked_where_nothing_determines_it(account: Account) -> None:
	table = "Date,Description,Amount\n03/04/2026,x,-1.50\n"
	assert look(account, table)["problem"].endswith("choose below")
	assert look(account, table, dates="MDY")["plan"]["rows"][0]["date"] == "2026-03-04"
	account.context.translations = Translations("fr")
	assert look(account, table)["problem"].endswith("choisissez ci-dessous")


def test_one_of_several_accounts_is_chosen(account: Account) -> None:
	both = OFX.format("".join(STATEMENT.format(number) for number in ("11111111", "22222222")))
	message = look(account, both)
	assert message["accounts"] == ["11111111", "22222222"]
	assert "say which one" in message["problem"]
	message = look(account, both, account="22222222")
	assert (message["account"], message["plan"]["count"], message["balance"]) == ("22222222", 1, "10.00")
	with pytest.raises(KeyError):
		look(account, both, account="3")["plan"]


def test_of_one_number_in_two_currencies_that_of_the_bank_account_is_taken(account: Account) -> None:
	dollars, euros = STATEMENT.format("11111111").replace("EUR", "USD"), STATEMENT.format("11111111")
	message = look(account, OFX.format(dollars + euros.replace("-7.77", "-8.88")), account="11111111")
	assert [row["amount"] for row in message["plan"]["rows"]] == ["-8.88"]
	assert "is in USD" in look(account, OFX.format(dollars), account="11111111")["problem"]
	assert "say which one" in look(account, OFX.format(euros + euros.replace("<CURDEF>EUR", "")))["problem"]


# -- what is not a statement -------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
	("content", "words"),
	[
		(b"\x00\x01\x02", "not text"),
		(b"one line of words", "not a statement of a known format"),
		(b"PK\x03\x04broken", "not a workbook"),
		(b"<OFX>", "OFX"),
	],
)
def test_what_is_no_statement_is_refused_in_a_sentence(account: Account, content: bytes, words: str) -> None:
	with pytest.raises(InvalidData, match=words):
		look(account, content)


def test_a_file_that_did_not_arrive_whole(account: Account) -> None:
	for content in ("é", "abc", "====", "a b"):
		with pytest.raises(InvalidData, match="did not arrive whole"):
			account.ask_about(preview_file, file_name="a.csv", content=content)


def test_a_file_that_is_too_large_is_refused_before_it_is_read(account: Account) -> None:
	with pytest.raises(InvalidData, match="larger than 5 MB"):
		look(account, b"x" * (LARGEST + 3))


def test_a_file_of_too_many_rows_is_refused(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
	monkeypatch.setattr(file_upload, "MOST", 2)
	with pytest.raises(InvalidData, match="more than 2 rows"):
		look(account)


# -- imported ---------------------------------------------------------------------------------------------------------
def test_rows_that_cannot_be_read_are_rows_too(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
	monkeypatch.setattr(file_upload, "MOST", 3)
	with pytest.raises(InvalidData, match="more than 3 rows"):
		look(account, ROWS + "x;y;z\n")


def test_a_file_of_very_many_rows_is_not_read_to_its_end(account: Account) -> None:
	content = HEAD + "x;y;z\n" * 800_000
	with hang_guard(300), pytest.raises(InvalidData, match="more than 20000 rows"):
		look(account, content)
	with pytest.raises(InvalidData, match="more than 20000 rows"):
		look(account, OFX.format(STATEMENT.format("1").replace("<STMTTRN>", "<STMTTRN>" * 20_001)))


def test_many_remarks_and_many_accounts_are_cut(account: Account) -> None:
	same = "Id;Date;Libellé;Montant\n" + "".join(f"1;0{n % 9 + 1}/10/2026;C{n};-1,20\n" for n in range(60))
	assert len(look(account, same)["remarks"]) == file_upload.REMARKS_SHOWN
	several = "Date;Libellé;Montant;Compte\n" + "".join(f"01/10/2026;C;-1,20;{n // 2}\n" for n in range(600))
	message = look(account, several)
	assert len(message["accounts"]) == file_upload.ACCOUNTS_SHOWN
	assert message["problem"].endswith("19, …): say which one")


def test_an_example_leaves_room_for_the_choice_beside_it(account: Account) -> None:
	[example] = look(account, f"{HEAD}13/10/2026;{'x' * 10_000};1,20\n")["columns"][1]["examples"]
	assert example == "x" * 79 + "…"


def test_an_empty_file_is_reported_to_be_empty(account: Account) -> None:
	with pytest.raises(InvalidData, match="The file is empty"):
		look(account, b"")


def test_exactly_what_was_shown_is_imported_and_can_be_taken_back(account: Account) -> None:
	before = account.names()
	message = look(account)
	out = message["plan"]["rows"][0]["id"]
	run = agreed(account, message, ROWS, out)
	assert run["message"] == "2 imported, 1 not imported"
	assert len(account.names()) == len(before) + 2
	[held] = [
		line for line in account.context.site.ledger.lines("Current", held=True) if line.run == run["run"]
	]
	assert held.reason == Reason.EXCLUDED.value
	account.ask(undo_run, run=run["run"])
	assert account.names() == before


def test_a_plan_that_no_longer_holds_stores_nothing(account: Account) -> None:
	message = look(account)
	account.context.site.ledger.set_lock_date("Current", account.context.site.clock().date())
	before = account.names()
	with pytest.raises(PlanChanged):
		agreed(account, message)
	assert account.names() == before


def test_the_same_click_twice_imports_once(account: Account) -> None:
	message = look(account)
	agreed(account, message)
	names = account.names()
	with pytest.raises(InvalidData):
		agreed(account, message)
	assert account.names() == names


def test_a_plan_of_another_file_is_not_taken_for_this_one(account: Account) -> None:
	message = look(account)
	with pytest.raises(InvalidData):
		agreed(account, message, ROWS + "09/10/2026;SMUGGLED;-1,00\n")
	with pytest.raises(NotFound):
		agreed(account, {"plan": {"key": "guess"}})


def test_a_file_of_an_account_that_the_user_may_not_see_is_refused_without_its_name(
	account: Account,
) -> None:
	agreed(account, look(account))
	account.context.site.ledger.add_bank_account("Mine", "Banque Aurore", "EUR")
	with pytest.raises(InvalidData, match="into Current already"):
		account.ask(preview_file, bank_account="Mine", **sent(ROWS))
	account.context.hidden = frozenset({"Current"})
	with pytest.raises(InvalidData, match="another account already"):
		account.ask(preview_file, bank_account="Mine", **sent(ROWS))


# -- the preview of a fetch ---------------------------------------------------------------------------------------------
def test_a_fetch_is_shown_and_done_without_the_rows_left_out(account: Account) -> None:
	site = account.context.site
	[first] = site.ledger.runs(account.connection)
	site.ledger.undo(first.name, again=True)
	plan = account.ask(preview_connection, connection=account.connection)
	new = [row for row in plan["rows"] if row["kind"] == "new"]
	assert account.names() == []
	assert {row["bank_account"] for row in new} == {"Current"}
	given = {"connection": account.connection, "key": plan["key"], "leave_out": json.dumps([new[0]["id"]])}
	message = account.ask(apply_preview, **given)
	assert message["indicator"] == "green"
	assert len(account.names()) == len(new) - 1
	with pytest.raises(InvalidData):
		account.ask(apply_preview, **given)
	assert len(account.names()) == len(new) - 1


def test_who_may_not_see_all_of_the_accounts_sees_no_preview(account: Account) -> None:
	account.context.hidden = frozenset({"Current"})
	with pytest.raises(InvalidData, match="may not see"):
		account.ask(preview_connection, connection=account.connection)


def test_what_a_user_has_to_look_at_comes_first(account: Account) -> None:
	message = look(
		account,
		ROWS
		+ "".join(
			f"{row.date:%d/%m/%Y};{row.description};{row.amount}\n".replace(".", ",")
			for row in account.transactions()[:9]
		),
	)
	kinds = [row["kind"] for row in message["plan"]["rows"]]
	assert kinds == sorted(kinds, key=["question", "new", "look_alike"].index)


def test_rows_of_more_than_twenty_five_years_ago_are_confirmed(account: Account) -> None:
	old = "Date;Libellé;Montant\n12/11/1994;PRET;-50,00\n13/11/1994;PAIE;900,00\n"
	message = look(account, old)
	[sentence] = message["mismatches"]
	assert sentence.startswith("2 rows are from more than twenty-five years ago, the first of them of 12")
	message = look(account, old, accept_mismatches="1")
	assert (message["problem"], message["plan"]["count"]) == ("", 2)
	assert agreed(account, message, old, accept_mismatches="1")["message"] == "2 imported"


def test_what_a_minus_means_is_asked_below(account: Account) -> None:
	table = "Date;Libellé;Débit;Crédit\n12/11/2026;CAFE;4,50;\n13/11/2026;REMISE;;-9,00\n"
	message = look(account, table)
	assert message["problem"].endswith("nothing says what its minus means: choose below")
	assert "unsigned" in message["signs"]
	found = {sign: look(account, table, sign=sign)["plan"]["rows"] for sign in ("normal", "unsigned")}
	assert {sign: [row["amount"] for row in rows] for sign, rows in found.items()} == {
		"normal": ["-9", "-4.5"],
		"unsigned": ["9", "-4.5"],
	}


def test_a_statement_without_a_row_is_imported_for_its_balance(account: Account) -> None:
	iban = account.context.site.ledger.bank_account("Current").iban
	quiet = f":20:X\n:25:{iban}\n:28C:1/1\n:60F:C261101EUR80,00\n:62F:C261105EUR80,00\n-\n"
	message = look(account, quiet)
	assert message["remarks"] == ["The file holds no transaction: its balance is compared"]
	agreed(account, message, quiet)
	assert [str(one.check.bank_balance) for one in account.context.site.ledger.checks("Current")][
		-1
	] == "80.00"

"""Rows of 0.00: left out with a remark, in every format alike, and counted by what the file states."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from dokos_banksync.core.errors import InvalidData
from dokos_banksync.core.message import Message
from dokos_banksync.core.packed_lines import PackedLines
from dokos_banksync.statements.contract import Balance, Evidence, ReadingOptions, ReadingQuestion
from dokos_banksync.statements.registry import read

CSV = "Date;Label;Amount\n2026-11-03;Notice;0.00\n2026-11-04;Coffee;-2.00\n2026-11-05;Pay;900.00\n"
MT940 = """:20:X
:25:DE123/456
:28C:1/1
:60F:C261101EUR100,00
:61:2611031103D0,00NMSCNONREF
:86:Notice
:61:2611041104D2,00NMSCNONREF
:86:Coffee
:61:2611051105C900,00NMSCNONREF
:86:Pay
:62F:C261105EUR998,00
-
"""
QIF = "!Type:Bank\nD2026-11-03\nT0.00\nMNotice\n^\nD2026-11-04\nT-2.00\nMCoffee\n^\nD2026-11-05\nT900.00\nMPay\n^\n"
OFX_ROW = "<STMTTRN><TRNTYPE>OTHER<DTPOSTED>{0}<TRNAMT>{1}<FITID>{2}<NAME>{2}</STMTTRN>"
OFX = (
	"<OFX><BANKMSGSRSV1><STMTTRNRS><STMTRS><CURDEF>EUR<BANKACCTFROM><ACCTID>2</BANKACCTFROM><BANKTRANLIST>"
	+ OFX_ROW.format("20261103", "0.00", "Notice")
	+ OFX_ROW.format("20261104", "-2.00", "Coffee")
	+ OFX_ROW.format("20261105", "900.00", "Pay")
	+ "</BANKTRANLIST></STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>"
)
CAMT_ENTRY = (
	'<Ntry><Amt Ccy="EUR">{1}</Amt><CdtDbtInd>{3}</CdtDbtInd><Sts>BOOK</Sts><BookgDt><Dt>{0}</Dt></BookgDt>'
	"<AddtlNtryInf>{2}</AddtlNtryInf></Ntry>"
)
CAMT = (
	'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"><BkToCstmrStmt><Stmt><Id>1</Id><Acct><Id><IBAN>'
	"DE89370400440532013000</IBAN></Id></Acct><TxsSummry><TtlNtries><NbOfNtries>3</NbOfNtries></TtlNtries>"
	"<TtlCdtNtries><Sum>900.00</Sum></TtlCdtNtries></TxsSummry>"
	+ CAMT_ENTRY.format("2026-11-03", "0.00", "Notice", "DBIT")
	+ CAMT_ENTRY.format("2026-11-04", "2.00", "Coffee", "DBIT")
	+ CAMT_ENTRY.format("2026-11-05", "900.00", "Pay", "CRDT")
	+ "</Stmt></BkToCstmrStmt></Document>"
)
BAI2 = """01,A,B,261105,0800,1,80,1,2/
02,C,D,1,261105,0800,EUR,2/
03,123,EUR,015,10000,,/
16,475,0,,REF1,,Notice/
16,475,200,,REF2,,Coffee/
16,175,90000,,REF3,,Pay/
49,100200,5/
98,100200,1,7/
99,100200,1,9/
"""


def _statement(text):
	return read(text.encode(), ReadingOptions("EUR"))


@pytest.mark.parametrize(
	"text", [CSV, MT940, QIF, OFX, CAMT, BAI2], ids=["CSV", "MT940", "QIF", "OFX", "CAMT", "BAI2"]
)
def test_every_format_leaves_a_row_of_nothing_out_and_says_so(text):
	statement = _statement(text)
	[account] = statement.accounts
	assert [(str(line.amount), line.description) for line in account.lines] == [
		("-2.00", "Coffee"),
		("900.00", "Pay"),
	]
	assert account.refused == account.mismatches == ()
	[remark] = [one for one in statement.remarks if "0.00" in one]
	assert "Notice" in remark


def test_it_counts_for_the_control_values_of_the_file():
	assert _statement(MT940).accounts[0].evidence is Evidence.OPENING_AND_CLOSING
	assert _statement(CAMT).accounts[0].evidence is Evidence.TOTALS


def test_a_fee_beside_a_zero_is_an_amount():
	text = (
		"Date,Description,Amount,Fee,Balance\n2026-11-02,Shop,-1.00,0.00,100.00\n"
		"2026-11-03,Plan,0.00,7.99,92.01\n2026-11-04,Shop,-2.00,0.00,90.01\n"
	)
	assert [str(line.amount) for line in _statement(text).accounts[0].lines] == ["-1.00", "-7.99", "-2.00"]


def test_the_first_twenty_are_named_and_the_others_counted():
	rows = "".join(f"2026-11-03;Notice {number};0,00\n" for number in range(1, 23))
	remarks = _statement(f"Date;Label;Amount\n{rows}2026-11-04;Coffee;-2,00\n").remarks
	assert sum("Notice" in one for one in remarks) == 20
	assert isinstance(remarks[-1], Message)
	assert remarks[-1].values == (2,)


@pytest.mark.parametrize(
	("amount", "zero"), [("0", 1), ("-0.00", 1), ("0E-7", 1), ("0.05", 0), ("-0.10", 0), ("10.00", 0)]
)
def test_lines_count_their_zero_amounts_however_they_are_written(amount, zero):
	[row] = next(_one_line().chunks())
	lines = PackedLines()
	lines.add((*row[:3], amount, *row[4:]))
	assert lines.zero_amounts == zero


def _one_line():
	return PackedLines([_statement(CSV).accounts[0].lines[0]])


@pytest.mark.parametrize(
	"text",
	[
		"Date;Label;Amount;Balance\n2026-11-03;Notice;0.00;80.00\n2026-11-04;Notice;0.00;80.00\n",
		"Date;Label;Amount;Balance\n2026-11-03;Notice;0.00;80.00\n2026-11-04;Notice;0.00;\n",
		"Date;Label;Amount\nOpening balance;;80.00\n2026-11-03;Notice;0.00\n2026-11-04;Notice;0.00\nClosing balance;;80.00\n",
	],
)
def test_the_balance_of_a_file_in_which_nothing_moved_is_its_closing_balance(text):
	[account] = _statement(text).accounts
	assert (list(account.lines), account.balance, account.mismatches) == (
		[],
		Balance(Decimal("80.00"), date(2026, 11, 4)),
		(),
	)


def test_balances_of_two_accounts_in_which_nothing_moved_are_of_neither():
	text = "Date;Account;Label;Amount;Balance\n2026-11-03;A1;Notice;0.00;80.00\n2026-11-04;B2;Notice;0.00;70.00\n"
	assert [one.balance for one in _statement(text).accounts] == [None, None]


QUIET = ":20:X\n:25:DE123/456\n:28C:1/1\n:60F:C261101EUR80,00\n:62F:C261105EUR{0},00\n-\n"


def test_a_statement_of_a_quiet_month_has_a_balance_and_says_that_there_is_nothing_else():
	statement = _statement(QUIET.format(80))
	[account] = statement.accounts
	assert (account.balance, account.mismatches) == (Balance(Decimal("80.00"), date(2026, 11, 5)), ())
	assert statement.remarks == ("The file holds no transaction: its balance is compared",)


def test_a_statement_without_a_row_whose_balances_differ_is_contradicted():
	assert len(_statement(QUIET.format(70)).accounts[0].mismatches) == 1


def test_a_table_without_a_row_holds_nothing():
	with pytest.raises(InvalidData, match="The file holds no transaction"):
		_statement("Date;Label;Amount;Balance\n")


def test_a_row_of_zero_beside_a_balance_that_changes_is_no_proof():
	text = (
		"Date,Details,Debit,Credit,Other,Balance\n2026-07-13,Loan,100.00,0,0,900.00\n"
		"2026-07-14,Customer,0,500.00,0,1400.00\n2026-07-14,Service fee,0,0,11.00,1389.00\n"
	)
	with pytest.raises(ReadingQuestion, match="The balances do not follow"):
		read(text.encode(), ReadingOptions("EUR"))
	[account] = read(text.replace("1389", "1400").encode(), ReadingOptions("EUR")).accounts
	assert account.evidence is Evidence.ROW_BALANCES


def test_rows_whose_balances_make_two_paths_are_no_proof():
	moves = [("10.00", "110.00"), ("5.00", "115.00"), ("-5.00", "50.00"), ("5.00", "55.00")]
	rows = "".join(f"2026-07-13,R{i},{a},{b}\n" for i, (a, b) in enumerate(moves))
	[account] = read(
		f"Date,Details,Amount,Balance\n{rows}".encode(), ReadingOptions("EUR", sign="normal")
	).accounts
	assert account.evidence is Evidence.NONE
	assert len(account.mismatches) == 1

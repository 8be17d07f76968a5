"""OFX, QIF and MT940 files with a trap: amounts without their sign, balances among the rows, rows that are cut."""

from __future__ import annotations

from decimal import Decimal

import pytest

from dokos_banksync.core.model import LineState
from dokos_banksync.statements.contract import ReadingOptions, ReadingQuestion
from dokos_banksync.statements.registry import read

OFX = """OFXHEADER:100
DATA:OFXSGML

<OFX><{set}MSGSRSV1><{kind}STMTTRNRS><{kind}STMTRS><CURDEF>EUR
<{kind}ACCTFROM><ACCTID>12345678901</{kind}ACCTFROM>
<BANKTRANLIST>{rows}</BANKTRANLIST>
</{kind}STMTRS></{kind}STMTTRNRS></{set}MSGSRSV1></OFX>
"""


def bank(*rows):
	text = (
		OFX.replace("{set}", "BANK").replace("<{kind}ACCT", "<BANKACCT").replace("</{kind}ACCT", "</BANKACCT")
	)
	return text.replace("{kind}", "").replace("{rows}", "".join(rows))


def card(*rows):
	return OFX.replace("{set}", "CREDITCARD").replace("{kind}", "CC").replace("{rows}", "".join(rows))


def row(kind, amount, name="SHOP", day="05"):
	return (
		f"<STMTTRN><TRNTYPE>{kind}<DTPOSTED>202611{day}<TRNAMT>{amount}<FITID>{kind}{amount}{name}"
		f"<NAME>{name}</STMTTRN>\n"
	)


def only(text, **options):
	[account] = read(text.encode(), ReadingOptions("EUR", **options)).accounts
	return account


@pytest.mark.parametrize(
	"text",
	[
		bank(row("POS", "4.80"), row("DIRECTDEP", "900.00")),
		bank(row("ATM", "40.00"), row("FEE", "1.00"), row("POS", "-4.80")),
		card(row("POS", "4.80"), row("POS", "12.00"), row("PAYMENT", "-90.00")),
		card(row("OTHER", "4.80"), row("OTHER", "12.00"), row("PAYMENT", "-90.00")),
	],
)
def test_purchases_that_come_in_are_a_contradiction(text):
	[mismatch] = only(text).mismatches
	assert "takes money out" in str(mismatch)


@pytest.mark.parametrize(
	"text",
	[
		bank(row("POS", "-4.80"), row("POS", "4.80", "REFUND"), row("DIRECTDEP", "900.00")),
		bank(row("OTHER", "4.80"), row("OTHER", "12.00")),
		card(row("OTHER", "-4.80"), row("CREDIT", "90.00"), row("PAYMENT", "90.00")),
	],
)
def test_a_refund_or_another_type_is_none(text):
	assert only(text).mismatches == ()


def test_a_balance_among_the_rows_is_not_booked():
	account = only(bank(row("DEBIT", "-4.80"), row("CREDIT", "95.20", "SALDO DO DIA")))
	assert [line.amount for line in account.lines] == [Decimal("-4.80")]
	assert "called like a balance" in str(account.refused[0].reason)


CARD = "!Type:CCard\nD25/11/2026\nT4.80\nPBakery\n^\nD26/11/2026\nT12.00\nPBooks\n^\nD27/11/2026\nT-90.00\nPThanks\n^\n"


def test_a_qif_card_whose_purchases_have_no_minus_is_asked_about():
	with pytest.raises(ReadingQuestion, match="--sign"):
		only(CARD)
	read_so = only(CARD, sign="reversed")
	assert [line.amount for line in read_so.lines] == [Decimal("-4.80"), Decimal("-12.00"), Decimal("90.00")]
	assert only(CARD, sign="normal").lines[0].amount == Decimal("4.80")


@pytest.mark.parametrize(
	("days", "expected"),
	[
		(("12/25/98", "1/16' 5"), ("1998-12-25", "2005-01-16")),
		(("11/25'26", " 1/ 6'26"), ("2026-11-25", "2026-01-06")),
	],
)
def test_the_years_of_quicken(days, expected):
	records = "".join(f"D{day}\nT-1.00\nPX\n^\n" for day in days)
	assert tuple(str(line.date) for line in only(f"!Type:Bank\n{records}").lines) == expected


QIF = "!Type:Bank\nD25/11/2026\nT-4.80\nPBakery\n^\nD26/11/2026\nT900.00\n"


def test_a_qif_file_that_ends_in_the_middle_of_a_record_is_not_taken():
	assert "cut off" in str(only(QIF[:-3]).mismatches[0])
	assert only(QIF).mismatches == ()
	assert only(f"{QIF}^").mismatches == ()


def test_two_amounts_of_one_qif_record_must_agree():
	account = only("!Type:Bank\nD25/11/2026\nU-4.80\nT-5.80\nPBakery\n^\nD26/11/2026\nU-1.00\nT-1.00\n^\n")
	assert [line.amount for line in account.lines] == [Decimal("-1.00")]
	assert "two amounts" in str(account.refused[0].reason)


@pytest.mark.parametrize(("written", "amount"), [(",80", "-0.80"), ("         4,80", "-4.80")])
def test_amounts_of_mt940_without_a_whole_or_with_blanks_before(written, amount):
	left = Decimal(100) + Decimal(amount)
	text = (
		":20:A\n:25:12345678\n:28C:1/1\n:60F:C261104EUR100,00\n"
		f":61:2611051105D{written}NMSCNONREF\n:86:Baker\n:62F:C261105EUR{str(left).replace('.', ',')}\n-\n"
	)
	account = only(text)
	assert ([line.amount for line in account.lines], account.mismatches) == ([Decimal(amount)], ())


MT940 = (
	":20:A\n:25:12345678\n:28C:1/1\n:60F:C261104EUR100,00\n:61:2611051105D4,80NMSCNONREF\n:86:Baker\n"
	":62F:C261105EUR95,20\n-\n"
)


@pytest.mark.parametrize("begun", [":20:A\n:25:", ":20:A\n:25:12345678\n", ":20:A\n:25:12345678\n:28C:2/1\n"])
def test_an_mt940_file_that_ends_after_the_head_of_a_message_is_cut_off(begun):
	found = read((MT940 + begun).encode(), ReadingOptions("EUR")).accounts
	assert [str(text) for account in found for text in account.mismatches if "cut off" in str(text)]
	assert only(MT940).mismatches == ()


def test_an_amount_on_hold_is_pending():
	lines = only(bank(row("HOLD", "-4.80"), row("DEBIT", "-5.00"))).lines
	assert [(str(line.amount), line.state) for line in lines] == [
		("-4.80", LineState.PENDING),
		("-5.00", LineState.BOOKED),
	]


def test_a_void_transaction_of_qif_is_rejected():
	account = only(
		"!Type:Bank\nD13/11/2026\nT-80.50\nP**VOID** Shop\n^\nD14/11/2026\nT1.00\nPVoid Lounge\n^\n"
	)
	assert [line.description for line in account.lines] == ["Void Lounge"]
	assert "void" in str(account.refused[0].reason)


def test_qif_days_that_prove_both_orders_are_asked_about():
	text = "!Type:Bank\nD11/13/2026\nT-80.00\n^\nD13/11/2026\nT5\n^\nD05/06/2026\nT7\n^\n"
	with pytest.raises(ReadingQuestion, match="nothing decides the rest"):
		only(text)
	assert [str(line.date) for line in only(text, dates="DMY").lines] == ["2026-11-13", "2026-06-05"]


def test_interest_is_reckoned_with_a_february_of_thirty_days():
	text = (
		":20:A\n:25:12345678/1\n:28C:1/1\n:60F:C260227EUR1200,00\n:61:2602300301DR6,00NMSCNONREF\n:86:Entgelt\n"
		":62F:C260301EUR1194,00\n-\n"
	)
	[account] = read(text.encode(), ReadingOptions("EUR")).accounts
	assert [(str(one.date), str(one.value_date), one.amount) for one in account.lines] == [
		("2026-03-01", "2026-02-28", Decimal("-6.00"))
	]
	assert account.mismatches == ()
	for wrong in ("260230", "2602310301", "2611310301"):
		[account] = read(text.replace("2602300301", wrong).encode(), ReadingOptions("EUR")).accounts
		assert [row.reason for row in account.refused] == [f"{wrong[:6]} is not a date"]


def test_amounts_of_mt940_that_are_padded_with_zeros_are_read():
	text = (
		":20:A\n:25:12345678/1\n:28C:1/1\n:60F:C260410EUR0000000000000000,00\n"
		":61:2604100410C0000000000000012,50NTRFNONREF\n:86:Loon\n:62F:C260410EUR0000000000000012,50\n-\n"
	)
	[account] = read(text.encode(), ReadingOptions("EUR")).accounts
	assert [one.amount for one in account.lines] == [Decimal("12.50")]
	assert account.mismatches == ()

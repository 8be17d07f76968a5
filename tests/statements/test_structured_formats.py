"""Structured files that say more than one thing: accounts of one number, marks of thousands, totals among the rows."""

from __future__ import annotations

import pytest

from dokos_banksync.core.errors import InvalidData
from dokos_banksync.core.model import LineState
from dokos_banksync.statements.contract import ReadingOptions
from dokos_banksync.statements.registry import read


def accounts(text, currency="EUR", **options):
	return read(text.encode(), ReadingOptions(currency, **options)).accounts


def only(text, **options):
	[account] = accounts(text, **options)
	return account


def rows(account):
	return [f"{line.date} {line.amount}" for line in account.lines]


# -- accounts of one number --------------------------------------------------------------------------------------------


def ofx(given, amount, tag="BANK", kind=""):
	return (
		f"<{kind}STMTRS><CURDEF>EUR<{tag}ACCTFROM><ACCTID>1234567{given}</{tag}ACCTFROM><BANKTRANLIST><STMTTRN>"
		f"<DTPOSTED>20261105<TRNAMT>{amount}<FITID>F{amount}</STMTTRN></BANKTRANLIST></{kind}STMTRS>"
	)


@pytest.mark.parametrize(
	("one", "other", "numbers"),
	[
		(
			ofx("<ACCTTYPE>CHECKING", "-5.00"),
			ofx("<ACCTTYPE>SAVINGS", "7.00"),
			["1234567 CHECKING", "1234567 SAVINGS"],
		),
		(ofx("<BANKID>11", "-5.00"), ofx("<BANKID>22", "7.00"), ["1234567 11", "1234567 22"]),
		(ofx("<BANKID>11", "-5.00"), ofx("", "-9.00", "CC", "CC"), ["1234567 11", "1234567 CARD"]),
		(ofx("<BANKID>11", "-5.00"), ofx("<BANKID>11", "7.00"), ["1234567"]),
	],
)
def test_accounts_of_one_number_are_distinguished_by_what_else_is_given(one, other, numbers):
	assert [account.number for account in accounts(f"<OFX>{one}{other}</OFX>")] == numbers


def test_accounts_of_one_number_at_two_banks_are_two():
	servicer = "<Svcr><FinInstnId><BICFI>{0}</BICFI></FinInstnId></Svcr>"
	entry = "<Ntry><Amt>1</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts><ValDt><Dt>2026-11-05</Dt></ValDt></Ntry>"
	text = "".join(
		f"<Ntfctn><Id>{bank}</Id><Acct><Id><Othr><Id>77</Id></Othr></Id>{servicer.format(bank)}</Acct>{entry}</Ntfctn>"
		for bank in ("AAAADEFF", "BBBBDEFF")
	)
	found = accounts(f"<Document><BkToCstmrDbtCdtNtfctn>{text}</BkToCstmrDbtCdtNtfctn></Document>")
	assert [account.number for account in found] == ["77 AAAADEFF", "77 BBBBDEFF"]


def test_sections_of_qif_of_two_types_are_two_accounts():
	bank, card = "!Type:Bank\nD25/11/2026\nT-12.00\n^\n", "!Type:CCard\nD26/11/2026\nT-5.00\n^\n"
	assert [one.number for one in accounts(bank + card)] == ["bank", "ccard"]
	assert rows(only(bank + bank.replace("12", "13"))) == ["2026-11-25 -12.00", "2026-11-25 -13.00"]


BAI = "02,ME,{bank},1,261105,2359,{currency},2/\n03,12345678,,{balances}/\n16,{code},500,,,,X/\n49,{total},3/\n98,{total},1,5/\n"


def bai(*groups, balances=",,,", total=500, **given):
	given = {"bank": "BANK", "currency": "EUR", "code": "475", **given}
	text = "".join(BAI.format(**{**given, **group}, balances=balances, total=total) for group in groups)
	return f"01,BANK,ME,261106,0700,1,80,1,2/\n{text}99,{total * len(groups)},{len(groups)},9/\n"


def test_groups_of_two_banks_with_one_number_are_two_accounts():
	found = accounts(bai({"bank": "111"}, {"bank": "222"}))
	assert [one.number for one in found] == ["12345678 111", "12345678 222"]


@pytest.mark.parametrize(("second", "count"), [("2222222222", 2), ("1111111111", 1)])
def test_another_account_within_a_message_of_mt940_begins_a_statement(second, count):
	text = (
		":20:R\n:25:{0}\n:28C:1\n:34F:EUR0,\n:61:2611051105D5,00NTRF\n:25:{1}\n:61:2611051105D7,00NTRF\n-\n"
	)
	found = accounts(text.format("1111111111", second))
	assert [len(one.lines) for one in found] == [2 // count] * count


# -- amounts -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("written", ["1.234,56", "1,234.56", "10 000,00", "1'234,56", "1,234,56"])
def test_an_amount_of_mt940_with_marks_of_thousands_is_rejected(written):
	text = f":20:R\n:25:1\n:28C:1\n:34F:EUR0,\n:61:2611051105D{written}NTRF\n:61:2611051105D7,00NTRF\n-\n"
	account = only(text)
	assert rows(account) == ["2026-11-05 -7.00"]
	assert str(account.refused[0].reason) == "The row does not follow the standard of :61:"


@pytest.mark.parametrize(
	("written", "currency", "amount"),
	[
		("12.00 DR", "EUR", None),
		("12.00D", "EUR", None),
		("-12.00 USD", "EUR", None),
		("-$12.00", "EUR", None),
		("-$12.00", "CAD", "-12.00"),
		("-12.00 EUR", "EUR", "-12.00"),
		("-€12.00", "EUR", "-12.00"),
		("-12.00", "EUR", "-12.00"),
	],
)
def test_words_beside_an_amount_are_not_ignored(written, currency, amount):
	quicken = only(f"!Type:Bank\nD25/11/2026\nT{written}\n^\n", currency=currency)
	statement = ofx("", written).replace("CURDEF>EUR", f"CURDEF>{currency}")
	exchange = only(f"<OFX>{statement}</OFX>", currency=currency)
	for account in (quicken, exchange):
		assert [str(line.amount) for line in account.lines] == ([amount] if amount else [])
		assert len(account.refused) == (0 if amount else 1)


@pytest.mark.parametrize(
	("code", "balances", "total", "contradicted"),
	[
		("400", ",,,", 500, True),
		("100", ",,,", 500, True),
		("116", ",,,", 500, True),
		("475", ",,,", 500, False),
		("400", "010,1000,,,015,500,,", 2000, False),
	],
)
def test_a_total_among_the_transactions_of_bai2_is_a_contradiction_unless_balances_count_it(
	code, balances, total, contradicted
):
	found = only(bai({}, code=code, balances=balances, total=total)).mismatches
	assert found == (
		(f"The type code {code} is a total or a part of other rows, which count already",)
		if contradicted
		else ()
	)


@pytest.mark.parametrize(("currency", "contradicted"), [("EUR", True), ("USD", False)])
def test_a_file_of_bai2_without_a_currency_is_in_dollars(currency, contradicted):
	found = only(bai({}, currency=""), currency=currency).mismatches
	sentence = f"The file names no currency, which means USD, and the Bank Account is in {currency}"
	assert found == ((sentence,) if contradicted else ())


# -- days and states ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
	("row", "opening", "closing", "day"),
	[
		("2612310105", "260104", "260105", "2026-01-05"),
		("2604011105", "261104", "261105", "2026-11-05"),
		("2512310102", "251230", "260102", "2026-01-02"),
		("2601021231", "251230", "251231", "2025-12-31"),
		("260401", "261104", "261105", "2026-04-01"),
		("2604011105", "261106", "261107", "2025-11-05"),
	],
)
def test_the_days_of_the_balances_decide_the_year_of_a_booking_day(row, opening, closing, day):
	text = f":20:R\n:25:1\n:28C:1\n:60F:C{opening}EUR100,00\n:61:{row}D5,00NTRF\n:62F:C{closing}EUR95,00\n-\n"
	assert rows(only(text)) == [f"{day} -5.00"]


def test_rows_in_a_list_of_pending_ones_are_pending():
	row = "<STMTTRN><DTPOSTED>20261105<TRNAMT>{0}<FITID>F{0}</STMTTRN>"
	pending = f"<BANKTRANLISTP><DTASOF>20261106{row.format('-9.00')}</BANKTRANLISTP>"
	lists = f"{pending}<BANKTRANLIST>{row.format('-5.00')}</BANKTRANLIST>{pending.replace('9.00', '8.00')}"
	account = only(f"<OFX><STMTRS><CURDEF>EUR{lists}</STMTRS></OFX>")
	booked = [str(line.amount) for line in account.lines if line.state is LineState.BOOKED]
	assert (booked, len(account.lines)) == (["-5.00"], 3)


@pytest.mark.parametrize(("day", "is_opening"), [("24", True), ("25", True), ("26", False)])
def test_the_opening_balance_of_qif_may_stand_below_the_rows_after_its_day(day, is_opening):
	account = only(
		f"!Type:Bank\nD25/11/2026\nT-12.00\nPX\n^\nD{day}/11/2026\nT1000.00\nPOpening Balance\n^\n"
	)
	assert rows(account) == ["2026-11-25 -12.00"]
	assert (account.opening is not None, len(account.refused)) == (is_opening, 0 if is_opening else 1)


# -- CFONB 120, and envelopes ------------------------------------------------------------------------------------------


def record(code, money, account="00012345678", day="051126"):
	return (
		f"{code}30004    00821EUR2 {account}05{day}  {day}ACHAT".ljust(90) + money.rjust(14, "0") + " " * 16
	)


def test_a_record_of_another_account_is_no_row_of_this_one():
	lines = [
		record("01", "1000{"),
		record("04", "50}"),
		record("04", "70}", "00099999999"),
		record("07", "950{"),
	]
	account = only("\n".join(lines))
	assert (rows(account), account.mismatches) == (["2026-11-05 -5.00"], ())
	assert "is of the account 300040082100099999999" in str(account.refused[0].reason)


def test_the_closing_balance_of_another_account_is_a_contradiction():
	lines = [record("01", "1000{"), record("04", "50}"), record("07", "950{", "00099999999")]
	[mismatch] = only("\n".join(lines)).mismatches
	assert "is of the account 300040082100099999999" in str(mismatch)


@pytest.mark.parametrize(
	"message",
	["urn:iso:std:iso:20022:tech:xsd:camt.053.001.08", "urn:iso:std:iso:20022:tech:xsd:pain.001.001.03"],
)
def test_a_message_in_an_envelope_is_read(message):
	entry = '<Ntry><Amt Ccy="EUR">5.00</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts>BOOK</Sts><BookgDt><Dt>2026-11-05</Dt></BookgDt></Ntry>'
	inner = f'<Document xmlns="{message}"><BkToCstmrStmt><Stmt><Id>1</Id>{entry}</Stmt></BkToCstmrStmt></Document>'
	text = f'<E:Envelope xmlns:E="http://schemas.xmlsoap.org/soap/envelope/"><E:Body>{inner}</E:Body></E:Envelope>'
	if "camt" in message:
		assert rows(only(text)) == ["2026-11-05 -5.00"]
	else:
		with pytest.raises(InvalidData):
			accounts(text)


# -- rows whose begin or end is missing --------------------------------------------------------------------------------

ROW = "<DTPOSTED>20261105<TRNAMT>{0}<FITID>F{0}"


@pytest.mark.parametrize(
	"rows",
	[
		f"<STMTTRN>{ROW.format('-5.00')}</STMTTRN>{ROW.format('-7.00')}</STMTTRN>",
		f"<STMTTRN>{ROW.format('-5.00')}{ROW.format('-7.00')}</STMTTRN>",
	],
)
def test_a_row_of_ofx_without_a_begin_is_not_lost_in_another_one(rows):
	with pytest.raises(InvalidData, match="belongs to no row, or a row has it twice"):
		accounts(f"<OFX><STMTRS><BANKTRANLIST>{rows}</BANKTRANLIST></STMTRS></OFX>")


def test_a_row_of_ofx_without_an_end_is_a_row():
	rows = f"<STMTTRN>{ROW.format('-5.00')}<STMTTRN>{ROW.format('-7.00')}<FITID>F-7.00</STMTTRN>"
	account = only(f"<OFX><STMTRS><BANKTRANLIST>{rows}</BANKTRANLIST></STMTRS></OFX>")
	assert rows_amounts(account) == ["-5.00", "-7.00"]


def rows_amounts(account):
	return [str(line.amount) for line in account.lines]


def test_an_account_of_bai2_without_its_end_is_not_lost():
	first, second = (f"03,{number},EUR,,,,/\n16,475,500,,,,X/\n" for number in (1111, 2222))
	text = f"01,B,ME,261106,0700,1,80,1,2/\n02,ME,B,1,261105,2359,EUR,2/\n{first}{second}49,500,3/\n98,500,1,7/\n99,500,1,8/\n"
	found = accounts(text)
	assert [len(one.lines) for one in found] == [1, 1]
	assert found[0].mismatches == ("The records of the account 1111 have no control total (49) at their end",)

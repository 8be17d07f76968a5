"""Statements of one account in one file that give the same rows: reports, notifications, and the statement of the day."""

from __future__ import annotations

import io
import zipfile

import pytest

from dokos_banksync.statements import overlaps
from dokos_banksync.statements.contract import ReadingOptions
from dokos_banksync.statements.registry import read

ELEMENTS = {
	"Stmt": "BkToCstmrStmt",
	"Rpt": "BkToCstmrAcctRpt",
	"Ntfctn": "BkToCstmrDbtCdtNtfctn",
}


def entry(amount, text="X", ref="", day="05", state="BOOK"):
	reference = f"<AcctSvcrRef>{ref}</AcctSvcrRef>" if ref else ""
	return (
		f'<Ntry><Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts>{state}</Sts><BookgDt><Dt>2026-11-{day}'
		f"</Dt></BookgDt>{reference}<AddtlNtryInf>{text}</AddtlNtryInf></Ntry>"
	)


def balance(code, amount, day="05", currency="EUR"):
	return (
		f'<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy="{currency}">{amount}</Amt>'
		f"<CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-11-{day}</Dt></Dt></Bal>"
	)


def statement(*inner, kind="Stmt", own="1", page=""):
	account = "<Acct><Id><IBAN>DE02120300000000202051</IBAN></Id><Ccy>EUR</Ccy></Acct>"
	return kind, f"<{kind}><Id>{own}</Id>{page}{account}{''.join(inner)}</{kind}>"


def camt(*statements):
	inner = "".join(f"<{ELEMENTS[kind]}>{text}</{ELEMENTS[kind]}>" for kind, text in statements)
	return f"<Document>{inner}</Document>"


def only(text):
	[account] = read(text.encode(), ReadingOptions("EUR")).accounts
	return account


def amounts(account):
	return [str(line.amount) for line in account.lines if line.remote_id not in account.repeated]


OF_DAY = statement(balance("OPBD", "100.00"), entry("7.00", "Shop"), balance("CLBD", "93.00"))


@pytest.mark.parametrize("kind", ["Rpt", "Ntfctn"])
def test_what_the_statement_of_a_day_holds_is_counted_there(kind):
	report = statement(entry("7.00", "Shop, with details"), kind=kind)
	for file in (camt(OF_DAY, report), camt(report, OF_DAY)):
		account = only(file)
		assert amounts(account) == ["-7.00"]
		assert (account.repeated, account.mismatches, str(account.balance.amount)) == (set(), (), "93.00")


def test_a_row_of_a_report_that_the_statement_of_its_day_lacks_is_a_contradiction():
	report = statement(entry("3.00", "Part 1"), entry("4.00", "Part 2"), kind="Ntfctn")
	account = only(camt(OF_DAY, report))
	assert account.mismatches == (
		"A report has 2 rows, the first of them -3.00 of 2026-11-05, that the statement of these days lacks",
	)


def test_a_row_of_a_report_after_the_statement_is_a_row_of_its_own():
	account = only(camt(OF_DAY, statement(entry("7.00", "Shop", day="06"), kind="Rpt")))
	assert (amounts(account), account.mismatches) == (["-7.00", "-7.00"], ())


def test_reports_that_repeat_rows_without_ids_are_doubtful():
	first = statement(entry("7.00", "Shop"), kind="Rpt")
	second = statement(
		entry("7.00", "Shop"), entry("7.00", "Shop"), entry("2.00", "Bar"), kind="Rpt", own="2"
	)
	account = only(camt(first, second))
	assert (amounts(account), len(account.repeated), len(account.lines)) == (
		["-7.00", "-7.00", "-2.00"],
		1,
		4,
	)


def test_other_labels_in_another_report_are_other_rows():
	first, second = (statement(entry("7.00", text), kind="Rpt", own=text) for text in ("Shop", "Bar"))
	assert amounts(only(camt(first, second))) == ["-7.00", "-7.00"]


def test_equal_notifications_under_two_names_are_doubtful_and_under_one_name_the_same():
	same, other = (
		only(camt(*(statement(entry("7.00"), kind="Ntfctn", own=own) for own in names)))
		for names in ("11", "12")
	)
	assert (len(same.lines), len(other.lines), len(other.repeated)) == (1, 2, 1)
	first, second = [line.remote_id for line in other.lines]
	assert second == f"{first} (2)"


@pytest.mark.parametrize(
	("later", "read_once"),
	[
		(entry("7.00", "Shop Paris", "REF00001"), True),
		(entry("7.00", "Shop", "REF00001", day="06"), True),
		(entry("7.00", "Shop", "REF00001", day="25"), False),
		(entry("7.00", "Garage", "REF00001", day="06"), False),
		(entry("9.00", "Shop", "REF00001"), False),
		(entry("7.00", "Shop", "REF00002"), False),
	],
)
def test_one_id_of_the_bank_in_two_reports_is_one_transaction(later, read_once):
	first = statement(entry("7.00", "Shop", "REF00001"), kind="Rpt")
	account = only(camt(first, statement(later, kind="Rpt", own="2")))
	assert (len(account.lines), len(account.repeated)) == (1 if read_once else 2, 0)


def test_a_booked_row_takes_the_place_of_the_pending_one_under_its_id():
	states = [("PDNG", "BOOK"), ("BOOK", "PDNG")]
	for one, other in states:
		first = statement(entry("7.00", "Shop", "REF00001", state=one), kind="Rpt")
		account = only(
			camt(first, statement(entry("7.00", "Shop!", "REF00001", state=other), kind="Rpt", own="2"))
		)
		assert [line.state.value for line in account.lines] == ["Booked"]


def test_balances_that_lead_from_one_statement_to_the_next_prove_equal_rows():
	first = statement(balance("OPBD", "100.00"), entry("7.00", ref="REF00001"), balance("CLBD", "93.00"))
	second = statement(
		balance("OPBD", "93.00", "06"), entry("7.00", ref="REF00001"), balance("CLBD", "86.00", "06"), own="2"
	)
	assert amounts(only(camt(first, second))) == ["-7.00", "-7.00"]


REPORT = ":20:R\n:25:1234567890\n:28C:{0}\n:34F:EUR0,\n:61:2611051105D7,00NTRF\n:86:COFFEE\n-\n"
DAY = ":20:S\n:25:1234567890\n:28C:9\n:60F:C261104EUR100,00\n:61:2611051105D7,00NTRF\n:86:COFFEE\n:62F:C261105EUR93,00\n-\n"


@pytest.mark.parametrize(
	"text", [REPORT.format(1) + REPORT.format(2), REPORT.format(1) + DAY, DAY + REPORT.format(1)]
)
def test_a_row_of_mt942_that_another_message_gives_too_is_doubtful(text):
	account = only(text)
	assert (len(account.lines), len(account.repeated)) == (2, 1)


def test_one_message_twice_is_read_once():
	assert len(only(REPORT.format(1) * 2).lines) == 1


GROUP = "02,ME,BANK,1,261105,{0},EUR,{1}/\n03,12345678,EUR,,,,/\n{2}49,{3},{4}/\n98,{3},1,{5}/\n"
COFFEE, LUNCH = "16,475,500,,,,COFFEE/\n", "16,475,900,,,,LUNCH/\n"


def test_an_interim_and_a_final_report_of_bai2_do_not_double_their_rows():
	interim = GROUP.format(1200, 3, COFFEE, 500, 3, 5)
	final = GROUP.format(2359, 4, COFFEE + LUNCH, 1400, 4, 6)
	account = only(f"01,BANK,ME,261106,0700,1,80,1,2/\n{interim}{final}99,1900,2,13/\n")
	assert (amounts(account), len(account.repeated), account.mismatches) == (["-5.00", "-9.00"], 1, ())


def test_the_latest_balances_in_the_currency_of_the_account_count():
	newest_first = (balance("CLBD", "90.00", "06"), balance("OPBD", "93.00", "06"), balance("CLBD", "93.00"))
	rows = balance("OPBD", "100.00"), entry("3.00", day="06"), entry("7.00")
	account = only(camt(statement(*newest_first, *rows, balance("CLBD", "99.00", "06", currency="USD"))))
	assert (account.mismatches, str(account.balance.amount), str(account.opening.amount)) == (
		(),
		"90.00",
		"100.00",
	)


@pytest.mark.parametrize(
	("page", "closing", "missing"),
	[("false", "CLBD", True), ("false", "ITBD", True), ("true", "CLBD", False)],
)
def test_a_statement_whose_last_page_is_missing_is_a_contradiction(page, closing, missing):
	number = f"<StmtPgntn><PgNb>1</PgNb><LastPgInd>{page}</LastPgInd></StmtPgntn>"
	account = only(
		camt(statement(balance("OPBD", "100.00"), entry("7.00"), balance(closing, "93.00"), page=number))
	)
	assert account.mismatches == (("The last page of the statement is missing",) if missing else ())


PAGE = ":20:S\n:25:1234567890\n:28C:5/{0}\n:60{1}:C261105EUR{2}\n:61:2611051105D7,00NTRF\n:86:X\n:62{3}:C261105EUR{4}\n-\n"
FIRST, SECOND = PAGE.format(1, "F", "100,00", "M", "93,00"), PAGE.format(2, "M", "93,00", "F", "86,00")


@pytest.mark.parametrize(
	("text", "mismatches"),
	[
		(FIRST + SECOND, ()),
		(SECOND + FIRST, ()),
		(FIRST, ("The last page of the statement is missing",)),
		(SECOND, ("The first page of the statement is missing",)),
	],
)
def test_the_pages_of_mt940_may_stand_in_reverse_order_and_none_may_be_missing(text, mismatches):
	account = only(text)
	assert account.mismatches == mismatches
	assert account.evidence.value == ("none" if mismatches else "opening_and_closing")


@pytest.mark.parametrize(
	("sums", "contradicted"),
	[
		("<Sum>7.00</Sum>", False),
		("<Sum>9.00</Sum>", True),
		("<TtlNetNtryAmt>7.00</TtlNetNtryAmt><CdtDbtInd>DBIT</CdtDbtInd>", False),
		("<TtlNetNtryAmt>7.00</TtlNetNtryAmt><CdtDbtInd>CRDT</CdtDbtInd>", True),
		("<TtlNetNtry><Amt>7.00</Amt><CdtDbtInd>CRDT</CdtDbtInd></TtlNetNtry>", True),
	],
)
def test_the_sums_of_all_entries_are_control_values(sums, contradicted):
	summary = f"<TxsSummry><TtlNtries>{sums}</TtlNtries></TxsSummry>"
	account = only(camt(statement(summary, entry("7.00"), kind="Rpt")))
	assert bool(account.mismatches) is contradicted
	proven = only(
		camt(statement(summary, balance("OPBD", "100.00"), entry("7.00"), balance("CLBD", "93.00")))
	)
	assert proven.mismatches == ()


def test_a_statement_that_moved_nothing_in_sum_may_repeat_rows():
	def inner():
		return (
			entry("7.00", day="06"),
			entry("7.00", day="06").replace("DBIT", "CRDT"),
			balance("CLBD", "93.00", "06"),
		)

	week = statement(balance("OPBD", "100.00"), entry("7.00"), *inner())
	day = statement(balance("OPBD", "93.00", "06"), *inner(), own="2")
	assert amounts(only(camt(week, day))) == ["-7.00", "-7.00", "7.00"]
	other = statement(balance("OPBD", "93.00", "06"), *(one.replace("X<", "Y<") for one in inner()), own="2")
	assert len(only(camt(week, other)).lines) == 5


@pytest.mark.parametrize(("second", "count"), [("E2", 0), ("E1", 1)])
def test_other_references_are_other_rows(second, count):
	details = "<NtryDtls><TxDtls><Refs><EndToEndId>{0}</EndToEndId></Refs></TxDtls></NtryDtls></Ntry>"
	entries = [entry("7.00").replace("</Ntry>", details.format(one)) for one in ("E1", second)]
	account = only(camt(*(statement(one, kind="Ntfctn", own=str(n)) for n, one in enumerate(entries))))
	assert (len(account.lines), len(account.repeated)) == (2, count)


def test_the_pages_of_a_statement_may_stand_in_several_files_of_an_archive():
	page = "<StmtPgntn><PgNb>{0}</PgNb><LastPgInd>{1}</LastPgInd></StmtPgntn>"
	first = statement(balance("OPBD", "100.00"), entry("7.00"), page=page.format(1, "false"))
	second = statement(entry("7.00"), balance("CLBD", "86.00"), page=page.format(2, "true"))
	archive = io.BytesIO()
	with zipfile.ZipFile(archive, "w") as files:
		files.writestr("1.xml", camt(first))
		files.writestr("2.xml", camt(second))
	[account] = read(archive.getvalue(), ReadingOptions("EUR")).accounts
	assert (amounts(account), account.mismatches, account.evidence.value) == (
		["-7.00", "-7.00"],
		(),
		"opening_and_closing",
	)
	assert only(camt(second)).mismatches == ("The first page of the statement is missing",)


@pytest.mark.parametrize(("closing", "day"), [("92.00", "06"), ("99.00", "05")])
def test_a_closing_balance_that_counts_a_row_of_a_later_day_is_that_of_its_end(closing, day):
	rows = entry("7.00"), entry("1.00", day="06")
	account = only(camt(statement(balance("OPBD", "100.00"), *rows, balance("CLBD", closing))))
	assert (str(account.balance.day), bool(account.mismatches)) == (f"2026-11-{day}", closing == "99.00")


def test_a_closing_balance_that_may_not_count_a_row_of_a_later_day_stays_on_its_day():
	rows = entry("7.00"), entry("1.00", day="06")
	assert str(only(camt(statement(*rows, balance("CLBD", "92.00")))).balance.day) == "2026-11-05"


@pytest.mark.parametrize(("day", "is_known"), [("1105", False), ("1106", True)])
def test_a_balance_that_may_not_count_the_rows_of_a_report_is_not_compared(day, is_known):
	report = REPORT.format(1).replace("1105D7,00", f"{day}D2,00").replace("COFFEE", "BAR")
	account = only(report + DAY)
	assert (amounts(account), account.mismatches) == (["-2.00", "-7.00"], ())
	assert (account.balance is not None) is is_known


def of_day(day, opening, closing, *rows, own="D"):
	return statement(balance("OPBD", opening, day), *rows, balance("CLBD", closing, day), own=own)


MORNING, NOON = entry("3.00", "Coffee"), entry("9.00", "Lunch", day="06")
MONTH = statement(balance("OPBD", "100.00"), MORNING, NOON, balance("CLBD", "88.00", "06"), own="M")


@pytest.mark.parametrize(
	("day", "is_part"),
	[
		(of_day("05", "100.00", "97.00", MORNING), True),
		(of_day("06", "97.00", "88.00", NOON), True),
		(of_day("06", "97.00", "88.00", NOON.replace("Lunch", "Dinner")), False),
		(of_day("06", "95.00", "86.00", NOON), False),
		(of_day("06", "97.00", "79.00", NOON, NOON), False),
	],
)
def test_the_statement_of_a_day_may_be_a_part_of_that_of_the_month(day, is_part):
	for file in (camt(MONTH, day), camt(day, MONTH)):
		account = only(file)
		assert bool(account.mismatches) is not is_part
		assert len(account.lines) == 2 or not is_part
		assert not is_part or str(account.balance.amount) == "88.00"


@pytest.mark.parametrize(("most", "doubtful"), [(1, 0), (2, 1)])
def test_a_row_is_compared_with_a_bounded_number_of_others(monkeypatch, most, doubtful):
	monkeypatch.setattr(overlaps, "_MOST_COMPARED", most)
	texts = ("Shop", "Cinema", "Cinema Paris")
	reports = (statement(entry("7.00", text), kind="Rpt", own=text) for text in texts)
	assert len(only(camt(*reports)).repeated) == doubtful


def test_rows_under_ids_of_their_own_are_not_compared_at_all(monkeypatch):
	monkeypatch.setattr(overlaps, "_closeness", None)
	reports = (statement(entry("7.00", "Bar", f"REF0000{n}"), kind="Rpt", own=str(n)) for n in range(3))
	assert len(only(camt(*reports)).lines) == 3

"""Files made to stall, crash or deceive a reader, and files that look like another format."""

from __future__ import annotations

import io
import random
import zipfile

import pytest

from dokos_banksync.core.errors import InvalidData
from dokos_banksync.statements import bai2, camt, cfonb, mt940, ofx, qif
from dokos_banksync.statements.contract import Evidence, ReadingOptions
from dokos_banksync.statements.registry import read
from tests.effort import hang_guard
from tests.statements import fuzz

"""Generous for a busy machine; a quadratic reader takes minutes."""
MUCH = 600_000
XML = b'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><Stmt>'
MT = b":20:X\n:25:1\n"
ROW = b":61:2611031103D1,00NMSC\n"
BAI = b"01,a,b,261116,,/\n02,a,b,1,261115,,USD/\n"
RECORD = b"0130004    00812EUR2 00098765432  301026".ljust(120)

HOSTILE = {
	"entities in entities": b'<!DOCTYPE l [<!ENTITY a "ll"><!ENTITY b "&a;&a;">]>' + XML + b"&b;",
	"an external entity": b'<!DOCTYPE Document SYSTEM "file:///etc/passwd">' + XML,
	"an unknown encoding": b'<?xml version="1.0" encoding="utf-99"?>' + XML,
	"elements in elements": XML + b"<A>" * (MUCH // 3),
	"ever new elements": XML + b"".join(b"<A%d/>" % number for number in range(50_000)),
	"blank lines in XML": XML + b"\n" * MUCH,
	"an entry without an end": XML + b"<Ntry>" + b"<NtryDtls/>" * (MUCH // 11),
	"transactions without an end": XML + b"<Ntry><NtryDtls>" + b"<TxDtls/>" * (MUCH // 9),
	"tags alone": b"<A>" * (MUCH // 3),
	"OFX of tags alone": b"<OFX>" + b"<A>" * (MUCH // 3) + b"</OFX>",
	"OFX of brackets": b"<OFX>" + b"<" * MUCH,
	"OFX of open sections": b"<OFX>" + b"<![CDATA[" * (MUCH // 9),
	"OFX of open comments": b"<OFX>" + b"<!--" * (MUCH // 4),
	"OFX of one name": b"<OFX><" + b"A" * MUCH,
	"OFX of one tag": b"<OFX><A " + b"/ " * (MUCH // 2),
	"OFX of ampersands": b"<OFX><STMTRS><STMTTRN><NAME>" + b"&" * MUCH,
	"newlines": b"x" + b"\n" * MUCH,
	"zeros": b"\0" * MUCH,
	"MT940 of one field": MT + b":61:" * (MUCH // 4),
	"MT940 of rows": MT + b":61:\n" * (MUCH // 20),
	"MT940 of messages": MT + b":20:\n" * (MUCH // 20),
	"MT940 of sub-fields": MT + ROW + b":86:166" + b"?20" * (MUCH // 3),
	"MT940 of slashes": MT + ROW + b":86:" + b"/EREF/" * (MUCH // 6),
	"MT940 of ends": MT + b"-\n" * (MUCH // 2),
	"MT940 of blank lines": MT + ROW[:-1] + b"\n" * MUCH,
	"CFONB of blanks": RECORD + b"04" + b" " * MUCH,
	"CFONB of complements": RECORD + b"04".ljust(120) + b"05".ljust(120, b"x") * (MUCH // 120),
	"QIF of ends": b"!Type:Bank\n" + b"^\n" * (MUCH // 2),
	"QIF of dates": b"!Type:Bank\n" + b"D\n" * (MUCH // 2),
	"QIF of headers": b"!Type:Bank\n" + b"!\n" * (MUCH // 2),
	"BAI2 of continuations": BAI + b"16,1/\n" + b"88,a/\n" * (MUCH // 6),
	"BAI2 of commas": BAI + b"03," + b"," * MUCH,
	"BAI2 of rows": BAI + b"16\n" * (MUCH // 20),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_read_or_refused(name):
	with hang_guard():
		fuzz.outcome(HOSTILE[name])


@pytest.mark.parametrize(
	"name", [name for name in HOSTILE if ("entit" in name and "ies" in name) or "external" in name]
)
def test_a_document_type_definition_is_refused(name):
	with pytest.raises(InvalidData, match="document type definition"):
		read(HOSTILE[name], ReadingOptions("EUR"))


@pytest.mark.parametrize("name", sorted(fuzz.seeds()))
def test_a_file_with_faults_is_read_or_refused(name):
	assert list(fuzz.run(name, fuzz.seeds()[name], count=40, seed=2026)) == []


def test_a_fault_is_the_same_for_the_same_seed():
	assert fuzz.mutated(b"0123456789", random.Random(3)) == fuzz.mutated(b"0123456789", random.Random(3))


@pytest.mark.parametrize("name", ["camt053_v2.xml", "german.sta", "releve.cfonb", "day.bai", "quirks.ofx"])
def test_a_file_that_is_cut_off_never_proves_its_rows(name):
	content = fuzz.seeds()[name].rstrip()
	for length in range(len(content) // 3, len(content) - 1, 37):
		try:
			accounts = read(content[:length], ReadingOptions("EUR")).accounts
		except InvalidData:
			continue
		last = accounts[-1]
		assert (
			last.mismatches or last.refused or last.evidence != Evidence.OPENING_AND_CLOSING or last.balance
		)


def archive(files):
	stream = io.BytesIO()
	with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as target:
		for name, content in files.items():
			target.writestr(name, content)
	return stream.getvalue()


def test_the_messages_of_an_archive_are_joined():
	seeds = fuzz.seeds()
	content = archive({"b.xml": seeds["camt054.xml"], "a.xml": seeds["camt053_pages.xml"]})
	statement = read(content, ReadingOptions("EUR"))
	assert statement.format == "camt.053, camt.054"
	assert [account.currency for account in statement.accounts] == ["EUR", "USD", "CHF"]


@pytest.mark.parametrize("name", ["__MACOSX/._a.xml", "._a.xml", "b/.DS_Store", "Thumbs.db"])
def test_what_a_system_adds_to_an_archive_is_passed_over(name):
	content = archive({"a.xml": fuzz.seeds()["camt053_v2.xml"], name: b"\0\1"})
	assert len(read(content, ReadingOptions("EUR")).accounts[0].lines) == 5


def test_a_statement_that_stands_in_an_archive_twice_is_read_once():
	one = fuzz.seeds()["camt053_v2.xml"]
	statement = read(archive({"a.xml": one, "b.xml": one}), ReadingOptions("EUR"))
	assert len(statement.accounts[0].lines) == 5
	assert statement.remarks == (
		"A statement of FR0030004000001111222233300 stands in the file twice: it was read once",
	)


@pytest.mark.parametrize(
	("files", "reason"),
	[
		({"a.xml": b"\0" * 30_000_000}, "holds too much"),
		({f"{number}.xml": b"" for number in range(1_001)}, "holds too much"),
		({"a.xml": b"hello"}, "damaged"),
		({"a.txt": b"hello"}, "ZIP archive"),
	],
)
def test_an_archive_that_is_no_statement_is_refused(files, reason):
	with pytest.raises(InvalidData, match=reason):
		read(archive(files), ReadingOptions("EUR"))


def test_a_damaged_archive_is_refused():
	content = bytearray(archive({"a.xml": fuzz.seeds()["camt053_v2.xml"]}))
	content[60:90] = b"\xff" * 30
	with pytest.raises(InvalidData, match="ZIP archive is damaged"):
		read(bytes(content), ReadingOptions("EUR"))


LOOKALIKES = (
	b"Date;Label;Amount\n03/11/2026;:20: and :25: in a cell;-1,00\n13/11/2026;<OFX> in a cell;-2,00\n",
	b'"<OFX>";Date;Amount\n"x";03.11.2026;1,00\n',
	b"01,02,03\n02,03,04\n",
	b"Type!Bank;Date\n!Type;2\n",
	b"0130004;00812;EUR\n",
	b"{1: [2]}",
	b"",
)


@pytest.mark.parametrize("content", LOOKALIKES)
@pytest.mark.parametrize("reader", [bai2, camt, cfonb, mt940, ofx, qif])
def test_a_table_that_mentions_a_format_is_none_of_it(reader, content):
	assert not reader.knows(content)


@pytest.mark.parametrize("name", sorted(fuzz.seeds()))
def test_a_file_is_known_to_at_most_one_reader(name):
	content = fuzz.seeds()[name]
	assert sum(reader.knows(content) for reader in (bai2, camt, cfonb, mt940, ofx, qif)) <= 1


def test_another_iso_20022_message_is_no_statement():
	content = (
		b'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"><CstmrCdtTrfInitn/></Document>'
	)
	with pytest.raises(InvalidData, match=r"no account statement.*camt\.052, camt\.053, camt\.054"):
		read(content, ReadingOptions("EUR"))


@pytest.mark.parametrize(
	"name", ["camt053_v2.xml", "german.sta", "releve.cfonb", "day.bai", "quirks.ofx", "quicken.qif"]
)
def test_a_file_with_more_rows_than_allowed_is_refused(name):
	with pytest.raises(InvalidData, match="more than 1 rows"):
		read(fuzz.seeds()[name], ReadingOptions("EUR", most=1, dates="MDY"))


def test_quicken_dates_that_say_nothing_are_asked_about():
	content = b"!Type:Bank\nD1/2'26\nT-1.00\n^\n"
	with pytest.raises(InvalidData, match="--date-format"):
		read(content, ReadingOptions("EUR"))
	line = read(content, ReadingOptions("EUR", dates="DMY")).accounts[0].lines[0]
	assert str(line.date) == "2026-02-01"


@pytest.mark.parametrize(
	("content", "reason"),
	[
		(b"<OFX><INVSTMTMSGSRSV1><INVSTMTRS></INVSTMTRS></INVSTMTMSGSRSV1></OFX>", "investment account"),
		(b"!Type:Invst\nD1/15'26\n^\n", "investment account"),
		(b"<OFX><STATUS><CODE>15500<SEVERITY>ERROR<MESSAGE>Signon invalid</STATUS></OFX>", "Signon invalid"),
		(b"<OFX><STMTRS><BANKTRANLIST><STMTTRN><TRNAMT>1", "cut off"),
		(BAI.replace(b",1,2611", b",4,2611") + b"03,1,,/", "group status 4"),
	],
)
def test_a_file_without_a_statement_says_what_it_is(content, reason):
	with pytest.raises(InvalidData, match=reason):
		read(content, ReadingOptions("EUR"))


def test_one_id_on_different_rows_is_not_used_and_on_equal_rows_is_doubtful():
	row = b"<STMTTRN><DTPOSTED>2026110%d<TRNAMT>-1.00<FITID>%s</STMTTRN>"
	rows = row % (1, b"A") + row % (2, b"A") + row % (3, b"B") + row % (3, b"B")
	account = read(b"<OFX><STMTRS>" + rows + b"</STMTRS></OFX>", ReadingOptions("EUR")).accounts[0]
	assert [str(line.date)[-1] for line in account.lines] == ["1", "2", "3", "3"]
	assert account.bank_ids == {"B", "B (2)"}
	assert (account.repeated, account.refused) == ({"B (2)"}, ())


@pytest.mark.parametrize(("times", "lines", "refused"), [(20, 40, 0), (21, 21, 21)])
def test_the_rows_of_a_list_that_stands_in_a_file_twice_are_rejected(times, lines, refused):
	row = b"<STMTTRN><DTPOSTED>20261103<TRNAMT>-1.00<FITID>F%d</STMTTRN>"
	rows = b"".join(row % number for number in range(times)) * 2
	account = read(b"<OFX><STMTRS>" + rows + b"</STMTRS></OFX>", ReadingOptions("EUR")).accounts[0]
	assert (len(account.lines), len(account.refused)) == (lines, refused)
	assert len(account.repeated) == lines - times


def test_a_gap_between_statements_is_named():
	first = b":20:A\n:25:1\n:60F:C261101EUR1,00\n:61:261101C1,00NMSC\n:62F:C261101EUR2,00\n"
	third = b":20:A\n:25:1\n:60F:C261103EUR5,00\n:61:261103C1,00NMSC\n:62F:C261103EUR6,00\n"
	account = read(third + first, ReadingOptions("EUR")).accounts[0]
	assert [str(line.date) for line in account.lines] == ["2026-11-01", "2026-11-03"]
	assert account.mismatches == (
		"A statement opens with 5.00, and the one before it closed with 2.00: one is missing between them",
	)
	assert account.evidence == Evidence.NONE


def test_latin_letters_in_a_file_that_says_utf8_are_read_with_a_remark():
	content = fuzz.seeds()["camt054.xml"].replace(b"Muster AG", b"M\xfcller AG")
	statement = read(b'<?xml version="1.0" encoding="UTF-8"?>' + content, ReadingOptions("EUR"))
	assert statement.accounts[0].lines[0].party_name == "Müller AG"
	assert statement.remarks == ("The file says that it is UTF-8, and is not: it was read as Windows-1252",)


def test_the_same_entry_in_two_interim_reports_is_one_row():
	entry = (
		b'<Ntry><Amt Ccy="EUR">1.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts><BookgDt><Dt>2026-11-01</Dt>'
		b"</BookgDt><AcctSvcrRef>%s</AcctSvcrRef></Ntry>"
	)
	report = b"<Rpt><Id>%s</Id><Acct><Id><IBAN>FR0011112222333344445555666</IBAN></Id></Acct>%s</Rpt>"
	inner = report % (b"1", entry % b"X") + report % (b"2", entry % b"X" + entry % b"Y")
	content = b"<Document><BkToCstmrAcctRpt>" + inner + b"</BkToCstmrAcctRpt></Document>"
	statement = read(content, ReadingOptions("EUR"))
	assert [line.remote_id for line in statement.accounts[0].lines] == ["X", "Y"]
	assert statement.remarks == (
		"1 row stands in several statements of the file under the same id: it was read once",
	)


def test_a_number_of_another_script_is_no_number():
	first, rest = fuzz.seeds()["releve.cfonb"].split(b"\n", 1)
	account = read(first + b"\n" + rest.replace(b"EUR2", b"EUR\xb3"), ReadingOptions("EUR")).accounts[0]
	assert not account.lines
	assert {row.reason for row in account.refused} >= {"0000000000801J is not an amount"}


@pytest.mark.parametrize(
	"head",
	[
		"<!DOCTYPE html>",
		'<?xml version="1.0"?>\n<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "x">',
	],
)
def test_a_web_page_is_named_as_one_whatever_its_declaration(head):
	page = (
		f"{head}<html><head><title>Session expired, please log in</title></head><body>x, y, z</body></html>"
	)
	with pytest.raises(InvalidData, match="web page"):
		read(page.encode(), ReadingOptions("EUR"))

"""Files that follow the specification say the same to ofxtools and to our scanner."""

from __future__ import annotations

from html import unescape
from pathlib import Path

import pytest
from ofxtools.Parser import TreeBuilder

from dokos_banksync.statements.ofx.scan import scan

FILES = Path(__file__).parent / "files"
SGML = """<OFX><BANKMSGSRSV1><STMTTRNRS><STMTRS><CURDEF>EUR
<BANKACCTFROM><BANKID>1<ACCTID>2</BANKACCTFROM>
<BANKTRANLIST><DTSTART>20261101<DTEND>20261130
<STMTTRN><TRNTYPE>POS<DTPOSTED>20261103120000[+1:CET]<TRNAMT>-1.20<FITID>a<NAME>Shop
</STMTTRN>
<STMTTRN><TRNTYPE>CREDIT<DTPOSTED>20261104<TRNAMT>3.00<FITID>b<NAME>Client<MEMO>Invoice 7
</STMTTRN>
</BANKTRANLIST><LEDGERBAL><BALAMT>1.80<DTASOF>20261130</LEDGERBAL></STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>"""
XML = (
	"<OFX><CREDITCARDMSGSRSV1><CCSTMTTRNRS><CCSTMTRS><CURDEF>EUR</CURDEF><CCACCTFROM><ACCTID>9</ACCTID></CCACCTFROM>"
	"<BANKTRANLIST><STMTTRN><TRNTYPE>DEBIT</TRNTYPE><DTPOSTED>20261105</DTPOSTED><TRNAMT>-5</TRNAMT><FITID>c</FITID>"
	"<NAME>Caf\u00e9</NAME></STMTTRN></BANKTRANLIST></CCSTMTRS></CCSTMTTRNRS></CREDITCARDMSGSRSV1></OFX>"
)


def rows_of_ofxtools(text):
	builder = TreeBuilder()
	builder.feed(text)
	return [{field.tag: unescape(field.text) for field in row} for row in builder.close().iter("STMTTRN")]


@pytest.mark.parametrize("text", [SGML, XML, (FILES / "two_accounts.ofx").read_text("utf-8")])
def test_the_rows_are_those_of_the_reference(text):
	text = text[text.index("<OFX>") :]
	ours = [row for statement in scan(text, 0).statements for row in statement.rows]
	assert ours
	assert ours == rows_of_ofxtools(text)

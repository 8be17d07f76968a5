"""Rows a second of each reader of statement files: `python -m benchmarks.statements [ROWS]`.

Processor time, so that other work on the machine counts little. For OFX, ofxtools builds its tree of the same file
in the same run; for camt, the C parser of the standard library does; for a table, its reader of CSV.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Callable
from io import BytesIO, StringIO
from time import process_time
from xml.etree.ElementTree import iterparse

from dokos_banksync.statements.contract import ReadingOptions
from dokos_banksync.statements.registry import read

ROWS = 100_000


def table(rows: int) -> bytes:
	"""A table with a day, a label, an amount with a comma, and a currency."""
	lines = (
		f"{1 + number * 28 // rows:02}/11/2026;CARTE MAGASIN {number % 5000} REF{number};-{number + 1},{number % 100:02};EUR\n"
		for number in range(rows)
	)
	return f"Date;Libellé;Montant;Devise\n{''.join(lines)}".encode()


def camt(rows: int) -> bytes:
	"""A statement in version 8 with a party, a reference and a text for each entry."""
	entry = (
		'<Ntry><Amt Ccy="EUR">{0}.50</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>2026-11-03</Dt>'
		"</BookgDt><ValDt><Dt>2026-11-03</Dt></ValDt><AcctSvcrRef>R{0}</AcctSvcrRef><NtryDtls><TxDtls><Refs><EndToEndId>"
		"E{0}</EndToEndId></Refs><RltdPties><Cdtr><Pty><Nm>SHOP {0}</Nm></Pty></Cdtr></RltdPties><RmtInf><Ustrd>INVOICE "
		"{0}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>"
	)
	body = "".join(entry.format(number) for number in range(rows))
	head = '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><Stmt><Id>1</Id>'
	return f"{head}{body}</Stmt></BkToCstmrStmt></Document>".encode()


def ofx(rows: int) -> bytes:
	"""A statement of OFX 1."""
	row = "<STMTTRN><TRNTYPE>DEBIT<DTPOSTED>20261103<TRNAMT>-{0}.00<FITID>F{0}<NAME>SHOP {0}<MEMO>CARD</STMTTRN>\n"
	body = "".join(row.format(number) for number in range(1, rows + 1))
	head = "OFXHEADER:100\n\n<OFX><BANKMSGSRSV1><STMTTRNRS><STMTRS><CURDEF>EUR<BANKTRANLIST>"
	return f"{head}{body}</BANKTRANLIST></STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>".encode()


def mt940(rows: int) -> bytes:
	"""A statement with German sub-fields."""
	row = ":61:2611031103DR{0},00N005NONREF\n:86:105?00CARD?20EREF+E{0}?21SVWZ+INVOICE {0}?32SHOP {0}\n"
	return f":20:A\n:25:1\n{''.join(row.format(number) for number in range(1, rows + 1))}".encode()


def cfonb(rows: int) -> bytes:
	"""A statement with a complement for every second row."""

	def record(code: str, middle: str, amount: str) -> str:
		return (f"{code}30004    00812EUR2 00098765432B1031126{middle}".ljust(90) + amount).ljust(120)

	pair = record("04", "  031126CARTE", "0000000000100J") + "\n" + record("05", "     LIBFACTURE", "") + "\n"
	return (record("01", "", "0000000000000{") + "\n" + pair * rows).encode()


def qif(rows: int) -> bytes:
	"""An account with a payee and a memo for each row."""
	records = (f"D11/13/2026\nT-{number}.00\nPSHOP {number}\nMCARD\n^\n" for number in range(rows))
	return f"!Type:Bank\n{''.join(records)}".encode()


def bai2(rows: int) -> bytes:
	"""An account with a reference and a text for each row."""
	records = (f"16,475,{number}00,Z,B{number},C{number},CHECK {number}\n" for number in range(rows))
	return f"01,a,b,261116,,/\n02,a,b,1,261115,,USD/\n03,1,USD,010,0,,/\n{''.join(records)}".encode()


def ofxtools_tree(content: bytes) -> None:
	"""Build the tree of ofxtools, without making transactions of it."""
	from ofxtools.Parser import TreeBuilder

	builder = TreeBuilder()
	builder.feed(content[content.index(b"<OFX>") :].decode())
	builder.close()


def bare_csv(content: bytes) -> None:
	"""Split the cells with the standard library, without knowing what they hold."""
	for _ in csv.reader(StringIO(content.decode()), delimiter=";"):
		pass


def bare_xml(content: bytes) -> None:
	"""Go through the elements, without making transactions of them."""
	for _, element in iterparse(BytesIO(content), ("end",)):
		element.clear()


def seconds(work: Callable[[bytes], object], content: bytes) -> float:
	"""Return the least processor time of three runs."""
	times = []
	for _ in range(3):
		began = process_time()
		work(content)
		times.append(process_time() - began)
	return min(times)


def main(rows: int) -> None:
	"""Print one line for each reader, and for each reference."""
	for make in (table, camt, ofx, mt940, cfonb, qif, bai2):
		content = make(rows)
		print(
			f"{make.__name__:24} {rows / seconds(lambda text: read(text, ReadingOptions('EUR')), content):10,.0f} rows/s"
		)
		for reference in {table: (bare_csv,), camt: (bare_xml,), ofx: (ofxtools_tree,)}.get(make, ()):
			print(f"  {reference.__name__:22} {rows / seconds(reference, content):10,.0f} rows/s")


if __name__ == "__main__":
	main(int(sys.argv[1]) if len(sys.argv) > 1 else ROWS)

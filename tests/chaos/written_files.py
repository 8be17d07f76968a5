"""Statements of a pretend bank as files, in every format that is read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from io import BytesIO

from openpyxl import Workbook

from tests.core.pretend import IBAN, Row

NUMBER = IBAN[14:25]


@dataclass(frozen=True)
class Statement:
	"""Rows of closed days, and the balances around them."""

	rows: Sequence[Row]
	first: date
	last: date
	opening: Decimal

	@property
	def closing(self) -> Decimal:
		"""The balance at the end of the last day."""
		return self.opening + sum((row.amount for row in self.rows), Decimal(0))


def _comma(amount: Decimal) -> str:
	return f"{amount:.2f}".replace(".", ",")


def csv(message: Statement) -> bytes:
	"""A table with running balances, newest row first."""
	balance, lines = message.opening, []
	for row in message.rows:
		balance += row.amount
		lines.append(f"{row.day:%d/%m/%Y};{row.label};{_comma(row.amount)};{_comma(balance)}")
	return "\r\n".join(["Date;Libellé;Montant;Solde", *reversed(lines), ""]).encode("cp1252")


def plain_csv(message: Statement) -> bytes:
	"""A table in two columns of money, without any balance."""
	lines = ["Date,Description,Paid out,Paid in"]
	for row in message.rows:
		out, in_ = (f"{-row.amount:.2f}", "") if row.amount < 0 else ("", f"{row.amount:.2f}")
		lines.append(f"{row.day:%Y-%m-%d},{row.label},{out},{in_}")
	return "\n".join(lines).encode()


def xlsx(message: Statement) -> bytes:
	"""A workbook with balances above and below the rows."""
	book = Workbook()
	sheet = book.active
	sheet.append(["Relevé de compte"])
	sheet.append(["Solde initial", "", float(message.opening)])
	sheet.append(["Date", "Libellé", "Montant"])
	for row in message.rows:
		sheet.append([row.day, row.label, float(row.amount)])
	sheet.append(["", "Solde final", float(message.closing)])
	book.save(content := BytesIO())
	return content.getvalue()


def ofx(message: Statement) -> bytes:
	"""OFX 1 with the bank's own ids, which are the same in every file."""
	rows = "".join(
		f"<STMTTRN><TRNTYPE>OTHER<DTPOSTED>{row.day:%Y%m%d}<TRNAMT>{row.amount:.2f}<FITID>F{row.true}"
		f"<NAME>{row.label}</STMTTRN>\n"
		for row in message.rows
	)
	return (
		"OFXHEADER:100\nDATA:OFXSGML\nVERSION:102\n\n<OFX><BANKMSGSRSV1><STMTTRNRS><STMTRS><CURDEF>EUR"
		f"<BANKACCTFROM><BANKID>1<ACCTID>{IBAN}<ACCTTYPE>CHECKING</BANKACCTFROM>"
		f"<BANKTRANLIST><DTSTART>{message.first:%Y%m%d}<DTEND>{message.last:%Y%m%d}\n{rows}</BANKTRANLIST>"
		f"<LEDGERBAL><BALAMT>{message.closing:.2f}<DTASOF>{message.last:%Y%m%d}</LEDGERBAL>"
		"</STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>"
	).encode()


def qif(message: Statement) -> bytes:
	"""QIF, whose days a user must explain."""
	rows = "".join(f"D{row.day:%d/%m/%Y}\nT{row.amount:.2f}\nP{row.label}\n^\n" for row in message.rows)
	return f"!Type:Bank\n{rows}".encode()


def camt(message: Statement) -> bytes:
	"""camt.053 with the bank's references."""
	balances = _balance("OPBD", message.opening, message.first) + _balance(
		"CLBD", message.closing, message.last
	)
	entries = "".join(
		f"<Ntry><Amt Ccy='EUR'>{abs(row.amount):.2f}</Amt><CdtDbtInd>{_side(row.amount)}</CdtDbtInd>"
		f"<Sts>BOOK</Sts><BookgDt><Dt>{row.day}</Dt></BookgDt><AcctSvcrRef>S{row.true}</AcctSvcrRef>"
		f"<AddtlNtryInf>{row.label}</AddtlNtryInf></Ntry>"
		for row in message.rows
	)
	return (
		"<Document xmlns='urn:iso:std:iso:20022:tech:xsd:camt.053.001.08'><BkToCstmrStmt><Stmt><Id>1</Id>"
		f"<Acct><Id><IBAN>{IBAN}</IBAN></Id><Ccy>EUR</Ccy></Acct>{balances}{entries}"
		"</Stmt></BkToCstmrStmt></Document>"
	).encode()


def _balance(kind: str, amount: Decimal, day: date) -> str:
	return (
		f"<Bal><Tp><CdOrPrtry><Cd>{kind}</Cd></CdOrPrtry></Tp><Amt Ccy='EUR'>{abs(amount):.2f}</Amt>"
		f"<CdtDbtInd>{_side(amount)}</CdtDbtInd><Dt><Dt>{day}</Dt></Dt></Bal>"
	)


def _side(amount: Decimal) -> str:
	return "DBIT" if amount < 0 else "CRDT"


def mt940(message: Statement) -> bytes:
	"""MT940 of one statement."""
	rows = "".join(
		f":61:{row.day:%y%m%d}{row.day:%m%d}{_letter(row.amount)}{_comma(abs(row.amount))}NMSCNONREF\r\n"
		f":86:{row.label}\r\n"
		for row in message.rows
	)
	return (
		f":20:START\r\n:25:{IBAN}\r\n:28C:1/1\r\n:60F:{_letter(message.opening)}{message.first:%y%m%d}EUR"
		f"{_comma(abs(message.opening))}\r\n{rows}:62F:{_letter(message.closing)}{message.last:%y%m%d}EUR"
		f"{_comma(abs(message.closing))}\r\n-\r\n"
	).encode()


def _letter(amount: Decimal) -> str:
	return "D" if amount < 0 else "C"


def cfonb(message: Statement) -> bytes:
	"""CFONB 120: amounts whose last digit carries the sign."""
	records = [_cfonb_record("01", message.first, "", message.opening)]
	records += [_cfonb_record("04", row.day, row.label, row.amount) for row in message.rows]
	records.append(_cfonb_record("07", message.last, "", message.closing))
	return "\n".join(records).encode()


def _cfonb_record(code: str, day: date, label: str, amount: Decimal) -> str:
	digits = f"{abs(int(amount * 100)):014d}"
	last = ("}JKLMNOPQR" if amount < 0 else "{ABCDEFGHI")[int(digits[-1])]
	middle = f"  {day:%d%m%y}{label:31.31}" if code == "04" else ""
	head = f"{code}99999    00001EUR2 {NUMBER}B1{day:%d%m%y}{middle}"
	return f"{head.ljust(90)}{digits[:-1]}{last}".ljust(120)


FORMATS: dict[str, Callable[[Statement], bytes]] = {
	"csv": csv,
	"plain_csv": plain_csv,
	"xlsx": xlsx,
	"ofx": ofx,
	"qif": qif,
	"camt": camt,
	"mt940": mt940,
	"cfonb": cfonb,
}

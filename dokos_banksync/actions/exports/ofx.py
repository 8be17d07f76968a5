"""OFX 2.2 (XML): one statement for each Bank Account. https://financialdataexchange.org/ofx"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from xml.sax.saxutils import escape

from dokos_banksync.actions.exports.model import Contents, Row

_NAME = 32
"""Letters of NAME in the specification; a longer label stands in MEMO as a whole."""
_HEAD = """<?xml version="1.0" encoding="UTF-8" standalone="no"?>
<?OFX OFXHEADER="200" VERSION="220" SECURITY="NONE" OLDFILEUID="NONE" NEWFILEUID="NONE"?>
<OFX>
<SIGNONMSGSRSV1><SONRS><STATUS><CODE>0</CODE><SEVERITY>INFO</SEVERITY></STATUS><DTSERVER>{0:%Y%m%d%H%M%S}</DTSERVER>\
<LANGUAGE>ENG</LANGUAGE></SONRS></SIGNONMSGSRSV1>
<BANKMSGSRSV1>
"""
_TAIL = "</BANKMSGSRSV1>\n</OFX>\n"


def ofx(contents: Contents) -> str:
	"""Return the transactions as OFX. The ledger balance is that of the books on the last day."""
	statements = (
		line
		for number, name in enumerate(_accounts(contents), 1)
		for line in _statement(contents, number, name)
	)
	return _HEAD.format(contents.made_at) + "".join(f"{line}\n" for line in statements) + _TAIL


def _accounts(contents: Contents) -> list[str]:
	return sorted({row.bank_account for row in contents.rows})


def _statement(contents: Contents, number: int, name: str) -> Iterator[str]:
	account = contents.accounts[name]
	yield f"<STMTTRNRS><TRNUID>{number}</TRNUID><STATUS><CODE>0</CODE><SEVERITY>INFO</SEVERITY></STATUS><STMTRS>"
	yield f"<CURDEF>{account.currency}</CURDEF>"
	yield (
		f"<BANKACCTFROM>{_tag('BANKID', account.bank)}{_tag('ACCTID', account.iban or name)}"
		"<ACCTTYPE>CHECKING</ACCTTYPE></BANKACCTFROM>"
	)
	yield f"<BANKTRANLIST><DTSTART>{_day(contents.first)}</DTSTART><DTEND>{_day(contents.last)}</DTEND>"
	yield from (_transaction(row) for row in contents.rows if row.bank_account == name)
	yield "</BANKTRANLIST>"
	if name in contents.balances:
		amount = f"{contents.balances[name]:f}"
		yield f"<LEDGERBAL><BALAMT>{amount}</BALAMT><DTASOF>{_day(contents.last)}</DTASOF></LEDGERBAL>"
	yield "</STMTRS></STMTTRNRS>"


def _transaction(row: Row) -> str:
	kind = "OTHER" if not row.amount else "CREDIT" if row.amount > 0 else "DEBIT"
	memo = _tag("MEMO", row.description) if len(row.description) > _NAME else ""
	number = _tag("REFNUM", row.reference) if row.reference else ""
	return (
		f"<STMTTRN><TRNTYPE>{kind}</TRNTYPE><DTPOSTED>{_day(row.date)}</DTPOSTED><TRNAMT>{row.amount:f}</TRNAMT>"
		f"{_tag('FITID', row.transaction_id or row.name)}{number}{_tag('NAME', row.description[:_NAME])}{memo}</STMTTRN>"
	)


def _tag(name: str, text: str) -> str:
	return f"<{name}>{escape(text)}</{name}>"


def _day(day: date) -> str:
	return f"{day:%Y%m%d}"

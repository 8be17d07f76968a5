"""OFX 1 (SGML) and OFX 2 (XML), and QFX, which is OFX: https://financialdataexchange.org/ofx

The tree is built by ofxtools; the rows are read here, one by one, so that one bad row does not cost the file.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from html import unescape
from xml.etree.ElementTree import Element

from dokos_banksync.core.errors import InvalidData
from dokos_banksync.core.model import Line
from dokos_banksync.statements.amounts import MARKS, amount, decimal_mark
from dokos_banksync.statements.contract import TOO_MANY, Account, Balance, Options, Refused, Statement
from dokos_banksync.statements.days import day
from dokos_banksync.statements.ids import Ids
from dokos_banksync.statements.text import decode

_START = re.compile(rb"<OFX>|OFXHEADER|<\?OFX", re.IGNORECASE)
_START_WIDE = "<OFX>".encode("utf-16-le")
_EMPTY = re.compile(
	r"<(MEMO|NAME|CHECKNUM|REFNUM|PAYEEID|SIC|FITID|TRNAMT|DTPOSTED|TRNTYPE)>\s*(?=<(?!/\1>))", re.IGNORECASE
)
_SHARED = "The id {0} stands on different rows: it was not used"
_LIE = "The file says that it is {0}, and is {1}: it was read as what it is"
_NO_BALANCE = "The closing balance cannot be read: {0}"
_LOOKED_AT = 4096
_ROW = "<STMTTRN>"
_STATEMENTS = ("STMTRS", "CCSTMTRS")
_ENCODING = re.compile(r"\b(ENCODING|CHARSET)\s*[:=]\s*[\"']?([\w-]+)", re.IGNORECASE)
_UNICODE = ("UTF-8", "UNICODE")
_DIGITS = re.compile(r"\d{8}")
_FIELDS = ("TRNTYPE", "DTPOSTED", "DTUSER", "TRNAMT", "FITID", "CHECKNUM", "REFNUM", "NAME", "MEMO")


def knows(content: bytes) -> bool:
	head = content[:_LOOKED_AT]
	return bool(_START.search(head)) or _START_WIDE in head


def read(content: bytes, options: Options) -> Statement:
	text, encoding, remarks = decode(content)
	if options.most and text.upper().count(_ROW) > options.most:
		raise InvalidData(TOO_MANY, options.most)
	found = sorted(_statements(_tree(text)), key=lambda node: _STATEMENTS.index(node.tag))
	if not found:
		raise InvalidData("The OFX file holds no statement: it may be an answer with an error in it")
	more: list[str] = []
	accounts = tuple(_account(node, options, more) for node in found)
	version = "OFX 2" if "<?OFX" in text[:_LOOKED_AT].upper() else "OFX 1"
	return Statement(version, accounts, (*remarks, *_lies(text, encoding), *more))


def _statements(root: Element) -> Iterator[Element]:
	"""As they stand in the file; what stands in another one is no statement of its own."""
	left = [root]
	while left:
		node = left.pop()
		if node.tag in _STATEMENTS:
			yield node
		else:
			left.extend(reversed(node))


def _tree(text: str) -> Element:
	from ofxtools.Parser import ParseError, TreeBuilder  # slow to load, and seldom needed

	start = text.upper().find("<OFX>")
	if start < 0:
		raise InvalidData("The OFX file ends before its data: download it again")
	if "</OFX>" not in text.upper():
		raise InvalidData("The OFX file is cut off: download it again")
	builder = TreeBuilder()
	try:
		builder.feed(_EMPTY.sub("", text[start:]))
		root = builder.close()
	except (ParseError, AssertionError, IndexError) as error:
		raise InvalidData("The OFX file is damaged ({0}): download it again", error) from error
	return root


def _lies(text: str, encoding: str) -> list[str]:
	"""A header that names another encoding than the one the file is in; CHARSET counts beside USASCII."""
	head = text[:_LOOKED_AT].partition("<OFX>")[0]
	named = {kind.upper(): name for kind, name in _ENCODING.findall(head)}
	told = named.get("ENCODING", "")
	if told.upper() not in _UNICODE:
		told = named.get("CHARSET", told)
	if text.isascii() or not told or (told.upper() in _UNICODE) == encoding.startswith("utf-"):
		return []
	return [_LIE.format(told, encoding)]


def _account(node: Element, options: Options, remarks: list[str]) -> Account:
	source = node.find("BANKACCTFROM")
	source = source if source is not None else node.find("CCACCTFROM")
	number = _said(source, "ACCTID") if source is not None else ""
	currency = _said(node, "CURDEF").upper()
	rows = list(node.iter("STMTTRN"))
	mark = decimal_mark([text for row in rows if set(text := _said(row, "TRNAMT")) & set(MARKS)])
	reader = _Rows(currency or options.currency, mark)
	reader.take_all(rows)
	remarks += [_SHARED.format(own) for own in sorted(reader.shared)]
	iban = number if re.fullmatch(r"[A-Z]{2}\d{2}[A-Z0-9]{10,30}", number.replace(" ", "")) else ""
	return Account(
		number, iban, currency, tuple(reader.lines), tuple(reader.refused), _balance(node, mark, remarks)
	)


def _balance(node: Element, mark: str, remarks: list[str]) -> Balance | None:
	told = node.find("LEDGERBAL")
	if told is None:
		return None
	try:
		return Balance(_amount(_said(told, "BALAMT"), mark), _day(_said(told, "DTASOF")))
	except InvalidData as error:
		remarks.append(_NO_BALANCE.format(error))
		return None


class _Rows:
	"""Rows of one account. An id that stands on different rows names none of them."""

	def __init__(self, currency: str, mark: str) -> None:
		self.currency, self.mark = currency, mark
		self.lines: list[Line] = []
		self.refused: list[Refused] = []
		self.shared: set[str] = set()
		self._ids = Ids()
		self._taken: set[str] = set()

	def take_all(self, rows: Sequence[Element]) -> None:
		told = [{tag: text for tag in _FIELDS if (text := _said(row, tag))} for row in rows]
		contents: dict[str, set[tuple[str, ...]]] = {}
		for fields in told:
			contents.setdefault(fields.get("FITID", ""), set()).add(tuple(fields.values()))
		self.shared = {own for own, different in contents.items() if own and len(different) > 1}
		for place, (row, fields) in enumerate(zip(rows, told, strict=True), 1):
			self._take(place, row, fields)

	def _take(self, place: int, row: Element, told: dict[str, str]) -> None:
		made = self._ids.of([told.get(tag, "") for tag in _FIELDS])
		own = told.get("FITID", "")
		remote_id = own if own and own not in self.shared else made
		try:
			self._refuse_repeated(remote_id)
			self.lines.append(self._line(row, told, remote_id))
			self._taken.add(remote_id)
		except InvalidData as error:
			key = made if remote_id in self._taken else remote_id
			self.refused.append(Refused(place, key, str(error), " | ".join(told.values())))

	def _refuse_repeated(self, remote_id: str) -> None:
		if remote_id in self._taken:
			raise InvalidData("The row says the same as one before it, under the same id: it was taken once")

	def _line(self, row: Element, told: dict[str, str], remote_id: str) -> Line:
		label = " ".join(dict.fromkeys(filter(None, (told.get("NAME") or _payee(row), told.get("MEMO")))))
		return Line(
			*("", remote_id, _day(told.get("DTPOSTED", ""))),
			_amount(told.get("TRNAMT", ""), self.mark),
			_text(row.find("CURRENCY/CURSYM")).upper() or self.currency,
			*(label, label),
			transaction_date=_day(told["DTUSER"]) if "DTUSER" in told else None,
			kind=told.get("TRNTYPE", ""),
			reference=told.get("CHECKNUM") or told.get("REFNUM", ""),
			raw=json.dumps(told, ensure_ascii=False),
		)


def _payee(row: Element) -> str:
	return _text(row.find("PAYEE/NAME"))


def _text(node: Element | None) -> str:
	"""On one line. SGML leaves entities to the reader, and banks write a bare & beside them."""
	return " ".join(unescape(node.text or "").split()) if node is not None else ""


def _said(node: Element, tag: str) -> str:
	return _text(node.find(tag))


def _amount(text: str, usual: str) -> Decimal:
	"""The specification allows a comma and a point, and no mark of thousands; some banks write one."""
	own = next((mark for mark in MARKS if mark in text), ".")
	return amount(text, decimal_mark([text]) or usual or own)


def _day(text: str) -> date:
	"""A day of the bank's calendar: the clock and zone behind it do not move it."""
	if not _DIGITS.match(text):
		raise InvalidData("{0} is no date", text or "–")
	return day(text[:8], "YMD")

"""CFONB 120: the account statement of French banks, in records of 120 characters.

Source: Comité français d'organisation et de normalisation bancaires, "Relevé de compte sur support informatique"
(July 2004), and "Évolutions du relevé de compte 120 caractères" (August 2007, and for SEPA); https://www.cfonb.org

Record 01 is the opening balance, 04 a transaction, 05 more about the transaction before it, 07 the closing balance.
The last digit of an amount carries its sign: `{ABCDEFGHI` are 0 to 9 of a credit, `}JKLMNOPQR` of a debit.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from dokos_banksync.core.errors import InvalidData
from dokos_banksync.core.iban import normalize_iban
from dokos_banksync.core.message import Message
from dokos_banksync.core.model import Line
from dokos_banksync.statements.contract import TOO_MANY, Balance, ReadingOptions, Refused, Statement
from dokos_banksync.statements.control import CUT_OFF
from dokos_banksync.statements.parts import Part, join
from dokos_banksync.statements.text import decode

_WIDTH = 120
_HEAD = re.compile(r"(?:\s*)01[0-9 ]{9}[0-9 A-Z]{5}[A-Z ]{3}[0-9 ] [0-9A-Z ]{11}.{2}[0-9]{6}")
_DIGITS = {sign: f"{value}" for signs in ("{ABCDEFGHI", "}JKLMNOPQR") for value, sign in enumerate(signs)}
_DEBIT = frozenset("}JKLMNOPQR")
_FRENCH = str.maketrans("éè", "{}")
"""A conversion from the French EBCDIC turns the braces into these letters."""
_NEW_CENTURY = 60
_FREE = ("LIB", "LCC", "LC2", "LCS")
"""Qualifiers whose text goes on in the next record: free label, remittance information."""
_UNKNOWN_RECORD = "{0} is not a record of a CFONB 120 statement"
_ALONE = "The record belongs to no transaction"
_OTHER_ACCOUNT = "The record is of the account {0}, and stands in the statement of {1}"
_UNREAD = "A balance of the statement cannot be read: {0}"


def knows(content: bytes) -> bool:
	"""Whether the content begins with an opening balance in its fixed places."""
	return bool(_HEAD.match(content[:512].decode("latin-1").lstrip("ï»¿")))


def read(content: bytes, options: ReadingOptions) -> Statement:
	"""Raises `InvalidData` for bytes that are no text, and for more rows than allowed."""
	text, _, remarks = decode(content)
	reader = _Reader(options)
	for number, record in enumerate(_records(text.lstrip("\ufeff")), 1):
		reader.take(number, record)
	reader.end()
	joined = join(reader.parts)
	return Statement("CFONB 120", joined.accounts, (*remarks, *joined.remarks))


def _records(text: str) -> Iterator[str]:
	"""Yield the records. Some files have no line breaks; some lines have lost the blanks at their end."""
	for line in text.splitlines():
		for offset in range(0, len(line.rstrip()), _WIDTH):
			yield line[offset : offset + _WIDTH].ljust(_WIDTH)


def _amount(field: str, decimals: str) -> Decimal:
	"""Raises `InvalidData`; a digit without a sign is none either."""
	text = field.translate(_FRENCH)
	last = _DIGITS.get(text[-1:])
	digits = text[:-1].strip() + (last or "")
	if last is None or not (digits + decimals).isascii() or not (digits + decimals).isdigit() or not digits:
		raise InvalidData("{0} is not an amount", field.strip() or "–")
	value = Decimal(digits).scaleb(-int(decimals))
	return -value if text[-1] in _DEBIT else value


def _day(field: str) -> date:
	"""Return the day written as DDMMYY. Raises `InvalidData`."""
	if not (field.isascii() and field.isdigit()):
		raise InvalidData("{0} is not a date", field.strip() or "–")
	year = int(field[4:])
	try:
		return date(year + (1900 if year >= _NEW_CENTURY else 2000), int(field[2:4]), int(field[:2]))
	except ValueError as error:
		raise InvalidData("{0} is not a date", field) from error


def _number(record: str) -> str:
	"""Return bank, branch and account of a record."""
	return f"{record[2:7]}{record[11:16]}{record[21:32]}".replace(" ", "")


class _Reader:
	def __init__(self, options: ReadingOptions) -> None:
		self.parts: list[Part] = []
		self._part = Part()
		self._options = options
		self._rows = 0
		self._row: tuple[int, list[str]] | None = None
		"""The number of a record 04, and it and the records 05 that follow."""

	def take(self, number: int, record: str) -> None:
		"""Add a record to the statement; 01 begins the next one."""
		code = record[:2]
		if code == "05" and self._row:
			self._row[1].append(record)
			return
		self._end_row()
		if code == "01":
			self.end()
			self._account(record)
			self._part.opening = self._balance(record)
		elif code == "04":
			self._row = number, [record]
		elif code == "07":
			if self._part.number and _number(record) != self._part.number:
				self._part.mismatches.append(Message(_OTHER_ACCOUNT, _number(record), self._part.number))
			self._part.closing = self._balance(record)
		else:
			reason = _ALONE if code == "05" else Message(_UNKNOWN_RECORD, code.strip() or "–")
			self._part.refused.append(Refused(number, "", reason, record.rstrip()))

	def _account(self, record: str) -> None:
		self._part.number = _number(record)
		self._part.currency = record[16:19].strip()

	def _balance(self, record: str) -> Balance | None:
		try:
			return Balance(_amount(record[90:104], record[19]), _day(record[34:40]))
		except InvalidData as error:
			self._part.mismatches.append(Message(_UNREAD, error.message))
			return None

	def _end_row(self) -> None:
		if self._row is None:
			return
		(number, records), self._row = self._row, None
		self._rows += 1
		if self._options.most and self._rows > self._options.most:
			raise InvalidData(TOO_MANY, self._options.most)
		try:
			self._part.lines.append(self._line(records))
		except InvalidData as error:
			text = " | ".join(record.rstrip() for record in records)
			self._part.refused.append(Refused(number, "", error.message, text))

	def _line(self, records: list[str]) -> Line:
		record = records[0]
		if self._part.number and _number(record) != self._part.number:
			raise InvalidData(_OTHER_ACCOUNT, _number(record), self._part.number)
		amount = _amount(record[90:104], record[19])
		about = _complements(records[1:])
		party, account = ("NPY", "CPY") if amount > 0 else ("NBE", "CBE")
		label = _label(record[48:79], about)
		return Line(
			remote_account="",
			remote_id="",
			date=_day(record[34:40]),
			amount=amount,
			currency=record[16:19].strip() or self._part.currency or self._options.currency,
			description=label,
			original=label,
			value_date=_optional_day(record[42:48]),
			kind=record[32:34].strip(),
			party_name=about.get(party, ""),
			party_iban=normalize_iban(about.get(account, "")),
			reference=_reference(record, about),
			raw=json.dumps([record.rstrip() for record in records], ensure_ascii=False),
		)

	def end(self) -> None:
		"""Close the statement that is being read, if it holds anything."""
		self._end_row()
		part = self._part
		if part.opening and not part.closing and not part.mismatches:
			part.mismatches.append(CUT_OFF)
		if part != Part():
			self.parts.append(part)
		self._part = Part()


def _optional_day(field: str) -> date | None:
	try:
		return _day(field)
	except InvalidData:
		return None


def _complements(records: list[str]) -> dict[str, str]:
	"""Return the texts of the records 05 by qualifier; a qualifier that is repeated goes on."""
	found: dict[str, str] = {}
	for record in records:
		qualifier, text = record[45:48], " ".join(record[48:118].split())
		found[qualifier] = f"{found[qualifier]} {text}" if qualifier in found else text
	return found


def _label(own: str, about: dict[str, str]) -> str:
	"""Return the label of the transaction, the other party, and what either wrote; nothing twice."""
	label = " ".join(own.split())
	for text in (about.get("NPY"), about.get("NBE"), *(about.get(key) for key in _FREE)):
		if text and text.casefold() not in label.casefold():
			label = f"{label} {text}".strip()
	return label


def _reference(record: str, about: dict[str, str]) -> str:
	"""Return the reference of the client, the mandate, the number of the entry (a cheque), the bank's."""
	number = record[81:88].strip("0 ")
	client = about.get("RCN", "")
	return client or about.get("RUM", "") or number or record[104:120].strip() or about.get("REF", "")

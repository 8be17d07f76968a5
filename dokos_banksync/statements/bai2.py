"""BAI2, the cash management balance reporting format of North American banks.

Source: Bank Administration Institute, "Cash Management Balance Reporting Specifications, Version 2" (1987), now kept
as ANSI X9.121. Records are lines of fields apart by commas, ended by a slash: 01 file, 02 group, 03 account with its
balances, 16 transaction, 88 continuation, and 49, 98, 99 with control totals. Amounts have no decimal mark; the
currency says how many of the digits are decimals.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from dokos_banksync.core.errors import InvalidData
from dokos_banksync.core.message import Message
from dokos_banksync.core.model import Line
from dokos_banksync.statements.bai2_codes import MINOR, TOTALS
from dokos_banksync.statements.contract import TOO_MANY, Balance, ReadingOptions, Refused, Statement
from dokos_banksync.statements.parts import Part, join
from dokos_banksync.statements.text import decode

_START = re.compile(rb"(?:\xef\xbb\xbf)?\s*01,[^\r\n]*,[^\r\n]*,\d{6},[^\r\n]*[,/][ \t]*\r?\n\s*02,")
_NUMBER = re.compile(r"[+-]?[0-9]{1,18}")
_DAY = re.compile(r"[0-9]{6}")
_OPENING, _CLOSING, _NO_MONEY = "010", "015", "890"
_UPDATE = "1"
_DEFAULT = "USD"
"""The currency of a group that names none."""
_SUM = "The control total of account {0} is {1}, and its records make {2}"
_RECORDS = "Account {0} should have {1} records, and has {2}"
_GROUPS = "A control total of the file is {0}, and its accounts make {1}"
_CUT_OFF = "The file has no record 99 at its end: it may be cut off"
_NOTHING_MOVED = "Records that move no money (type code 890) were left out"
_TOTAL = "The type code {0} is a total or a part of other rows, which count already"
_NO_CURRENCY = "The file names no currency, which means {0}, and the Bank Account is in {1}"
_NOT_CLOSED = "The records of the account {0} have no control total (49) at their end"
_UNREAD = "A control value cannot be read: {0}"


@dataclass
class _Account:
	"""An account that is being read; `total` sums all amounts of its records as they are written."""

	part: Part = field(default_factory=Part)
	total: int = 0
	records: int = 0
	totals: list[str] = field(default_factory=list)
	"""Type codes of its transactions that are called totals."""


def knows(content: bytes) -> bool:
	"""Whether the content begins with the records 01 and 02."""
	return bool(_START.match(content[:4096]))


def read(content: bytes, options: ReadingOptions) -> Statement:
	"""Raises `InvalidData` for bytes that are no text, more rows than allowed, and a test or a correction."""
	text, _, remarks = decode(content)
	reader = _Reader(options)
	for number, lines, record in _records(text.lstrip("\ufeff")):
		reader.take(number, lines, record)
	reader.end()
	joined = join(reader.parts)
	notes = (*remarks, *dict.fromkeys(reader.remarks), *joined.remarks)
	return Statement("BAI2", joined.accounts, notes)


def _records(text: str) -> Iterator[tuple[int, int, str]]:
	"""Yield number of the line, count of lines, and text of every record, its continuations joined to it.

	A slash ends the fields of a line, and the continuation holds the next ones. A text without a slash at its end goes
	on in the continuation.
	"""
	first, lines, pieces = 0, 0, list[str]()
	for number, raw in enumerate(text.splitlines(), 1):
		line = raw.strip()
		if line.startswith("88,") and pieces:
			lines += 1
			pieces.append(line[3:])
		elif line:
			if pieces:
				yield first, lines, _joined(pieces)
			first, lines, pieces = number, 1, [line]
	if pieces:
		yield first, lines, _joined(pieces)


def _joined(pieces: list[str]) -> str:
	ended = (f"{piece[:-1]}," if piece.endswith("/") else f"{piece} " for piece in pieces[:-1])
	return "".join((*ended, pieces[-1].removesuffix("/")))


class _Reader:
	def __init__(self, options: ReadingOptions) -> None:
		self.parts: list[Part] = []
		self.remarks: list[str] = []
		self._options = options
		self._rows = 0
		self._account: _Account | None = None
		self._day: date | None = None
		self._currency = ""
		self._bank, self._own_id, self._kind = "", "", ""
		self._sums: dict[str, int] = {"group": 0, "file": 0}
		self._ended = False

	def take(self, number: int, lines: int, text: str) -> None:
		"""Add a record to what is being read. Raises `InvalidData`."""
		fields = [value.strip() for value in text.split(",")]
		code = fields[0]
		if self._account and code in ("03", "16", "49"):
			self._account.records += lines
		if code == "02":
			self._group(fields)
		elif code == "03":
			self._open(fields, lines)
		elif code == "16":
			self._row(number, text, fields)
		elif code == "49":
			self._close(fields)
		elif code in ("98", "99"):
			self._control("group" if code == "98" else "file", fields)
		elif code != "01":
			self._refuse(number, text, "The record has no code of the BAI2 format")

	def _group(self, fields: list[str]) -> None:
		fields += [""] * (8 - len(fields))
		self._bank, self._own_id, self._kind = fields[2], " ".join(fields[4:6]), fields[7].strip()
		if fields[3] not in ("", _UPDATE):
			raise InvalidData(
				"The BAI2 file is a deletion, a correction or a test (group status {0}), and no statement",
				fields[3],
			)
		self._day = _day(fields[4])
		self._currency, self._sums["group"] = fields[6].upper(), 0

	def _open(self, fields: list[str], lines: int) -> None:
		fields += [""] * (3 - len(fields))
		if self._account:
			self._account.part.mismatches.append(Message(_NOT_CLOSED, self._account.part.number or "–"))
			self.parts.append(self._account.part)
		account = self._account = _Account(records=lines)
		account.part.number = fields[1]
		part = account.part
		part.currency = fields[2].upper() or self._currency
		part.institution, part.own_id, part.kind = self._bank, self._own_id, self._kind
		if not part.currency and self._options.currency not in ("", _DEFAULT):
			part.mismatches.append(Message(_NO_CURRENCY, _DEFAULT, self._options.currency))
		rest = fields[3:]
		while any(rest):
			code, money, _, funds = (*rest[:4], "", "", "", "")[:4]
			rest = _after_funds(funds, rest[4:])
			self._summary(account, code, money)

	def _summary(self, account: _Account, code: str, money: str) -> None:
		if not _NUMBER.fullmatch(money):
			return
		account.total += int(money)
		if code not in (_OPENING, _CLOSING) or self._day is None:
			return
		balance = Balance(self._money(money), self._day)
		if code == _OPENING:
			account.part.opening = balance
		else:
			account.part.closing = balance

	def _money(self, text: str) -> Decimal:
		currency = (self._account and self._account.part.currency) or self._options.currency
		if not _NUMBER.fullmatch(text):
			raise InvalidData("{0} is not an amount", text or "–")
		return Decimal(text).scaleb(-MINOR.get(currency, 2))

	def _row(self, number: int, text: str, fields: list[str]) -> None:
		self._rows += 1
		if self._options.most and self._rows > self._options.most:
			raise InvalidData(TOO_MANY, self._options.most)
		fields += [""] * (4 - len(fields))
		account = self._account
		if account is None:
			return self._refuse(number, text, "The record belongs to no account")
		if _NUMBER.fullmatch(fields[2]):
			account.total += int(fields[2])
		if fields[1] == _NO_MONEY:
			self.remarks.append(_NOTHING_MOVED)
			return None
		if fields[1] in TOTALS:
			account.totals.append(fields[1])
		try:
			account.part.lines.append(self._line(account.part, text, fields))
		except InvalidData as error:
			self._refuse(number, text, error.message)
		return None

	def _line(self, part: Part, text: str, fields: list[str]) -> Line:
		if self._day is None:
			raise InvalidData("{0} is not a date", "–")
		_, code, money, funds, *rest = fields
		value_date = _optional_day(rest[0]) if funds == "V" and rest else None
		rest = [*_after_funds(funds, rest), "", ""]
		label = " ".join(", ".join(filter(None, rest[2:])).split())
		bank, customer = rest[0], rest[1]
		label = label or customer or bank or code
		return Line(
			remote_account="",
			remote_id="",
			date=self._day,
			amount=self._money(money) * _sign(code),
			currency=part.currency or self._options.currency,
			description=label,
			original=label,
			value_date=value_date,
			kind=code,
			reference=customer or bank,
			raw=json.dumps({"16": text}, ensure_ascii=False),
		)

	def _refuse(self, number: int, text: str, reason: str) -> None:
		if self._account is None:
			self._account = _Account()
		self._account.part.refused.append(Refused(number, "", reason, text))

	def _close(self, fields: list[str]) -> None:
		account, self._account = self._account, None
		if account is None:
			return
		part, stated = account.part, [*fields[1:], "", ""]
		if not _NUMBER.fullmatch(stated[0]):
			part.mismatches.append(Message(_UNREAD, stated[0] or "–"))
		elif int(stated[0]) != account.total:
			part.mismatches.append(Message(_SUM, part.number, int(stated[0]), account.total))
		else:
			self._sums["group"] += account.total
		if stated[1].isdecimal() and int(stated[1]) != account.records:
			part.mismatches.append(Message(_RECORDS, part.number, int(stated[1]), account.records))
		if account.totals and not part.is_proven:
			part.mismatches.append(Message(_TOTAL, ", ".join(dict.fromkeys(account.totals))))
		self.parts.append(part)

	def _control(self, name: str, fields: list[str]) -> None:
		made = self._sums[name]
		if name == "group":
			self._sums["file"] += made
		else:
			self._ended = True
		if not self.parts or any(part.mismatches for part in self.parts):
			return
		stated = fields[1] if len(fields) > 1 else ""
		if not _NUMBER.fullmatch(stated) or int(stated) != made:
			self.parts[-1].mismatches.append(Message(_GROUPS, stated or "–", made))

	def end(self) -> None:
		"""Close what is being read: a file that is whole has nothing open."""
		if self._account:
			self.parts.append(self._account.part)
		if self.parts and not self._ended:
			self.parts[-1].mismatches.append(_CUT_OFF)


def _after_funds(funds: str, rest: list[str]) -> list[str]:
	"""Return the fields behind those that the funds type brings: availability by day."""
	if funds == "S":
		return rest[3:]
	if funds == "V":
		return rest[2:]
	if funds == "D" and rest and rest[0].isdecimal():
		return rest[1 + 2 * min(int(rest[0]), len(rest)) :]
	return rest


def _sign(code: str) -> int:
	"""Type codes 100 to 399 are credits, 400 to 699 debits; the standard gives no direction to the others."""
	if len(code) == 3 and code.isdecimal():
		if 100 <= int(code) <= 399:
			return 1
		if 400 <= int(code) <= 699:
			return -1
	raise InvalidData("The type code {0} says neither credit nor debit", code or "–")


def _day(text: str) -> date:
	if not _DAY.fullmatch(text):
		raise InvalidData("{0} is not a date", text or "–")
	try:
		return date(2000 + int(text[:2]), int(text[2:4]), int(text[4:]))
	except ValueError as error:
		raise InvalidData("{0} is not a date", text) from error


def _optional_day(text: str) -> date | None:
	try:
		return _day(text)
	except InvalidData:
		return None

"""The messages of an MT940 or MT942 file: account, balances, rows, totals."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from dokos_banksync.core.errors import InvalidData
from dokos_banksync.core.iban import as_iban
from dokos_banksync.core.message import Message
from dokos_banksync.core.model import Line, LineState
from dokos_banksync.statements.contract import TOO_MANY, Balance, ReadingOptions, Refused, Totals
from dokos_banksync.statements.control import CUT_OFF, CUT_OFF_ROW
from dokos_banksync.statements.mt940.details import parse_details
from dokos_banksync.statements.mt940.entry_days import entry_day, in_period
from dokos_banksync.statements.parts import Part

TAGS = frozenset(
	[
		"20",
		"21",
		"25",
		"25P",
		"28",
		"28C",
		"13",
		"13D",
		"34F",
		"60",
		"60F",
		"60M",
		"61",
		"86",
		"62",
		"62F",
		"62M",
		"64",
		"65",
		"90C",
		"90D",
		"NS",
	]
)
"""The fields of both messages. A line that begins with another one belongs to the field before it."""
_BALANCE = re.compile(r"([CD])([0-9]{6})([A-Z]{3})?([0-9]{1,18}(?:[,.][0-9]*)?|,[0-9]{1,2})\s*")
_ROW = re.compile(
	r"([0-9]{6})([0-9]{4}|[ ]{4})?(R[CD]|E[CD]|[CD])([A-Z])?[ \n]*([0-9]{1,18}(?:[,.][0-9]*)?|,[0-9]{1,2})"
	r"(?![0-9.,'’]|[ \u00a0][0-9])(.*)",
	re.DOTALL,
)
"""An amount that goes on behind its decimals has marks of thousands, which the standard does not know."""
_TYPE = re.compile(r"([NFS][A-Z0-9 ]{3})(.*)", re.DOTALL)
_TOTAL = re.compile(r"([0-9]{1,5})([A-Z]{3})([0-9]{1,18}(?:[,.][0-9]*)?)\s*")
_LIMIT = re.compile(r"([A-Z]{3})[CD ]?[0-9,]*\s*")
_GERMAN = re.compile(r"([0-9]{8})/([0-9]{1,10})")
_SIGNS = {"C": 1, "RD": 1, "EC": 1, "D": -1, "RC": -1, "ED": -1}
"""RC is the reversal of a credit, and so a debit; RD is the reversal of a debit. EC and ED are expected."""
_DAYS_OF_INTEREST = ("0229", "0230")
"""Days of a month of 30 days, in which February has them all."""
_EXPECTED = ("EC", "ED")
_CUT_OFF_REPORT = "The report has neither totals nor a mark of its end: the file may be cut off"
_NO_REFERENCE = frozenset(("NONREF", "NOREF", "NONE", "NOTPROVIDED", ""))
_UNREAD = "The field :{0}: cannot be read: {1}"
_CENTURY, _TURN = 2000, 80
"""Years from 80 are of the 20th century."""


class Field(NamedTuple):
	"""A field of a message: its tag without colons, and its value, which may have several lines."""

	tag: str
	value: str
	is_last: bool = False
	"""Whether the file ends with it, without a mark for the end of the message."""


class Messages(NamedTuple):
	"""What a file holds."""

	format: str
	parts: list[Part]
	remarks: list[str]


def swift_day(text: str) -> date:
	"""Return the day written as YYMMDD. Raises `InvalidData`."""
	year = int(text[:2])
	try:
		return date(year + _CENTURY - (100 if year >= _TURN else 0), int(text[2:4]), int(text[4:6]))
	except ValueError as error:
		raise InvalidData("{0} is not a date", text) from error


def _value_day(text: str, *, has_entry: bool) -> date:
	"""Return the value date; the last of February for its 29th or 30th, which interest is reckoned with.

	Where no entry date says the day of booking, a day that does not exist is an error: raises `InvalidData`.
	"""
	try:
		return swift_day(text)
	except InvalidData:
		if not has_entry or text[2:] not in _DAYS_OF_INTEREST:
			raise
		return swift_day(f"{text[:2]}0301") - timedelta(days=1)


def swift_amount(text: str) -> Decimal:
	"""Return the amount of the digits and one decimal comma, which the callers' patterns guarantee."""
	return Decimal(text.replace(",", "."))


def read_messages(fields: Iterable[Field], options: ReadingOptions) -> Messages:
	"""Return one part for each message: from :20: to the next one."""
	reader = _Reader(options)
	for field in fields:
		reader.take(field)
	reader.end()
	return Messages("MT942" if reader.interim else "MT940", reader.parts, reader.remarks)


class _Reader:
	def __init__(self, options: ReadingOptions) -> None:
		self.parts: list[Part] = []
		self.remarks: list[str] = []
		self.interim = False
		self._options = options
		self._part = Part()
		self._begun = False
		"""Whether :20: began a message of which nothing else was read yet."""
		self._rows = 0
		self._page = 0
		"""The number of the page in :28C:, 0 without one."""
		self._pending: list[Field] = []
		"""A :61: and the fields that belong to it."""
		self._open_end = False
		"""Whether no mark of an end follows the last field of the file."""

	def take(self, field: Field) -> None:
		"""Add a field to the message; :20: begins the next one."""
		self._open_end = field.is_last
		if field.tag in ("86", "NS"):
			if self._pending:
				self._pending.append(field)
			return  # else it is about the statement as a whole
		self._end_row()
		if field.tag == "20":
			self.end()
			self._begun = True
			self._part.own_id = field.value.strip()
		elif field.tag == "61":
			self._pending = [field]
		else:
			self._control(field)

	def _control(self, field: Field) -> None:
		if field.tag in ("25", "25P"):
			self._begin_account(field.value)
			return
		part, value = self._part, field.value
		if field.tag in ("28", "28C"):
			part.own_id += value.strip()
			self._page = _page(value)
		elif field.tag in ("60", "60F", "60M") and part.opening is None:
			part.opening = self._balance(field)
			part.continues = field.tag == "60M" and self._page > 1
		elif field.tag in ("62", "62F", "62M"):
			part.closing, part.final = self._balance(field), field.tag != "62M"
			part.is_continued = not part.final
		elif field.tag in ("34F", "13D"):
			self.interim, part.kind = True, "MT942"
			limit = _LIMIT.fullmatch(value)
			part.currency = part.currency or (limit[1] if limit else "")
		elif field.tag in ("90C", "90D"):
			self._total(field)

	def _begin_account(self, value: str) -> None:
		"""Take the account. Another one than that of the message begins a statement of its own."""
		if self._part.number:
			other = Part()
			_account(other, value)
			if other.number != self._part.number:
				self.end()
		_account(self._part, value)

	def _balance(self, field: Field) -> Balance | None:
		found = _BALANCE.fullmatch(field.value)
		try:
			if found:
				self._part.currency = self._part.currency or found[3] or ""
				return Balance(swift_amount(found[4]) * _SIGNS[found[1]], swift_day(found[2]))
		except InvalidData:
			pass
		self._part.mismatches.append(Message(_UNREAD, field.tag, field.value.strip()[:40]))
		return None

	def _total(self, field: Field) -> None:
		found = _TOTAL.fullmatch(field.value)
		if not found:
			self._part.mismatches.append(Message(_UNREAD, field.tag, field.value.strip()[:40]))
			return
		self._part.currency = self._part.currency or found[2]
		totals = self._part.totals or Totals()
		amount, rows = swift_amount(found[3]), int(found[1]) + (totals.rows or 0)
		if field.tag == "90C":
			self._part.totals = totals._replace(credits=amount, rows=rows)
		else:
			self._part.totals = totals._replace(debits=-amount, rows=rows)

	def _end_row(self) -> None:
		if not self._pending:
			return
		row, *about = self._pending
		self._pending = []
		self._rows += 1
		if self._options.most and self._rows > self._options.most:
			raise InvalidData(TOO_MANY, self._options.most)
		raw = json.dumps({"61": row.value, "86": [field.value for field in about]}, ensure_ascii=False)
		try:
			self._check_end(row)
			self._part.lines.append(self._line(row.value, about, raw))
		except InvalidData as error:
			text = " | ".join([row.value, *(field.value for field in about)]).replace("\n", " ")
			self._part.refused.append(Refused(self._rows, "", error.message, text))

	def _check_end(self, row: Field) -> None:
		"""Raise `InvalidData` for a row in the middle of which the file ends."""
		if row.is_last and not _is_whole(row.value):
			self._part.mismatches.append(CUT_OFF_ROW)
			raise InvalidData(CUT_OFF_ROW)

	def _line(self, text: str, about: list[Field], raw: str) -> Line:
		found = _ROW.fullmatch(text)
		if not found:
			raise InvalidData("The row does not follow the standard of :61:")
		day, entry, mark, _, amount, rest = found.groups()
		entry = (entry or "").strip()
		value_date = _value_day(day, has_entry=bool(entry))
		details = parse_details([field.value for field in about])
		kind, reference, more = _references(rest)
		label = details.label or more or reference or kind
		return Line(
			remote_account="",
			remote_id="",
			date=entry_day(entry, value_date) if entry else value_date,
			amount=swift_amount(amount) * _SIGNS[mark],
			currency=self._part.currency or self._options.currency,
			description=label,
			original=label,
			state=LineState.PENDING if mark in _EXPECTED else LineState.BOOKED,
			value_date=value_date,
			kind=details.kind or kind,
			party_name=details.party_name,
			party_iban=details.party_iban,
			reference=details.reference or reference,
			raw=raw,
		)

	def end(self) -> None:
		"""Close the message that is being read, if it holds anything."""
		self._end_row()
		part = self._part
		nothing = not (part.opening or part.closing or part.lines or part.refused or self.interim)
		if nothing and self._begun and self.parts:
			self.parts[-1].mismatches.append(CUT_OFF)
		elif part.opening and not part.closing and not part.mismatches:
			part.mismatches.append(CUT_OFF)
		if self.interim and self._open_end and part.lines and part.totals is None and part.closing is None:
			part.mismatches.append(_CUT_OFF_REPORT)
		if part != Part(own_id=part.own_id, kind=part.kind):
			in_period(part)
			self.parts.append(part)
		self._part, self._begun, self._page = Part(), False, 0


def _page(value: str) -> int:
	"""Return the number of the page in the value of :28C:, 0 without one."""
	page = value.partition("/")[2].strip()
	return int(page) if page.isdecimal() else 0


def _is_whole(row: str) -> bool:
	"""Whether a :61: goes on behind its amount with the type of the transaction, as the standard demands."""
	found = _ROW.fullmatch(row)
	return bool(found and _TYPE.fullmatch(found[6].partition("\n")[0]))


def _account(part: Part, value: str) -> None:
	"""An IBAN, `bank code/number` of a German account, or whatever identifies it; a currency may follow."""
	text = "".join(value.split()).upper()
	for piece in (*text.split("/"), text):
		for candidate in (piece, piece[:-3]):
			if as_iban(candidate) and candidate[-3:].isdigit():
				part.number = part.iban = candidate
				return
	german = _GERMAN.fullmatch(text[:-3] if text[-3:].isalpha() else text)
	part.number = f"{german[1]}/{german[2].zfill(10)}" if german else text


def _references(rest: str) -> tuple[str, str, str]:
	"""Return transaction type, reference and supplementary details: what follows the amount in :61:."""
	first, _, more = rest.partition("\n")
	typed = _TYPE.fullmatch(first)
	kind, first = (typed[1].strip(), typed[2]) if typed else ("", first)
	customer, _, bank = first.partition("//")
	known = [text.strip() for text in (customer, bank) if text.strip().upper() not in _NO_REFERENCE]
	return kind, known[0] if known else "", " ".join(more.split())

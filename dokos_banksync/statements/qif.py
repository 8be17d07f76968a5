"""QIF, the Quicken Interchange Format.

Source: Intuit, "Quicken Interchange Format (QIF) file specification", as kept at
https://web.archive.org/web/2010/http://web.intuit.com/support/quicken/docs/d_qif.html

A line begins with the letter of its field; `^` ends a record. The format has no currency, no ids, and does not say
whether the day or the month comes first.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from dokos_banksync.core.errors import InvalidData
from dokos_banksync.core.message import Message
from dokos_banksync.core.model import Line
from dokos_banksync.statements.amounts import MARKS, bare_amount, decimal_mark
from dokos_banksync.statements.contract import (
	DAY_OR_MONTH,
	DECIMAL_MARK,
	REVERSED,
	SIGNS,
	TOO_MANY,
	Balance,
	ReadingOptions,
	ReadingQuestion,
	Refused,
	Statement,
)
from dokos_banksync.statements.days import DMY, MDY, YMD, are_mixed, day, possible_orders
from dokos_banksync.statements.part_lines import PartLines
from dokos_banksync.statements.parts import Part, join
from dokos_banksync.statements.questions import BOTH_ORDERS, SIGN
from dokos_banksync.statements.roles import Setting
from dokos_banksync.statements.text import decode
from dokos_banksync.statements.void import refuse_void

_STARTS = ("!type:", "!account", "!option:", "!clear:")
_READ = frozenset(("bank", "ccard", "cash", "oth a", "oth l"))
_INVESTMENT, _CARD = "invst", "ccard"
_OPENING = frozenset(
	("opening balance", "solde initial", "solde d'ouverture", "anfangssaldo", "eröffnungssaldo")
)
_NO_INVESTMENTS = "Transactions of an investment account were left out: they are not read"
_FOUNDED = "The record {0} of {1} is the opening balance, and no transaction"
_LATE_OPENING = "The row is called like an opening balance, and does not stand before all others: {0}"
_TWO_AMOUNTS = "The row states two amounts, {0} and {1}"
_CUT_OFF = "The file ends in the middle of a transaction (row {0}): it may be cut off"
_SPLITS = "The parts of the transaction of {0} over {1} make {2}"
_QUICKEN_DAY = re.compile(r"(\d{1,2})([/.\-])(\d{1,2})['’](\d{1,4})")


class _Record(NamedTuple):
	"""`row` is the line in the file at which it starts; `values` holds the texts of each letter in order."""

	row: int
	values: dict[str, list[str]]
	whole: bool = True
	"""Whether its end is marked, or a line break ends the file behind it."""

	def get(self, letter: str) -> str:
		"""Return the text of a field on one line, or empty."""
		return " ".join(" ".join(self.values.get(letter, ())).split())


@dataclass
class _Section:
	"""The records of an account."""

	name: str = ""
	records: list[_Record] = field(default_factory=list)
	kind: str = ""
	"""The type of the account in small letters."""


def knows(content: bytes) -> bool:
	"""Whether the first line that is not blank is a header of the format."""
	for encoding in ("utf-16", "utf-8-sig"):
		if encoding == "utf-8-sig" or content.startswith((b"\xff\xfe", b"\xfe\xff")):
			head = content[:512].decode(encoding, "replace").lstrip().lower()
			return head.startswith(_STARTS)
	return False


def read(content: bytes, options: ReadingOptions) -> Statement:
	"""Raises `ReadingQuestion` where the order of the dates or the decimal mark stays open."""
	text, _, remarks = decode(content)
	found: list[str] = []
	sections = list(_sections(text.lstrip("\ufeff"), found))
	records = [record for section in sections for record in section.records]
	if options.most and len(records) > options.most:
		raise InvalidData(TOO_MANY, options.most)
	if found and not records:
		raise InvalidData("The QIF file is of an investment account, which is not read")
	order, mark = _order(records, options), _mark(records, options)
	reader = _Reader(order, mark, options)
	joined = join([reader.part(section) for section in sections if section.records])
	notes = (*remarks, *dict.fromkeys((*found, *reader.remarks)), *joined.remarks)
	return Statement("QIF", joined.accounts, notes)


def _sections(text: str, remarks: list[str]) -> Iterator[_Section]:
	"""Yield the accounts. Lists of categories, classes, memorized transactions and prices are passed over."""
	kind, section = "", _Section()
	for header, record in _blocks(text):
		if header is not None:
			kind = header
			if section.records:
				yield section
				section = _Section(section.name)
		elif record is None:
			continue
		elif kind == "account":
			section.name = record.get("N")
		elif kind in _READ:
			section.records.append(record)
			section.kind = kind
		elif kind == _INVESTMENT:
			remarks.append(_NO_INVESTMENTS)
	if section.records:
		yield section


def _blocks(text: str) -> Iterator[tuple[str | None, _Record | None]]:
	"""Yield headers in small letters without `!` and `Type:`, and records."""
	row, values = 0, dict[str, list[str]]()
	for number, line in enumerate(text.splitlines(), 1):
		if line.startswith("!"):
			name = line[1:].strip().lower()
			if not name.startswith(("option:", "clear:")):
				yield name.removeprefix("type:").strip(), None
		elif line.startswith("^"):
			if values:
				yield None, _Record(row, values)
			row, values = 0, {}
		elif line.strip():
			row = row or number
			values.setdefault(line[0].upper(), []).append(line[1:].strip())
	if values:
		yield None, _Record(row, values, text.endswith(("\n", "\r")))


def _written_day(text: str) -> str:
	"""Quicken writes blanks for leading zeros, and an apostrophe before a year of this century."""
	plain = text.replace(" ", "")
	found = _QUICKEN_DAY.fullmatch(plain)
	if not found:
		return plain
	year = f"20{found[4].zfill(2)}" if len(found[4]) < 4 else found[4]
	return f"{found[1]}{found[2]}{found[3]}{found[2]}{year}"


def _order(records: Sequence[_Record], options: ReadingOptions) -> str:
	days = [_written_day(record.get("D")) for record in records]
	if not options.dates and are_mixed(days):
		choices = [{Setting.DATE_FORMAT: one} for one in (DMY, MDY)]
		raise ReadingQuestion(BOTH_ORDERS, DMY, MDY, choices=choices)
	orders = (options.dates,) if options.dates else possible_orders(days)
	if len(orders) > 1:
		raise ReadingQuestion(DAY_OR_MONTH, choices=[{Setting.DATE_FORMAT: one} for one in (DMY, MDY)])
	return orders[0] if orders else YMD


def _mark(records: Sequence[_Record], options: ReadingOptions) -> str:
	mark = options.decimal or decimal_mark(_money(record) for record in records)
	if not mark:
		raise ReadingQuestion(DECIMAL_MARK, choices=[{Setting.DECIMAL: one} for one in MARKS])
	return mark


def _is_opening(record: _Record) -> bool:
	return record.get("P").casefold() in _OPENING


def _money(record: _Record) -> str:
	return record.get("T") or record.get("U")


class _Reader:
	def __init__(self, order: str, mark: str, options: ReadingOptions) -> None:
		self.remarks: list[str] = []
		self._order, self._mark, self._currency = order, mark, options.currency
		self._sign = options.sign if options.sign in SIGNS else ""

	def part(self, section: _Section) -> Part:
		"""Return the rows of an account; a record of an opening balance is a control value."""
		part = Part(number=section.name, institution=section.kind)
		earliest = self._earliest(section.records)
		for record in section.records:
			try:
				self._take(record, part, earliest)
			except InvalidData as error:
				text = " | ".join(
					f"{letter}{text}" for letter in record.values for text in record.values[letter]
				)
				part.refused.append(Refused(record.row, "", error.message, text))
			if not record.whole:
				part.mismatches.append(Message(_CUT_OFF, record.row))
		return self._with_sign(part, section.kind == _CARD)

	def _with_sign(self, part: Part, card: bool) -> Part:
		"""Return the part, its amounts turned round where the user says so. Raises `ReadingQuestion` for a card whose rows
		mostly are money in.
		"""
		in_, out = (sum(line.amount * side > 0 for line in part.lines) for side in (1, -1))
		if card and in_ > max(out, 1) and not self._sign:
			raise ReadingQuestion(SIGN, choices=[{Setting.SIGN: sign} for sign in SIGNS])
		if self._sign == REVERSED:
			part.lines = PartLines(line._replace(amount=-line.amount) for line in part.lines)
		return part

	def _earliest(self, records: Sequence[_Record]) -> date:
		"""Return the first day of records that are no opening balance."""
		days = [found for one in records if not _is_opening(one) and (found := self._optional_day(one))]
		return min(days, default=date.max)

	def _optional_day(self, record: _Record) -> date | None:
		try:
			return self._day(record)
		except InvalidData:
			return None

	def _take(self, record: _Record, part: Part, earliest: date) -> None:
		refuse_void(record.get("P"))
		booked, money = self._day(record), self._amount(_money(record))
		if (other := record.get("U")) and self._amount(other) != money:
			raise InvalidData(_TWO_AMOUNTS, record.get("T"), other)
		if _is_opening(record):
			if part.opening is not None or booked > earliest:
				raise InvalidData(_LATE_OPENING, record.get("P"))
			part.opening = Balance(money, booked)
			self.remarks.append(Message(_FOUNDED, record.get("P"), money))
			return
		part.lines.append(self._line(record, booked, money))
		self._check_splits(record, booked, money, part)

	def _day(self, record: _Record) -> date:
		return day(_written_day(record.get("D")), self._order)

	def _amount(self, text: str) -> Decimal:
		return bare_amount(text, self._mark, self._currency)

	def _line(self, record: _Record, booked: date, money: Decimal) -> Line:
		payee, memo = record.get("P"), record.get("M")
		label = payee if memo.casefold() in payee.casefold() else f"{payee} {memo}".strip()
		label = label or record.get("L")
		return Line(
			remote_account="",
			remote_id="",
			date=booked,
			amount=money,
			currency=self._currency,
			description=label,
			original=label,
			party_name=payee,
			reference=record.get("N"),
			raw=json.dumps(record.values, ensure_ascii=False),
		)

	def _check_splits(self, record: _Record, booked: date, money: Decimal, part: Part) -> None:
		splits = record.values.get("$", [])
		if not splits:
			return
		made = sum((self._amount(text) for text in splits), start=Decimal(0))
		if made != money:
			part.mismatches.append(Message(_SPLITS, booked, money, made))

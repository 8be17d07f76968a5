"""A statement of an OFX file: its account, its rows, and what contradicts them."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from babel.numbers import get_currency_precision

from dokos_banksync.core.errors import InvalidData
from dokos_banksync.core.iban import as_iban
from dokos_banksync.core.matching.repeated_ids import repeated_id
from dokos_banksync.core.message import Message
from dokos_banksync.core.model import Line, LineState
from dokos_banksync.statements.amounts import MARKS, bare_amount, decimal_mark
from dokos_banksync.statements.contract import DECIMAL_MARK, Balance, ReadingOptions, ReadingQuestion, Refused
from dokos_banksync.statements.days import YMD, day
from dokos_banksync.statements.identified import SHARED
from dokos_banksync.statements.ofx.scan import CARD, Fields, Raw
from dokos_banksync.statements.parts import Part
from dokos_banksync.statements.roles import Setting
from dokos_banksync.statements.vocabulary import Control, control

_NO_BALANCE = "The closing balance cannot be read: {0}"
_AGAINST = "{0} rows have a type that contradicts their sign, as {1} {2} of {3}: check the signs of the file"
_MOSTLY_IN = (
	"{0} of {1} rows whose type takes money out ({2}) have a positive amount: check the signs of the file"
)
_BALANCE_ROW = "The row is called like a balance, and may be no transaction: {0}"
_DIGITS = re.compile(r"[0-9]{8}")
_CUT = 32
"""Characters of NAME in the specification. A longer text goes on in MEMO, in the midst of a word."""
_SIGN_OF_TYPE = {"CREDIT": 1, "DEP": 1, "DIRECTDEP": 1, "DEBIT": -1, "CHECK": -1}
"""Types that say whether money came in. Banks use the others for either direction."""
_USUALLY_OUT = frozenset(("POS", "ATM", "FEE", "SRVCHG", "CASH", "DIRECTDEBIT", "REPEATPMT"))
"""Types that take money out but for a reversal now and then."""


class Found(NamedTuple):
	"""A part, and whether it is of a credit card."""

	part: Part
	card: bool


def part_of(raw: Raw, options: ReadingOptions, remarks: list[str]) -> Found:
	"""Return the statement's rows as lines; `remarks` gains what should be known of them."""
	fields = raw.fields
	number = fields.get("BANKACCTFROM/ACCTID") or fields.get("CCACCTFROM/ACCTID", "")
	currency = fields.get("CURDEF", "").upper()
	mark = _decimal_mark(raw, currency or options.currency, options.decimal)
	part = Part(number, as_iban(number), currency, institution=_institution(raw))
	part.closing = _balance(fields, mark, currency, remarks)
	rows = _Rows(part, currency or options.currency, mark)
	rows.take_all(raw)
	remarks += [Message(SHARED, own) for own in sorted(rows.shared)]
	part.mismatches += _against_type(part.lines) or _mostly_in(part.lines, raw.kind == CARD)
	return Found(part, raw.kind == CARD)


def _institution(raw: Raw) -> str:
	"""Return what distinguishes accounts of one number: some banks give all accounts of a member the same one."""
	if raw.kind == CARD:
		return "CARD"
	given = (raw.fields.get(f"BANKACCTFROM/{name}", "") for name in ("BANKID", "BRANCHID", "ACCTTYPE"))
	return " ".join(filter(None, given))


def _decimal_mark(raw: Raw, currency: str, stated: str) -> str:
	"""Return the decimal mark of the amounts, empty where none of them has one.

	The specification knows no mark of thousands. In a currency of two decimals `1,234` is nevertheless no amount of three:
	raises `ReadingQuestion` where no other amount says what its mark means.
	"""
	texts = [text for row in raw.rows if set(text := row.get("TRNAMT", "")) & set(MARKS)]
	mark = stated or decimal_mark(texts)
	if texts and not mark and get_currency_precision(currency) < _DIGITS_OF_THOUSANDS:
		choices = [{Setting.DECIMAL: one} for one in MARKS]
		raise ReadingQuestion(DECIMAL_MARK, choices=choices)
	return mark


def _balance(fields: Fields, mark: str, currency: str, remarks: list[str]) -> Balance | None:
	stated = fields.get("LEDGERBAL/BALAMT")
	if stated is None:
		return None
	try:
		return Balance(_amount(stated, mark, currency), _day(fields.get("LEDGERBAL/DTASOF", "")))
	except InvalidData as error:
		remarks.append(Message(_NO_BALANCE, error.message))
		return None


def _against_type(lines: Sequence[Line]) -> list[str]:
	"""The specification gives TRNAMT a sign. A bank that relies on TRNTYPE instead writes all amounts unsigned."""
	against = [line for line in lines if line.amount * _SIGN_OF_TYPE.get(line.kind.upper(), 0) < 0]
	if not against:
		return []
	first = against[0]
	return [Message(_AGAINST, len(against), first.kind, first.amount, first.date)]


def _mostly_in(lines: Sequence[Line], card: bool) -> list[str]:
	"""Return amounts without their sign under types that it does not contradict one by one: most purchases come in."""
	usual = [line for line in lines if line.kind.upper() in _USUALLY_OUT and line.amount]
	if card and len(lines) > 2:
		usual = usual or [line for line in lines if line.kind.upper() not in (*_SIGN_OF_TYPE, "PAYMENT")]
	in_ = [line for line in usual if line.amount > 0]
	if 2 * len(in_) <= len(usual):
		return []
	return [Message(_MOSTLY_IN, len(in_), len(usual), ", ".join(sorted({line.kind for line in in_})))]


_MOST_REPEATED = 20
"""Rows under the id of another one that a user is asked about."""
_HELD = "HOLD"
"""The type of an amount that the bank holds until the transaction is booked."""


class _Rows:
	"""Rows of one account. An id that stands on different rows names none of them."""

	def __init__(self, part: Part, currency: str, mark: str) -> None:
		self._part, self._currency, self._mark = part, currency, mark
		self.shared: set[str] = set()
		self._taken: Counter[str] = Counter()
		self._is_doubled = False
		"""Whether the list stands in the file twice: of so many rows under the id of another one, none is a transaction."""

	def take_all(self, raw: Raw) -> None:
		"""Take the rows; equal FITIDs with different contents are not used as ids."""
		contents: dict[str, Fields] = {}
		for row in raw.rows:
			own = row.get("FITID", "")
			if own and contents.setdefault(own, row) != row:
				self.shared.add(own)
		ids = [own for row in raw.rows if (own := row.get("FITID", "")) and own not in self.shared]
		self._is_doubled = len(ids) - len(set(ids)) > _MOST_REPEATED
		for place, row in enumerate(raw.rows):
			self._take(place + 1, row, pending=place in raw.pending)

	def _take(self, place: int, row: Fields, pending: bool) -> None:
		own = row.get("FITID", "")
		own = "" if own in self.shared else own
		number = self._taken[own] + 1 if own else 1
		try:
			_refuse_correction(row)
			_refuse_balance(row)
			key = own if number == 1 else self._repeated_id(own, number)
			self._part.lines.append(self._line(row, key, pending or row.get("TRNTYPE", "").upper() == _HELD))
			self._taken[own] = number
		except InvalidData as error:
			key = own if number == 1 else ""
			self._part.refused.append(Refused(place, key, error.message, " | ".join(row.values())))

	def _repeated_id(self, own: str, number: int) -> str:
		"""Return the id of a row that may be a second transaction."""
		if self._is_doubled:
			raise InvalidData("The row says the same as one before it, under the same id: it was taken once")
		made = repeated_id(own, number)
		self._part.repeated.add(made)
		return made

	def _line(self, row: Fields, own: str, pending: bool) -> Line:
		label = _label(row)
		currency = row.get("CURRENCY/CURSYM", "").upper() or self._currency
		return Line(
			remote_account="",
			remote_id=own,
			date=_day(row.get("DTPOSTED") or row.get("DTTRAN", "")),
			amount=_amount(row.get("TRNAMT", ""), self._mark, currency),
			currency=currency,
			description=label,
			original=label,
			state=LineState.PENDING if pending else LineState.BOOKED,
			transaction_date=_optional_day(row.get("DTUSER", "")),
			kind=row.get("TRNTYPE", ""),
			reference=row.get("CHECKNUM") or row.get("REFNUM", ""),
			raw=json.dumps(row, ensure_ascii=False),
		)


def _refuse_correction(row: Fields) -> None:
	"""A row that replaces or deletes another one would be counted beside it."""
	if "CORRECTFITID" in row:
		raise InvalidData(
			"The row corrects the transaction {0} ({1}): correct that one by hand",
			row["CORRECTFITID"],
			row.get("CORRECTACTION", "–"),
		)


def _refuse_balance(row: Fields) -> None:
	"""Some banks list a balance of each day among the transactions."""
	label = _label(row)
	if control(label) in (Control.OPENING, Control.CLOSING):
		raise InvalidData(_BALANCE_ROW, label)


def _label(row: Fields) -> str:
	"""NAME and MEMO. Banks repeat the name in the memo, or go on there where the name was cut off."""
	name = row.get("EXTDNAME/NAME") or row.get("NAME") or row.get("PAYEE/NAME", "")
	memo = row.get("MEMO", "")
	if memo.casefold() in name.casefold():
		return name
	if memo.casefold().startswith(name.casefold()):
		return memo
	return f"{name}{memo}" if len(name) >= _CUT else f"{name} {memo}"


def _amount(text: str, usual: str, currency: str) -> Decimal:
	"""The specification allows a comma and a point, and no mark of thousands; some banks write one."""
	own = next((mark for mark in MARKS if mark in text), ".")
	return bare_amount(text, decimal_mark([text]) or usual or own, currency)


_DIGITS_OF_THOUSANDS = 3


def _day(text: str) -> date:
	"""Return a day of the bank's calendar: the clock and zone behind it do not move it."""
	if not _DIGITS.match(text):
		raise InvalidData("{0} is not a date", text or "–")
	return day(text[:8], YMD)


def _optional_day(text: str) -> date | None:
	try:
		return _day(text) if text else None
	except InvalidData:
		return None

"""The statements of a camt message: accounts, balances, totals, pages."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import NamedTuple

from dokos_banksync.core.errors import InvalidData
from dokos_banksync.core.iban import as_iban, normalize_iban
from dokos_banksync.core.message import Message
from dokos_banksync.statements import iso20022
from dokos_banksync.statements.camt.entries import Entries, iso_amount, iso_day
from dokos_banksync.statements.contract import Balance, ReadingOptions, Totals
from dokos_banksync.statements.iso20022 import Record, Values
from dokos_banksync.statements.parts import Part

MESSAGES = {"Rpt": "camt.052", "Stmt": "camt.053", "Ntfctn": "camt.054"}
"""By the element that is one statement."""
_WANTED = frozenset({"Id", "Acct", "Bal", "TxsSummry", "Ntry", "StmtPgntn", "RptPgntn", "NtfctnPgntn"})
_GROUPS = frozenset({"TxDtls"})
_SERVICERS = tuple(f"Svcr/FinInstnId/{path}" for path in ("BICFI", "BIC", "ClrSysMmbId/MmbId"))
_BALANCE_UNREAD = "A balance of the statement cannot be read: {0}"
_MESSAGE = re.compile(r"camt\.05[234]")


class _Stated(NamedTuple):
	"""A balance as it stands in the file."""

	code: str
	within: bool
	"""Whether it is a balance within the period: at the end or the start of a page."""
	balance: Balance
	currency: str


class OpenStatement:
	"""A statement that is being read."""

	def __init__(self, kind: str) -> None:
		self.kind, self.id, self.page = kind, "", 0
		self.part = Part(bounded=kind == "Stmt", kind=kind, whole_days=kind == "Stmt")
		self.balances: list[_Stated] = []

	def account(self, values: Values) -> None:
		"""Take the account: IBAN or other number, and currency."""
		iban = normalize_iban(values.get("Id/IBAN", ""))
		other = values.get("Id/Othr/Id") or values.get("Id/PrtryAcct/Id") or values.get("Id/BBAN", "")
		iban = iban or as_iban(other)
		self.part.number, self.part.iban = iban or other, iban
		self.part.currency = values.get("Ccy", "").upper()
		if not iban:
			self.part.institution = next((text for path in _SERVICERS if (text := values.get(path))), "")

	def balance(self, values: Values) -> None:
		"""Take an opening or closing booked balance; other kinds are no control values."""
		code = values.get("Tp/CdOrPrtry/Cd") or values.get("Tp/Cd", "")
		if code not in ("OPBD", "PRCD", "CLBD", "ITBD"):
			return  # available and expected balances are no control values
		try:
			amount = iso_amount(values.get("Amt", ""), values.get("CdtDbtInd", ""))
			day = iso_day(values.get("Dt/Dt") or values.get("Dt/DtTm", ""))
		except InvalidData as error:
			self.part.mismatches.append(Message(_BALANCE_UNREAD, error.message))
			return
		within = code == "ITBD" or values.get("Tp/SubTp/Cd") == "INTM"
		self.balances.append(_Stated(code, within, Balance(amount, day), values.get("Amt@Ccy", "")))

	def totals(self, values: Values) -> None:
		"""Take the control totals: sums of credits and debits, and the number of entries."""
		credit, debit = (_figure(values.get(f"Ttl{kind}Ntries/Sum", "")) for kind in ("Cdt", "Dbt"))
		counts = [values.get(f"Ttl{kind}Ntries/NbOfNtries", "") for kind in ("Cdt", "Dbt")]
		rows = values.get("TtlNtries/NbOfNtries", "")
		if not rows and all(text.isdecimal() for text in counts):
			rows = str(sum(int(text) for text in counts))
		stated = Totals(credit, None if debit is None else -debit, int(rows) if rows.isdecimal() else None)
		self.part.totals = None if stated == Totals() else stated
		self.part.turnover, self.part.net = _figure(values.get("TtlNtries/Sum", "")), _net(values)

	def close(self) -> Part:
		"""Return the part, its balances chosen."""
		self.part.currency = self.part.currency or self._currency_of_balances() or self._currency_of_lines()
		balances = [b for b in self.balances if b.currency in ("", self.part.currency)]
		opening = [b for b in balances if b.code == "OPBD"] or [b for b in balances if b.code == "PRCD"]
		closing = [b for b in balances if b.code == "CLBD"]
		between = [b for b in balances if b.code == "ITBD"]
		if self.kind == "Stmt" and not opening and between and (closing or len(between) > 1):
			opening = [between.pop(0)]
		closing = closing or between
		if opening:
			self.part.opening = min(opening, key=lambda b: b.balance.day).balance
		if closing:
			last = max(reversed(closing), key=lambda b: (b.balance.day, not b.within))
			self.part.closing, self.part.final = last.balance, not last.within
		self.part.own_id, self.part.continues = f"{self.id} {self.page}", self.page > 1
		return self.part

	def _currency_of_balances(self) -> str:
		return next((b.currency for b in self.balances if b.currency), "")

	def _currency_of_lines(self) -> str:
		found = self.part.lines.currencies
		return next(iter(found)) if len(found) == 1 else ""


def _figure(text: str) -> Decimal | None:
	"""Return a control sum; one that cannot be read is none."""
	try:
		return abs(iso_amount(text, "CRDT"))
	except InvalidData:
		return None


def _net(values: Values) -> Decimal | None:
	"""Return the net amount of all entries: an amount and its indicator, in an element of their own from version 4 on."""
	older = values.get("TtlNtries/TtlNetNtryAmt", ""), values.get("TtlNtries/CdtDbtInd", "")
	newer = values.get("TtlNtries/TtlNetNtry/Amt", ""), values.get("TtlNtries/TtlNetNtry/CdtDbtInd", "")
	try:
		return iso_amount(*(newer if newer[0] else older))
	except InvalidData:
		return None


class CamtMessage:
	"""One XML file. `name` is the kind of the message, and empty until one was recognised."""

	def __init__(self, options: ReadingOptions, remarks: list[str], already: int = 0) -> None:
		self.name = ""
		self._options, self._remarks, self._already = options, remarks, already

	def read(self, content: bytes) -> list[OpenStatement]:
		"""Return the statements of the file. Raises `InvalidData` for what is not a statement, or is damaged."""
		named = _MESSAGE.search(" ".join(iso20022.root(content) or ()))
		entries = Entries(self._options, self._remarks, self._already)
		opened = list(self._statements(iso20022.records(content, _WANTED, _GROUPS), entries))
		for statement in opened:
			statement.close()
		if named and opened:
			self.name = named[0]
		return opened

	def _statements(self, records: Iterator[Record], entries: Entries) -> Iterator[OpenStatement]:
		current: OpenStatement | None = None
		for record in records:
			if record.parent not in MESSAGES:
				continue
			if record.name == "Id" or current is None:
				if current:
					yield current
				current = self._begin(record.parent)
			self._take(current, record, entries)
		if current:
			yield current

	def _begin(self, kind: str) -> OpenStatement:
		self.name = self.name or MESSAGES[kind]
		return OpenStatement(kind)

	def _take(self, current: OpenStatement, record: Record, entries: Entries) -> None:
		if record.name == "Ntry":
			entries.take(record.values, record.groups, current.part)
		elif record.name == "Id":
			current.id = record.values.get("", "")
		elif record.name == "Acct":
			current.account(record.values)
		elif record.name == "Bal":
			current.balance(record.values)
		elif record.name == "TxsSummry":
			current.totals(record.values)
		elif record.name.endswith("Pgntn"):
			page = record.values.get("PgNb", "")
			current.page = int(page) if page.isdecimal() else 0
			current.part.is_continued = record.values.get("LastPgInd") in ("false", "0")


def parts_of(statements: Iterable[OpenStatement]) -> list[Part]:
	"""Return the statements of all files, the pages of each joined."""
	pages: list[OpenStatement] = []
	for statement in statements:
		if pages and _continues(pages[-1], statement):
			_append(pages[-1].part, statement.part)
		else:
			pages.append(statement)
	return [statement.part for statement in pages]


def _continues(before: OpenStatement, after: OpenStatement) -> bool:
	return before.id == after.id and after.page > 1 and before.part.key == after.part.key


def _append(part: Part, page: Part) -> None:
	"""Join the next page of a statement to it. Each page states the totals of the whole, or its own."""
	part.lines.add_all(page.lines)
	part.refused += page.refused
	part.mismatches += page.mismatches
	part.left_out += page.left_out
	part.is_continued = page.is_continued
	part.opening = part.opening or page.opening
	if page.closing:
		part.closing, part.final = page.closing, page.final
	if part.totals != page.totals:
		part.totals = _sum(part.totals, page.totals)
	if (part.turnover, part.net) != (page.turnover, page.net):
		part.turnover = part.net = None


def _sum(one: Totals | None, other: Totals | None) -> Totals | None:
	if one is None or other is None:
		return one or other

	def plus(a: Decimal | None, b: Decimal | None) -> Decimal | None:
		"""Return the sum, or None where one side is not stated."""
		return None if a is None or b is None else a + b

	rows = None if one.rows is None or other.rows is None else one.rows + other.rows
	return Totals(plus(one.credits, other.credits), plus(one.debits, other.debits), rows)

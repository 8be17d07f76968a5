"""Transactions of Enable Banking as lines.

`credit_debit_indicator` alone gives the sign: some banks write a minus beside it. BOOK is booked; PDNG and HOLD are
pending; SCHD is announced; CNCL and RJCT never came to be.

No id is to be trusted: `entry_reference` is absent, a position within the day or new at every call at some banks,
and `transaction_id` is never stable. A row gets its number within the fetch; the core makes an id of its content.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from dokos_banksync.core.model import Line, LineState, RejectedRow
from dokos_banksync.providers import rawjson
from dokos_banksync.providers.parsing import Object, day, decimal_text, mapping, text, texts
from dokos_banksync.providers.rejection import NOT_A_TRANSACTION, why_rejected

STATES: Mapping[str, LineState] = {
	"BOOK": LineState.BOOKED,
	"PDNG": LineState.PENDING,
	"HOLD": LineState.PENDING,
	"SCHD": LineState.FUTURE,
}
NEVER_CAME = frozenset({"CNCL", "RJCT"})

_SIGNS = {"CRDT": 1, "DBIT": -1}


class Read(NamedTuple):
	"""What a page of rows became."""

	lines: list[Line]
	rejected: list[RejectedRow]


class Reader:
	"""Reads the rows of one account, in one fetch. `currency` is the account's, `today` dates pending rows."""

	def __init__(self, account: str, currency: str, today: date) -> None:
		self._account, self._currency, self._today = account, currency, today
		self._number = 0

	def read(self, rows: Sequence[rawjson.Row]) -> Read:
		"""Translate the rows of a page; what cannot be read is rejected with its reason."""
		read = Read([], [])
		for row, raw in rows:
			found = self._line(row, raw)
			if isinstance(found, Line):
				read.lines.append(found)
			elif found:
				reference = text(row.get("entry_reference")) if isinstance(row, dict) else ""
				read.rejected.append(RejectedRow(self._account, reference, found, raw))
		return read

	def _line(self, row: Any, raw: str) -> Line | str:
		"""Return a row as a line, the reason why it is none, or "" for one that never came to be."""
		if not isinstance(row, dict):
			return NOT_A_TRANSACTION
		status = text(row.get("status"))
		if status in NEVER_CAME:
			return ""
		state = STATES.get(status)
		money = _amount(row)
		on = _day(row, pending=state is not LineState.BOOKED, today=self._today)
		if state is None:
			return "The transaction has a status that is not known."
		if money is None:
			return "The transaction has no amount or sign that can be read."
		if on is None:
			return why_rejected(money, on)
		return self._made(row, raw, state, money=money, on=on)

	def _made(self, row: Object, raw: str, state: LineState, money: Decimal, on: date) -> Line:
		currency = text(mapping(row.get("transaction_amount")).get("currency")) or self._currency
		party = _party(row, money)
		self._number += 1
		remittance = texts(row.get("remittance_information")) or [text(row.get("note"))]
		code = mapping(row.get("bank_transaction_code"))
		original = " ".join(" ".join(remittance).split()) or party.name or text(code.get("description"))
		return Line(
			remote_account=self._account,
			remote_id=str(self._number),
			date=on,
			amount=money,
			currency=currency,
			description=original,
			original=original,
			state=state,
			value_date=day(row.get("value_date")),
			transaction_date=day(row.get("transaction_date")),
			kind=_kind(code),
			party_name=party.name,
			party_iban=party.iban,
			reference=text(row.get("reference_number")),
			raw=raw,
		)


class Party(NamedTuple):
	"""The other side of a transaction."""

	name: str
	iban: str


def _amount(row: Object) -> Decimal | None:
	"""Return the signed amount: the indicator alone gives the sign."""
	amount = decimal_text(mapping(row.get("transaction_amount")).get("amount"))
	sign = _SIGNS.get(text(row.get("credit_debit_indicator")))
	return None if amount is None or sign is None else sign * abs(amount)


def _day(row: Object, *, pending: bool, today: date) -> date | None:
	"""Return the booking date, else the next best; a pending row may have none and is then today's."""
	names = ("booking_date", "value_date", "transaction_date")
	found = next((on for name in names if (on := day(row.get(name)))), None)
	return found or (today if pending else None)


def _party(row: Object, money: Decimal) -> Party:
	side = "debtor" if money > 0 else "creditor"
	name = " ".join(text(mapping(row.get(side)).get("name")).split())
	return Party(name, text(mapping(row.get(f"{side}_account")).get("iban")))


def _kind(code: Object) -> str:
	"""Return the bank's name for the kind of operation, or its code."""
	codes = "-".join(filter(None, (text(code.get("code")), text(code.get("sub_code")))))
	return text(code.get("description")) or codes

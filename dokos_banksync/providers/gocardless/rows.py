"""GoCardless's transactions as those of the neutral model.

Amounts are signed decimal texts, negative for money out. `transactionId` is absent at many banks, and
`internalTransactionId` changes at some when a text does. None is trusted: a row gets its number within the fetch, and the
core makes an id of its content. `transactionId` is passed on as `given_id`: the GoCardless app stores it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from dokos_banksync.core.model import Line, LineState, RejectedRow
from dokos_banksync.providers import rawjson
from dokos_banksync.providers.parsing import Object, day, decimal_text, mapping, text, texts
from dokos_banksync.providers.rejection import why_rejected

_BOOKED_DAYS = ("bookingDate", "bookingDateTime", "valueDate", "valueDateTime")
_PENDING_DAYS = ("valueDate", "valueDateTime", "bookingDate", "bookingDateTime")
_TEXTS = ("remittanceInformationUnstructured", "remittanceInformationStructured")
_LISTS = ("remittanceInformationUnstructuredArray", "remittanceInformationStructuredArray")


class Reader:
	"""Reads the rows of one account, in one fetch. `today` dates pending rows that have no date."""

	def __init__(self, account: str, today: date) -> None:
		self._account, self._today, self._number = account, today, 0

	def read(self, rows: Sequence[rawjson.Row], state: LineState) -> tuple[list[Line], list[RejectedRow]]:
		"""Translate rows; what cannot be read is rejected with its reason."""
		found = [self._line(row, raw, state) for row, raw in rows]
		lines = [one for one in found if isinstance(one, Line)]
		return lines, [one for one in found if isinstance(one, RejectedRow)]

	def _line(self, row: Any, raw: str, state: LineState) -> Line | RejectedRow:
		given = mapping(row)
		money = mapping(given.get("transactionAmount"))
		amount, currency = decimal_text(money.get("amount")), text(money.get("currency")).upper()
		names = _BOOKED_DAYS if state is LineState.BOOKED else _PENDING_DAYS
		on = next((found for name in names if (found := day(given.get(name)))), None)
		if on is None and state is LineState.PENDING:
			on = self._today
		if amount is None or on is None or not currency:
			reference = text(given.get("transactionId"))
			return RejectedRow(self._account, reference, why_rejected(amount, on), raw)
		self._number += 1
		side = "debtor" if amount > 0 else "creditor"
		name = _plain(given.get(f"{side}Name"))
		original = _label(given) or name
		return Line(
			remote_account=self._account,
			remote_id=str(self._number),
			date=on,
			amount=amount,
			currency=currency,
			description=original,
			original=original,
			state=state,
			value_date=day(given.get("valueDate")),
			kind=text(given.get("bankTransactionCode")) or text(given.get("proprietaryBankTransactionCode")),
			party_name=name,
			party_iban=text(mapping(given.get(f"{side}Account")).get("iban")),
			reference=text(given.get("endToEndId")),
			raw=raw,
			given_id=text(given.get("transactionId")),
		)


def _label(given: Object) -> str:
	"""Return what the bank wrote: one of the remittance texts, else the additional information."""
	single = [text(given.get(name)) for name in _TEXTS]
	joined = [" ".join(texts(given.get(name))) for name in _LISTS]
	choices = (single[0], joined[0], single[1], joined[1], text(given.get("additionalInformation")))
	return next((found for one in choices if (found := _plain(one))), "")


def _plain(value: object) -> str:
	return " ".join(text(value).split())

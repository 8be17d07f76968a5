"""Powens's transactions, as lines. https://docs.powens.com/api-reference/products/data-aggregation/bank-transactions

Amounts are signed: money out is negative. A row that is `deleted` is removed at the bank; one that is `coming` is not
booked yet. `active` and `application_date` are for budgets and can be edited: they are not read.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from dokos_banksync.core.iban import normalize_iban
from dokos_banksync.core.model import Line, LineState, RejectedRow
from dokos_banksync.providers import rawjson
from dokos_banksync.providers.parsing import Object, amount, day, identifier, instant, mapping, text
from dokos_banksync.providers.powens.accounts import Account
from dokos_banksync.providers.powens.categories import category_id
from dokos_banksync.providers.rejection import why_rejected

_NO_MONEY = Decimal(0)


def read(rows: Sequence[rawjson.Row], account: Account, today: date) -> tuple[list[Line], list[RejectedRow]]:
	"""Return the rows of an account as lines, and those that cannot be read."""
	lines: list[Line] = []
	rejected: list[RejectedRow] = []
	for row, raw in rows:
		given = mapping(row)
		if identifier(given.get("id_account")) not in ("", account.remote_id):
			continue
		line = _line(given, account, today, raw)
		if isinstance(line, Line):
			lines.append(line)
		else:
			rejected.append(RejectedRow(account.remote_id, identifier(given.get("id")), line, raw))
	return lines, rejected


def _line(row: Object, account: Account, today: date, raw: str) -> Line | str:
	"""Return the row as a line, or the reason why it is none."""
	remote_id, state = identifier(row.get("id")), _state(row)
	money, on = amount(row.get("value")), _day(row, state)
	updated_at = instant(row.get("last_update"))
	if state is LineState.REMOVED:
		# A removal is known by its id: the rest may be missing and is only filled in to make a line.
		money = _NO_MONEY if money is None else money
		on = on or (updated_at.date() if updated_at else today)
	has_currency = account.currency or state is LineState.REMOVED
	if not remote_id or money is None or on is None or not has_currency:
		return why_rejected(money, on, remote_id=remote_id)
	kind = text(row.get("type"))
	party, (description, original) = mapping(row.get("counterparty")), _labels(row, kind)
	return Line(
		remote_account=account.remote_id,
		remote_id=remote_id,
		date=on,
		amount=money,
		currency=account.currency,
		description=description,
		original=original,
		state=state,
		value_date=day(row.get("vdate")),
		transaction_date=day(row.get("rdate")),
		category=category_id(row.get("categories")),
		kind=kind,
		party_name=text(party.get("label")),
		party_iban=_iban(party),
		updated_at=updated_at,
		raw=raw,
	)


def _state(row: Object) -> LineState:
	if row.get("deleted"):
		return LineState.REMOVED
	return LineState.PENDING if row.get("coming") is True else LineState.BOOKED


def _day(row: Object, state: LineState) -> date | None:
	"""Return the day of booking; of a row that is not booked, the day of the order where it is all there is."""
	booked = day(row.get("date")) or day(row.get("bdate"))
	return booked or (None if state is LineState.BOOKED else day(row.get("rdate")))


def _labels(row: Object, kind: str) -> tuple[str, str]:
	"""Return the label to read and the bank's own."""
	original, simple, edited = (
		_plain(row.get(name)) for name in ("original_wording", "simplified_wording", "wording")
	)
	whole = original or edited or simple or kind or "unknown"
	return edited or simple or whole, whole


def _iban(party: Object) -> str:
	if text(party.get("account_scheme_name")).casefold() != "iban":
		return ""
	return normalize_iban(text(party.get("account_identification")))


def _plain(value: Any) -> str:
	return " ".join(text(value).split())

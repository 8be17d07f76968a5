"""Plaid's transactions, as lines. https://plaid.com/docs/api/products/transactions/#transactionssync

Plaid's amounts are positive for money that leaves the account; a line's are negative then.
"""

from __future__ import annotations

from datetime import date

from dokos_banksync.core.iban import normalize_iban
from dokos_banksync.core.model import Line, LineState
from dokos_banksync.providers.parsing import Object, amount, day, identifier, instant, mapping, text
from dokos_banksync.providers.plaid.accounts import currency
from dokos_banksync.providers.rejection import NOT_A_TRANSACTION, why_rejected


def account_of(row: object) -> str:
	"""Return the id of a row's account, empty where the row names none."""
	return identifier(mapping(row).get("account_id"))


def line(row: object, category: str, raw: str) -> Line | str:
	"""Return the row as a line, or the reason why it is none. `category` is the id to keep."""
	if not isinstance(row, dict):
		return NOT_A_TRANSACTION
	get = row.get
	remote_id, account_id = identifier(get("transaction_id")), account_of(row)
	money, on, code = amount(get("amount")), day(get("date")), currency(row)
	if not remote_id or not account_id or money is None or on is None or not code:
		return why_rejected(money, on, remote_id=remote_id, account=account_id)
	name, merchant = text(get("name")), text(get("merchant_name"))
	original = text(get("original_description")) or name or merchant
	return Line(
		remote_account=account_id,
		remote_id=remote_id,
		date=on,
		amount=-money if money else money,
		currency=code,
		description=merchant or name or original,
		original=original,
		state=LineState.PENDING if get("pending") is True else LineState.BOOKED,
		transaction_date=_authorized(row),
		category=category,
		kind=text(get("transaction_code")) or text(get("payment_channel")),
		party_name=_party_name(row, merchant),
		party_iban=_party_iban(row),
		reference=text(mapping(get("payment_meta")).get("reference_number")) or text(get("check_number")),
		raw=raw,
	)


def removed(row: object) -> tuple[str, str] | None:
	"""Return account and transaction of an entry of `removed`; None for one that names no transaction."""
	remote_id = identifier(mapping(row).get("transaction_id"))
	return (account_of(row), remote_id) if remote_id else None


def _authorized(row: Object) -> date | None:
	moment = instant(row.get("authorized_datetime"))
	return day(row.get("authorized_date")) or (moment.date() if moment else None)


def _party_name(row: Object, merchant: str) -> str:
	meta, leaving = mapping(row.get("payment_meta")), (amount(row.get("amount")) or 0) > 0
	named = text(meta.get("payee" if leaving else "payer")) or text(meta.get("by_order_of"))
	return merchant or named or text(_counterparty(row).get("name"))


def _party_iban(row: Object) -> str:
	numbers = mapping(_counterparty(row).get("account_numbers"))
	return normalize_iban(text(mapping(numbers.get("international")).get("iban")))


def _counterparty(row: Object) -> Object:
	"""Return the first of the other parties that Plaid recognises."""
	found = row.get("counterparties")
	return mapping(found[0]) if isinstance(found, list) and found else {}

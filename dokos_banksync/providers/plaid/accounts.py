"""Plaid's accounts. https://plaid.com/docs/api/accounts/

On credit and loan accounts Plaid's `current` is what is owed, as a positive number; here money owed is negative.
`available` is what may still be spent on a credit card: with the limit it says what is owed with pending
transactions.
"""

from __future__ import annotations

from decimal import Decimal

from dokos_banksync.core.account_kind import BROKERAGE, CARD, CHECKING, LOAN, SAVINGS, UNKNOWN
from dokos_banksync.core.model import RemoteAccount
from dokos_banksync.providers.failures import malformed
from dokos_banksync.providers.parsing import Object, amount, identifier, instant, mapping, text

OWED = frozenset({"credit", "loan"})

_KINDS = {
	("depository", "checking"): CHECKING,
	("depository", "savings"): SAVINGS,
	("depository", "money market"): SAVINGS,
	("credit", "credit card"): CARD,
}
_KINDS_BY_TYPE = {"depository": CHECKING, "credit": CARD, "loan": LOAN, "investment": BROKERAGE}


def read(row: object) -> RemoteAccount:
	"""Return an account. Raises `ProviderBug` for one without an id."""
	known = mapping(row)
	account_id = identifier(known.get("account_id"))
	if not account_id:
		raise malformed("Plaid", "account_id")
	kind, balances = text(known.get("type")), mapping(known.get("balances"))
	return RemoteAccount(
		remote_id=account_id,
		account_name=_name(known),
		kind=_KINDS.get((kind, text(known.get("subtype")))) or _KINDS_BY_TYPE.get(kind, kind or UNKNOWN),
		currency=currency(balances),
		balance=_signed(kind, amount(balances.get("current"))),
		balance_available=_available(kind, balances),
		balance_at=instant(balances.get("last_updated_datetime")),
		details=_details(known, balances),
	)


def currency(values: Object) -> str:
	"""Return the ISO currency, else the unofficial one; empty where there is none."""
	return (text(values.get("iso_currency_code")) or text(values.get("unofficial_currency_code"))).upper()


def _name(row: Object) -> str:
	name, mask = text(row.get("name")) or text(row.get("official_name")), text(row.get("mask"))
	return f"{name} ({mask})" if name and mask else name or mask


def _signed(kind: str, value: Decimal | None) -> Decimal | None:
	if value is None:
		return None
	return -value if kind in OWED and value else value


def _available(kind: str, balances: Object) -> Decimal | None:
	available, limit = amount(balances.get("available")), amount(balances.get("limit"))
	if kind not in OWED:
		return available
	if kind != "credit" or available is None or limit is None:
		return None
	return available - limit


def _details(row: Object, balances: Object) -> dict[str, str]:
	"""Return what an account has beyond the common: its last digits, its limit, whose it is."""
	named = {name: text(row.get(name)) for name in ("mask", "official_name", "subtype", "holder_category")}
	limit = amount(balances.get("limit"))
	if limit is not None:
		named["credit_limit"] = str(limit)
	return {name: value for name, value in named.items() if value}

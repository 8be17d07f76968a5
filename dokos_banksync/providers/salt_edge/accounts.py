"""Salt Edge's accounts. https://docs.saltedge.com/v6/api_reference#ais-accounts

Balances are those of the last fetch; money owed is negative, on cards as well. On a card `available_amount` is what
may still be spent: with the limit it says what is owed with pending transactions.
"""

from __future__ import annotations

from decimal import Decimal

from dokos_banksync.core.account_kind import BROKERAGE, CARD, CHECKING, LOAN, SAVINGS, UNKNOWN
from dokos_banksync.core.iban import normalize_iban
from dokos_banksync.core.model import RemoteAccount
from dokos_banksync.providers.failures import malformed
from dokos_banksync.providers.parsing import Object, amount, identifier, instant, mapping, text

_KINDS = {
	"account": CHECKING,
	"checking": CHECKING,
	"debit_card": CHECKING,
	"ewallet": CHECKING,
	"savings": SAVINGS,
	"bonus": SAVINGS,
	"card": CARD,
	"credit_card": CARD,
	"credit": LOAN,
	"loan": LOAN,
	"mortgage": LOAN,
	"investment": BROKERAGE,
}
_DETAILS = ("account_number", "sort_code", "swift", "holder_name", "client_name", "card_type", "status")


def read(row: object) -> RemoteAccount:
	"""Return an account. Raises `ProviderBug` for one without an id."""
	known = mapping(row)
	account_id = identifier(known.get("id")) or identifier(known.get("account_id"))
	if not account_id:
		raise malformed("Salt Edge", "id")
	extra, nature = mapping(known.get("extra")), text(known.get("nature"))
	return RemoteAccount(
		remote_id=account_id,
		account_name=text(extra.get("account_name")) or text(known.get("name")),
		kind=_KINDS.get(nature, nature or UNKNOWN),
		currency=text(known.get("currency_code")).upper(),
		iban=normalize_iban(text(extra.get("iban"))),
		enabled=text(extra.get("status")) != "inactive",
		failed=extra.get("updated_on_last_attempt") is False,
		balance=amount(known.get("balance")),
		balance_available=_available(extra),
		balance_at=instant(known.get("updated_at")),
		details=_details(extra, nature),
	)


def _available(extra: Object) -> Decimal | None:
	available, limit = amount(extra.get("available_amount")), amount(extra.get("credit_limit"))
	if available is None or limit is None:
		return available
	return available - limit


def _details(extra: Object, nature: str) -> dict[str, str]:
	named = {"nature": nature, **{name: text(extra.get(name)) for name in _DETAILS}}
	limit = amount(extra.get("credit_limit"))
	if limit is not None:
		named["credit_limit"] = str(limit)
	return {name: value for name, value in named.items() if value}

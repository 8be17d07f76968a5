"""Powens's bank accounts. https://docs.powens.com/api-reference/products/data-aggregation/bank-accounts

Money owed is negative. `coming` is the signed sum of the operations that are announced and not debited yet. An account
is disabled until the user shares it, and disabling one deletes its transactions at Powens.
"""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from dokos_banksync.core.account_kind import BROKERAGE, CARD, CHECKING, LOAN, SAVINGS, UNKNOWN
from dokos_banksync.core.errors import NotFound
from dokos_banksync.core.iban import normalize_iban
from dokos_banksync.core.model import RemoteAccount
from dokos_banksync.core.provider import Access
from dokos_banksync.providers.grants import stored_grant
from dokos_banksync.providers.parsing import Object, amount, identifier, instant, mapping, text
from dokos_banksync.providers.powens import connections, errors
from dokos_banksync.providers.powens.client import Client

CARD_TYPE = "card"
"""Powens's word for the account of a card."""
_KINDS = {
	"checking": CHECKING, "joint": CHECKING, CARD_TYPE: CARD, "loan": LOAN,
	"savings": SAVINGS, "deposit": SAVINGS, "livret_a": SAVINGS, "livret_b": SAVINGS, "ldds": SAVINGS,
	"cel": SAVINGS, "pel": SAVINGS, "csl": SAVINGS, "cat": SAVINGS,
	"market": BROKERAGE, "pea": BROKERAGE, "lifeinsurance": BROKERAGE, "capitalisation": BROKERAGE,
	"crowdlending": BROKERAGE, "pee": BROKERAGE, "per": BROKERAGE, "perco": BROKERAGE, "perp": BROKERAGE,
	"rsp": BROKERAGE, "madelin": BROKERAGE, "article83": BROKERAGE, "real_estate": BROKERAGE,
}  # fmt: skip
_USAGES = {"PRIV": "private", "ORGA": "professional", "ASSO": "association"}


class Account(NamedTuple):
	"""What the reader of transactions needs to know of an account."""

	remote_id: str
	kind: str
	currency: str
	shared: bool


def accounts(client: Client, access: Access) -> list[RemoteAccount]:
	"""Return all accounts of a connection, with those that are not shared."""
	return [_remote(row) for row in _rows(client, access)]


def by_id(client: Client, access: Access) -> dict[str, Account]:
	"""Return the accounts of a connection by their ids."""
	found = (_account(row) for row in _rows(client, access))
	return {one.remote_id: one for one in found}


def _rows(client: Client, access: Access) -> list[Object]:
	token = stored_grant(access)
	try:
		rows = client.objects(token, connections.path(access.remote_id, "/accounts?all"), "accounts")
	except NotFound as error:
		raise errors.GONE.kind(errors.GONE.sentence, reference=error.reference) from None
	return [row for row in rows if identifier(row.get("id"))]


def _account(row: Object) -> Account:
	return Account(identifier(row.get("id")), _type(row), _currency(row), shared=not row.get("disabled"))


def _remote(row: Object) -> RemoteAccount:
	known = _account(row)
	booked = amount(row.get("balance")) if known.shared else None
	return RemoteAccount(
		remote_id=known.remote_id,
		account_name=text(row.get("name")) or text(row.get("original_name")) or text(row.get("number")),
		kind=_KINDS.get(known.kind, known.kind or UNKNOWN),
		currency=known.currency,
		iban=normalize_iban(text(row.get("iban"))),
		enabled=known.shared,
		failed=bool(row.get("deleted") or row.get("error")),
		balance=booked,
		balance_available=_available(booked, row),
		balance_at=instant(row.get("last_update")),
		read_at=instant(row.get("last_update")),
		details=_details(row),
	)


def _available(booked: Decimal | None, row: Object) -> Decimal | None:
	coming = amount(row.get("coming"))
	return None if booked is None or coming is None else booked + coming


def _type(row: Object) -> str:
	"""Return the type, which is a text or an object with a name."""
	given = row.get("type")
	return text(given) or text(mapping(given).get("name"))


def _currency(row: Object) -> str:
	given = row.get("currency")
	return (text(given) or text(mapping(given).get("id"))).upper()


def _details(row: Object) -> dict[str, str]:
	named = {
		"type": _type(row),
		"number": text(row.get("number")),
		"usage": _USAGES.get(text(row.get("usage")), text(row.get("usage"))),
		"error": text(row.get("error")),
		"holder": text(row.get("company_name")),
	}
	return {name: value for name, value in named.items() if value}

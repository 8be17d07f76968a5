"""The accounts of a consent, with both balances.

Names and currencies cost one of the day's few readings of the details, so they are kept for 30 days.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

from dokos_banksync.core.errors import (
	LoginRequired,
	NotFound,
	RateLimited,
	TemporaryError,
	UnsupportedByInstitution,
)
from dokos_banksync.core.model import RemoteAccount
from dokos_banksync.core.provider import Access, Secret, SecretStore
from dokos_banksync.providers.gocardless import consent
from dokos_banksync.providers.gocardless.client import Client, identifier
from dokos_banksync.providers.parsing import Object, decimal_text, mapping, text

BOOKED = ("closingBooked", "interimBooked", "openingBooked")
AVAILABLE = ("interimAvailable", "closingAvailable", "expected", "forwardAvailable")
DETAILS_LIFETIME = timedelta(days=30)
LOST = frozenset({"EXPIRED", "SUSPENDED", "ERROR"})

_ALONE = (RateLimited, TemporaryError, LoginRequired, NotFound, UnsupportedByInstitution)
"""What keeps one account from being shown whole."""


def accounts(client: Client, secret_store: SecretStore, access: Access) -> list[RemoteAccount]:
	"""Return the accounts. A balance that the bank does not give now is None.

	So is that of an account that is not imported: each reading counts, whoever waits for it.
	"""
	ids = consent.account_ids(client, access)
	return [_account(client, secret_store, one, with_balances=access.imports(one)) for one in ids]


def _account(
	client: Client, secret_store: SecretStore, account_id: str, *, with_balances: bool
) -> RemoteAccount:
	shown = client.get(f"/accounts/{identifier(account_id)}/")
	lost = text(shown.get("status")).upper() in LOST
	details = _details(client, secret_store, account_id, ask=not lost)
	currency = text(details.get("currency")).upper()
	iban = text(shown.get("iban")) or text(details.get("iban"))
	readable = with_balances and currency and not lost
	booked, available = _balances(client, account_id, currency) if readable else (None, None)
	names = (details.get("name"), details.get("product"), shown.get("name"), iban)
	return RemoteAccount(
		remote_id=account_id,
		account_name=next((found for one in names if (found := text(one).strip())), account_id),
		kind=text(details.get("cashAccountType")) or "OTHR",
		currency=currency,
		iban=iban,
		failed=lost or not currency,
		balance=booked,
		balance_available=available,
		balance_at=client.now() if booked is not None or available is not None else None,
		details={"holder": holder} if (holder := text(details.get("ownerName"))) else {},
	)


def _details(client: Client, secret_store: SecretStore, account_id: str, *, ask: bool) -> Object:
	"""Return the details, as they were read within the last 30 days."""
	key = f"gocardless-details:{account_id}"
	stored = secret_store.get(key)
	if stored is not None:
		return mapping(json.loads(stored.reveal()))
	if not ask:
		return {}
	try:
		found = mapping(client.read(account_id, "details").get("account"))
	except _ALONE:
		return {}
	texts = {name: value for name, value in found.items() if isinstance(value, str)}
	secret_store.put(key, Secret(json.dumps(texts)), client.now() + DETAILS_LIFETIME)
	return found


def _balances(client: Client, account_id: str, currency: str) -> tuple[Decimal | None, Decimal | None]:
	try:
		rows = client.read(account_id, "balances").get("balances")
	except _ALONE:
		return None, None
	return choose([mapping(row) for row in rows] if isinstance(rows, list) else [], currency)


def choose(rows: Sequence[Object], currency: str) -> tuple[Decimal | None, Decimal | None]:
	"""Return the booked and the available balance in the account's currency, by the types of the Berlin Group."""
	found: dict[str, Decimal] = {}
	for row in rows:
		money = mapping(row.get("balanceAmount"))
		value = decimal_text(money.get("amount"))
		if value is not None and text(money.get("currency")).upper() == currency:
			found.setdefault(text(row.get("balanceType")), value)
	booked = next((found[kind] for kind in BOOKED if kind in found), None)
	return booked, next((found[kind] for kind in AVAILABLE if kind in found), None)

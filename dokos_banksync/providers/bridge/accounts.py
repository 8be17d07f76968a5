"""Bridge's accounts. https://docs.bridgeapi.io/docs/manage-your-accounts"""

from __future__ import annotations

import logging
from decimal import Decimal

from dokos_banksync.core.account_kind import UNKNOWN
from dokos_banksync.core.iban import normalize_iban
from dokos_banksync.core.model import RemoteAccount
from dokos_banksync.core.provider import Access
from dokos_banksync.core.texts import printable
from dokos_banksync.providers.bridge.client import Client
from dokos_banksync.providers.bridge.connections import number
from dokos_banksync.providers.bridge.entities import entity
from dokos_banksync.providers.grants import check_completed
from dokos_banksync.providers.parsing import Object, amount, identifier, instant, mapping, text

log = logging.getLogger(__name__)


def accounts(client: Client, access: Access) -> list[RemoteAccount]:
	"""Return the accounts of the item, those that the user does not share included."""
	check_completed(access, has_user=True)
	query = {"item_id": number(access.remote_id)}
	rows = (entity(row) for row in client.rows("/v3/aggregation/accounts", query, access.remote_user))
	return [read(row) for row in rows if identifier(row.get("item_id")) in ("", access.remote_id)]


def read(row: Object) -> RemoteAccount:
	"""Return an account. `balance` is the accounting balance where the bank gives it, else the one there is."""
	enabled = text(row.get("data_access")) != "disabled"
	failed, updated_at = text(row.get("last_refresh_status")) == "failed", instant(row.get("updated_at"))
	booked = _balance(row, "accounting_balance")
	return RemoteAccount(
		remote_id=identifier(row["id"]),
		account_name=text(row.get("name")),
		kind=text(row.get("type")) or UNKNOWN,
		currency=text(row.get("currency_code")).upper(),
		iban=normalize_iban(text(row.get("iban"))) if enabled else "",
		enabled=enabled,
		failed=failed,
		balance=(_balance(row, "balance") if booked is None else booked) if enabled else None,
		balance_available=_balance(row, "instant_balance") if enabled else None,
		balance_at=updated_at if enabled else None,
		read_at=updated_at if enabled and failed else None,
		details=_details(row) if enabled else {},
	)


def _balance(row: Object, name: str) -> Decimal | None:
	value = row.get(name)
	read_value = amount(value)
	if value is not None and read_value is None:
		log.warning("Account %s: %s is not an amount and is left out", printable(identifier(row["id"])), name)
	return read_value


def _details(row: Object) -> dict[str, str]:
	"""Return what an account has beyond the common: the terms of a loan, whether it is a business account."""
	details = {f"loan_{name}": str(value) for name, value in mapping(row.get("loan_details")).items()}
	if isinstance(row.get("pro"), bool):
		details["pro"] = "yes" if row["pro"] else "no"
	return details

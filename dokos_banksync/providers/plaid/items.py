"""Plaid's items: one login at one bank. https://plaid.com/docs/api/items/"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dokos_banksync.core.errors import ConsentRevoked
from dokos_banksync.core.model import ConnectionStatus, RemoteAccount, RemoteConnection
from dokos_banksync.core.provider import Secret
from dokos_banksync.providers.failures import malformed
from dokos_banksync.providers.grants import CONSENT_HAS_ENDED
from dokos_banksync.providers.parsing import identifier, instant, mapping, text
from dokos_banksync.providers.plaid import accounts as reading
from dokos_banksync.providers.plaid import errors
from dokos_banksync.providers.plaid.client import Client
from dokos_banksync.providers.states import status_of


def item(client: Client, token: Secret, now: datetime) -> RemoteConnection:
	"""Return the item as it is now. Raises `ConsentRevoked` when Plaid no longer has it."""
	return read(client.post("/item/get", token=token), now)


def read(answer: Mapping[str, Any], now: datetime) -> RemoteConnection:
	"""Return an answer of `/item/get` as a connection."""
	row, status = mapping(answer.get("item")), mapping(mapping(answer.get("status")).get("transactions"))
	item_id = identifier(row.get("item_id"))
	if not item_id:
		raise malformed("Plaid", "item_id")
	expires_at, refreshed = (
		instant(row.get("consent_expiration_time")),
		instant(status.get("last_successful_update")),
	)
	state, code, message, reference = _state(row, expires_at, refreshed, now)
	return RemoteConnection(
		remote_id=item_id,
		institution_id=text(row.get("institution_id")),
		status=state,
		code=code,
		message=message,
		reference=f"item {item_id}, {reference}" if reference else "",
		consent_expires_at=expires_at,
		last_refresh_at=refreshed,
	)


def accounts(client: Client, token: Secret) -> list[RemoteAccount]:
	"""Return the accounts shared with the item, with the balances of Plaid's last fetch."""
	rows = client.post("/accounts/get", token=token).get("accounts")
	if not isinstance(rows, list):
		raise malformed("Plaid", "accounts")
	return [reading.read(row) for row in rows]


def move_webhooks(client: Client, token: Secret, address: str) -> str | None:
	"""Send the item's webhooks to an address, or to none where it is empty; return the one of before if it was another.

	https://plaid.com/docs/api/items/#itemwebhookupdate
	"""
	before = text(mapping(client.post("/item/get", token=token).get("item")).get("webhook"))
	if before == address:
		return None
	client.post("/item/webhook/update", {"webhook": address or None}, token)
	return before


def remove(client: Client, token: Secret) -> None:
	"""End the item at Plaid, and its billing. One that is gone already is not an error."""
	try:
		client.post("/item/remove", token=token)
	except ConsentRevoked:
		return


def refresh(client: Client, token: Secret) -> None:
	"""Have Plaid read the bank now; what is new comes with a later sync. Needs the product Transactions Refresh."""
	client.post("/transactions/refresh", token=token, repeatable=False)


def _state(
	row: Mapping[str, Any], expires_at: datetime | None, refreshed: datetime | None, now: datetime
) -> tuple[ConnectionStatus, str, str, str]:
	"""Status, code, sentence and reference."""
	if row.get("error"):
		error = errors.error(errors.read(row["error"]), now)
		return status_of(error), error.code, error.message, error.reference
	if expires_at is not None and expires_at <= now:
		return ConnectionStatus.CONSENT_EXPIRED, "BS-201", CONSENT_HAS_ENDED, "consent_expiration_time"
	if refreshed is None:
		sentence = "The bank has just been connected and its data is on the way. Nothing to do."
		return ConnectionStatus.WAITING, "BS-410", sentence, "no update yet"
	return ConnectionStatus.ACTIVE, "", "", ""

"""Items, accounts and webhook keys: https://plaid.com/docs/api/items/, https://plaid.com/docs/api/accounts/"""

from __future__ import annotations

from typing import Any

from dokos_banksync.sandbox.plaid.call import Call
from dokos_banksync.sandbox.plaid.errors import PlaidError
from dokos_banksync.sandbox.plaid.model import Item
from dokos_banksync.sandbox.plaid.rows import account_json, stamp


def get_item(call: Call) -> dict[str, Any]:
	"""Return the item with its error, also when it is in error."""
	item = call.item(working=False)
	updated = {"last_successful_update": stamp(item.last_update), "last_failed_update": None}
	return {"item": item_json(item), "status": {"transactions": updated, "last_webhook": None}}


def remove_item(call: Call) -> dict[str, Any]:
	"""End the item; its access token is unknown from now on."""
	item = call.item(working=False)
	del call.client.items[item.id]
	return {}


def update_webhook(call: Call) -> dict[str, Any]:
	"""Change or drop the item's webhook address; a first call goes to the new one."""
	item = call.item(working=False)
	item.webhook = call.body.get("webhook") or None
	call.plaid.send(item, "ITEM", "WEBHOOK_UPDATE_ACKNOWLEDGED", error=None, new_webhook_url=item.webhook)
	return {"item": item_json(item)}


def get_accounts(call: Call) -> dict[str, Any]:
	"""Return the accounts shared with the item, with cached balances."""
	item = call.item()
	wanted = call.options("account_ids", "min_last_updated_datetime").get("account_ids")
	shown = list(item.visible())
	if wanted is not None:
		if not set(wanted) <= {one.id for one in shown}:
			raise PlaidError("INVALID_ACCOUNT_ID")
		shown = [one for one in shown if one.id in wanted]
	if not shown:
		raise PlaidError("NO_ACCOUNTS")
	clock = call.plaid.world.clock
	return {"accounts": [account_json(item, one, clock) for one in shown], "item": item_json(item)}


def get_balances(call: Call) -> dict[str, Any]:
	"""Return the accounts with balances asked at the bank now."""
	item = call.item()
	if item.institution.down:
		raise PlaidError("INSTITUTION_NOT_RESPONDING")
	return get_accounts(call)


def get_webhook_key(call: Call) -> dict[str, Any]:
	"""Return the public half of a key that signs webhooks."""
	key = next((one for one in call.plaid.keys if one.kid == call.text("key_id")), None)
	if key is None:
		raise PlaidError("INVALID_WEBHOOK_VERIFICATION_KEY_ID")
	return {"key": key.jwk()}


def item_json(item: Item) -> dict[str, Any]:
	"""Return an item object."""
	return {
		"item_id": item.id,
		"institution_id": f"ins_{item.institution.id}",
		"institution_name": item.institution.name,
		"webhook": item.webhook,
		"auth_method": None,
		"error": item.error.as_json("") if item.error else None,
		"available_products": ["balance"],
		"billed_products": list(item.products),
		"products": list(item.products),
		"consented_products": list(item.products),
		"consent_expiration_time": stamp(item.consent_expires_at),
		"update_type": "user_present_required" if item.institution.needs_user_present else "background",
		"created_at": stamp(item.created_at),
	}

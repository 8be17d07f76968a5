"""The calls that only Plaid's sandbox has: https://plaid.com/docs/api/sandbox/"""

from __future__ import annotations

from typing import Any

from dokos_banksync.sandbox.plaid.call import Call
from dokos_banksync.sandbox.plaid.errors import PlaidError
from dokos_banksync.sandbox.plaid.hosted import HostedLink
from dokos_banksync.sandbox.plaid.model import LinkSession
from dokos_banksync.sandbox.plaid.rows import stamp


def create_public_token(call: Call) -> dict[str, Any]:
	"""Return an item without Link."""
	_only_here(call)
	options, desk = call.body.get("options") or {}, HostedLink(call.plaid)
	known = {f"ins_{one.id}": one for one in call.plaid.institutions()}
	institution = known.get(call.text("institution_id"))
	if institution is None:
		raise PlaidError("INVALID_INSTITUTION")
	request = {
		"products": call.body["initial_products"],
		"country_codes": [institution.country],
		"webhook": options.get("webhook"),
		"transactions": options.get("transactions") or {},
	}
	consent_session = LinkSession("", call.plaid.now(), request=request, client=call.client)
	consent_session.institution_id, consent_session.login = (
		institution.id,
		options.get("override_username") or "user_good",
	)
	desk.share(consent_session, {one.id for one in desk.offered(consent_session)})
	return {"public_token": consent_session.results[0].public_token}


def fire_webhook(call: Call) -> dict[str, Any]:
	"""Send a webhook of the item now."""
	_only_here(call)
	item, code = call.item(working=False), call.text("webhook_code")
	if code == "SYNC_UPDATES_AVAILABLE":
		call.plaid.send_updates(item)
	elif code == "PENDING_DISCONNECT":
		call.plaid.send(
			item, "ITEM", code, reason="INSTITUTION_MIGRATION", disconnect_time=stamp(call.plaid.now())
		)
	else:
		call.plaid.send(item, call.text("webhook_type") or "ITEM", code, error=None)
	return {"webhook_fired": item.webhook is not None}


def reset_login(call: Call) -> dict[str, Any]:
	"""Put the item into ITEM_LOGIN_REQUIRED."""
	_only_here(call)
	call.plaid.fail(call.item(working=False), PlaidError("ITEM_LOGIN_REQUIRED"))
	return {"reset_login": True}


def _only_here(call: Call) -> None:
	if call.plaid.settings.environment != "sandbox":
		raise PlaidError("SANDBOX_ONLY")

"""Institutions: https://plaid.com/docs/api/institutions/"""

from __future__ import annotations

import base64
from typing import Any

from dokos_banksync.sandbox.institutions import Institution
from dokos_banksync.sandbox.plaid.call import Call
from dokos_banksync.sandbox.plaid.errors import PlaidError, field_wrong
from dokos_banksync.sandbox.plaid.model import COUNTRIES
from dokos_banksync.sandbox.plaid.rows import stamp

_MOST_FOUND = 10
_PIXEL = base64.b64encode(
	base64.b64decode(
		"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
	)
).decode()


def list_institutions(call: Call) -> dict[str, Any]:
	"""Return a page of the institutions of some countries, by offset."""
	count, offset = call.body["count"], call.body["offset"]
	if not 1 <= count <= 500:
		raise field_wrong("count", "must be between 1 and 500")
	options = call.options("include_optional_metadata", "include_auth_metadata", "oauth", "products")
	found = _of_countries(call)
	page = found[offset : offset + count]
	return {"institutions": [bank_json(one, options) for one in page], "total": len(found)}


def search_institutions(call: Call) -> dict[str, Any]:
	"""At most ten institutions whose names hold the words of the query."""
	options = call.options("include_optional_metadata", "include_auth_metadata", "oauth")
	words = call.text("query").casefold().split()
	found = [one for one in _of_countries(call) if all(word in one.name.casefold() for word in words)]
	return {"institutions": [bank_json(one, options) for one in found[:_MOST_FOUND]]}


def get_institution(call: Call) -> dict[str, Any]:
	"""Return one institution, with its health when asked for. Plaid's own sandbox leaves the health out."""
	options = call.options("include_optional_metadata", "include_status", "include_auth_metadata")
	found = {f"ins_{one.id}": one for one in _of_countries(call)}.get(call.text("institution_id"))
	if found is None:
		raise PlaidError("INVALID_INSTITUTION")
	values = bank_json(found, options)
	if options.get("include_status"):
		values["status"] = _health(call, found)
	return {"institution": values}


def bank_json(one: Institution, options: dict[str, Any]) -> dict[str, Any]:
	"""Return an institution object."""
	values: dict[str, Any] = {
		"institution_id": f"ins_{one.id}",
		"name": one.name,
		"products": ["transactions", "auth"],
		"country_codes": [one.country],
		"routing_numbers": [],
		"oauth": one.country != "US",
		"connection_availability": "SUPPORTED",
	}
	if options.get("include_optional_metadata"):
		values |= {"url": f"https://bank-{one.id}.example", "primary_color": one.color, "logo": _PIXEL}
	return values


def _of_countries(call: Call) -> list[Institution]:
	countries = call.body["country_codes"]
	if not countries or not set(countries) <= COUNTRIES:
		raise field_wrong("country_codes", "must be supported countries")
	return [one for one in call.plaid.institutions() if one.country in countries]


def _health(call: Call, one: Institution) -> dict[str, Any]:
	part = {
		"status": "DOWN" if one.down else "HEALTHY",
		"last_status_change": stamp(call.plaid.world.clock.now()),
		"breakdown": {
			"success": 0.0 if one.down else 0.98,
			"error_plaid": 0.0,
			"error_institution": 1.0 if one.down else 0.02,
			"refresh_interval": "STOPPED" if one.down else "NORMAL",
		},
	}
	return {"item_logins": part, "transactions_updates": part, "health_incidents": None}

"""Customers, countries, providers, categories."""

from __future__ import annotations

from typing import Any

from dokos_banksync.sandbox.institutions import Institution
from dokos_banksync.sandbox.salt_edge.call import Call
from dokos_banksync.sandbox.salt_edge.categories import TREE
from dokos_banksync.sandbox.salt_edge.errors import SaltEdgeError, wrong
from dokos_banksync.sandbox.salt_edge.model import Customer, code_of, country_of
from dokos_banksync.sandbox.salt_edge.rows import customer_json, provider_json


def create_customer(call: Call) -> dict[str, Any]:
	"""Create a customer; an identifier can be used once."""
	identifier = call.data.get("identifier")
	if not isinstance(identifier, str) or not identifier:
		raise wrong("identifier is missing")
	if any(one.identifier == identifier for one in call.client.customers.values()):
		raise SaltEdgeError("DuplicatedCustomer", f"Customer with identifier: '{identifier}' already exists.")
	made = Customer(str(call.salt.new_id()), identifier, call.salt.new_secret(), call.salt.now())
	call.client.customers[made.id] = made
	return {"data": {**_customer(call, made), "secret": made.secret}}


def list_customers(call: Call) -> dict[str, Any]:
	"""List the client's customers."""
	return call.listing((int(one.id), _customer(call, one)) for one in call.client.customers.values())


def get_customer(call: Call, customer_id: str) -> dict[str, Any]:
	"""Show a customer."""
	return {"data": _customer(call, call.customer(customer_id))}


def remove_customer(call: Call, customer_id: str) -> dict[str, Any]:
	"""Remove a customer with all connections."""
	customer = call.customer(customer_id)
	for connection in customer.connections.values():
		call.salt.call_back(connection, "destroy")
	del call.client.customers[customer.id]
	return {"data": {call.salt.settings.customer_key: customer.id, "deleted": True}}


def list_providers(call: Call) -> dict[str, Any]:
	"""List providers, of a country if one is given."""
	country = call.request.args.get("country_code")
	shown = [
		one
		for one in offered(call, sandboxes=call.flag("include_sandboxes"))
		if country in (None, country_of(one))
	]
	rows = ((_place(call, one), one) for one in shown)
	return call.listing((4000 + place, provider_json(one, place, call.salt.settings)) for place, one in rows)


def get_provider(call: Call, code: str) -> dict[str, Any]:
	"""Show a provider by its code."""
	one = provider_of(call, code)
	return {"data": provider_json(one, _place(call, one), call.salt.settings)}


def list_countries(call: Call) -> dict[str, Any]:
	"""List the countries that have providers."""
	codes = sorted({country_of(one) for one in call.salt.institutions()})
	return {"data": [{"code": code, "name": code, "refresh_start_time": 2} for code in codes]}


def list_categories(_call: Call) -> dict[str, Any]:
	"""Return the trees of categories."""
	return {"data": TREE}


def offered(call: Call, *, sandboxes: bool) -> list[Institution]:
	"""Return the providers of a list; fake ones only when asked for."""
	return [one for one in call.salt.institutions() if sandboxes or country_of(one) != "XF"]


def provider_of(call: Call, code: str) -> Institution:
	"""Return the institution of a provider's code."""
	found = next((one for one in call.salt.institutions() if code_of(one) == code), None)
	if found is None:
		raise SaltEdgeError("ProviderNotFound", f"Provider with code: '{code}' was not found.")
	return found


def _place(call: Call, one: Institution) -> int:
	return call.salt.institutions().index(one)


def _customer(call: Call, customer: Customer) -> dict[str, Any]:
	return customer_json(customer, call.salt.settings.customer_key)

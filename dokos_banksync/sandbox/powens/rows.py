"""Powens's objects as JSON values."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from dokos_banksync.sandbox.accounts import RealAccount
from dokos_banksync.sandbox.institutions import Institution
from dokos_banksync.sandbox.movements import Movement
from dokos_banksync.sandbox.powens.model import Account, Connection, Row, Transaction

_TYPES = {"checking": "checking", "savings": "livret_b", "card": "card", "loan": "loan"}
_OPERATIONS = {
	"card": "card",
	"transfer": "transfer",
	"direct_debit": "order",
	"cheque": "check",
	"fees": "bank",
}
_CATEGORIES = {
	"bank_fees": ("bank_insurances", "banking_fees"), "rent": ("housing", "rent"), "water": ("housing", "water"),
	"electricity": ("housing", "energy"), "insurance": ("bank_insurances", "insurances"),
	"fuel": ("travel_and_transport", "fuel_and_vehicle_charging"), "train": ("travel_and_transport", "train_travel"),
	"restaurant": ("food_and_restaurants", "bars_restaurants"), "tax": ("administration_and_taxes", "taxes"),
	"withdrawal": ("bank_insurances", "withdrawal"), "sales": ("revenue", "others_revenue"),
}  # fmt: skip


def when(moment: datetime | None) -> str | None:
	"""Return an instant as Powens writes it: without a zone."""
	return moment.strftime("%Y-%m-%d %H:%M:%S") if moment else None


def connector_uuid(one: Institution) -> str:
	"""Return the stable id of a connector."""
	return str(uuid.uuid5(uuid.NAMESPACE_URL, f"powens/{one.id}"))


def connector(one: Institution) -> Row:
	"""Return a `Connector`, with `countries` expanded."""
	return {
		"id": one.id, "uuid": connector_uuid(one), "name": one.name, "hidden": False, "charged": True,
		"code": str(one.bank_code), "beta": one.beta, "color": one.color.lstrip("#"), "slug": one.name[:3].upper(),
		"months_to_fetch": None, "auth_mechanism": "credentials", "restricted": False,
		"capabilities": ["bank", "profile"] if "aggregation" in one.capabilities else ["document"],
		"account_usages": ["PRIV", "ORGA"], "products": ["bank"],
		"countries": [{"id": one.country.lower(), "name": one.country}],
	}  # fmt: skip


def connection(one: Connection, next_try: datetime) -> Row:
	"""Return a `Connection`, with `sources` expanded."""
	shared = {"last_update": when(one.last_update), "state": one.state, "next_try": when(next_try)}
	source = {
		"id": one.id * 10, "id_connection": one.id, "id_connector_source": one.institution.id, "name": "openapi",
		"disabled": None, "created": when(one.created), "access_expire": when(one.access_ends), "expire": None, **shared,
	}  # fmt: skip
	return {
		"id": one.id, "id_user": one.user_id, "id_connector": one.institution.id,
		"connector_uuid": connector_uuid(one.institution), "error": one.state, "error_message": one.message,
		"fields": None, "created": when(one.created), "active": True, "last_push": None, "expire": None,
		"sources": [source], **shared,
	}  # fmt: skip


def account(one: Account, owner: Connection, today: date) -> Row:
	"""Return a `BankAccount`. Of one that is disabled, no balance is known."""
	facts, shown = one.real.facts, one.disabled is None
	coming = sum((_announced(each) for each in one.real.coming(today)), Decimal())
	return {
		"id": one.id, "id_connection": owner.id, "id_user": owner.user_id, "id_source": owner.id * 10, "id_parent": None,
		"number": facts.iban[-11:] if facts.iban else f"XX{one.id}", "original_name": facts.name, "name": facts.name,
		"balance": one.real.balance(today) if shown else None, "coming": coming if shown else None, "display": True,
		"last_update": when(one.read_at), "deleted": when(one.deleted), "disabled": when(one.disabled), "iban": facts.iban,
		"currency": {"id": facts.currency, "name": facts.currency, "symbol": facts.currency, "precision": 2},
		"type": _TYPES.get(facts.kind, "unknown"), "id_type": 2, "bookmarked": 0, "error": None,
		"usage": "ORGA" if facts.pro else "PRIV", "company_name": None, "loan": None,
	}  # fmt: skip


def contents(real: RealAccount, since: date, today: date) -> Iterator[tuple[str, Row]]:
	"""Yield the keys and values of the rows that an account shows: booked, then announced ones."""
	for movement in real.movements(today):
		if movement.day >= since:
			yield movement.key, _values(real, movement, movement.amount, coming=False)
	for movement in real.coming(today):
		key = f"{movement.key}~" if movement.rebooks else movement.key
		yield key, _values(real, movement, _announced(movement), coming=True)


def transaction(one: Transaction, account_id: int, categories: bool) -> Row:
	"""Return a `Transaction`."""
	values = {name: value for name, value in one.values.items() if name != "category"}
	found = {
		"id": one.id, "id_account": account_id, "application_date": values["rdate"], "datetime": None, "vdatetime": None,
		"rdatetime": None, "bdate": None, "gross_value": None, "original_value": None, "original_currency": None,
		"commission": None, "commission_currency": None, "date_scraped": when(one.updated), "active": True,
		"id_cluster": None, "card": None, "comment": None, **values,
		"last_update": when(one.updated), "deleted": when(one.deleted),
	}  # fmt: skip
	if categories:
		parent, code = _CATEGORIES.get(one.values["category"], ("others", "others"))
		found["categories"] = [{"code": code, "parent_code": parent}]
	return found


def _values(real: RealAccount, movement: Movement, amount: Decimal, *, coming: bool) -> Row:
	kind = _OPERATIONS.get(movement.operation, "unknown")
	if movement.category == "card_debit":
		kind = "summary_card"
	elif real.facts.kind == "card":
		kind = "deferred_card"
	return {
		"date": str(movement.day), "vdate": str(movement.day), "rdate": str(movement.bought or movement.day),
		"value": amount, "type": kind, "original_wording": movement.label, "simplified_wording": movement.clean,
		"wording": movement.clean, "coming": coming, "category": movement.category,
		"counterparty": {"label": movement.clean, "account_scheme_name": None, "account_identification": None,
			"type": "debtor" if amount > 0 else "creditor"} if kind == "transfer" else None,
	}  # fmt: skip


def _announced(movement: Movement) -> Decimal:
	cents = movement.cents if movement.announced_cents is None else movement.announced_cents
	return Decimal(cents).scaleb(-2)


def plain(value: Any) -> Any:
	"""Return a `Decimal` as a JSON number."""
	return float(value)

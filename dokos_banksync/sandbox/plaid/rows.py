"""Accounts and transactions as Plaid writes them."""

from __future__ import annotations

import random
from datetime import datetime
from typing import Any

from dokos_banksync.sandbox.clock import Clock
from dokos_banksync.sandbox.plaid.categories import category
from dokos_banksync.sandbox.plaid.model import Account, Item, Row

_TYPES = {
	"checking": ("depository", "checking"),
	"savings": ("depository", "savings"),
	"card": ("credit", "credit card"),
	"loan": ("loan", "business"),
	"brokerage": ("investment", "brokerage"),
}
_CARD_LIMIT_CENTS = 1_000_000
_NOWHERE = dict.fromkeys(
	("address", "city", "region", "postal_code", "country", "lat", "lon", "store_number")
)
_NO_META = dict.fromkeys(
	(
		"reference_number",
		"ppd_id",
		"payee",
		"by_order_of",
		"payer",
		"payment_method",
		"payment_processor",
		"reason",
	)
)
_CODES = {"card": "purchase", "transfer": "transfer", "direct_debit": "direct debit", "check": "cheque"}


def stamp(instant: datetime | None) -> str | None:
	"""Return an instant in ISO 8601, in UTC with seconds."""
	return instant.strftime("%Y-%m-%dT%H:%M:%SZ") if instant else None


def amount(cents: int) -> float:
	"""Money as Plaid writes it: positive when it leaves the account."""
	return 0.0 if cents == 0 else -cents / 100


def mask(account: Account) -> str:
	"""Return the last digits that the bank shows of an account's number."""
	facts = account.real.facts
	return (facts.iban or f"{random.Random(facts.key).randrange(10**4):04d}")[-4:]


def account_json(item: Item, account: Account, clock: Clock) -> dict[str, Any]:
	"""Return an account object. On credit and loan accounts a positive `current` is money owed."""
	facts = account.real.facts
	kind, subtype = _TYPES.get(facts.kind, ("other", "other"))
	booked = account.real.balance_cents(clock.today())
	held = sum(row.cents for row in account.rows.values() if row.pending)
	limit: float | None = None
	available: float | None = (booked + held) / 100
	if kind == "credit":
		limit, available = _CARD_LIMIT_CENTS / 100, (_CARD_LIMIT_CENTS + booked + held) / 100
	elif kind != "depository" or item.institution.dates == "none":
		available = None
	return {
		"account_id": account.id,
		"balances": {
			"available": available,
			"current": amount(booked) if kind in ("credit", "loan") else booked / 100,
			"limit": limit,
			"iso_currency_code": facts.currency,
			"unofficial_currency_code": None,
		},
		"mask": mask(account),
		"name": facts.name,
		"official_name": None,
		"type": kind,
		"subtype": subtype,
		"holder_category": "business" if facts.pro else "personal",
	}


def row_json(item: Item, row: Row, version: str, *, original: bool = False) -> dict[str, Any]:
	"""Return a transaction object. `date` is the day it posted, or occurred while pending."""
	movement = row.movement
	merchant = movement.clean if movement.operation == "card" else None
	code = _CODES.get(movement.operation) if item.european else None
	values: dict[str, Any] = {
		"transaction_id": row.id, "account_id": row.account.id, "amount": amount(row.cents),
		"iso_currency_code": row.account.real.facts.currency, "unofficial_currency_code": None,
		"date": row.day.isoformat(), "datetime": None,
		"authorized_date": movement.bought.isoformat() if movement.bought and item.institution.dates != "none" else None,
		"authorized_datetime": None, "name": movement.label if merchant is None else movement.clean,
		"merchant_name": merchant, "merchant_entity_id": None, "logo_url": None, "website": None, "check_number": None,
		"pending": row.pending, "pending_transaction_id": row.pending_id, "account_owner": None,
		"payment_channel": "in store" if movement.operation == "card" else "other",
		"transaction_code": code, "category": None, "category_id": None, "transaction_type": "unresolved",
		"location": dict(_NOWHERE), "payment_meta": dict(_NO_META), "counterparties": [],
		"personal_finance_category": category(movement.category, f"{row.account.real.key}|{movement.key}", version),
		"personal_finance_category_icon_url": "",
	}  # fmt: skip
	if original:
		values["original_description"] = movement.label
	return values

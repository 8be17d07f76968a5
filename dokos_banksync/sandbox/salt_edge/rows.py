"""Objects as Salt Edge writes them; ids are strings of 19 digits, instants UTC with seconds."""

from __future__ import annotations

import random
from datetime import date, datetime
from typing import Any

from dokos_banksync.sandbox.institutions import Institution
from dokos_banksync.sandbox.salt_edge.categories import category_of
from dokos_banksync.sandbox.salt_edge.model import (
	Account,
	Attempt,
	Connection,
	Consent,
	Customer,
	Row,
	Settings,
	code_of,
	country_of,
)

_NATURES = {
	"checking": "account",
	"savings": "savings",
	"card": "credit_card",
	"loan": "loan",
	"brokerage": "investment",
}
_CARD_LIMIT_CENTS = 1_000_000


def stamp(instant: datetime | None) -> str | None:
	"""Return an instant as text, in UTC with seconds."""
	return instant.strftime("%Y-%m-%dT%H:%M:%SZ") if instant else None


def money(cents: int) -> float:
	"""Return cents as the number that Salt Edge writes."""
	return cents / 100


def customer_json(customer: Customer, key: str) -> dict[str, Any]:
	"""Return a customer object, with its id under `key`."""
	return {
		key: customer.id,
		"identifier": customer.identifier,
		"categorization_type": "personal",
		"blocked_at": None,
		"created_at": stamp(customer.created_at),
		"updated_at": stamp(customer.created_at),
	}


def provider_json(one: Institution, place: int, settings: Settings) -> dict[str, Any]:
	"""Return a provider object. Salt Edge has no text for beta banks; their status is active."""
	return {
		"id": str(4000 + place), "code": code_of(one), "name": one.name, "country_code": country_of(one),
		"bic_codes": [], "group_code": (one.group or one.name).lower(), "group_name": one.group or one.name,
		"status": "inactive" if one.down else "active", "mode": "web" if one.sms_code else "oauth", "regulated": True,
		"logo_url": f"https://d1uuj3mi6rzwpm.cloudfront.net/logos/providers/{one.id}.svg",
		"timezone": "Europe/Paris", "automatic_fetch": not (one.sms_code or one.needs_user_present),
		"interactive_for_connections": one.sms_code, "optional_interactivity": False, "customer_notified_on_sign_in": False,
		"max_consent_days": settings.max_consent_days, "max_fetch_interval": 730, "custom_pendings_period": 0,
		"refresh_timeout": int(settings.refresh_timeout.total_seconds() // 60), "holder_info": ["names"],
		"supported_account_types": ["personal", "business"],
		"supported_account_natures": ["account", "credit_card", "savings", "loan", "investment"],
		"supported_fetch_scopes": ["accounts", "balance", "holder_info", "transactions"],
		"created_at": "2020-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z",
	}  # fmt: skip


def consent_json(connection: Connection, consent: Consent) -> dict[str, Any]:
	"""Return a consent object."""
	return {
		"id": consent.id,
		"connection_id": connection.id,
		"customer_id": connection.customer.id,
		"status": consent.ended or "active",
		"scopes": list(consent.scopes),
		"period_days": consent.period_days,
		"expires_at": stamp(consent.expires_at),
		"from_date": consent.from_date.isoformat() if consent.from_date else None,
		"to_date": None,
		"collected_by": "client",
		"revoked_at": stamp(consent.ended_at) if consent.ended == "revoked" else None,
		"revoke_reason": consent.reason,
		"created_at": stamp(consent.created_at),
		"updated_at": stamp(consent.ended_at or consent.created_at),
	}


def attempt_json(attempt: Attempt) -> dict[str, Any]:
	"""Return an attempt object with its stages."""
	stages = [{"name": name, "created_at": stamp(at), "updated_at": stamp(at)} for name, at in attempt.stages]
	return {
		"id": attempt.id, "api_mode": "service", "api_version": "6", "automatic_fetch": not attempt.user_present,
		"user_present": attempt.user_present, "interactive": attempt.interactive, "finished": attempt.finished,
		"partial": False, "finished_recent": any(name == "fetch_recent" for name, _ in attempt.stages),
		"fetch_scopes": list(attempt.scopes), "custom_fields": dict(attempt.custom_fields),
		"fetch_from_date": attempt.from_date.isoformat() if attempt.from_date else None, "fetch_to_date": None,
		"success_at": stamp(attempt.success_at), "fail_at": stamp(attempt.fail_at), "fail_error_class": attempt.fail_class,
		"fail_message": attempt.fail_message, "created_at": stamp(attempt.created_at),
		"updated_at": stamp(attempt.stages[-1][1] if attempt.stages else attempt.created_at),
		"last_stage": stages[-1] if stages else None, "stages": stages,
	}  # fmt: skip


def connection_json(connection: Connection, next_refresh: datetime | None) -> dict[str, Any]:
	"""Return a connection object."""
	return {
		"id": connection.id,
		"customer_id": connection.customer.id,
		"customer_identifier": connection.customer.identifier,
		"provider_code": code_of(connection.institution),
		"provider_name": connection.institution.name,
		"country_code": country_of(connection.institution),
		"status": connection.status,
		"categorization": connection.categorization,
		"categorization_vendor": "saltedge",
		"automatic_refresh": connection.automatic_refresh,
		"last_success_at": stamp(connection.last_success_at),
		"next_refresh_possible_at": stamp(next_refresh),
		"last_consent_id": connection.consent.id,
		"last_attempt": attempt_json(connection.attempt),
		"created_at": stamp(connection.created_at),
		"updated_at": stamp(connection.updated_at),
	}


def account_json(connection: Connection, account: Account) -> dict[str, Any]:
	"""Return an account object. The balance is the one of the last fetch; negative is owed, also on cards."""
	facts, held = account.real.facts, sum(row.cents for row in account.held)
	extra: dict[str, Any] = {
		"account_name": facts.name,
		"holder_name": facts.holder.title(),
		"status": "active",
		"available_amount": money(account.balance_cents + held),
		"current_date": account.updated_at.date().isoformat(),
		"current_time": account.updated_at.strftime("%H:%M:%S"),
		"transactions_count": {"posted": len(account.rows), "pending": len(account.held)},
		"updated_on_last_attempt": True,
	}
	if account.rows:
		extra["last_posted_transaction_id"] = str(max(row.id for row in account.rows.values()))
	if facts.iban:
		extra["iban"] = facts.iban
	if facts.kind == "card":
		extra["credit_limit"] = money(_CARD_LIMIT_CENTS)
		extra["available_amount"] = money(_CARD_LIMIT_CENTS + account.balance_cents + held)
	return {
		"id": account.id,
		"connection_id": connection.id,
		"name": facts.iban or facts.name,
		"nature": _NATURES.get(facts.kind, "account"),
		"balance": money(account.balance_cents),
		"currency_code": facts.currency,
		"extra": extra,
		"created_at": stamp(account.created_at),
		"updated_at": stamp(account.updated_at),
	}


def made_on(connection: Connection, row: Row) -> date:
	"""Return the day a transaction was made, as far as its bank tells it."""
	movement = row.movement
	return movement.bought if movement.bought and connection.institution.dates != "none" else movement.day


def row_json(connection: Connection, row: Row) -> dict[str, Any]:
	"""Return a transaction object: negative is money out. `made_on` is the day of the purchase where it is known."""
	movement, dates = row.movement, connection.institution.dates
	extra: dict[str, Any] = {
		"id": f"BK{random.Random(f'{row.account.real.key}|{movement.key}').randrange(10**9):09d}",
		"categorization_confidence": 0.9,
	}
	if not row.pending and dates != "none":
		extra["posting_date"] = movement.day.isoformat()
	if movement.operation == "card":
		extra |= {"type": "card", "payee": movement.clean}
	elif movement.operation == "transfer":
		extra |= {"type": "transfer", ("payer" if row.cents > 0 else "payee"): movement.clean}
	return {
		"id": str(row.id),
		"account_id": row.account.id,
		"duplicated": row.duplicated,
		"mode": "fee" if movement.category == "bank_fees" else "normal",
		"status": "pending" if row.pending else "posted",
		"made_on": made_on(connection, row).isoformat(),
		"amount": money(row.cents),
		"currency_code": row.account.real.facts.currency,
		"description": row.description or movement.label,
		"category": category_of(movement.category, connection.categorization),
		"extra": extra,
		"created_at": stamp(row.created_at),
		"updated_at": stamp(row.created_at),
	}

"""Accounts, balances and transactions as GoCardless gives them."""

from __future__ import annotations

import hashlib
import random
from datetime import date
from decimal import Decimal

from dokos_banksync.sandbox.clock import iso
from dokos_banksync.sandbox.gocardless.model import Account, Agreement, Ids, Requisition, Row, Settings
from dokos_banksync.sandbox.gocardless.state import institution_id
from dokos_banksync.sandbox.institutions import Institution
from dokos_banksync.sandbox.movements import Movement

_CASH_TYPES = {"checking": "CACC", "card": "CARD", "savings": "SVGS"}
_CODES = {"card": "PMNT-CCRD-POSD", "transfer": "PMNT-RCDT-ESCT", "direct_debit": "PMNT-RDDT-ESDD"}


def institution(one: Institution, settings: Settings, host: str) -> Row:
	"""Return an `Integration`. Numbers are texts."""
	return {
		"id": institution_id(one), "name": one.name, "bic": f"BANK{one.country}{one.id % 100:02d}",
		"transaction_total_days": str(settings.history_days), "countries": [one.country],
		"logo": f"{host}connect/logo/{one.id}.svg", "max_access_valid_for_days": str(settings.consent_days),
	}  # fmt: skip


def agreement(one: Agreement) -> Row:
	"""Return an `EndUserAgreement`."""
	return {
		"id": one.id, "created": iso(one.created), "institution_id": institution_id(one.institution),
		"max_historical_days": one.historical_days, "access_valid_for_days": one.valid_days,
		"access_scope": one.scope, "accepted": iso(one.accepted) if one.accepted else None,
	}  # fmt: skip


def requisition(one: Requisition, host: str) -> Row:
	"""Return a `Requisition`."""
	return {
		"id": one.id, "created": iso(one.created), "redirect": one.redirect, "status": one.status,
		"institution_id": institution_id(one.agreement.institution), "agreement": one.agreement.id,
		"reference": one.reference, "accounts": [account.id for account in one.accounts] if one.status in ("LN", "EX") else [],
		"user_language": one.language, "link": f"{host}connect/gocardless/{one.id}", "ssn": None,
		"account_selection": False, "redirect_immediate": False,
	}  # fmt: skip


def account(one: Account) -> Row:
	"""Return an `Account`: what GoCardless knows without asking the bank."""
	return {
		"id": one.id, "created": iso(one.created), "last_accessed": None, "iban": one.real.facts.iban or "",
		"institution_id": institution_id(one.agreement.institution), "status": one.status, "owner_name": "SARL EXEMPLE",
		"bban": None, "name": None,
	}  # fmt: skip


def details(one: Account) -> Row:
	"""Return an `AccountDetail`."""
	facts = one.real.facts
	return {
		"account": {
			"resourceId": one.id, "iban": facts.iban, "currency": facts.currency, "ownerName": "SARL EXEMPLE",
			"name": facts.name, "product": "", "cashAccountType": _CASH_TYPES[facts.kind],
		}
	}  # fmt: skip


def balances(one: Account, today: date) -> Row:
	"""Return the `AccountBalance`s: the booked one, and the available one that counts pending rows."""
	booked = one.real.balance(today)
	held = sum((_announced(coming) for coming in one.real.coming(today)), Decimal())
	amounts = {"interimAvailable": booked + held, "closingBooked": booked}
	return {
		"balances": [
			{"balanceAmount": _money(amount, one), "balanceType": kind, "referenceDate": str(today)}
			for kind, amount in amounts.items()
		]
	}


class RowMaker:
	"""Makes the transactions of one answer; `call` numbers the calls, for ids that differ at each."""

	def __init__(self, one: Account, settings: Settings, call: int) -> None:
		self._one, self._settings = one, settings
		self._rng = random.Random(f"{one.real.key}|{call}")

	def booked(self, movement: Movement) -> Row:
		"""Return a booked transaction."""
		dates, day = self._one.agreement.institution.dates, str(movement.day)
		when = {"bookingDate": day, "valueDate": day}
		if dates == "none":
			when = {"bookingDate": day}
		elif dates == "transaction":
			when = {"valueDate": day}
		return {**self._ids(movement), **when, **self._row(movement, movement.amount)}

	def pending(self, movement: Movement) -> Row:
		"""Return a pending transaction; most banks give it no id."""
		ids = self._ids(movement) if self._settings.pending_ids else {}
		return {**ids, "valueDate": str(movement.day), **self._row(movement, _announced(movement))}

	def _ids(self, movement: Movement) -> Row:
		digest = hashlib.sha256(f"{self._one.real.key}|{movement.key}".encode()).hexdigest()
		if self._settings.ids is Ids.STABLE:
			return {"transactionId": digest[:16], "internalTransactionId": digest[16:48]}
		if self._settings.ids is Ids.ABSENT:
			return {"internalTransactionId": digest[16:48]}
		return {"transactionId": f"{self._rng.getrandbits(64):016x}", "internalTransactionId": digest[16:48]}

	def _row(self, movement: Movement, amount: Decimal) -> Row:
		side = "debtorName" if amount > 0 else "creditorName"
		return {
			"transactionAmount": _money(amount, self._one), side: movement.clean,
			"remittanceInformationUnstructured": movement.label,
			"bankTransactionCode": _CODES.get(movement.operation, "PMNT-OTHR-OTHR"),
		}  # fmt: skip


def _announced(movement: Movement) -> Decimal:
	cents = movement.cents if movement.announced_cents is None else movement.announced_cents
	return Decimal(cents).scaleb(-2)


def _money(amount: Decimal, one: Account) -> Row:
	return {"amount": f"{amount:.2f}", "currency": one.real.facts.currency}

"""Accounts, balances and transactions as their banks give them through Enable Banking."""

from __future__ import annotations

import hashlib
import random
from base64 import b64encode
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from dokos_banksync.sandbox.accounts import RealAccount
from dokos_banksync.sandbox.enable_banking.banks import Quirks, References
from dokos_banksync.sandbox.enable_banking.model import Account
from dokos_banksync.sandbox.movements import Movement

_CASH_TYPES = {"checking": "CACC", "card": "CARD", "savings": "SVGS", "loan": "LOAN"}
_BANK_CODES = {"card": ("PMNT", "CCRD"), "transfer": ("PMNT", "RCDT"), "direct_debit": ("PMNT", "RDDT")}
_PREFIX = "WwpbCiJhY2NvdW50IiwK"
OFFERED_KINDS = frozenset(_CASH_TYPES)
_BOOKED_TYPES = frozenset({"CLBD", "ITBD", "OPBD", "PRCD"})

Row = dict[str, Any]


def identification(real: RealAccount, number: str | None) -> dict[str, Any]:
	"""Return an `AccountIdentification`: the IBAN, else another number under its scheme."""
	if number:
		return {"iban": number, "other": None}
	digits = f"{int(hashlib.sha256(real.key.encode()).hexdigest(), 16) % 10**16:016d}"
	card = real.facts.kind == "card"
	other = {
		"identification": f"************{digits[-4:]}" if card else digits,
		"scheme_name": "CPAN" if card else "BBAN",
	}
	return {"iban": None, "other": {**other, "issuer": None}}


def identification_hash(real: RealAccount, number: str | None) -> str:
	"""Return the hash of the account's number, alike in every session and for every user."""
	digest = hashlib.sha256((number or f"number of {real.key}").encode()).digest()
	return f"{_PREFIX}.{b64encode(digest).decode()}"


def resource(account: Account, holder: str) -> Row:
	"""Return an `AccountResource`."""
	facts = account.real.facts
	shown: Row = {
		"account_id": account.identification, "all_account_ids": None, "account_servicer": None, "name": holder,
		"details": facts.name, "usage": "ORGA" if facts.pro else "PRIV", "cash_account_type": _CASH_TYPES[facts.kind],
		"product": None, "currency": facts.currency, "psu_status": None, "credit_limit": None, "legal_age": None,
		"postal_address": None, "identification_hash": account.identification_hash,
		"identification_hashes": account.identification_hashes,
	}  # fmt: skip
	return {**shown, "uid": account.uid or None}


def balances(real: RealAccount, quirks: Quirks, today: date) -> list[Row]:
	"""Return the `BalanceResource`s; available ones take pending rows off."""
	booked = real.balance(today)
	held = sum((_announced(one) for one in real.coming(today)), Decimal()) if quirks.pending else Decimal()
	amounts = ((kind, booked if kind in _BOOKED_TYPES else booked + held) for kind in quirks.balances)
	return [
		{
			"name": f"Balance {kind}", "balance_amount": _money(amount, real), "balance_type": kind,
			"reference_date": str(today), "last_change_date_time": None, "last_committed_transaction": None,
		}
		for kind, amount in amounts
	]  # fmt: skip


class RowMaker:
	"""Makes the `Transaction`s of one account. `call` numbers the calls, for what differs at each one."""

	def __init__(self, real: RealAccount, dates: str, quirks: Quirks, today: date, call: int) -> None:
		self._real, self._dates, self._quirks, self._today = real, dates, quirks, today
		self._rng = random.Random(f"{real.key}|{call}")

	def booked(self, movements: Sequence[Movement]) -> Iterator[Row]:
		"""Give the rows of booked movements (oldest first), newest first."""
		seen: Counter[date] = Counter()
		for movement in reversed(movements):
			seen[movement.day] += 1
			row = self._row(movement, movement.amount, "BOOK")
			yield {
				**row,
				**self._when(movement),
				"entry_reference": self._reference(movement, seen[movement.day]),
			}

	def pending(self, movements: Sequence[Movement]) -> Iterator[Row]:
		"""Give the rows of movements that are announced; they have no reference and no booking date."""
		for movement in movements if self._quirks.pending else ():
			held = movement.announced_cents is not None
			status = "HOLD" if held else "PDNG" if movement.operation == "card" else "SCHD"
			row = self._row(movement, _announced(movement), status)
			when = {"booking_date": None, "value_date": str(movement.day), "transaction_date": None}
			yield {**row, **when, "entry_reference": None}

	def _row(self, movement: Movement, amount: Decimal, status: str) -> Row:
		incoming = movement.cents > 0
		party = {"name": movement.clean, "postal_address": None}
		code, sub_code = _BANK_CODES.get(movement.operation, (None, None))
		return {
			"transaction_amount": _money(amount if self._quirks.signed else abs(amount), self._real),
			"credit_debit_indicator": "CRDT" if incoming else "DBIT", "status": status,
			"creditor": None if incoming else party, "creditor_account": None, "creditor_agent": None,
			"debtor": party if incoming else None, "debtor_account": None, "debtor_agent": None,
			"bank_transaction_code": {"description": movement.operation, "code": code, "sub_code": sub_code},
			"merchant_category_code": "5814" if movement.category == "restaurant" else None,
			"remittance_information": [movement.label], "balance_after_transaction": None, "exchange_rate": None,
			"reference_number": None, "reference_number_schema": None, "note": None,
			"transaction_id": f"{self._rng.getrandbits(128):032x}",
		}  # fmt: skip

	def _when(self, movement: Movement) -> Row:
		day, bought = str(movement.day), str(movement.bought) if movement.bought else None
		if self._dates == "none":
			return {"booking_date": day, "value_date": None, "transaction_date": None}
		if self._dates == "transaction":
			return {"booking_date": None, "value_date": day, "transaction_date": bought}
		return {"booking_date": day, "value_date": day, "transaction_date": bought}

	def _reference(self, movement: Movement, number: int) -> str | None:
		kind = self._quirks.references
		if kind is References.STABLE:
			return hashlib.sha256(f"{self._real.key}|{movement.key}".encode()).hexdigest()[:20]
		if kind is References.VOLATILE:
			return f"{self._rng.getrandbits(64):016x}"
		if kind is References.POSITIONAL and movement.day < self._today:
			return f"{movement.day}.{number}"
		return None


def _announced(movement: Movement) -> Decimal:
	cents = movement.cents if movement.announced_cents is None else movement.announced_cents
	return Decimal(cents).scaleb(-2)


def _money(amount: Decimal, real: RealAccount) -> Row:
	return {"currency": real.facts.currency, "amount": f"{amount:.2f}"}

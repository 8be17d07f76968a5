"""Synchronizations: how Ponto reads a bank into what it keeps."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import TYPE_CHECKING

from dokos_banksync.sandbox.movements import Movement
from dokos_banksync.sandbox.ponto.errors import ApiError
from dokos_banksync.sandbox.ponto.model import Account, Row, StoredRow, Synchronization

if TYPE_CHECKING:
	from dokos_banksync.sandbox.ponto.state import Ponto

SUBTYPES = ("accountDetails", "accountTransactions", "accountTransactionsWithUnsettled")
_BANK_CODES = {"card": "PMNT-CCRD-POSD", "transfer": "PMNT-RCDT-ESCT", "direct_debit": "PMNT-RDDT-ESDD"}


class Reader:
	"""Creates synchronizations, moves them on, and applies what they read."""

	def __init__(self, ponto: Ponto) -> None:
		self._ponto = ponto

	def create(self, account: Account, subtype: str, *, attended: bool) -> Synchronization:
		"""Start a synchronization. ApiError (429) within the pause after another one, or past the day's number."""
		now, settings = self._ponto.now(), self._ponto.settings
		same = [
			one.created_at
			for one in self._ponto.synchronizations.values()
			if one.requested and one.account is account and one.subtype == subtype
		]
		today = [at for at in same if at > now - timedelta(days=1)]
		wait = max((at + settings.sync_pause - now for at in same), default=timedelta())
		if len(today) >= settings.syncs_per_day:
			wait = max(wait, today[0] + timedelta(days=1) - now)
		if wait > timedelta():
			raise ApiError(
				429, "tooManyRequests", "Synchronized too recently", retry_after=wait.total_seconds()
			)
		made = Synchronization(
			self._ponto.new_uuid(),
			account,
			subtype=subtype,
			created_at=now,
			attended=attended,
			polls=settings.polls,
		)
		self._ponto.synchronizations[made.id] = made
		return made

	def poll(self, synchronization: Synchronization) -> None:
		"""Move a synchronization on: pending, running, then success or error."""
		if synchronization.status in ("success", "error"):
			return
		synchronization.polls -= 1
		synchronization.status = "running"
		if synchronization.polls <= 0:
			self._finish(synchronization)

	def read_now(self, account: Account) -> None:
		"""Synchronize as Ponto itself does: the details, then the transactions."""
		for subtype in (SUBTYPES[0], SUBTYPES[2]):
			made = Synchronization(
				self._ponto.new_uuid(), account, subtype, self._ponto.now(), attended=False, requested=False
			)
			self._ponto.synchronizations[made.id] = made
			self._finish(made)

	def _finish(self, synchronization: Synchronization) -> None:
		account, now = synchronization.account, self._ponto.now()
		synchronization.updated_at = now
		error = self._error(synchronization)
		if error:
			synchronization.status, synchronization.errors = "error", [error]
			self._ponto.webhooks.synchronization("synchronization.failed", synchronization)
		else:
			self._read(synchronization)
			synchronization.status = "success"
			account.synchronized_at = now
		account.latest = synchronization

	def _error(self, synchronization: Synchronization) -> Row | None:
		account, now = synchronization.account, self._ponto.now()
		if account.expires_at <= now:
			return _problem(
				"authorizationInvalid", "The authorization of the account is not valid any more", 500
			)
		if account.institution.down:
			return _problem("financialInstitutionError", "The financial institution does not answer", 503)
		if account.institution.needs_user_present and not synchronization.attended:
			return _problem("authorizationActionRequired", "The customer has to be present", 401)
		return None

	def _read(self, synchronization: Synchronization) -> None:
		if synchronization.subtype == SUBTYPES[0]:
			self._read_details(synchronization)
			return
		account, today = synchronization.account, self._ponto.world.clock.today()
		movements = account.real.movements(today)
		new, changed = self._merge(account.rows, movements, account)
		synchronization.updated = [*new, *changed]
		new_pending: list[str] = []
		if synchronization.subtype == SUBTYPES[2]:
			coming = account.real.coming(today)
			new_pending, _ = self._merge(account.pending, coming, account, pending=True)
			synchronization.updated_pending = new_pending
		self._ponto.webhooks.read(synchronization, len(new), len(changed), len(new_pending))

	def _read_details(self, synchronization: Synchronization) -> None:
		account, today = synchronization.account, self._ponto.world.clock.today()
		before = account.balance
		account.balance = float(account.real.balance(today))
		account.available = (
			account.balance + sum(_cents(one, pending=True) for one in account.real.coming(today)) / 100
		)
		changed = account.balance != before
		event = "account.detailsUpdated" if changed else "synchronization.succeededWithoutChange"
		self._ponto.webhooks.synchronization(event, synchronization)

	def _merge(
		self, stored: dict[str, StoredRow], movements: object, account: Account, *, pending: bool = False
	) -> tuple[list[str], list[str]]:
		"""Take the movements into what is kept; ids of the new and of the changed rows."""
		by_key = {row.key: row for row in stored.values()}
		new, changed, seen = [], [], set()
		for movement in list(movements):  # type: ignore[call-overload]
			seen.add(movement.key)
			attributes = _attributes(movement, account, pending=pending)
			row = by_key.get(movement.key)
			if row is None:
				row = StoredRow(self._ponto.new_uuid(), movement.key, movement.day, attributes)
				stored[row.id] = row
				new.append(row.id)
			elif row.attributes != attributes:
				row.attributes = attributes
				changed.append(row.id)
		if pending or self._ponto.settings.deletes_rows:
			for row in [one for one in stored.values() if one.key not in seen]:
				del stored[row.id]
		return new, changed


def _problem(code: str, detail: str, status: int) -> Row:
	meta = {"financialInstitutionResponse": {"statusCode": status, "body": ""}, "resource": "accounts"}
	return {"code": code, "detail": detail, "meta": meta}


def _cents(movement: Movement, *, pending: bool) -> int:
	return movement.announced_cents if pending and movement.announced_cents is not None else movement.cents


def _attributes(movement: Movement, account: Account, *, pending: bool) -> Row:
	"""Return the attributes of a transaction; dates depend on what the bank tells, amounts are numbers."""
	dates, day = account.institution.dates, f"{movement.day}T00:00:00.000Z"
	bought = f"{movement.bought}T00:00:00.000Z" if movement.bought else day
	digest = hashlib.sha256(f"{account.real.key}|{movement.key}|{movement.cents}".encode()).hexdigest()
	return {
		"amount": _cents(movement, pending=pending) / 100, "currency": account.real.facts.currency,
		"valueDate": None if dates == "none" else day, "executionDate": bought if dates == "transaction" else day,
		"description": movement.operation, "remittanceInformationType": "unstructured",
		"remittanceInformation": movement.label, "counterpartName": movement.clean, "counterpartReference": None,
		"bankTransactionCode": _BANK_CODES.get(movement.operation), "proprietaryBankTransactionCode": None,
		"purposeCode": None, "endToEndId": None, "mandateId": None, "creditorId": None, "additionalInformation": None,
		"cardReference": None, "cardReferenceType": None, "fee": None, "digest": digest,
		"internalReference": digest[:12],
	}  # fmt: skip

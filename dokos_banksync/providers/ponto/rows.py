"""Accounts and transactions of Ponto as those of the neutral model.

Amounts are signed numbers, negative for money out. Ids are Ponto's own and stay; a pending row is another resource,
with another id than the booked one that follows it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from dokos_banksync.core.model import Line, LineState, RejectedRow, RemoteAccount
from dokos_banksync.providers import rawjson
from dokos_banksync.providers.parsing import Object, amount, day, identifier, instant, mapping, text
from dokos_banksync.providers.rejection import why_rejected


def line(row: Any, raw: str, account: str, state: LineState, today: date) -> Line | RejectedRow:
	"""Return a transaction as a line, or rejected with the reason; a pending one without a date is today's."""
	given = mapping(mapping(row).get("attributes"))
	remote_id = identifier(mapping(row).get("id"))
	money = amount(given.get("amount"))
	on = day(given.get("executionDate")) or day(given.get("valueDate"))
	if on is None and state is LineState.PENDING:
		on = today
	currency = text(given.get("currency"))
	if not remote_id or money is None or on is None or not currency:
		return RejectedRow(account, remote_id, why_rejected(money, on, remote_id=remote_id), raw)
	original, name = _label(given), _plain(given.get("counterpartName"))
	return Line(
		remote_account=account,
		remote_id=remote_id,
		date=on,
		amount=money,
		currency=currency,
		description=original,
		original=original,
		state=state,
		value_date=day(given.get("valueDate")),
		kind=text(given.get("bankTransactionCode")),
		party_name=name,
		party_iban=_iban(given.get("counterpartReference")),
		reference=text(given.get("endToEndId")) or text(given.get("mandateId")),
		raw=raw,
	)


def lines(
	rows: Sequence[rawjson.Row], account: str, state: LineState, today: date
) -> tuple[list[Line], list[RejectedRow]]:
	"""Return the rows of a page as lines, and those that are none."""
	made = [line(row, raw, account, state=state, today=today) for row, raw in rows]
	return (
		[one for one in made if isinstance(one, Line)],
		[one for one in made if isinstance(one, RejectedRow)],
	)


def _label(given: Object) -> str:
	"""Return what the bank wrote: the remittance information, else the best of what else it says."""
	names = ("remittanceInformation", "additionalInformation", "counterpartName", "description")
	return next((found for name in names if (found := _plain(given.get(name)))), "")


def _plain(value: object) -> str:
	return " ".join(text(value).split())


def _iban(value: object) -> str:
	"""Return the other account's number where it is an IBAN: two letters, two digits, 15 characters or more."""
	found = text(value).replace(" ", "").upper()
	return found if len(found) >= 15 and found[:2].isalpha() and found[2:4].isdigit() else ""


def account(row: Object) -> RemoteAccount:
	"""Return an account. `failed` tells that the last synchronization could not read it."""
	given, meta = mapping(row.get("attributes")), mapping(row.get("meta"))
	latest = mapping(mapping(meta.get("latestSynchronization")).get("attributes"))
	iban = text(given.get("reference")) if text(given.get("referenceType")) == "IBAN" else ""
	names = ("description", "product", "reference")
	name = next((found for one in names if (found := _plain(given.get(one)))), "")
	return RemoteAccount(
		remote_id=identifier(row.get("id")),
		account_name=name,
		kind=text(given.get("subtype")),
		currency=text(given.get("currency")).upper(),
		iban=iban,
		enabled=given.get("deprecated") is not True,
		failed=text(latest.get("status")) == "error",
		balance=amount(given.get("currentBalance")),
		balance_available=amount(given.get("availableBalance")),
		balance_at=instant(given.get("currentBalanceReferenceDate")) or instant(meta.get("synchronizedAt")),
		read_at=instant(meta.get("synchronizedAt")),
		details=_details(given),
	)


def _details(given: Object) -> dict[str, str]:
	names = ("holderName", "product", "authorizedAt", "authorizationExpirationExpectedAt")
	return {name: found for name in names if (found := text(given.get(name)))}


def institution_of(row: Object) -> str:
	"""Return the id of the financial institution of an account."""
	related = mapping(mapping(row.get("relationships")).get("financialInstitution"))
	return identifier(mapping(related.get("data")).get("id"))

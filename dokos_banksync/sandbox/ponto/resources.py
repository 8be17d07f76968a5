"""The resources of the API, in JSON:API's form, and their pages."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Sequence
from typing import TypeVar
from urllib.parse import urlencode

from werkzeug.wrappers import Request

from dokos_banksync.sandbox.clock import iso
from dokos_banksync.sandbox.institutions import Institution
from dokos_banksync.sandbox.ponto.errors import ApiError
from dokos_banksync.sandbox.ponto.model import Account, Row, StoredRow, Synchronization

DEFAULT_LIMIT, MAX_LIMIT = 10, 100
_SUBTYPES = {"brokerage": "securities"}

T = TypeVar("T")


def institution_id(institution: Institution) -> str:
	"""Return Ponto's id of a bank."""
	return str(uuid.UUID(hashlib.sha256(f"ponto institution {institution.id}".encode()).hexdigest()[:32]))


def institution(one: Institution, logo: str) -> Row:
	"""Return a `financialInstitution`."""
	attributes = {
		"name": one.name, "country": one.country, "bic": None, "status": "beta" if one.beta else "stable",
		"logoUrl": logo, "primaryColor": one.color, "secondaryColor": None, "sharedBrandName": one.group,
		"maintenanceFrom": None, "maintenanceTo": None, "maintenanceType": "internal" if one.down else None,
		"deprecated": False, "timeZone": "Europe/Paris",
	}  # fmt: skip
	return {"type": "financialInstitution", "id": institution_id(one), "attributes": attributes}


def account(one: Account) -> Row:
	"""Return an `account`. Balances are those of the last synchronization of the details."""
	facts = one.real.facts
	moment = iso(one.synchronized_at) if one.synchronized_at else None
	bank = {"type": "financialInstitution", "id": institution_id(one.institution)}
	attributes = {
		"subtype": _SUBTYPES.get(facts.kind, facts.kind), "referenceType": "IBAN" if facts.iban else "MASKEDPAN",
		"reference": facts.iban or f"**** **** {uuid.UUID(one.id).int % 10**4:04d}", "product": None, "currency": facts.currency,
		"holderName": facts.holder.title(), "description": facts.name, "internalReference": one.real.key,
		"deprecated": False, "currentBalance": one.balance, "currentBalanceReferenceDate": moment,
		"currentBalanceChangedAt": moment, "currentBalanceVariationObservedAt": moment, "availableBalance": one.available,
		"availableBalanceReferenceDate": moment, "availableBalanceChangedAt": moment,
		"availableBalanceVariationObservedAt": moment, "authorizedAt": iso(one.authorized_at),
		"authorizationExpirationExpectedAt": iso(one.expires_at),
	}  # fmt: skip
	meta = {
		"synchronizedAt": moment,
		"availability": "readonly" if one.institution.down else "available",
		"latestSynchronization": synchronization(one.latest) if one.latest else None,
	}
	return {
		"type": "account",
		"id": one.id,
		"attributes": attributes,
		"meta": meta,
		"relationships": {"financialInstitution": {"data": bank}},
	}


def transaction(row: StoredRow, owner: Account, kind: str = "transaction") -> Row:
	"""Return a `transaction`, or a resource of another `kind` with the same attributes."""
	related = {"account": {"data": {"type": "account", "id": owner.id}}}
	return {"type": kind, "id": row.id, "attributes": row.attributes, "relationships": related}


def synchronization(one: Synchronization) -> Row:
	"""Return a `synchronization`."""
	attributes = {
		"status": one.status, "subtype": one.subtype, "resourceType": "account", "resourceId": one.account.id,
		"errors": one.errors, "createdAt": iso(one.created_at), "updatedAt": iso(one.updated_at or one.created_at),
	}  # fmt: skip
	return {"type": "synchronization", "id": one.id, "attributes": attributes}


def newest_first(rows: Sequence[StoredRow]) -> list[StoredRow]:
	"""Return rows by day, newest first; the id orders those of one day."""
	return sorted(rows, key=lambda row: (row.day, row.id), reverse=True)


def page(request: Request, found: Sequence[T], key: Callable[[T], str], shown: Callable[[T], Row]) -> Row:
	"""Return one page of a list. `page[after]` is the id of the last row of the page before."""
	args = request.args
	text = args.get("page[limit]") or args.get("limit") or str(DEFAULT_LIMIT)
	if not text.isdigit() or not 1 <= int(text) <= MAX_LIMIT:
		raise ApiError(400, "invalidPaginationParameter", f"page[limit] goes from 1 to {MAX_LIMIT}")
	limit, after = int(text), args.get("page[after]") or args.get("after")
	ids = [key(one) for one in found]
	if after is not None and after not in ids:
		raise ApiError(400, "invalidPaginationParameter", "page[after] is not an id of the list")
	start = ids.index(after) + 1 if after is not None else 0
	part, more = found[start : start + limit], start + limit < len(found)
	base = request.base_url
	links = {"first": f"{base}?{urlencode({'page[limit]': limit})}"}
	if more:
		links["next"] = f"{base}?{urlencode({'page[limit]': limit, 'page[after]': key(part[-1])})}"
	paging = {
		"limit": limit,
		"before": key(part[0]) if part and start else None,
		"after": key(part[-1]) if more else None,
	}
	return {"data": [shown(one) for one in part], "meta": {"paging": paging}, "links": links}

"""What is kept of a consent: the session, and the accounts that came with it.

Enable Banking shows the accounts' names and numbers once, with the session. Asking for them again would cost a call
at the bank for each.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from dokos_banksync.core.provider import Access, Secret
from dokos_banksync.providers.enable_banking import identity
from dokos_banksync.providers.enable_banking.identity import SessionAccount
from dokos_banksync.providers.grants import stored_grant
from dokos_banksync.providers.parsing import Object, instant, mapping, text, texts


@dataclass(frozen=True)
class Grant:
	"""One consent. `psu_headers` are those that its bank requires of a user who is there, `created_at` is ISO 8601; it is empty
	where an earlier version stored the consent.
	"""

	session_id: str
	institution_id: str
	accounts: Sequence[SessionAccount] = ()
	psu_headers: Sequence[str] = ()
	created_at: str = ""

	def age(self, now: datetime) -> timedelta | None:
		"""Return how long ago the consent was given; None where it is unknown."""
		given = instant(self.created_at)
		return now - given if given else None

	def seal(self) -> Secret:
		"""Return the grant as text to store."""
		return Secret(json.dumps({**vars(self), "accounts": [vars(one) for one in self.accounts]}))

	def account(self, key: str) -> SessionAccount | None:
		"""Return an account by its key; None when the consent does not include it."""
		return next((one for one in self.accounts if one.key == key), None)


def read(access: Access) -> Grant:
	"""Return the grant of a connection. Raise `LoginRequired` where there never was one, `ConsentRevoked` where it is
	gone.
	"""
	data = json.loads(stored_grant(access).reveal())
	return Grant(
		session_id=data["session_id"],
		institution_id=data["institution_id"],
		accounts=[SessionAccount(**one) for one in data["accounts"]],
		psu_headers=data["psu_headers"],
		created_at=data.get("created_at", ""),
	)


def of_session(
	answer: Object,
	institution_id: str,
	psu_headers: Sequence[str],
	known: Grant | None = None,
	*,
	now: datetime | None = None,
) -> Grant:
	"""Return the grant for an `AuthorizeSessionResponse`. `known` is the consent that this one renews."""
	rows = answer.get("accounts")
	found = [row for row in rows if isinstance(row, Mapping)] if isinstance(rows, list) else []
	accounts = [
		_account(one.key or f"twin-{number}", one.row, ambiguous=not one.key)
		for number, one in enumerate(identity.account_keys(found), 1)
	]
	with_keys = identity.carry_over_keys(known.accounts if known else (), accounts)
	return Grant(
		session_id=text(answer.get("session_id")),
		institution_id=institution_id,
		accounts=with_keys,
		psu_headers=list(psu_headers),
		created_at=now.isoformat() if now else "",
	)


def _account(key: str, row: Object, *, ambiguous: bool) -> SessionAccount:
	number = mapping(row.get("account_id"))
	iban = text(number.get("iban"))
	other = text(mapping(number.get("other")).get("identification"))
	names: list[Any] = [row.get("details"), row.get("product"), row.get("name"), iban, other]
	return SessionAccount(
		key=key,
		uid=text(row.get("uid")),
		name=next((found for one in names if (found := text(one).strip())), key),
		kind=text(row.get("cash_account_type")) or "OTHR",
		currency=text(row.get("currency")).upper(),
		iban=iban,
		holder=text(row.get("name")),
		ambiguous=ambiguous,
		hashes=texts(row.get("identification_hashes")),
	)


def required_headers(aspsp: Object) -> list[str]:
	"""Return the headers that a bank requires of a user who is present."""
	return texts(aspsp.get("required_psu_headers"))

"""The cursor of an account waits while rows that came since could not be read.

A feed of changes gives a row once. If the cursor passed a row that could not be read, the row would not come again when
the provider has corrected it. A row that stays unreadable would make every fetch longer, so that a cursor waits a week
at most.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from dokos_banksync.core.provider import Secret, SecretStore
from dokos_banksync.core.records import AccountRecord

PATIENCE = timedelta(days=7)
"""How long a cursor waits."""

_STORED = timedelta(days=365)


def waiting(secret_store: SecretStore, unreadable: Iterable[AccountRecord], now: datetime) -> Collection[str]:
	"""Return the sources whose cursor stays, of accounts with rows that could not be read."""
	return {account.source for account in unreadable if _waits(secret_store, account, now)}


def _waits(secret_store: SecretStore, account: AccountRecord, now: datetime) -> bool:
	"""Return whether the cursor of an account stays where it is after a fetch with unreadable rows.

	The instant of the first such fetch is stored with the cursor, so that the week begins anew at another cursor.
	"""
	key = f"unreadable rows {account.source}"
	cursor = hashlib.sha256(account.cursor.encode()).hexdigest()[:16]
	stored = secret_store.get(key)
	at, _, since = stored.reveal().partition(" ") if stored else ("", "", "")
	if at == cursor:
		# A clock that was wrong may have left an instant that lies ahead.
		return datetime.fromisoformat(since) <= now < datetime.fromisoformat(since) + PATIENCE
	secret_store.put(key, Secret(f"{cursor} {now.isoformat()}"), now + _STORED)
	return True

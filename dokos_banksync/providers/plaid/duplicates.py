"""Recognise a login that is connected already.

Plaid silently makes a second item of the same login. Its documents advise to compare the bank and the names
and last digits of the accounts before the public token is exchanged
(https://plaid.com/docs/link/duplicate-items/). The accounts of every item are remembered here, as digests.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from datetime import datetime, timedelta

from dokos_banksync.core.provider import Secret, SecretStore

_LIFE = timedelta(days=3650)

Pairs = Iterable[tuple[str, str]]
"""Names and last digits of accounts."""


class KnownItems:
	"""The accounts of the items of one subscription."""

	def __init__(self, store: SecretStore) -> None:
		self._store = store

	def same_login(self, institution_id: str, accounts: Pairs) -> str:
		"""Return the id of the item that holds all of these accounts, or empty."""
		holders = [self._holder(one) for one in _digests(institution_id, accounts)]
		return holders[0] if holders and len(set(holders)) == 1 else ""

	def remember(self, item_id: str, institution_id: str, accounts: Pairs, now: datetime) -> None:
		"""Note the accounts of an item."""
		digests = _digests(institution_id, accounts)
		for one in digests:
			self._store.put(_account_key(one), Secret(item_id), now + _LIFE)
		self._store.put(_item_key(item_id), Secret(json.dumps(digests)), now + _LIFE)

	def forget(self, item_id: str) -> None:
		"""Drop an item that has ended."""
		stored = self._store.get(_item_key(item_id)) if item_id else None
		for one in json.loads(stored.reveal()) if stored else []:
			if self._holder(one) == item_id:
				self._store.forget(_account_key(one))
		self._store.forget(_item_key(item_id))

	def _holder(self, digest: str) -> str:
		found = self._store.get(_account_key(digest))
		return found.reveal() if found else ""


def _digests(institution_id: str, accounts: Pairs) -> list[str]:
	texts = sorted("\0".join((institution_id, name, mask)) for name, mask in accounts)
	return [hashlib.sha256(text.encode()).hexdigest() for text in texts]


def _account_key(digest: str) -> str:
	return f"plaid account {digest}"


def _item_key(item_id: str) -> str:
	return f"plaid item {item_id}"

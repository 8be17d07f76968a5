"""What stays the same when ids change.

A renewed consent gives every account a new `uid`; its `identification_hash` stays, and so does its currency. The
hash is made of the account's number, so that all currencies behind one IBAN share it: the two together are the
account. A session's accounts may collide even so (a card under the number of its account): then the kind of
account is added, and for a collision that is left nothing is guessed.

Rows have no id to trust. `entry_reference` is absent, a position within the day or new at every call at some
banks, and `transaction_id` is never stable. A row's id is made of what the bank wrote, and of its place among
equal rows: the same rows get the same ids at every fetch, two equal coffees get two.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from dokos_banksync.providers.parsing import Object, text

_ID_LENGTH = 32


class Identified(NamedTuple):
	"""An account of a session and its lasting key; `key` is empty where two cannot be told apart."""

	key: str
	row: Object


def account_keys(rows: Sequence[Object]) -> list[Identified]:
	"""Return the accounts of a session with their keys, in the given order."""
	short = [_key(row) for row in rows]
	often = Counter(short)
	longer = [key if often[key] == 1 else f"{key}|{_kind(row)}" for key, row in zip(short, rows, strict=True)]
	still = Counter(longer)
	return [Identified(key if still[key] == 1 else "", row) for key, row in zip(longer, rows, strict=True)]


def _key(row: Object) -> str:
	return f"{text(row.get('identification_hash'))}|{text(row.get('currency')).upper()}"


def _kind(row: Object) -> str:
	return text(row.get("cash_account_type")) or "OTHR"


class RowIds:
	"""Gives the rows of one account and one fetch their ids."""

	def __init__(self) -> None:
		self._seen: Counter[str] = Counter()

	def next(self, state: str, day: date, amount: Decimal, currency: str, words: Sequence[str]) -> str:
		"""Return the id of a row by its content and the number of equal rows before it."""
		parts = (
			state,
			day.isoformat(),
			f"{amount.normalize():f}",
			currency,
			*(" ".join(one.split()) for one in words),
		)
		content = hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:_ID_LENGTH]
		self._seen[content] += 1
		number = self._seen[content]
		return content if number == 1 else f"{content}.{number}"

"""Which account of a session is which, when ids change.

A renewed consent gives every account a new `uid`; its `identification_hash` stays, and so does its currency. The
hash is made of the account's number, so that all currencies behind one IBAN share it: the two together are the
account. A session's accounts may collide even so (a card under the number of its account): then the kind of
account is added, and for a collision that is left nothing is guessed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from dokos_banksync.providers.parsing import Object, text


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

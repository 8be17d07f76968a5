"""Which account of a session is which, when ids change.

A renewed consent gives every account a new `uid`; its `identification_hash` stays, and so does its currency. The
hash is made of the account's number, so that all currencies behind one IBAN share it: the two together are the
account. A session's accounts may collide even so (a card under the number of its account): then the kind of
account is added, and for a collision that is left nothing is guessed.

An account with several numbers has several hashes, and which of them comes first may change with a renewal. A renewed
account keeps its key when one of its hashes leads to one account of before, and that one to it alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from dokos_banksync.providers.parsing import Object, text


@dataclass(frozen=True)
class SessionAccount:
	"""An account of a session. `uid` is empty where the bank gives no data, `ambiguous` where two cannot be distinguished."""

	key: str
	uid: str
	name: str
	kind: str
	currency: str
	iban: str = ""
	holder: str = ""
	ambiguous: bool = False
	hashes: Sequence[str] = ()


class Identified(NamedTuple):
	"""An account of a session and its lasting key; `key` is empty where two cannot be distinguished."""

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


def carry_over_keys(before: Sequence[SessionAccount], now: Sequence[SessionAccount]) -> list[SessionAccount]:
	"""Return the accounts of a renewed consent, under the keys that they had before."""
	keys = {one.key for one in now}
	lost = [one for one in before if one.key not in keys]
	held = {one.key for one in before}
	new = [one for one in now if one.key not in held]
	stored = {one.key: old.key for one in new if (old := _only(one, lost)) and _only(old, new) is one}
	return [replace(one, key=stored.get(one.key, one.key)) for one in now]


def _only(one: SessionAccount, others: Sequence[SessionAccount]) -> SessionAccount | None:
	"""Return the only one of the others that shares a number and the currency; None for none and for several."""
	found = [
		other
		for other in others
		if other.currency == one.currency
		and not other.ambiguous
		and not one.ambiguous
		and set(other.hashes) & set(one.hashes)
	]
	return found[0] if len(found) == 1 else None

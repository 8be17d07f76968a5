"""Rows that two files of one bank account give under the same id of the bank (FITID, OFX 2.2 section 3.2.3)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal

from dokos_banksync.core.matching.labels import label_key, label_of
from dokos_banksync.core.matching.repeated_ids import first_id
from dokos_banksync.core.model import ExistingLine, ExistingTransaction, Line

NEAR_ID_DAYS = 10
"""How many days rows with one id may differ by. Banks reuse ids after months."""

SHORTEST_ID = 5
"""Characters, without leading zeros, of an id that is more than the number of a row in its file."""

_MADE = re.compile(r"[0-9a-f]{20}-\d+")
"""An id that the reader made of what the row says, for a file without ids (see `statements.ids`)."""


def identifies(remote_id: str) -> bool:
	"""Return whether an id of a file can be one that the bank gives to the transaction."""
	own = first_id(remote_id) or remote_id
	return len(own.lstrip("0")) >= SHORTEST_ID and not _MADE.fullmatch(own)


def known_by_id(
	lines: Sequence[Line], held: Iterable[ExistingLine], source: str
) -> list[tuple[Line, ExistingTransaction]]:
	"""Return the lines whose id, amount and currency an existing transaction of another file has, one to one."""
	by_id: dict[str, list[ExistingTransaction]] = {}
	for one in held:
		if one.transaction and source not in one.transaction.sources:
			by_id.setdefault(one.line.remote_id, []).append(one.transaction)
	found, taken = [], set[str]()
	for line in lines:
		for transaction in by_id.get(line.remote_id, ()):
			if transaction.name not in taken and _same_money(line, transaction):
				taken.add(transaction.name)
				found.append((line, transaction))
				break
	return found


def without_shifted_ids(
	pairs: Iterable[tuple[Line, ExistingTransaction]], lines: Iterable[Line]
) -> list[tuple[Line, ExistingTransaction]]:
	"""Return the pairs but those whose bank transaction has the day and label of another line of the file.

	Some banks number the rows of each day anew in each download, so that a row that is added gives its id to the next one.
	"""
	pairs = list(pairs)
	others = (
		{_content(line) for line in lines} if any(_content(a) != _content(b) for a, b in pairs) else set()
	)
	return [
		(line, known)
		for line, known in pairs
		if _content(line) == _content(known) or _content(known) not in others
	]


def changed_by_id(
	lines: Iterable[Line], held: Iterable[ExistingLine], source: str
) -> list[tuple[Line, ExistingTransaction]]:
	"""Return the lines whose id and label an existing transaction of another file has, on the same side, with another amount:
	the bank may have changed it (a tip), or given the id again.
	"""
	by_id: dict[str, ExistingTransaction] = {}
	for one in held:
		known = one.transaction
		if known and not known.deleted and source not in known.sources:
			by_id.setdefault(one.line.remote_id, known)
	return [
		(line, known)
		for line in lines
		if (known := by_id.get(line.remote_id))
		and abs((line.date - known.date).days) <= NEAR_ID_DAYS
		and line.currency == known.currency
		and line.amount * known.amount > 0
		and line.amount != known.amount
		and label_of(line.original).text == label_of(known.original).text
	]


def _content(row: Line | ExistingTransaction) -> tuple[date, Decimal, str, str]:
	return row.date, row.amount, row.currency, label_key(row.original)


def _same_money(line: Line, known: ExistingTransaction) -> bool:
	near = abs((line.date - known.date).days) <= NEAR_ID_DAYS
	return near and (line.amount, line.currency) == (known.amount, known.currency)

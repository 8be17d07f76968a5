"""What of a run can be taken back, and why the rest stays: decided alike for every ledger.

An entry of a journal is asked for by these names: `id`, `source`, `remote_id`, `verdict`, `bank_transaction`,
`line_before`, `transaction_before` and `changed` (JSON), `made`, `undoes`; and, as things are now:

- `there`: the bank transaction exists; `reconciled`: a person has dealt with it, `reconciled_with` with what
- `closed`: it lies, or lay, in a closed period
- `state`: that of the line; `speaks`: it is of a file, or of an account that feeds the bank account still
- `held_since`: the bank told of the line again, and nothing came of it
- `later_line`, `later_transaction`: the run of a later decision about it, empty for a person, None for none
- `other`: the run of a line of another source that stands on it, None for none
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence, Set
from typing import Any, NamedTuple, Protocol

from dokos_banksync.engine.model import LineState, Reason, Verdict
from dokos_banksync.errors import InvalidData
from dokos_banksync.ledgers.journal import Key, Step
from dokos_banksync.ledgers.review import Kept


class Entry(Protocol):
	"""A row of a database, whichever."""

	def __getitem__(self, name: str, /) -> Any: ...


class Plan(NamedTuple):
	"""Entries to take back, the latest first, and what stays."""

	entries: Sequence[Entry]
	kept: Sequence[Kept]


def plan(run: str, rows: Sequence[Entry], matters: Set[str]) -> Plan:
	"""`matters` are the columns that a reconciliation, and a closed period, rest on.

	Raises `InvalidData` where nothing can be taken back.
	"""
	entries, kept = [], []
	for row in rows:
		why = _stays(row, matters)
		if why is None:
			entries.append(row)
		else:
			kept.append(Kept(row["bank_transaction"], row["remote_id"], *why))
	if not entries:
		raise _nothing(run, kept)
	return Plan(entries, kept)


def _nothing(run: str, kept: Sequence[Kept]) -> InvalidData:
	if kept:
		return InvalidData(kept[0].why, *filter(None, [kept[0].by]))
	return InvalidData("There is nothing in {0} to undo (any more)", run)


def _stays(row: Entry, matters: Set[str]) -> tuple[str, str] | None:
	"""Why an entry cannot be undone, and which run (or document) stands in the way."""
	if row["made"]:
		return _made_stays(row)
	later = row["later_line"] if row["later_line"] is not None else row["later_transaction"]
	if later is not None:
		return _changed_since(later)
	if row["verdict"] == Verdict.REMOVE.value and row["transaction_before"] and not row["speaks"]:
		return "The bank took it back, and its account is no longer read: nobody would take it back again", ""
	if _taken_back_since(row):
		return "The bank took it back since", ""
	weighs = bool(matters & json.loads(row["changed"]).keys()) if row["changed"] else False
	if row["closed"] and (weighs or row["transaction_before"]):
		return _CLOSED
	return _reconciled(row) if row["reconciled"] and weighs else None


_CLOSED = "It lies in a closed period: open that first", ""


def _made_stays(row: Entry) -> tuple[str, str] | None:
	if not row["there"]:
		return "It is gone already", ""
	if row["reconciled"]:
		return _reconciled(row)
	if row["other"] is not None:
		return "Another source tells of it too: undo {0} first", row["other"]
	return _CLOSED if row["closed"] else None


def _reconciled(row: Entry) -> tuple[str, str]:
	if row["reconciled_with"]:
		return "It is reconciled with {0}: undo that first", row["reconciled_with"]
	return "It is reconciled: undo that first", ""


def _changed_since(later: str) -> tuple[str, str]:
	if later:
		return "It was changed since by {0}: undo that first", later
	return "A person changed it since", ""


def _taken_back_since(row: Entry) -> bool:
	removed = row["state"] == LineState.REMOVED.value and row["verdict"] != Verdict.REMOVE.value
	return bool(row["held_since"] and removed)


def stays_away(row: Entry) -> bool:
	"""Whether it brought something that is not to come back by itself. What an undo brings back is no news."""
	return row["undoes"] is None and bool(row["made"] or not row["line_before"])


def step(row: Entry) -> Step:
	key: Key = (row["source"], row["remote_id"])
	return Step(key, "Undo", Reason.NONE.value, "", row["bank_transaction"], row["id"])


def by_column(entries: Sequence[Entry]) -> Iterator[tuple[str, list[tuple[str, object, object]]]]:
	"""Of each column: name of the bank transaction, value before the run, and value that the run left.

	To be put back as far as they are still what the run left: a person's later change stays.
	"""
	found: dict[str, list[tuple[str, object, object]]] = {}
	for entry in entries:
		for column, (old, new) in json.loads(entry["changed"] or "{}").items():
			found.setdefault(column, []).append((entry["bank_transaction"], old, new))
	yield from found.items()

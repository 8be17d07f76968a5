"""Decides for every ledger what of a run can be undone, and why the rest cannot.

An entry of a journal has these names: `id`, `source`, `remote_id`, `action`, `bank_transaction`,
`line_before`, `transaction_before` and `changed` (JSON), `made`, `undoes`; and, as things are now:

- `label`: the text of the bank transaction, or of its line
- `present`: the bank transaction exists; `reconciled`: a user has reconciled it, with `reconciled_with`
- `closed`: it lies, or lay, in a closed period
- `reason`: that of the line after the decision; `state`: that of the line; `linked`: the bank transaction that it belongs to;
  `source_active`: its source is active: a file, or an account that is still linked to the bank account
- `held_since`: the time since which the bank lists the line again, and it is held
- `later_line`, `later_transaction`: the run of a later decision about it, empty for a user, None for none
- `other`: the run of a line of another source that is linked to it, None for none
- `counts_for`: the run of the answer that it counts a row, None for none
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence, Set
from typing import Any, NamedTuple, Protocol

from dokos_banksync.core.errors import InvalidData
from dokos_banksync.core.journal_action import JournalAction
from dokos_banksync.core.message import Message
from dokos_banksync.core.model import Action, LineState, Reason
from dokos_banksync.core.records import NotUndone
from dokos_banksync.core.review.journal import Key, Step


class Entry(Protocol):
	"""A row of a database, whichever."""

	def __getitem__(self, name: str, /) -> Any: ...


class Plan(NamedTuple):
	"""Entries to undo, the latest first, and those that cannot be undone."""

	entries: Sequence[Entry]
	not_undone: Sequence[NotUndone]


def plan(run: str, rows: Sequence[Entry], protected_columns: Set[str]) -> Plan:
	"""Return which entries can be undone. `protected_columns` are the columns that a reconciliation, and a closed period, rest on.

	Raises `InvalidData` where nothing can be undone.
	"""
	stays = {row["id"]: why for row in rows if (why := _stays(row, protected_columns)) is not None}
	stays = {**_reassigned(rows), **stays}
	stays.update(_with_changed_lines(rows, stays))
	stays.update(_without_transaction(rows, stays))
	entries = [row for row in rows if row["id"] not in stays]
	not_undone = [
		NotUndone(
			transaction=row["bank_transaction"],
			remote_id=row["remote_id"],
			why=stays[row["id"]],
			label=row["label"],
			gone=row["present"] is None,
		)
		for row in rows
		if row["id"] in stays
	]
	if not entries:
		raise _nothing(run, not_undone)
	return Plan(entries, not_undone)


def _with_changed_lines(rows: Sequence[Entry], stays: Mapping[int, Message]) -> dict[int, Message]:
	"""Do not restore a bank transaction if one of its lines has become another one since."""
	since = {
		row["bank_transaction"]: stays[row["id"]]
		for row in rows
		if row["id"] in stays and row["source"] and (row["later_line"] is not None or row["linked"])
	}
	gone = {row["bank_transaction"] for row in rows if row["transaction_before"]}
	return {
		row["id"]: since[row["bank_transaction"]]
		for row in rows
		if row["id"] not in stays and row["bank_transaction"] in since.keys() & gone
	}


def _without_transaction(rows: Sequence[Entry], stays: Mapping[int, Message]) -> dict[int, Message]:
	"""Do not link a line to a bank transaction that is deleted and is not restored."""
	back = {row["bank_transaction"] for row in rows if row["transaction_before"] and row["id"] not in stays}
	return {
		row["id"]: _GONE
		for row in rows
		if row["id"] not in stays
		and not row["present"]
		and row["bank_transaction"] not in back
		and _was_linked(row)
	}


def _reassigned(rows: Sequence[Entry]) -> dict[int, Message]:
	"""A line is not taken from a bank transaction that an undo of something earlier has given it."""
	own = {row["bank_transaction"] for row in rows}
	return {
		row["id"]: _BY_A_USER
		for row in rows
		if row["linked"] and row["linked"] not in own and _was_linked(row)
	}


def _was_linked(row: Entry) -> bool:
	before = json.loads(row["line_before"] or "{}")
	return bool(row["bank_transaction"]) and before.get("bank_transaction") == row["bank_transaction"]


def _nothing(run: str, not_undone: Sequence[NotUndone]) -> InvalidData:
	if not_undone:
		return InvalidData(not_undone[0].why)
	return InvalidData("There is nothing in {0} to undo (any more)", run)


def _stays(row: Entry, protected_columns: Set[str]) -> Message | None:
	"""Return why an entry cannot be undone, None where it can."""
	if row["made"]:
		return _made_stays(row)
	later = row["later_line"] if row["later_line"] is not None else row["later_transaction"]
	if later is not None:
		return _changed_since(later)
	if _removed_by_the_bank(row) and not row["source_active"]:
		return _NO_LONGER_READ
	if _taken_back_since(row):
		return _TAKEN_BACK
	protected = bool(protected_columns & json.loads(row["changed"]).keys()) if row["changed"] else False
	if row["closed"] and (protected or row["transaction_before"]):
		return _CLOSED
	return _reconciled(row) if row["reconciled"] and protected else None


def _removed_by_the_bank(row: Entry) -> bool:
	"""Return whether the bank, and not a user's answer, removed the bank transaction."""
	if row["action"] != Action.REMOVE.value or not row["transaction_before"]:
		return False
	before = json.loads(row["line_before"] or "{}")
	return before.get("reason") != Reason.UNLISTED.value and bool(row["reason"] != Reason.DUPLICATE.value)


_BY_A_USER = Message("A user changed it since")
_GONE = Message("It is gone already")
_CLOSED = Message("It lies in a closed period: open that first")
_TAKEN_BACK = Message("The bank has removed it since")
_NO_LONGER_READ = Message("The bank removed it, and its account is no longer read")


def _made_stays(row: Entry) -> Message | None:
	if not row["present"]:
		return _GONE
	if row["reconciled"]:
		return _reconciled(row)
	if row["other"] is not None:
		return Message("Another source has it too: undo {0} first", row["other"])
	if row["counts_for"] is not None:
		return Message("Rows of another source are counted in it: undo {0} first", row["counts_for"])
	return _CLOSED if row["closed"] else None


def _reconciled(row: Entry) -> Message:
	if row["reconciled_with"]:
		return Message("It is reconciled with {0}: undo that first", row["reconciled_with"])
	return Message("It is reconciled: undo that first")


def _changed_since(later: str) -> Message:
	if later:
		return Message("It was changed since by {0}: undo that first", later)
	return _BY_A_USER


def _taken_back_since(row: Entry) -> bool:
	removed = row["state"] == LineState.REMOVED.value and row["action"] != Action.REMOVE.value
	return bool(row["held_since"] and removed)


def is_suppressed_after(row: Entry) -> bool:
	"""Return whether the entry imported something that is not to be imported again; not so for an entry of an undo."""
	return row["undoes"] is None and bool(row["made"] or not row["line_before"])


def step(row: Entry) -> Step:
	"""Return the undo step of a journal entry."""
	key: Key = (row["source"], row["remote_id"])
	return Step(
		key=key,
		action=JournalAction.UNDO,
		reason=Reason.NONE.value,
		note="",
		transaction=row["bank_transaction"],
		undoes=row["id"],
	)


def by_column(entries: Sequence[Entry]) -> Iterator[tuple[str, list[tuple[str, object, object]]]]:
	"""Yield each column with its changes: name of the bank transaction, value before the run, and value that the run left.

	To be put back as far as they are still what the run left: a user's later change stays.
	"""
	found: dict[str, list[tuple[str, object, object]]] = {}
	for entry in entries:
		for column, (old, new) in json.loads(entry["changed"] or "{}").items():
			found.setdefault(column, []).append((entry["bank_transaction"], old, new))
	yield from found.items()

"""The entries of the journal, the same for every ledger: what was there before, and what changed."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

from dokos_banksync.core.journal_action import JournalAction

Key = tuple[str, str]
"""Source and remote id: a line. For a bank transaction without lines, nothing and its name."""
Row = Mapping[str, object]
"""By column, values that JSON knows."""


class Step(NamedTuple):
	"""What is decided about one line. `transaction` is the bank transaction it is linked to before or after."""

	key: Key
	action: JournalAction
	reason: str
	note: str
	transaction: str
	undoes: int | None = None
	"""The entry that is undone by this one."""


class Before(NamedTuple):
	"""Lines and bank transactions as they were."""

	lines: Mapping[Key, Row]
	transactions: Mapping[str, Row]


class JournalEntry(NamedTuple):
	"""An entry. `gone` is the whole bank transaction when it is there no more."""

	step: Step
	line: Row | None
	gone: Row | None
	changed: Mapping[str, Sequence[object]]
	"""Values of the bank transaction before and after, by column."""
	made: bool


def journal_entries(
	steps: Sequence[Step],
	before: Before,
	after: Mapping[str, Row],
	new: Collection[str],
	derived: Collection[str] = (),
) -> Iterator[JournalEntry]:
	"""Yield entries of steps; what became of a bank transaction is recorded once, with the first step that names it.

	`new` are names that are there now and were not before. Columns in `derived` follow from others.
	"""
	recorded: set[str] = set()
	for step in steps:
		name = step.transaction
		first = name not in recorded
		recorded.add(name)
		gone: Row | None = None
		changed: Mapping[str, Sequence[object]] = {}
		if first and name in before.transactions:
			gone, changed = _difference(before.transactions[name], after.get(name), derived)
		yield JournalEntry(
			step=step, line=before.lines.get(step.key), gone=gone, changed=changed, made=first and name in new
		)


def _difference(
	old: Row, new: Row | None, derived: Collection[str]
) -> tuple[Row | None, dict[str, list[object]]]:
	if new is None:
		return old, {}
	changed = {name: [value, new.get(name)] for name, value in old.items() if new.get(name) != value}
	return None, {name: both for name, both in changed.items() if name not in derived}

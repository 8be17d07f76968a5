"""Reasons and actions whose names have changed since rows were stored with them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from dokos_banksync.core.model import Action, Reason

RENAMED_REASONS: Mapping[str, Reason] = {
	"Deleted by a person": Reason.DELETED,
	"Left out by a person": Reason.EXCLUDED,
}


RENAMED_ACTIONS: Mapping[str, Action] = {"Adopt": Action.LINK}


def action_updates(table: Callable[[str], str]) -> Iterator[str]:
	"""Yield the statements that rename the stored actions; `table` gives the quoted table of a doctype."""
	for old, new in RENAMED_ACTIONS.items():
		yield f"UPDATE {table('Sync Journal Entry')} SET action = '{new.value}' WHERE action = '{old}'"


def reason_updates(table: Callable[[str], str], contains: str) -> Iterator[str]:
	"""Yield the statements that rename the stored reasons.

	`table` gives the quoted table of a doctype. `contains` is the database's test for a text within a column, with the
	placeholders `{column}` and `{text}`.
	"""
	for old, new in RENAMED_REASONS.items():
		for doctype in ("Sync Line", "Sync Journal Entry"):
			yield f"UPDATE {table(doctype)} SET reason = '{new.value}' WHERE reason = '{old}'"
		for doctype, column in (("Sync Journal Entry", "line_before"), ("Sync Plan", "`rows`")):
			found = contains.format(column=column, text=old)
			yield (
				f"UPDATE {table(doctype)} SET {column} = REPLACE({column}, '{old}', '{new.value}') WHERE {found}"
			)
